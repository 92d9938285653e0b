/** What befalls the edge, and what the merchant does: evictions, clocks, keys, an older state; operations, close, resolve. */
import type { Chance } from "./chance.ts";
import type { Mood } from "./mood.ts";
import type { Deed, Reaction } from "./scenario.ts";
import { HOUR, MINUTE, SECOND } from "./scenario.ts";

/** When things befall the edge: mostly soon after the first click, for that is when most is under way. */
function soon(chance: Chance): number {
  return chance.weighted([
    [4, chance.int(0, 2 * SECOND)],
    [4, chance.int(0, 40 * SECOND)],
    [2, chance.int(0, 8 * MINUTE)],
  ]);
}

/** The edge's clock steps: never more than 10 minutes from the truth. */
function clockSteps(chance: Chance): Deed[] {
  return chance.times(1, 3, () => {
    const step = chance.spread(5 * SECOND, 10 * MINUTE);
    return { at: soon(chance), does: "clock", ahead: chance.is(0.5) ? step : -step };
  });
}

/** What befalls the edge by itself. */
export function befalls(chance: Chance, mood: Mood, rotates: boolean): Deed[] {
  const deeds: Deed[] = [];
  if (chance.is(mood.evictions))
    deeds.push(...chance.times(1, 4, (): Deed => ({ at: soon(chance), does: "evict", keeps: chance.is(0.5) })));
  if (chance.is(mood.clocks)) deeds.push(...clockSteps(chance));
  if (chance.is(mood.storage)) {
    deeds.push(
      ...chance.times(
        1,
        3,
        (): Deed => ({
          at: soon(chance),
          does: "refuse_storage",
          lasts: chance.spread(100, 20 * SECOND),
          how: chance.pick(["commit", "flush"]),
        }),
      ),
    );
  }
  if (rotates) {
    deeds.push({ at: soon(chance), does: "deploy", keys: chance.pick([["new", "old"], ["old", "new"], ["new"]]) });
    deeds.push({ at: soon(chance), does: "gateway_keys", accepts: chance.pick([["new", "old"], ["new"], ["old"]]) });
  } else if (chance.is(mood.evictions / 3)) deeds.push({ at: soon(chance), does: "deploy", keys: ["old"] });
  if (chance.is(mood.restores)) {
    const at = chance.weighted([
      [2, chance.int(SECOND, MINUTE)],
      [3, chance.spread(MINUTE, 20 * MINUTE)],
      [1, chance.spread(20 * MINUTE, 5 * HOUR)],
    ]);
    deeds.push({
      at,
      does: "restore",
      to: chance.weighted([
        [1, 0],
        [6, chance.int(1, 12)],
        [3, chance.int(1, 40)],
      ]),
    });
    deeds.push({
      at: at + MINUTE + chance.spread(100, 5 * MINUTE),
      does: "click",
      tab: 1,
      key: "key-after-restore",
      terms: chance.pick([0, 0, 1]),
      issuedAt: Math.floor(at / SECOND),
    });
  }
  if (chance.is(mood.operates / 4)) {
    deeds.push({
      at: chance.spread(SECOND, 20 * MINUTE),
      does: "cabinet",
      kind: chance.pick(["refund", "refund", "clearing", "reverse"]),
      minor: chance.pick([1, 500, "all"]),
    });
  }
  if (chance.is(mood.closes / 2)) deeds.push({ at: soon(chance), does: "close", key: "close-1" });
  return deeds;
}

/** Amounts that a merchant may ask for: all that is left, a part, too much. */
function asked(chance: Chance): number | null {
  return chance.weighted([
    [3, null],
    [3, chance.pick([1, 300, 500])],
    [0.5, 10_000_000],
  ]);
}

/** What the merchant does on seeing a status. */
export function afterwards(chance: Chance, mood: Mood): Reaction[] {
  const reactions: Reaction[] = [];
  const later = (): number =>
    chance.weighted([
      [3, chance.int(0, 5 * SECOND)],
      [3, chance.spread(SECOND, 10 * MINUTE)],
    ]);
  if (chance.is(mood.operates)) {
    for (const number of [1, 2]) {
      const kind = chance.weighted([
        [3, "clearing" as const],
        [1.5, "reverse" as const],
        [0.3, "refund" as const],
      ]);
      reactions.push({
        to: "authorized",
        after: later(),
        deed: { at: 0, does: "operate", kind, key: `hold-${chance.int(1, number)}`, asked: kind === "reverse" ? null : asked(chance) },
      });
    }
    if (chance.is(0.25)) {
      const kind = chance.pick(["clearing", "clearing", "reverse"] as const);
      reactions.push({ to: "authorized", after: later(), deed: { at: 0, does: "cabinet", kind, minor: chance.pick([1, 300, "all"]) } });
    }
    for (const number of [1, 2, 3, 4]) {
      const again = chance.is(0.3);
      const deed = {
        at: 0,
        does: "operate",
        kind: chance.is(0.95) ? "refund" : "clearing",
        key: `refund-${again ? chance.int(1, number) : number}`,
        asked: asked(chance),
      } as const;
      // One status is reacted to once: the further refunds follow the first.
      reactions.push({ to: "succeeded", after: later() + (number - 1) * chance.spread(50, 3 * MINUTE), deed });
    }
  }
  if (chance.is(mood.closes))
    reactions.push({ to: chance.pick(["failed", "unconfirmed"]), after: later(), deed: { at: 0, does: "close", key: "close-2" } });
  if (chance.is(mood.closes * 1.5)) {
    const says = chance.weighted([
      [4, "truth" as const],
      [1, "nothing_taken" as const],
      [1, "another_payment" as const],
    ]);
    reactions.push({
      to: "unconfirmed",
      after: chance.spread(30 * SECOND, 30 * MINUTE),
      deed: { at: 0, does: "resolve", key: `resolve-${chance.int(1, 2)}`, says },
    });
  }
  return reactions;
}
