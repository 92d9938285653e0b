/**
 * What may happen between two starts of the edge, and over long times: other settings, a storage that refuses for good, refunds that are
 * never settled or written oddly, a gateway whose replay of an order_id ends. Laid over histories as {@link overlaid} does.
 */
import type { Plan } from "../../src/simulator/index.ts";
import type { Chance } from "./chance.ts";
import type { Pattern } from "./patterns.ts";
import type { Deed, DeployedSettings, GatewayName, OddRows, Reaction, Strike } from "./scenario.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** A pattern, and how often it is laid in comparison with the others. */
type WeightedPattern = Pattern & { readonly weight: number };

const deploy = (at: number, settings: DeployedSettings): Deed => ({ at, does: "deploy", settings });

/** Soon after a time, or later. */
function after(chance: Chance, at: number): number {
  return (
    at +
    chance.weighted([
      [3, chance.int(0, 2 * SECOND)],
      [3, chance.spread(2 * SECOND, 2 * MINUTE)],
      [1, chance.spread(2 * MINUTE, 20 * MINUTE)],
    ])
  );
}

/** What people do while the edge is set to another gateway: all of it reaches the order. The gateway calls back as well. */
function meanwhile(chance: Chance, from: number, until: number): readonly Deed[] {
  const callbacks = chance.times(0, 1, (): Deed => ({ at: chance.int(from, until), does: "calls_back", attempt: 1 }));
  const others = chance.times(0, 3, (index): Deed => {
    const at = chance.int(from, until);
    const issuedAt = Math.floor(at / SECOND);
    return chance.pick<Deed>([
      { at, does: "get" },
      { at, does: "click", tab: 1, key: chance.pick(["key-1", `key-away-${index}`]), terms: chance.pick([0, 0, 1]), issuedAt },
      { at, does: "operate", kind: "refund", key: `away-${index}`, asked: null },
      { at, does: "close", key: "close-away" },
      { at, does: "resolve", key: "resolve-away", says: "nothing_taken" },
    ]);
  });
  return [...callbacks, ...others];
}

/** The settings name another gateway or merchant for a while, or for good. */
const AWAY: WeightedPattern = {
  name: "the edge is set to another gateway",
  weight: 4,
  lay(chance, firstClick) {
    const deeds: Deed[] = [];
    let at = after(chance, firstClick);
    const elsewhere = (): GatewayName => chance.pick(["other gateway", "other merchant"]);
    for (
      let trips = chance.weighted([
        [4, 1],
        [1, 2],
      ]);
      trips > 0;
      trips -= 1
    ) {
      deeds.push(deploy(at, { gateway: elsewhere() }));
      const back =
        at +
        chance.weighted([
          [3, chance.spread(SECOND, 5 * MINUTE)],
          [2, chance.spread(5 * MINUTE, 3 * HOUR)],
          [0.3, 2 * DAY],
        ]);
      deeds.push(...meanwhile(chance, at, back));
      at = back;
      if (trips === 1 && chance.is(0.25)) break;
      deeds.push(deploy(at, { gateway: "first" }));
      at += chance.spread(SECOND, 10 * MINUTE);
    }
    return { deeds, lasts: at - firstClick + 90 * MINUTE };
  },
};

/** RETENTION_DAYS becomes longer, or shorter. */
const RETENTION: WeightedPattern = {
  name: "RETENTION_DAYS is changed",
  weight: 3,
  lay(chance, firstClick) {
    const retentionDays = chance.pick([1, 2, 400]);
    const at =
      firstClick +
      chance.weighted([
        [1, chance.spread(MINUTE, 12 * HOUR)],
        [2, chance.spread(12 * HOUR, 2 * DAY)],
      ]);
    const opened = chance.times(0, 3, (index): Deed => {
      const when = at + chance.spread(SECOND, 12 * HOUR);
      return index === 1 ? { at: when, does: "calls_back", attempt: 1 } : { at: when, does: "get" };
    });
    const settings = { retentionDays: chance.pick([1, 2, 3, 400].filter((days) => days !== retentionDays)) };
    // A result that comes when the order may be redacted already.
    const late: Plan = { steps: [{ after: 0, does: "pays" }], callbacks: { after: chance.int(DAY, 4 * DAY) } };
    return { retentionDays, deeds: [deploy(at, settings), ...opened], plans: chance.is(0.4) ? [late] : [], lasts: 5 * DAY };
  },
};

/** A hold, and a deployment that takes its end for another time. */
const HOLD_ENDS: WeightedPattern = {
  name: "a deployment expects a hold to end at another time",
  weight: 1,
  lay: (chance, firstClick) => ({
    holds: true,
    plans: [{ steps: [{ after: 0, does: "pays" }] }],
    deeds: [
      deploy(firstClick + chance.spread(HOUR, 5 * DAY), { rules: chance.pick(["holds end later", "holds end sooner"]) }),
      ...(chance.is(0.3) ? [deploy(firstClick + 5 * DAY + chance.int(0, DAY), { rules: "usual" as const })] : []),
    ],
    lasts: 8 * DAY,
  }),
};

/** A create that never arrived, or that is not decided, and a deployment with other times for it. */
const UNDECIDED: WeightedPattern = {
  name: "a deployment has other times for what is undecided",
  weight: 1,
  lay(chance, firstClick) {
    const isLost = chance.is(0.6);
    const strikes = [1, 2, 3, 4, 5, 6].map(
      (nth): Strike => ({ name: "lost before it acts", on: "create", nth, fault: { acts: false, answer: "lost" }, hangs: false }),
    );
    const rules = isLost ? chance.pick(["never seen later", "never seen sooner"] as const) : "told later";
    const at = firstClick + (isLost ? chance.spread(10 * SECOND, 6 * MINUTE) : chance.spread(MINUTE, 20 * MINUTE));
    return {
      ...(isLost ? { strikes } : { plans: [{ steps: [{ after: 0, does: "waits" }] }] }),
      deeds: [deploy(at, { rules })],
      lasts: HOUR,
    };
  },
};

/** From some time on no change of the order is stored any more. */
const REFUSED_FOR_GOOD: WeightedPattern = {
  name: "the storage refuses every commit from some time on",
  weight: 1.5,
  lay: (chance, firstClick) => ({
    deeds: [{ at: after(chance, firstClick), does: "refuse_storage", lasts: null, how: "commit" }],
    lasts: chance.spread(10 * MINUTE, 2 * HOUR),
    lastsAtMost: 2 * HOUR,
  }),
};

const refunds = (chance: Chance, most: number): readonly Reaction[] =>
  chance.times(1, most, (index) => ({
    to: "succeeded",
    after: chance.spread(SECOND, 5 * MINUTE) + index * MINUTE,
    deed: { at: 0, does: "operate", kind: "refund", key: `partly-${index}`, asked: chance.pick([1, 100, null]) },
  }));

const refundedByHand = (chance: Chance, edits: Plan["edits"]): Plan => ({
  steps: [{ after: 0, does: "pays" }],
  ...(edits === undefined ? {} : { edits }),
  cabinet: chance.times(1, 3, () => ({ after: chance.spread(100, 10 * MINUTE), kind: "refund", minor: chance.pick([1, 50, 300]) })),
});

/** Oddities that come and go from one read to the next. */
const FICKLE: readonly OddRows[] = ["no status", "an unknown status", "no amount", "too many"];

/** A row keeps its id, or never has one. */
const LASTING: readonly OddRows[] = ["a long id", "no id"];

/** Refunds whose rows are written oddly, for a while or for good. */
const ROWS: WeightedPattern = {
  name: "rows of refunds are written oddly",
  weight: 3,
  lay(chance, firstClick) {
    const how = chance.pick([...FICKLE, ...LASTING]);
    const isForGood = LASTING.includes(how) || chance.is(0.6);
    const from = chance.is(0.3) && !LASTING.includes(how) ? firstClick + chance.spread(SECOND, 10 * MINUTE) : 0;
    return {
      oddRows: { from, lasts: isForGood ? null : chance.spread(MINUTE, 30 * HOUR), how },
      plans: [refundedByHand(chance, undefined)],
      reactions: refunds(chance, 3),
      lasts: chance.weighted([
        [6, 20 * MINUTE],
        [1, 26 * HOUR],
        [0.3, 3 * DAY],
      ]),
    };
  },
};

/** A refund that stays under way for longer than anybody waits. */
const NEVER_SETTLED: WeightedPattern = {
  name: "a refund is never settled",
  weight: 0.7,
  lay(chance, firstClick) {
    const isReadToTheEnd = chance.is(0.5);
    // Much of the first day passes while nothing is read.
    const isAway = chance.is(0.6);
    const from = firstClick + chance.spread(10 * MINUTE, 40 * MINUTE);
    return {
      deeds: isAway
        ? [deploy(from, { gateway: "other merchant" }), deploy(from + chance.spread(20 * HOUR, 4 * DAY), { gateway: "first" })]
        : [],
      plans: [refundedByHand(chance, { settleAfter: 60 * DAY })],
      reactions: refunds(chance, 2),
      retentionDays: isReadToTheEnd ? 400 : chance.pick([1, 3]),
      lasts: isReadToTheEnd ? 36 * DAY : 6 * DAY,
    };
  },
};

/** A gateway that makes a second payment for an order_id after some time, and an edge that cannot know of the first. */
const REPLAY_ENDS: WeightedPattern = {
  name: "the gateway's replay of an order_id has ended",
  weight: 1.5,
  lay(chance, firstClick) {
    const replaysOrdersFor = chance.pick([10 * MINUTE, 10 * MINUTE, HOUR]);
    const ended = firstClick + replaysOrdersFor + chance.spread(SECOND, 10 * MINUTE);
    const click: Reaction["deed"] = {
      at: 0,
      does: "click",
      tab: 1,
      key: "key-after-replay",
      terms: 0,
      issuedAt: Math.floor(ended / SECOND),
    };
    if (chance.is(0.5)) {
      const restore: Deed = { at: ended, does: "restore", to: chance.pick([0, 0, 1, 2, 3]) };
      return { replaysOrdersFor, deeds: [restore, { ...click, at: ended + MINUTE + chance.int(SECOND, MINUTE) }] };
    }
    const lies = Array.from(
      { length: 60 },
      (_, index): Strike => ({ name: "{}", on: "payment_status", nth: index + 1, fault: { answer: "empty" }, hangs: false }),
    );
    return {
      replaysOrdersFor,
      strikes: [{ name: "lost after it acted", on: "create", nth: 1, fault: { answer: "lost" }, hangs: false }, ...lies],
      deeds: [{ at: ended, does: "resolve", key: "given-up", says: "nothing_taken" }],
      reactions: [{ to: "failed", after: chance.int(3 * SECOND, MINUTE), deed: click }],
      callbacks: "none",
      lasts: replaysOrdersFor + 30 * MINUTE,
    };
  },
};

/** Callbacks that come one upon another, also about what is decided. */
const CALLBACKS: WeightedPattern = {
  name: "callbacks come one upon another",
  weight: 1.5,
  lay: (chance, firstClick) => ({
    deeds: chance
      .times(1, 3, () => chance.spread(SECOND, 12 * MINUTE))
      .flatMap((since) =>
        chance.times(2, 5, (): Deed => ({ at: firstClick + since + chance.int(0, 6 * SECOND), does: "calls_back", attempt: 1 })),
      ),
  }),
};

/** All of them. */
export const SETTINGS_PATTERNS: readonly WeightedPattern[] = [
  AWAY,
  RETENTION,
  HOLD_ENDS,
  UNDECIDED,
  REFUSED_FOR_GOOD,
  ROWS,
  NEVER_SETTLED,
  REPLAY_ENDS,
  CALLBACKS,
];
