/** Reads bodies with a maximum size. */

/** The errors to throw for a refused body. */
export interface BodyErrors {
  /** The body is larger than allowed. */
  readonly onTooLarge: () => Error;
  /** The connection ended before the body did. */
  readonly onAborted: (cause: unknown) => Error;
}

/**
 * Reads a stream to its end. Counts the bytes and ignores `Content-Length`. The rest of a body that is too large is not read.
 *
 * @param maxBytes Maximum size in bytes.
 * @throws The errors of `errors`, for a body that is too large or cut off.
 */
export async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number, errors: BodyErrors): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw errors.onAborted(cause);
      });
      if (done) return concatenate(chunks, length);
      length += value.length;
      if (length > maxBytes) throw errors.onTooLarge();
      chunks.push(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Concatenates chunks. @param length Their total length. */
export function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
