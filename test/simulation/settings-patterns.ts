/**
 * Patterns of deployments and long times: other settings, a storage that refuses for good, refunds that are never settled or have odd rows,
 * a gateway whose replay of an order_id expires. {@link applyPattern} applies them.
 */
import type { Plan } from "../../src/simulator/index.ts";
import type { Prng } from "./prng.ts";
import type { Pattern } from "./patterns.ts";
import type { Action, DeployedSettings, GatewayName, OddRows, Reaction, CallFault } from "./scenario.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** A pattern, and its weight among the others. */
type WeightedPattern = Pattern & { readonly weight: number };

const deploy = (at: number, settings: DeployedSettings): Action => ({ at, type: "deploy", settings });

/** A time soon after another, or later. */
function after(prng: Prng, at: number): number {
  return (
    at +
    prng.weighted([
      [3, prng.int(0, 2 * SECOND)],
      [3, prng.logUniform(2 * SECOND, 2 * MINUTE)],
      [1, prng.logUniform(2 * MINUTE, 20 * MINUTE)],
    ])
  );
}

/** Requests and callbacks within a time, for example while the edge is set to another gateway. All of them reach the order. */
export function meanwhile(prng: Prng, from: number, until: number): readonly Action[] {
  const callbacks = prng.listOf(0, 1, (): Action => ({ at: prng.int(from, until), type: "callback", attempt: 1 }));
  const others = prng.listOf(0, 3, (index): Action => {
    const at = prng.int(from, until);
    const issuedAt = Math.floor(at / SECOND);
    return prng.pick<Action>([
      { at, type: "get" },
      { at, type: "click", tab: 1, key: prng.pick(["key-1", `key-away-${index}`]), terms: prng.pick([0, 0, 1]), issuedAt },
      { at, type: "operate", kind: "refund", key: `away-${index}`, requestedAmount: null },
      { at, type: "close", key: "close-away" },
      { at, type: "resolve", key: "resolve-away", finding: "nothing_taken" },
    ]);
  });
  return [...callbacks, ...others];
}

/** The settings name another gateway or merchant for a while, or for good. */
const OTHER_GATEWAY: WeightedPattern = {
  name: "the edge is set to another gateway",
  weight: 4,
  overlay(prng, firstClick) {
    const actions: Action[] = [];
    let at = after(prng, firstClick);
    const elsewhere = (): GatewayName => prng.pick(["other gateway", "other merchant"]);
    for (
      let trips = prng.weighted([
        [4, 1],
        [1, 2],
      ]);
      trips > 0;
      trips -= 1
    ) {
      actions.push(deploy(at, { gateway: elsewhere() }));
      const back =
        at +
        prng.weighted([
          [3, prng.logUniform(SECOND, 5 * MINUTE)],
          [2, prng.logUniform(5 * MINUTE, 3 * HOUR)],
          [0.3, 2 * DAY],
        ]);
      actions.push(...meanwhile(prng, at, back));
      at = back;
      if (trips === 1 && prng.bool(0.25)) break;
      actions.push(deploy(at, { gateway: "first" }));
      at += prng.logUniform(SECOND, 10 * MINUTE);
    }
    return { actions, lasts: at - firstClick + 90 * MINUTE };
  },
};

/** RETENTION_DAYS becomes longer or shorter. */
const RETENTION: WeightedPattern = {
  name: "RETENTION_DAYS is changed",
  weight: 3,
  overlay(prng, firstClick) {
    const retentionDays = prng.pick([1, 2, 400]);
    const at =
      firstClick +
      prng.weighted([
        [1, prng.logUniform(MINUTE, 12 * HOUR)],
        [2, prng.logUniform(12 * HOUR, 2 * DAY)],
      ]);
    const opened = prng.listOf(0, 3, (index): Action => {
      const when = at + prng.logUniform(SECOND, 12 * HOUR);
      return index === 1 ? { at: when, type: "callback", attempt: 1 } : { at: when, type: "get" };
    });
    const settings = { retentionDays: prng.pick([1, 2, 3, 400].filter((days) => days !== retentionDays)) };
    // A result callback that may come after the order was redacted.
    const late: Plan = { steps: [{ after: 0, does: "pays" }], callbacks: { after: prng.int(DAY, 4 * DAY) } };
    return { retentionDays, actions: [deploy(at, settings), ...opened], plans: prng.bool(0.4) ? [late] : [], lasts: 5 * DAY };
  },
};

/** A hold, and a deployment with another constant for its end. */
const HOLD_ENDS: WeightedPattern = {
  name: "a deployment with another constant for the end of a hold",
  weight: 1,
  overlay: (prng, firstClick) => ({
    holds: true,
    plans: [{ steps: [{ after: 0, does: "pays" }] }],
    actions: [
      deploy(firstClick + prng.logUniform(HOUR, 5 * DAY), { rules: prng.pick(["holds end later", "holds end sooner"]) }),
      ...(prng.bool(0.3) ? [deploy(firstClick + 5 * DAY + prng.int(0, DAY), { rules: "usual" as const })] : []),
    ],
    lasts: 8 * DAY,
  }),
};

/** A create that never arrived, or that stays undecided, and a deployment with other constants for it. */
const UNDECIDED: WeightedPattern = {
  name: "a deployment with other constants for undecided attempts",
  weight: 1,
  overlay(prng, firstClick) {
    const isLost = prng.bool(0.6);
    const callFaults = [1, 2, 3, 4, 5, 6].map(
      (nth): CallFault => ({ name: "lost before it acts", on: "create", nth, fault: { acts: false, answer: "lost" }, hangs: false }),
    );
    const rules = isLost ? prng.pick(["never seen later", "never seen sooner"] as const) : "attention later";
    const at = firstClick + (isLost ? prng.logUniform(10 * SECOND, 6 * MINUTE) : prng.logUniform(MINUTE, 20 * MINUTE));
    return {
      ...(isLost ? { callFaults } : { plans: [{ steps: [{ after: 0, does: "waits" }] }] }),
      actions: [deploy(at, { rules })],
      lasts: HOUR,
    };
  },
};

/** From some time on every commit is refused. */
const REFUSED_FOR_GOOD: WeightedPattern = {
  name: "the storage refuses every commit from some time on",
  weight: 1.5,
  overlay: (prng, firstClick) => ({
    actions: [{ at: after(prng, firstClick), type: "refuse_storage", lasts: null, how: "commit" }],
    lasts: prng.logUniform(10 * MINUTE, 2 * HOUR),
    lastsAtMost: 2 * HOUR,
  }),
};

const refunds = (prng: Prng, most: number): readonly Reaction[] =>
  prng.listOf(1, most, (index) => ({
    status: "succeeded",
    after: prng.logUniform(SECOND, 5 * MINUTE) + index * MINUTE,
    action: { at: 0, type: "operate", kind: "refund", key: `partly-${index}`, requestedAmount: prng.pick([1, 100, null]) },
  }));

const refundedByHand = (prng: Prng, edits: Plan["edits"]): Plan => ({
  steps: [{ after: 0, does: "pays" }],
  ...(edits === undefined ? {} : { edits }),
  cabinet: prng.listOf(1, 3, () => ({ after: prng.logUniform(100, 10 * MINUTE), kind: "refund", minor: prng.pick([1, 50, 300]) })),
});

/** Oddities that may change from one read to the next. */
const CHANGING_ODDITIES: readonly OddRows[] = ["no status", "an unknown status", "no amount", "too many"];

/** Oddities that last: a row keeps its id, or never has one. */
const PERMANENT_ODDITIES: readonly OddRows[] = ["a long id", "no id"];

/** Odd rows of refunds, for a while or for good. */
const ROWS: WeightedPattern = {
  name: "odd rows of refunds",
  weight: 3,
  overlay(prng, firstClick) {
    const how = prng.pick([...CHANGING_ODDITIES, ...PERMANENT_ODDITIES]);
    const isForGood = PERMANENT_ODDITIES.includes(how) || prng.bool(0.6);
    const from = prng.bool(0.3) && !PERMANENT_ODDITIES.includes(how) ? firstClick + prng.logUniform(SECOND, 10 * MINUTE) : 0;
    return {
      oddRows: { from, lasts: isForGood ? null : prng.logUniform(MINUTE, 30 * HOUR), how },
      plans: [refundedByHand(prng, undefined)],
      reactions: refunds(prng, 3),
      lasts: prng.weighted([
        [6, 20 * MINUTE],
        [1, 26 * HOUR],
        [0.3, 3 * DAY],
      ]),
    };
  },
};

/** A refund that stays pending longer than the edge reads for it. */
const NEVER_SETTLED: WeightedPattern = {
  name: "a refund is never settled",
  weight: 0.7,
  overlay(prng, firstClick) {
    const isReadToTheEnd = prng.bool(0.5);
    // For much of the first day nothing is read.
    const isAway = prng.bool(0.6);
    const from = firstClick + prng.logUniform(10 * MINUTE, 40 * MINUTE);
    return {
      actions: isAway
        ? [deploy(from, { gateway: "other merchant" }), deploy(from + prng.logUniform(20 * HOUR, 4 * DAY), { gateway: "first" })]
        : [],
      plans: [refundedByHand(prng, { settleAfter: 60 * DAY })],
      reactions: refunds(prng, 2),
      retentionDays: isReadToTheEnd ? 400 : prng.pick([1, 3]),
      lasts: isReadToTheEnd ? 36 * DAY : 6 * DAY,
    };
  },
};

/** A gateway that makes a second payment for an order_id after some time, and an edge that cannot know the first. */
const REPLAY_EXPIRES: WeightedPattern = {
  name: "the gateway's replay of an order_id expires",
  weight: 1.5,
  overlay(prng, firstClick) {
    const replaysOrdersFor = prng.pick([10 * MINUTE, 10 * MINUTE, HOUR]);
    const ended = firstClick + replaysOrdersFor + prng.logUniform(SECOND, 10 * MINUTE);
    const click: Reaction["action"] = {
      at: 0,
      type: "click",
      tab: 1,
      key: "key-after-replay",
      terms: 0,
      issuedAt: Math.floor(ended / SECOND),
    };
    if (prng.bool(0.5)) {
      const restore: Action = { at: ended, type: "restore", index: prng.pick([0, 0, 1, 2, 3]) };
      return { replaysOrdersFor, actions: [restore, { ...click, at: ended + MINUTE + prng.int(SECOND, MINUTE) }] };
    }
    const emptyReads = Array.from(
      { length: 60 },
      (_, index): CallFault => ({ name: "{}", on: "payment_status", nth: index + 1, fault: { answer: "empty" }, hangs: false }),
    );
    return {
      replaysOrdersFor,
      callFaults: [{ name: "lost after it acted", on: "create", nth: 1, fault: { answer: "lost" }, hangs: false }, ...emptyReads],
      actions: [{ at: ended, type: "resolve", key: "given-up", finding: "nothing_taken" }],
      reactions: [{ status: "failed", after: prng.int(3 * SECOND, MINUTE), action: click }],
      callbacks: "none",
      lasts: replaysOrdersFor + 30 * MINUTE,
    };
  },
};

/** Callbacks in quick succession, also for decided attempts. */
const CALLBACKS: WeightedPattern = {
  name: "callbacks in quick succession",
  weight: 1.5,
  overlay: (prng, firstClick) => ({
    actions: prng
      .listOf(1, 3, () => prng.logUniform(SECOND, 12 * MINUTE))
      .flatMap((since) =>
        prng.listOf(2, 5, (): Action => ({ at: firstClick + since + prng.int(0, 6 * SECOND), type: "callback", attempt: 1 })),
      ),
  }),
};

/** All patterns of this file. */
export const SETTINGS_PATTERNS: readonly WeightedPattern[] = [
  OTHER_GATEWAY,
  RETENTION,
  HOLD_ENDS,
  UNDECIDED,
  REFUSED_FOR_GOOD,
  ROWS,
  NEVER_SETTLED,
  REPLAY_EXPIRES,
  CALLBACKS,
];
