import { Refused } from "./problem.ts";

/** Bytes of a body at most: 64 KiB. */
export const MAX_BODY = 64 * 1024;

/**
 * Reads a request's body, at most 64 KiB of it: what arrives is counted, whatever `Content-Length` says.
 *
 * @returns the bytes; none when there is no body
 * @throws Refused body_too_large; body_invalid when it broke off
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > MAX_BODY) throw new Refused("body_too_large");
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request.body)) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream: the rest is not read.
    if (length > MAX_BODY) throw new Refused("body_too_large");
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new Refused("body_invalid", { detail: "The body broke off" });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
