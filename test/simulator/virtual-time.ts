/** A clock for tests: time passes only by {@link VirtualTime.pass}. */

import type { Wait } from "../../src/simulator/index.ts";
import { START } from "./gateway-calls.ts";

export interface VirtualTime {
  readonly now: () => number;
  readonly wait: Wait;
  /** Advances the clock by so many milliseconds; each waiter resumes at its time. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Waits until a condition holds, without advancing the clock, because signatures come from a thread pool. */
  readonly until: (isSo: () => boolean) => Promise<void>;
}

export function virtualTime(): VirtualTime {
  let time = START;
  const waiting = new Set<{ readonly at: number; readonly wake: () => void }>();
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    now: () => time,
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: time + milliseconds, wake: resolve };
        waiting.add(sleeper);
        signal.addEventListener("abort", () => {
          waiting.delete(sleeper);
          resolve();
        });
      }),
    async pass(milliseconds): Promise<void> {
      const until = time + milliseconds;
      await turn();
      for (;;) {
        const next = [...waiting].filter((sleeper) => sleeper.at <= until).sort((one, other) => one.at - other.at)[0];
        if (next === undefined) {
          break;
        }
        time = Math.max(time, next.at);
        waiting.delete(next);
        next.wake();
        await turn();
      }
      time = until;
    },
    async until(isSo): Promise<void> {
      while (!isSo()) {
        await turn();
      }
    },
  };
}
