/** How long a call may wait, in whole seconds. */
export interface Waits {
  /** Without a preference that can be read. */
  readonly byDefault: number;
  readonly most: number;
}

/** A POST to pay waits for the outcome. */
export const PAY_WAITS: Waits = { byDefault: 10, most: 10 };

/** A read waits for a change. */
export const READ_WAITS: Waits = { byDefault: 0, most: 25 };

/**
 * How long a caller wants to wait: `Prefer: wait=25` (RFC 7240 §4.3). The first `wait` counts. A preference that cannot be read is ignored,
 * because preferences are optional.
 *
 * @param header its value, or null
 * @returns whole seconds, 0 to `most`
 */
export function readWait(header: string | null, { byDefault, most }: Waits): number {
  for (const preference of (header ?? "").split(",")) {
    const [name, value] = (preference.split(";")[0] ?? "").split("=").map((part) => part.trim());
    if (name?.toLowerCase() !== "wait") continue;
    const seconds = /^(?:(\d+)|"(\d+)")$/.exec(value ?? "");
    return seconds === null ? byDefault : Math.min(Number(seconds[1] ?? seconds[2]), most);
  }
  return byDefault;
}
