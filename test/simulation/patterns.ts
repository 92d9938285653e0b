/** Coincidences that are too rare at random. Each pattern adds its events to a scenario and leaves the rest unchanged. */
import type { Prng } from "./prng.ts";
import type { Action, Reaction, Scenario, CallFault } from "./scenario.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The parts that a pattern adds to a scenario. */
export interface Overlay {
  readonly callFaults?: readonly CallFault[];
  readonly actions?: readonly Action[];
  readonly reactions?: readonly Reaction[];
  readonly callbacks?: Scenario["callbacks"];
  /** What shoppers do on the first payment pages. */
  readonly visits?: Scenario["visits"];
  readonly honorsCheck?: boolean;
  /** The plans of the first payments. */
  readonly plans?: Scenario["plans"];
  readonly oldPayment?: Scenario["oldPayment"];
  /** The shop charges in two steps. */
  readonly holds?: boolean;
  readonly oddRows?: Scenario["oddRows"];
  readonly replaysOrdersFor?: Scenario["replaysOrdersFor"];
  readonly retentionDays?: number;
  /** The history continues at least this long after the first click (ms). */
  readonly lasts?: number;
  /** It continues at most this long (ms). */
  readonly lastsAtMost?: number;
}

/** A coincidence. */
export interface Pattern {
  readonly name: string;
  readonly overlay: (prng: Prng, firstClick: number) => Overlay;
}

const lags = (on: CallFault["on"], calls: number, lag: number): CallFault[] =>
  Array.from({ length: calls }, (_, index) => ({ name: "lags", on, nth: index + 1, fault: { lag }, hangs: false }));

const lost = (prng: Prng, on: CallFault["on"], nth: number): CallFault =>
  prng.weighted<CallFault>([
    [2, { name: "lost before it acts", on, nth, fault: { acts: false, answer: "lost" }, hangs: prng.bool(0.3) }],
    [2, { name: "lost after it acted", on, nth, fault: { answer: "lost" }, hangs: prng.bool(0.3) }],
    [3, { name: "accepted late", on, nth, fault: { actsAfter: prng.int(11 * SECOND, 30 * SECOND) }, hangs: prng.bool(0.3) }],
  ]);

const refused = (prng: Prng, on: CallFault["on"], nth: number): CallFault =>
  prng.weighted<CallFault>([
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

const click = (key: string, terms: number): Reaction["action"] => ({ at: 0, type: "click", tab: 1, key, terms, issuedAt: 1200 });

const refund = (key: string, requestedAmount: number | null): Reaction["action"] => ({
  at: 0,
  type: "operate",
  kind: "refund",
  key,
  requestedAmount,
});

export const PATTERNS: readonly Pattern[] = [
  {
    name: "the clock steps while a call is accepted late, then a new click",
    overlay: (prng, firstClick): Overlay => ({
      callFaults: [
        { name: "accepted late", on: "create", nth: 1, fault: { actsAfter: prng.int(15 * SECOND, 30 * SECOND) }, hangs: false },
        ...lags("payment_status", 10, prng.int(5 * SECOND, 20 * SECOND)),
        ...lags("request_status", 10, prng.int(5 * SECOND, 20 * SECOND)),
      ],
      actions: [{ at: firstClick + prng.int(SECOND, 4 * SECOND), type: "clock", offset: prng.int(6 * MINUTE, 10 * MINUTE) }],
      reactions: [{ status: "failed", after: prng.int(2 * SECOND, 20 * SECOND), action: click("key-again", prng.pick([0, 0, 1])) }],
    }),
  },
  {
    name: "the clock steps during a slow poll",
    overlay: (prng, firstClick): Overlay => ({
      callFaults: [
        { name: "lost before it acts", on: "create", nth: 1, fault: { acts: false, answer: "lost" }, hangs: false },
        { name: "slow", on: "request_status", nth: 1, fault: { answersAfter: prng.int(12 * SECOND, 19 * SECOND) }, hangs: false },
        lost(prng, "create", 2),
      ],
      actions: [{ at: firstClick + prng.int(2 * SECOND, 8 * SECOND), type: "clock", offset: prng.int(26 * SECOND, 90 * SECOND) }],
    }),
  },
  {
    name: "another card or amount under the same order_id, and incomplete reads",
    overlay: (prng): Overlay => ({
      callFaults: [
        { name: "401", on: "create", nth: 1, fault: { acts: false, answer: { httpStatus: 401, code: "1100" } }, hangs: false },
        ...prng.listOf(3, 12, (): CallFault => {
          const fault = prng.pick([{ sparse: true }, { amount: "wrong" as const }]);
          return {
            name: fault.sparse === true ? "sparse" : "amount wrong",
            on: "payment_status",
            nth: prng.int(2, 16),
            fault: { shows: fault },
            hangs: false,
          };
        }),
      ],
      actions: prng.listOf(2, 6, () => ({
        at: prng.int(10 * SECOND, 8 * MINUTE),
        type: "callback" as const,
        attempt: prng.int(1, 2),
      })),
      reactions: [{ status: "failed", after: prng.int(2 * SECOND, 30 * SECOND), action: click("key-other-card", prng.pick([1, 1, 2])) }],
      callbacks: "both",
    }),
  },
  {
    name: "an old payment under the order_id, and incomplete reads",
    overlay: (prng): Overlay => ({
      oldPayment: {
        generation: 1,
        age: prng.logUniform(3 * HOUR, 300 * DAY),
        plan: { steps: [{ after: 0, does: "pays" }] },
        terms: prng.pick([0, 1, 2]),
      },
      callFaults: prng.listOf(2, 8, () => ({
        name: "sparse",
        on: "payment_status",
        nth: prng.int(2, 14),
        fault: { shows: { sparse: true } },
        hangs: false,
      })),
    }),
  },
  {
    name: "an operator resolves too early",
    overlay: (prng): Overlay => ({
      callFaults: [lost(prng, "create", 1), ...lags("payment_status", 8, 20 * SECOND), ...lags("request_status", 8, 20 * SECOND)],
      reactions: [
        {
          status: "unconfirmed",
          after: prng.int(0, 25 * SECOND),
          action: { at: 0, type: "resolve", key: "hasty", finding: "nothing_taken" },
        },
        ...(prng.bool(0.5)
          ? [{ status: "failed" as const, after: prng.int(2 * SECOND, 5 * MINUTE), action: click("key-after-hasty", prng.pick([0, 1])) }]
          : []),
      ],
      plans: [{ steps: [{ after: 0, does: "pays" }], ...(prng.bool(0.2) ? { shows: { status: "settling" } } : {}) }],
    }),
  },
  {
    name: "a refusal answers a resend",
    overlay: (prng): Overlay => ({
      callFaults: [
        lost(prng, "create", 1),
        refused(prng, "create", 2),
        ...lags("payment_status", 6, prng.int(8, 20) * SECOND),
        ...lags("request_status", 6, prng.int(8, 20) * SECOND),
      ],
    }),
  },
  {
    name: "a refusal answers an operation's resend",
    overlay: (prng): Overlay => {
      const from = prng.int(1, 3);
      const lag = prng.int(10, 20) * SECOND;
      return {
        callFaults: [
          lost(prng, "edit", from),
          refused(prng, "edit", from + 1),
          ...lags("payment_status", 14, lag),
          ...lags("request_status", 10, lag),
        ],
        reactions: [1, 2, 3].map((number) => ({
          status: "succeeded" as const,
          after: number * prng.int(100, 30 * SECOND),
          action: refund(`twice-${number}`, prng.pick([100, 100, null])),
        })),
      };
    },
  },
  {
    name: "an older state is restored in which a later attempt is stored and not sent",
    overlay: (prng, firstClick): Overlay => ({
      callFaults: [{ name: "slow", on: "create", nth: 1, fault: { answersAfter: 100 }, hangs: false }],
      plans: [1, 2].map(() => ({ steps: [{ after: 0, does: "declines", code: prng.pick(["10009", "10007"]) }] })),
      actions: [{ at: firstClick + prng.int(10 * SECOND, 40 * SECOND), type: "restore", index: prng.int(2, 5) }],
      reactions: [{ status: "failed", after: prng.int(2 * SECOND, 5 * SECOND), action: click("key-later", prng.pick([0, 1])) }],
    }),
  },
  {
    name: "the same refund twice, and one answer is lost",
    overlay: (prng): Overlay => ({
      callFaults: [lost(prng, "edit", prng.int(1, 3))],
      reactions: [1, 2, 3].map((number) => ({
        status: "succeeded" as const,
        after: 500 + (number - 1) * prng.int(3 * SECOND, 60 * SECOND),
        action: refund(`same-${number}`, 1),
      })),
    }),
  },
];

/** Patterns for scenarios without one of {@link PATTERNS}. They are separate so that existing seeds keep their meaning. */
export const ADDED_PATTERNS: readonly Pattern[] = [
  {
    name: "a click for another amount after silence, and reads that show the first amount",
    overlay: (prng, firstClick): Overlay => ({
      callFaults: [
        ...Array.from({ length: prng.int(1, 3) }, (_, index) => ({
          name: "lost before it acts",
          on: "create" as const,
          nth: index + 1,
          fault: { acts: false, answer: "lost" as const },
          hangs: false,
        })),
        ...prng.listOf(6, 16, () => ({
          name: "amount wrong",
          on: "payment_status" as const,
          nth: prng.int(3, 30),
          fault: { shows: { amount: "wrong" as const } },
          hangs: false,
        })),
      ],
      actions: [{ at: Math.max(0, firstClick - 1), type: "click", tab: 1, key: "key-first-amount", terms: 2, issuedAt: 1 }],
      reactions: [
        {
          status: "unconfirmed",
          after: prng.int(5 * SECOND, 30 * SECOND),
          action: { at: 0, type: "resolve", key: "given-up", finding: "nothing_taken" },
        },
        { status: "failed", after: prng.int(2 * SECOND, 20 * SECOND), action: click("key-other-amount", 0) },
      ],
    }),
  },
];

/** The scenario with a pattern applied. The pattern's faults replace faults of the same calls; its reactions come first. */
export function applyPattern(scenario: Scenario, prng: Prng, patterns: readonly Pattern[] = PATTERNS): Scenario {
  const pattern = prng.pick(patterns);
  const firstClick = scenario.actions.find(({ type }) => type === "click" || type === "merchant_pay")?.at ?? 0;
  const {
    callFaults = [],
    actions = [],
    reactions = [],
    plans = [],
    holds,
    lasts = 0,
    lastsAtMost,
    ...others
  } = pattern.overlay(prng, firstClick);
  const taken = new Set(callFaults.map(({ on, nth }) => `${on} ${nth}`));
  const all = [...scenario.actions, ...actions].sort((one, other) => one.at - other.at);
  return {
    ...scenario,
    ...others,
    kind: `${scenario.kind}; ${pattern.name}`,
    terms: holds === true ? scenario.terms.map((terms) => ({ ...terms, auto_clearing: false })) : scenario.terms,
    callFaults: [...callFaults, ...scenario.callFaults.filter(({ on, nth }) => !taken.has(`${on} ${nth}`))],
    actions: all,
    reactions: [...reactions, ...scenario.reactions],
    plans: [...plans, ...scenario.plans.slice(plans.length)],
    endsAt: Math.max(
      Math.min(scenario.endsAt, firstClick + (lastsAtMost ?? Number.POSITIVE_INFINITY)),
      firstClick + lasts,
      ...all.map(({ at }) => at + 15 * MINUTE),
    ),
  };
}
