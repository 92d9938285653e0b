/** The time limit of a call. */

/** A signal that aborts at the limit, and what clears its timer. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** The call has ended. An open timer would keep a Durable Object billed, and `AbortSignal.timeout` leaves one. */
  clear(): void;
}

/** The longest delay of a timer, ms. A longer one fires at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Starts a time limit. At its end the signal is aborted with a `TimeoutError`, as by `AbortSignal.timeout`.
 *
 * @param signal Aborts the call too.
 */
export function timeLimit(milliseconds: number, signal?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const end = (): void => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const timer = setTimeout(end, Math.min(milliseconds, MAX_DELAY));
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    clear: () => clearTimeout(timer),
  };
}
