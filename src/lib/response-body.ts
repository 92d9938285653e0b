/** Reads the body of a gateway's answer, bounded, under the signal of its call. */
import { concatenate } from "./bounded-body.ts";

/** Maximum size of an answer (1 MiB). The rest of a larger one is not read. */
const MAX_BYTES = 1_048_576;

/** Why a response is not read: its status line says enough. */
export type UnreadReason = "redirect" | "network" | "rate_limited" | "server_error";

/** Why the body of a response does not count, by its status alone; null if it has to be read. */
export function reasonOfStatus(response: Response): UnreadReason | null {
  const { status, redirected } = response;
  const type: string = response.type;
  if (type === "opaqueredirect" || redirected || (status >= 300 && status < 400)) return "redirect";
  if (status === 0) return "network"; // Response.error(), or an opaque answer
  if (status === 429) return "rate_limited";
  return status >= 500 ? "server_error" : null;
}

/**
 * The bytes of a body, or null when it is too large.
 *
 * @throws The stream's error, or the signal's reason.
 */
export async function readBody(response: Response, signal?: AbortSignal): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  // Cancelling the reader ends a pending read even if fetch ignored the signal.
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await readAll(reader, signal);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await reader.read();
    signal?.throwIfAborted();
    if (done) return concatenate(chunks, length);
    length += value.length;
    if (length > MAX_BYTES) return null;
    chunks.push(value);
  }
}

/** Cancels a body that is not read. */
export async function discardBody(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // A body that fails while it is cancelled needs no handling.
  }
}
