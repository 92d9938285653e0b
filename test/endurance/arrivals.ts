/** An open loop: calls arrive at a fixed rate, whether or not earlier ones were answered, so that a slow edge is not spared. */
import type { EdgeAnswer } from "./shop.ts";

/** An answered call, with the milliseconds from the moment at which it was to arrive. */
export interface Answered extends EdgeAnswer {
  readonly number: number;
  readonly milliseconds: number;
}

/** A load. */
export interface ArrivalOptions {
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Makes one call. @param number from 0 on */
  readonly call: (number: number) => Promise<EdgeAnswer>;
}

/** Makes the load, and waits for all answers. */
export async function arrive({ rate, seconds, call }: ArrivalOptions): Promise<readonly Answered[]> {
  const answers: Promise<Answered>[] = [];
  const began = performance.now();
  for (let number = 0; number < Math.round(rate * seconds); number += 1) {
    const at = began + (number * 1000) / rate;
    const early = at - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    answers.push(call(number).then((answer) => ({ ...answer, number, milliseconds: performance.now() - at })));
  }
  return Promise.all(answers);
}

/** How many answers had a status, and for charges what they say: `201 succeeded: 40`. */
export function outcomes(answers: readonly EdgeAnswer[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(outcomeOf(answer), (counts.get(outcomeOf(answer)) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(", ");
}

/** `201 succeeded`, `503 unavailable`. */
export function outcomeOf({ status, body }: EdgeAnswer): string {
  if (body === "") return String(status);
  const { code, status: said } = JSON.parse(body) as { readonly code?: string; readonly status: unknown };
  return `${status} ${code ?? said}`;
}

/** The time within which this share of the answers came, in milliseconds. */
export function percentile(answers: readonly Answered[], share: number): number {
  const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
}
