/**
 * Runs one at a time in all pages of the origin (Web Locks), without waiting: two tabs do not send clicks on one order beside each other.
 * Where there are no locks, or the page may not have them, it just runs; two clicks share their key all the same.
 *
 * @param name - the lock's
 * @param run - never rejects
 * @returns false when another page has the lock: then nothing was run
 */
export async function runAlone(name: string, run: () => Promise<void>): Promise<boolean> {
  let running: Promise<void> | null | undefined;
  try {
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => (running = lock && run()));
  } catch {}
  if (running === undefined) await run();
  return running !== null;
}
