/**
 * Patterns of what a shard may meet beside resets: a lost alarm, a rollback to a version that cannot read the stored record, a full
 * storage. They have a stream of the PRNG of their own, so the histories of other seeds stay as they were.
 */
import { Prng } from "./prng.ts";
import type { Overlay, Pattern } from "./patterns.ts";
import { applyPattern } from "./patterns.ts";
import { meanwhile } from "./settings-patterns.ts";
import type { Action, CallFault, Scenario } from "./scenario.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The share of the seeds that have one of these patterns. */
const SHARE = 0.12;

/** A time soon after the first click, or much later. */
function since(prng: Prng, firstClick: number): number {
  return (
    firstClick +
    prng.weighted([
      [3, prng.int(1, 5 * SECOND)],
      [3, prng.logUniform(5 * SECOND, 10 * MINUTE)],
      [1, prng.logUniform(10 * MINUTE, 5 * HOUR)],
    ])
  );
}

/** Something that keeps the order undecided for a while, so that it needs its alarm. */
function undecided(prng: Prng): Overlay {
  const lost = (name: string, fault: CallFault["fault"]): Overlay => ({
    callFaults: [{ name, on: "create", nth: 1, fault, hangs: false }],
  });
  return prng.weighted<Overlay>([
    [2, {}],
    [2, lost("lost after it acted", { answer: "lost" })],
    [2, lost("lost before it acts", { acts: false, answer: "lost" })],
    [
      3,
      {
        plans: [
          {
            steps: [
              { after: 0, does: "waits" },
              { after: prng.logUniform(10 * SECOND, 30 * HOUR), does: prng.pick(["pays", "pays", "declines"]) },
            ],
          },
        ],
      },
    ],
    [1, { holds: true, plans: [{ steps: [{ after: 0, does: "pays" }] }] }],
  ]);
}

/** The platform loses the alarm. A call repairs that soon, or a daily index after a day. */
const LOST_ALARM: Pattern = {
  name: "the alarm is lost",
  overlay(prng, firstClick) {
    const lostAt = prng.listOf(1, 3, () => since(prng, firstClick));
    const last = Math.max(...lostAt);
    const repairs = prng.weighted([
      [3, "an opening" as const],
      [3, "a call" as const],
      [3, "a daily index" as const],
    ]);
    const at = last + prng.logUniform(SECOND, 2 * HOUR);
    const calls: readonly Action[] = [
      prng.pick<Action>([
        { at, type: "get" },
        { at, type: "callback", attempt: 1 },
        { at, type: "click", tab: 1, key: "key-after-loss", terms: 0, issuedAt: Math.floor(at / SECOND) },
      ]),
    ];
    const actions: readonly Action[] = [
      ...lostAt.map((lost): Action => ({ at: lost, type: "lose_alarm" })),
      ...(repairs === "an opening" ? [{ at: prng.int(last, at), type: "evict", keepsUnflushed: true } as const] : []),
      ...(repairs === "a daily index" ? [] : calls),
    ];
    const isLonely = repairs === "a daily index" || prng.bool(0.5);
    return {
      ...undecided(prng),
      actions,
      ...(isLonely ? { callbacks: "none" } : {}),
      lasts: last - firstClick + (repairs === "a daily index" ? 3 * DAY : 3 * HOUR),
    };
  },
};

/** The version before is deployed for a while. */
const ROLLBACK: Pattern = {
  name: "a rollback to a version that cannot read the record",
  overlay(prng, firstClick) {
    // While a notification is on its way, or later.
    const at = prng.bool(0.4) ? firstClick + prng.int(100, 800) : since(prng, firstClick);
    const lasts = prng.weighted([
      [3, prng.logUniform(SECOND, 10 * MINUTE)],
      [2, prng.logUniform(10 * MINUTE, 6 * HOUR)],
    ]);
    const calls = prng.listOf(0, 2, () => meanwhile(prng, at, at + lasts)).flat();
    return {
      ...undecided(prng),
      actions: [{ at, type: "roll_back", lasts }, ...calls],
      lasts: at - firstClick + lasts + 2 * HOUR,
    };
  },
};

/** The storage is full for a while, before the first click or after it. */
const FULL: Pattern = {
  name: "the storage is full",
  overlay(prng, firstClick) {
    const isBefore = prng.bool(0.6);
    const at = isBefore ? firstClick - 1 : since(prng, firstClick);
    const lasts = prng.logUniform(SECOND, 30 * MINUTE);
    const after = at + lasts + prng.int(1, MINUTE);
    const calls = meanwhile(prng, at + 1, at + lasts);
    const closes = isBefore && prng.bool(0.3) ? [{ at: prng.int(firstClick, at + lasts), type: "close", key: "close-full" } as const] : [];
    return {
      actions: [
        { at, type: "fill_storage", lasts },
        ...calls,
        ...closes,
        { at: after, type: "click", tab: 1, key: prng.pick(["key-1", "key-after-full"]), terms: 0, issuedAt: Math.floor(after / SECOND) },
      ],
      lasts: after - firstClick + 20 * MINUTE,
    };
  },
};

/** The scenario, for some seeds with one of the patterns. */
export function withShardFault(scenario: Scenario): Scenario {
  const prng = new Prng(scenario.seed).fork("shard faults");
  return prng.bool(SHARE) ? applyPattern(scenario, prng, [LOST_ALARM, ROLLBACK, FULL]) : scenario;
}
