/** The longest wait of a read, in seconds. */
const MAX_WAIT = 25;

/**
 * How long a caller wants to wait: `Prefer: wait=25` (RFC 7240 §4.3). The first `wait` counts. A preference that cannot be read is ignored,
 * because preferences are optional.
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
