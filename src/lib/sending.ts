/** Sends one request under a signal. */

/** Replaces the global fetch, for example by that of a service binding or of a simulated gateway. */
export type Fetch = (request: Request) => Promise<Response>;

/**
 * Sends a request once.
 *
 * @returns The response with its body unread.
 * @throws The errors of fetch, or the signal's reason. Runtimes have different abort errors, and a given fetch may ignore the signal.
 */
export async function sendWith(request: Request, signal: AbortSignal, fetch: Fetch = (made) => globalThis.fetch(made)): Promise<Response> {
  signal.throwIfAborted();
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
  });
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([fetch(new Request(request, { signal })), ended]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
