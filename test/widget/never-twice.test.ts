import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChargeStatus } from "../../src/edge-api.ts";
import { createAttemptKeys, REPEAT_WINDOW } from "../../widget/attempt-key.ts";
import { ChargeSession } from "../../widget/charge-session.ts";
import type { EdgeAnswer } from "../../widget/edge-client.ts";
import { cases } from "../length.ts";
import { chargeOf } from "./charges.ts";
import { memory, silence, unchanged } from "./scripted-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The events of two tabs of one shopper, their machine, the network and the order. */
type Event =
  | { readonly tab: 0 | 1; readonly does: "click" | "double click" | "wake" | "reload" }
  | { readonly passes: number }
  | { readonly sleeps: number }
  | { readonly clockIsSetBy: number }
  | { readonly network: "there" | "gone" | "loses answers" | "slow" | "429" }
  | { readonly edgeSays: "succeeded" | "failed" | "unconfirmed" };

const HOUR = 3_600_000;

const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ tab: fc.constantFrom(0, 1), does: fc.constantFrom("click", "double click", "wake", "reload") }) },
    { weight: 3, arbitrary: fc.record({ passes: fc.constantFrom(0, 10, 700, 3000, 15_000, 60_000, 150_000) }) },
    { weight: 1, arbitrary: fc.record({ sleeps: fc.constantFrom(30_000, HOUR) }) },
    { weight: 1, arbitrary: fc.record({ clockIsSetBy: fc.constantFrom(-24 * HOUR, -60_000, 60_000, 24 * HOUR) }) },
    { weight: 3, arbitrary: fc.record({ network: fc.constantFrom("there", "gone", "loses answers", "slow", "429") }) },
    { weight: 2, arbitrary: fc.record({ edgeSays: fc.constantFrom("succeeded", "failed", "unconfirmed") }) },
  ) as fc.Arbitrary<Event>,
  { minLength: 5, maxLength: 40 },
);

/** The real client, with an edge that keeps its rules: one undecided attempt at a time, and a key begins only one attempt. */
class World {
  #slept = 0;
  network: "there" | "gone" | "loses answers" | "slow" | "429" = "there";
  status: ChargeStatus = "ready";
  begun = 0;
  clicks = 0;
  /** The violations that happened. */
  readonly wrongs: string[] = [];
  readonly #storage = memory();
  readonly #known = new Set<string>();
  #isLocked = false;
  #newKeys = 0;
  /** The number of clicks when the last attempt began. */
  #clicksAtLast = 0;
  /** The time of the last click in each tab's session. Null: none. */
  readonly #clicked: (number | null)[] = [null, null];
  readonly #keysOfClick: Set<string>[] = [new Set(), new Set()];
  readonly #tabs: ChargeSession[];

  constructor() {
    this.#tabs = [this.#open(0), this.#open(1)];
  }

  /** True time in milliseconds, whatever the clocks show. */
  get now(): number {
    return performance.now() + this.#slept;
  }

  #open(tab: 0 | 1): ChargeSession {
    this.#clicked[tab] = null;
    const session = new ChargeSession("1234", {
      edge: {
        read: (_etag, wait, signal) => this.#reach(wait ? 25_000 : 5, signal, () => (wait ? unchanged : this.#charge())),
        pay: (key, _left, signal) => {
          const clicked = this.#clicked[tab] ?? null;
          if (clicked === null) this.wrongs.push("sent without a click of this page");
          else if (this.now - clicked > REPEAT_WINDOW) this.wrongs.push("sent more than two minutes after the click");
          this.#keysOfClick[tab]?.add(key);
          if ((this.#keysOfClick[tab]?.size ?? 0) > 1) this.wrongs.push("one click, two keys");
          return this.#reach(300, signal, () => this.#pay(key));
        },
      },
      keys: createAttemptKeys(
        () => this.#storage,
        () => `key ${(this.#newKeys += 1)}`,
      ),
      lock: async (run) => {
        if (this.#isLocked) return false;
        this.#isLocked = true;
        await run().finally(() => {
          this.#isLocked = false;
        });
        return true;
      },
      now: () => ({ wall: Date.now(), steady: performance.now() }),
      isHidden: () => false,
      onChange: () => {},
      warn: () => {},
      warnOfPress: () => {},
    });
    session.read();
    return session;
  }

  #charge(): EdgeAnswer {
    return { kind: "charge", charge: chargeOf({ status: this.status, attempt: this.begun }), etag: null, retryAfter: 0 };
  }

  #pay(key: string): EdgeAnswer {
    if (!this.#known.has(key) && (this.status === "ready" || this.status === "failed")) {
      if (this.clicks === this.#clicksAtLast) this.wrongs.push("an attempt that nobody clicked for since the last one began");
      this.#clicksAtLast = this.clicks;
      this.begun += 1;
      this.status = "processing";
    }
    this.#known.add(key);
    return this.#charge();
  }

  /** A sent POST arrives, also if the page no longer waits for the answer. */
  #reach(milliseconds: number, signal: AbortSignal, answer: () => EdgeAnswer): Promise<EdgeAnswer> {
    const { network } = this;
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(silence));
      setTimeout(
        () => {
          if (network === "gone") resolve(silence);
          else if (network === "429") resolve({ kind: "unanswered", httpStatus: 429, retryAfter: 5000 });
          else {
            const answered = answer();
            resolve(network === "loses answers" ? silence : answered);
          }
        },
        network === "slow" ? 18_000 : milliseconds,
      );
    });
  }

  async happens(event: Event): Promise<void> {
    if ("tab" in event) {
      const session = this.#tabs[event.tab];
      if (event.does === "reload") {
        session?.stop();
        this.#tabs[event.tab] = this.#open(event.tab);
      } else if (event.does === "wake") session?.read();
      else
        for (let press = 0; press < (event.does === "click" ? 1 : 2); press += 1) {
          if (!session?.payable) continue;
          this.clicks += 1;
          this.#clicked[event.tab] = this.now;
          this.#keysOfClick[event.tab] = new Set();
          void session.pay();
        }
      await vi.advanceTimersByTimeAsync(0);
    } else if ("passes" in event) await vi.advanceTimersByTimeAsync(event.passes);
    else if ("sleeps" in event) {
      // Timers and the monotonic clock stand still meanwhile.
      this.#slept += event.sleeps;
      vi.setSystemTime(Date.now() + event.sleeps);
    } else if ("clockIsSetBy" in event) {
      // Not at the same time as a sleep, because a page could not distinguish them.
      await vi.advanceTimersByTimeAsync(30_000);
      vi.setSystemTime(Date.now() + event.clockIsSetBy);
      await vi.advanceTimersByTimeAsync(30_000);
    } else if ("network" in event) this.network = event.network;
    else if (this.status === "processing" || this.status === "unconfirmed") this.status = event.edgeSays;
  }

  end(): void {
    for (const session of this.#tabs) session.stop();
  }
}

async function live(history: readonly Event[]): Promise<World> {
  vi.setSystemTime(1_800_000_000_000);
  const world = new World();
  await vi.advanceTimersByTimeAsync(50);
  for (const event of history) await world.happens(event);
  world.end();
  vi.clearAllTimers();
  return world;
}

test("in any history nothing is sent without a click of the last two minutes, and a click begins one attempt at most", async () => {
  let begun = 0;
  await fc.assert(
    fc.asyncProperty(events, async (history) => {
      const world = await live(history);
      expect(world.wrongs).toEqual([]);
      expect(world.begun).toBeLessThanOrEqual(world.clicks);
      begun += world.begun;
    }),
    cases(1000),
  );
  // Histories without any payment would prove nothing.
  expect(begun).toBeGreaterThan(100);
});

test.each<[string, readonly Event[], number]>([
  [
    "a click whose answers are lost, a reload, and another click",
    [
      { network: "loses answers" },
      { tab: 0, does: "click" },
      { passes: 3000 },
      { tab: 0, does: "reload" },
      { network: "there" },
      { passes: 700 },
      { tab: 0, does: "click" },
      { passes: 3000 },
    ],
    1,
  ],
  [
    "a click that arrives late: after a reload and another click that is declined",
    [
      { network: "slow" },
      { tab: 0, does: "click" },
      { passes: 10 },
      { network: "there" },
      { tab: 0, does: "reload" },
      { passes: 700 },
      { tab: 0, does: "click" },
      { passes: 3000 },
      { edgeSays: "failed" },
      { passes: 60_000 },
    ],
    1,
  ],
  [
    "a click off line, and the connection comes back",
    [{ network: "gone" }, { tab: 0, does: "click" }, { passes: 15_000 }, { network: "there" }, { tab: 0, does: "wake" }, { passes: 3000 }],
    1,
  ],
  [
    "a click off line, and an hour of sleep",
    [
      { network: "gone" },
      { tab: 0, does: "click" },
      { passes: 3000 },
      { sleeps: HOUR },
      { network: "there" },
      { tab: 0, does: "wake" },
      { passes: 60_000 },
    ],
    0,
  ],
  [
    "a click off line, and the clock is set back by a day",
    [
      { network: "gone" },
      { tab: 0, does: "click" },
      { passes: 3000 },
      { clockIsSetBy: -24 * HOUR },
      { network: "there" },
      { tab: 0, does: "wake" },
      { passes: 60_000 },
    ],
    0,
  ],
  [
    "a double click in one tab and one in the other",
    [{ tab: 0, does: "double click" }, { tab: 1, does: "double click" }, { passes: 3000 }],
    1,
  ],
  [
    "a click, a decline, another click",
    [
      { tab: 0, does: "click" },
      { passes: 3000 },
      { edgeSays: "failed" },
      { passes: 60_000 },
      { tab: 0, does: "wake" },
      { passes: 700 },
      { tab: 0, does: "click" },
      { passes: 3000 },
    ],
    2,
  ],
])("%s", async (_name, history, begun) => {
  // Pauses of middle length, so that no repeat is in flight when something else happens.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const world = await live(history);
  expect([world.wrongs, world.begun]).toEqual([[], begun]);
});
