/**
 * Coincidences that chance alone brings about too seldom: each lays what it needs over a history that is otherwise as its mood made it.
 */
import type { Chance } from "./chance.ts";
import type { Deed, Reaction, Scenario, Strike } from "./scenario.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** What a pattern lays over a history. */
export interface Overlay {
  readonly strikes?: readonly Strike[];
  readonly deeds?: readonly Deed[];
  readonly reactions?: readonly Reaction[];
  readonly callbacks?: Scenario["callbacks"];
  /** What becomes of the first payments. */
  readonly plans?: Scenario["plans"];
  readonly old?: Scenario["old"];
  /** The shop charges in two steps. */
  readonly holds?: boolean;
  readonly oddRows?: Scenario["oddRows"];
  readonly replaysOrdersFor?: Scenario["replaysOrdersFor"];
  readonly retentionDays?: number;
  /** The story goes on for so long after the first click, at least (ms). */
  readonly lasts?: number;
  /** And at the most. */
  readonly lastsAtMost?: number;
}

/** A coincidence. */
export interface Pattern {
  readonly name: string;
  readonly lay: (chance: Chance, firstClick: number) => Overlay;
}

const lags = (on: Strike["on"], calls: number, lag: number): Strike[] =>
  Array.from({ length: calls }, (_, index) => ({ name: "lags", on, nth: index + 1, fault: { lag }, hangs: false }));

const lost = (chance: Chance, on: Strike["on"], nth: number): Strike =>
  chance.weighted<Strike>([
    [2, { name: "lost before it acts", on, nth, fault: { acts: false, answer: "lost" }, hangs: chance.is(0.3) }],
    [2, { name: "lost after it acted", on, nth, fault: { answer: "lost" }, hangs: chance.is(0.3) }],
    [3, { name: "accepted late", on, nth, fault: { actsAfter: chance.int(11 * SECOND, 30 * SECOND) }, hangs: chance.is(0.3) }],
  ]);

const refused = (chance: Chance, on: Strike["on"], nth: number): Strike =>
  chance.weighted<Strike>([
    [
      3,
      {
        name: "refused under 422",
        on,
        nth,
        fault: { refuses: { code: on === "edit" ? "11017" : "10009", httpStatus: 422 } },
        hangs: false,
      },
    ],
    [2, { name: "401", on, nth, fault: { acts: false, answer: { httpStatus: 401, code: "1100" } }, hangs: false }],
    [1, { name: "9991", on, nth, fault: { answer: { httpStatus: 200, code: "9991" } }, hangs: false }],
  ]);

const click = (key: string, terms: number): Reaction["deed"] => ({ at: 0, does: "click", tab: 1, key, terms, issuedAt: 1200 });

const refund = (key: string, asked: number | null): Reaction["deed"] => ({ at: 0, does: "operate", kind: "refund", key, asked });

export const PATTERNS: readonly Pattern[] = [
  {
    name: "the clock leaps while a call is accepted late, and somebody clicks again",
    lay: (chance, firstClick) => ({
      strikes: [
        { name: "accepted late", on: "create", nth: 1, fault: { actsAfter: chance.int(15 * SECOND, 30 * SECOND) }, hangs: false },
        ...lags("payment_status", 10, chance.int(5 * SECOND, 20 * SECOND)),
        ...lags("request_status", 10, chance.int(5 * SECOND, 20 * SECOND)),
      ],
      deeds: [{ at: firstClick + chance.int(SECOND, 4 * SECOND), does: "clock", ahead: chance.int(6 * MINUTE, 10 * MINUTE) }],
      reactions: [{ to: "failed", after: chance.int(2 * SECOND, 20 * SECOND), deed: click("key-again", chance.pick([0, 0, 1])) }],
    }),
  },
  {
    name: "the clock leaps while a look is slow",
    lay: (chance, firstClick) => ({
      strikes: [
        { name: "lost before it acts", on: "create", nth: 1, fault: { acts: false, answer: "lost" }, hangs: false },
        { name: "slow", on: "request_status", nth: 1, fault: { answersAfter: chance.int(12 * SECOND, 19 * SECOND) }, hangs: false },
        lost(chance, "create", 2),
      ],
      deeds: [{ at: firstClick + chance.int(2 * SECOND, 8 * SECOND), does: "clock", ahead: chance.int(26 * SECOND, 90 * SECOND) }],
    }),
  },
  {
    name: "another card, or amount, under the same number, and reads that leave things out",
    lay: (chance) => ({
      strikes: [
        { name: "401", on: "create", nth: 1, fault: { acts: false, answer: { httpStatus: 401, code: "1100" } }, hangs: false },
        ...chance.times(3, 12, (): Strike => {
          const fault = chance.pick([{ sparse: true }, { amount: "wrong" as const }]);
          return {
            name: fault.sparse === true ? "sparse" : "amount wrong",
            on: "payment_status",
            nth: chance.int(2, 16),
            fault: { shows: fault },
            hangs: false,
          };
        }),
      ],
      deeds: chance.times(2, 6, () => ({
        at: chance.int(10 * SECOND, 8 * MINUTE),
        does: "calls_back" as const,
        attempt: chance.int(1, 2),
      })),
      reactions: [{ to: "failed", after: chance.int(2 * SECOND, 30 * SECOND), deed: click("key-other-card", chance.pick([1, 1, 2])) }],
      callbacks: "both",
    }),
  },
  {
    name: "an old payment under the number, and reads that leave things out",
    lay: (chance) => ({
      old: {
        generation: 1,
        age: chance.spread(3 * HOUR, 300 * DAY),
        plan: { steps: [{ after: 0, does: "pays" }] },
        terms: chance.pick([0, 1, 2]),
      },
      strikes: chance.times(2, 8, () => ({
        name: "sparse",
        on: "payment_status",
        nth: chance.int(2, 14),
        fault: { shows: { sparse: true } },
        hangs: false,
      })),
    }),
  },
  {
    name: "a hasty operator",
    lay: (chance) => ({
      strikes: [lost(chance, "create", 1), ...lags("payment_status", 8, 20 * SECOND), ...lags("request_status", 8, 20 * SECOND)],
      reactions: [
        { to: "unconfirmed", after: chance.int(0, 25 * SECOND), deed: { at: 0, does: "resolve", key: "hasty", says: "nothing_taken" } },
        ...(chance.is(0.5)
          ? [{ to: "failed" as const, after: chance.int(2 * SECOND, 5 * MINUTE), deed: click("key-after-hasty", chance.pick([0, 1])) }]
          : []),
      ],
      plans: [{ steps: [{ after: 0, does: "pays" }], ...(chance.is(0.2) ? { shows: { status: "settling" } } : {}) }],
    }),
  },
  {
    name: "a refusal answers a resend",
    lay: (chance) => ({
      strikes: [
        lost(chance, "create", 1),
        refused(chance, "create", 2),
        ...lags("payment_status", 6, chance.int(8, 20) * SECOND),
        ...lags("request_status", 6, chance.int(8, 20) * SECOND),
      ],
    }),
  },
  {
    name: "a refusal answers an operation's resend",
    lay: (chance) => {
      const from = chance.int(1, 3);
      const lag = chance.int(10, 20) * SECOND;
      return {
        strikes: [
          lost(chance, "edit", from),
          refused(chance, "edit", from + 1),
          ...lags("payment_status", 14, lag),
          ...lags("request_status", 10, lag),
        ],
        reactions: [1, 2, 3].map((number) => ({
          to: "succeeded" as const,
          after: number * chance.int(100, 30 * SECOND),
          deed: refund(`twice-${number}`, chance.pick([100, 100, null])),
        })),
      };
    },
  },
  {
    name: "an older state is put back in which a later attempt was claimed and not yet sent",
    lay: (chance, firstClick) => ({
      strikes: [{ name: "slow", on: "create", nth: 1, fault: { answersAfter: 100 }, hangs: false }],
      plans: [1, 2].map(() => ({ steps: [{ after: 0, does: "declines", code: chance.pick(["10009", "10007"]) }] })),
      deeds: [{ at: firstClick + chance.int(10 * SECOND, 40 * SECOND), does: "restore", to: chance.int(2, 5) }],
      reactions: [{ to: "failed", after: chance.int(2 * SECOND, 5 * SECOND), deed: click("key-later", chance.pick([0, 1])) }],
    }),
  },
  {
    name: "the same refund twice, and one is lost",
    lay: (chance) => ({
      strikes: [lost(chance, "edit", chance.int(1, 3))],
      reactions: [1, 2, 3].map((number) => ({
        to: "succeeded" as const,
        after: 500 + (number - 1) * chance.int(3 * SECOND, 60 * SECOND),
        deed: refund(`same-${number}`, 1),
      })),
    }),
  },
];

/** Coincidences that are laid over histories which have none of {@link PATTERNS}: those keep what their seeds mean. */
export const LATER_PATTERNS: readonly Pattern[] = [
  {
    name: "a click for another amount after silence, and reads that once show the first one's",
    lay: (chance, firstClick) => ({
      strikes: [
        ...Array.from({ length: chance.int(1, 3) }, (_, index) => ({
          name: "lost before it acts",
          on: "create" as const,
          nth: index + 1,
          fault: { acts: false, answer: "lost" as const },
          hangs: false,
        })),
        ...chance.times(6, 16, () => ({
          name: "amount wrong",
          on: "payment_status" as const,
          nth: chance.int(3, 30),
          fault: { shows: { amount: "wrong" as const } },
          hangs: false,
        })),
      ],
      deeds: [{ at: Math.max(0, firstClick - 1), does: "click", tab: 1, key: "key-first-amount", terms: 2, issuedAt: 1 }],
      reactions: [
        {
          to: "unconfirmed",
          after: chance.int(5 * SECOND, 30 * SECOND),
          deed: { at: 0, does: "resolve", key: "given-up", says: "nothing_taken" },
        },
        { to: "failed", after: chance.int(2 * SECOND, 20 * SECOND), deed: click("key-other-amount", 0) },
      ],
    }),
  },
];

/** The history with a pattern laid over it; a pattern's faults replace those of the same calls, its reactions come first. */
export function overlaid(scenario: Scenario, chance: Chance, patterns: readonly Pattern[] = PATTERNS): Scenario {
  const pattern = chance.pick(patterns);
  const firstClick = scenario.deeds.find(({ does }) => does === "click" || does === "server_pays")?.at ?? 0;
  const {
    strikes = [],
    deeds = [],
    reactions = [],
    plans = [],
    holds,
    lasts = 0,
    lastsAtMost,
    ...others
  } = pattern.lay(chance, firstClick);
  const taken = new Set(strikes.map(({ on, nth }) => `${on} ${nth}`));
  const all = [...scenario.deeds, ...deeds].sort((one, other) => one.at - other.at);
  return {
    ...scenario,
    ...others,
    mood: `${scenario.mood}; ${pattern.name}`,
    terms: holds === true ? scenario.terms.map((terms) => ({ ...terms, auto_clearing: false })) : scenario.terms,
    strikes: [...strikes, ...scenario.strikes.filter(({ on, nth }) => !taken.has(`${on} ${nth}`))],
    deeds: all,
    reactions: [...reactions, ...scenario.reactions],
    plans: [...plans, ...scenario.plans.slice(plans.length)],
    endsAt: Math.max(
      Math.min(scenario.endsAt, firstClick + (lastsAtMost ?? Number.POSITIVE_INFINITY)),
      firstClick + lasts,
      ...all.map(({ at }) => at + 15 * MINUTE),
    ),
  };
}
