/** Bodies of strangers: read whole, but never more of them than is allowed. */

/** What is thrown for a body that is not taken. */
export interface BodyRefusals {
  /** More bytes came than are allowed. */
  readonly tooLarge: () => Error;
  /** The sender was cut off. */
  readonly brokeOff: (cause: unknown) => Error;
}

/**
 * Reads a stream to its end. What arrives is counted, whatever `Content-Length` says; the rest of one that is too large is not read.
 *
 * @param most Bytes at most.
 * @throws What `refusals` make of a body that is larger, or that broke off.
 */
export async function readAtMost(body: ReadableStream<Uint8Array>, most: number, refusals: BodyRefusals): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw refusals.brokeOff(cause);
      });
      if (done) return joined(chunks, length);
      length += value.length;
      if (length > most) throw refusals.tooLarge();
      chunks.push(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Chunks in one piece. @param length The sum of theirs. */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
