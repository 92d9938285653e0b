/** Seconds that a read waits at most for a change. */
const MAX_WAIT = 25;

/**
 * How long a caller is willing to wait: `Prefer: wait=25` (RFC 7240 §4.3). The first `wait` counts; a preference that
 * cannot be read is as if it was not there, for nobody has to honour one.
 *
 * @param header its value, or null
 * @returns whole seconds, 0 to 25
 */
export function readWait(header: string | null): number {
  for (const preference of (header ?? "").split(",")) {
    const [name, value] = (preference.split(";")[0] ?? "").split("=").map((part) => part.trim());
    if (name?.toLowerCase() !== "wait") continue;
    const seconds = /^(?:(\d+)|"(\d+)")$/.exec(value ?? "");
    return seconds === null ? 0 : Math.min(Number(seconds[1] ?? seconds[2]), MAX_WAIT);
  }
  return 0;
}
