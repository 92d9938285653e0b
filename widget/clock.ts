/** A point in time by two clocks, in milliseconds. The wall clock may be set; the steady one may stand still while the machine sleeps. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

/** The current moment. */
export function now(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

/**
 * The time from one moment to a later one, in milliseconds: the larger of what the two clocks say. Infinity when the wall clock went
 * backwards, because then neither clock can be trusted.
 */
export function elapsed(from: Moment, to: Moment): number {
  const wall = to.wall - from.wall;
  return wall < 0 ? Number.POSITIVE_INFINITY : Math.max(wall, to.steady - from.steady);
}
