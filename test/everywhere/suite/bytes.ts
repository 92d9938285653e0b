/** Bytes and texts for the cases. */

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The bytes of several arrays. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Base64url without padding, by code of its own. */
export function base64url(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? utf8(content) : content;
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** The HMAC of a text, by the runtime alone. */
export async function hmac(hash: "SHA-256" | "SHA-512", secret: string, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
}

/** A stream of chunks, which then ends or fails. */
export function streamOf(chunks: readonly Uint8Array[], error?: Error): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller): void {
      for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk));
      if (error === undefined) controller.close();
      else controller.error(error);
    },
  });
}
