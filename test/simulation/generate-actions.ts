/**
 * Generates what happens to the edge (evictions, clock steps, key rotations, restores) and what the merchant does (operations, close,
 * resolve).
 */
import type { Prng } from "./prng.ts";
import type { ScenarioKind } from "./scenario-kind.ts";
import type { Action, Reaction } from "./scenario.ts";
import { HOUR, MINUTE, SECOND } from "./scenario.ts";

/** A time soon after the first click, because most calls are in flight then. */
function soon(prng: Prng): number {
  return prng.weighted([
    [4, prng.int(0, 2 * SECOND)],
    [4, prng.int(0, 40 * SECOND)],
    [2, prng.int(0, 8 * MINUTE)],
  ]);
}

/** Steps of the edge's clock, at most 10 minutes from the true time. */
function clockSteps(prng: Prng): Action[] {
  return prng.listOf(1, 3, () => {
    const step = prng.logUniform(5 * SECOND, 10 * MINUTE);
    return { at: soon(prng), type: "clock", offset: prng.bool(0.5) ? step : -step };
  });
}

/** Events of the platform, and edits in the cabinet. */
export function edgeActions(prng: Prng, kind: ScenarioKind, rotates: boolean): Action[] {
  const actions: Action[] = [];
  if (prng.bool(kind.evictions))
    actions.push(...prng.listOf(1, 4, (): Action => ({ at: soon(prng), type: "evict", keepsUnflushed: prng.bool(0.5) })));
  if (prng.bool(kind.clockSteps)) actions.push(...clockSteps(prng));
  if (prng.bool(kind.storageFailures)) {
    actions.push(
      ...prng.listOf(
        1,
        3,
        (): Action => ({
          at: soon(prng),
          type: "refuse_storage",
          lasts: prng.logUniform(100, 20 * SECOND),
          how: prng.pick(["commit", "flush"]),
        }),
      ),
    );
  }
  if (rotates) {
    actions.push({ at: soon(prng), type: "deploy", keys: prng.pick([["new", "old"], ["old", "new"], ["new"]]) });
    actions.push({ at: soon(prng), type: "gateway_keys", accepts: prng.pick([["new", "old"], ["new"], ["old"]]) });
  } else if (prng.bool(kind.evictions / 3)) actions.push({ at: soon(prng), type: "deploy", keys: ["old"] });
  if (prng.bool(kind.restores)) {
    const at = prng.weighted([
      [2, prng.int(SECOND, MINUTE)],
      [3, prng.logUniform(MINUTE, 20 * MINUTE)],
      [1, prng.logUniform(20 * MINUTE, 5 * HOUR)],
    ]);
    actions.push({
      at,
      type: "restore",
      index: prng.weighted([
        [1, 0],
        [6, prng.int(1, 12)],
        [3, prng.int(1, 40)],
      ]),
    });
    actions.push({
      at: at + MINUTE + prng.logUniform(100, 5 * MINUTE),
      type: "click",
      tab: 1,
      key: "key-after-restore",
      terms: prng.pick([0, 0, 1]),
      issuedAt: Math.floor(at / SECOND),
    });
  }
  if (prng.bool(kind.operations / 4)) {
    actions.push({
      at: prng.logUniform(SECOND, 20 * MINUTE),
      type: "cabinet_edit",
      kind: prng.pick(["refund", "refund", "clearing", "reverse"]),
      minor: prng.pick([1, 500, "all"]),
    });
  }
  if (prng.bool(kind.closes / 2)) actions.push({ at: soon(prng), type: "close", key: "close-1" });
  return actions;
}

/** Amounts that a merchant may request: all that is left, a part, too much. */
function requestedAmount(prng: Prng): number | null {
  return prng.weighted([
    [3, null],
    [3, prng.pick([1, 300, 500])],
    [0.5, 10_000_000],
  ]);
}

/** The merchant's reactions to a status. */
export function merchantReactions(prng: Prng, kind: ScenarioKind): Reaction[] {
  const reactions: Reaction[] = [];
  const later = (): number =>
    prng.weighted([
      [3, prng.int(0, 5 * SECOND)],
      [3, prng.logUniform(SECOND, 10 * MINUTE)],
    ]);
  if (prng.bool(kind.operations)) {
    for (const number of [1, 2]) {
      const kind = prng.weighted([
        [3, "clearing" as const],
        [1.5, "reverse" as const],
        [0.3, "refund" as const],
      ]);
      reactions.push({
        status: "authorized",
        after: later(),
        action: {
          at: 0,
          type: "operate",
          kind,
          key: `hold-${prng.int(1, number)}`,
          requestedAmount: kind === "reverse" ? null : requestedAmount(prng),
        },
      });
    }
    if (prng.bool(0.25)) {
      const kind = prng.pick(["clearing", "clearing", "reverse"] as const);
      reactions.push({
        status: "authorized",
        after: later(),
        action: { at: 0, type: "cabinet_edit", kind, minor: prng.pick([1, 300, "all"]) },
      });
    }
    for (const number of [1, 2, 3, 4]) {
      const again = prng.bool(0.3);
      const action = {
        at: 0,
        type: "operate",
        kind: prng.bool(0.95) ? "refund" : "clearing",
        key: `refund-${again ? prng.int(1, number) : number}`,
        requestedAmount: requestedAmount(prng),
      } as const;
      // Each status triggers its reactions once, so the later refunds are timed after the first.
      reactions.push({ status: "succeeded", after: later() + (number - 1) * prng.logUniform(50, 3 * MINUTE), action });
    }
  }
  if (prng.bool(kind.closes))
    reactions.push({ status: prng.pick(["failed", "unconfirmed"]), after: later(), action: { at: 0, type: "close", key: "close-2" } });
  if (prng.bool(kind.closes * 1.5)) {
    const finding = prng.weighted([
      [4, "truth" as const],
      [1, "nothing_taken" as const],
      [1, "another_payment" as const],
    ]);
    reactions.push({
      status: "unconfirmed",
      after: prng.logUniform(30 * SECOND, 30 * MINUTE),
      action: { at: 0, type: "resolve", key: `resolve-${prng.int(1, 2)}`, finding },
    });
  }
  return reactions;
}
