/** How long anything but the edge may hold up a press, in milliseconds. */
export const LOCK_TIMEOUT = 2000;

function timeout(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOCK_TIMEOUT));
}

/**
 * Runs a function while no other page of the origin runs one under the same name (Web Locks). It never waits for long, because the lock
 * only saves the edge a second POST, which the edge would join to the first anyway: where there are no locks, where the page may not have
 * them, and where the browser has not answered after {@link LOCK_TIMEOUT}, the function runs without.
 *
 * @returns false when another page has the lock: then nothing was run
 */
export async function withLock(name: string, run: () => Promise<void>): Promise<boolean> {
  let isDecided = false;
  let running: Promise<void> | undefined;
  const decide = (lock: unknown): Promise<void> | undefined => {
    // A lock that comes late is given back at once.
    if (isDecided) return undefined;
    isDecided = true;
    running = lock ? run() : undefined;
    return running;
  };
  const request = async (): Promise<void> => {
    try {
      await navigator.locks.request(name, { ifAvailable: true }, decide);
    } catch {}
  };
  const requested = request();
  await Promise.race([requested, timeout()]);
  decide("no lock");
  if (!running) return false;
  await running;
  // Until the browser has taken the lock back, a press that follows would find it taken.
  await Promise.race([requested, timeout()]);
  return true;
}
