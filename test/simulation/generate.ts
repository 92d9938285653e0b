/**
 * Generates a scenario from a seed: a kind sets the probabilities, the PRNG the rest.
 *
 * The labels that the PRNG is forked by are part of what a seed means. Renaming one changes every history.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Plan, PlannedStep } from "../../src/simulator/index.ts";
import { Prng } from "./prng.ts";
import { makeCallFault } from "./faults.ts";
import type { Apis } from "./generate-apis.ts";
import { apisOf, withApis } from "./generate-apis.ts";
import { hasPagesOf, withPages } from "./generate-pages.ts";
import { merchantReactions, edgeActions } from "./generate-actions.ts";
import { clicks } from "./generate-clicks.ts";
import { ADDED_PATTERNS, applyPattern } from "./patterns.ts";
import { SETTINGS_PATTERNS } from "./settings-patterns.ts";
import { withShardFault } from "./shard-fault-patterns.ts";
import type { ScenarioKind } from "./scenario-kind.ts";
import type { Action, OldPayment, Scenario, CallFault } from "./scenario.ts";
import { DAY, HOUR, MINUTE, ORDER_ID, SECOND } from "./scenario.ts";

const BASE_KIND: Omit<ScenarioKind, "name" | "weight"> = {
  faultRates: { create: 0.15, payment_status: 0.15, request_status: 0.15, edit: 0.15 },
  laggingReads: 0.05,
  twoStep: 0.2,
  declines: 0.25,
  operations: 0.2,
  outage: 0,
  evictions: 0.15,
  clockSteps: 0.05,
  restores: 0.02,
  storageFailures: 0.04,
  keyRotation: 0.05,
  oldPayments: 0.03,
  oddPayments: 0.08,
  closes: 0.12,
};

/** All scenario kinds. */
export const SCENARIO_KINDS: readonly ScenarioKind[] = [
  { ...BASE_KIND, name: "few faults", weight: 2 },
  { ...BASE_KIND, name: "lost answers", weight: 5, faultRates: { create: 0.7, payment_status: 0.35, request_status: 0.35, edit: 0.5 } },
  {
    ...BASE_KIND,
    name: "many faults of all kinds",
    weight: 3,
    faultRates: { create: 0.6, payment_status: 0.6, request_status: 0.6, edit: 0.6 },
    evictions: 0.6,
    clockSteps: 0.3,
    storageFailures: 0.3,
    keyRotation: 0.2,
    oddPayments: 0.2,
  },
  { ...BASE_KIND, name: "declines", weight: 3, declines: 0.8, faultRates: { ...BASE_KIND.faultRates, create: 0.4 } },
  { ...BASE_KIND, name: "outages", weight: 3, outage: 1, faultRates: { ...BASE_KIND.faultRates, create: 0.3 } },
  { ...BASE_KIND, name: "evictions", weight: 3, evictions: 1, faultRates: { ...BASE_KIND.faultRates, create: 0.3 } },
  {
    ...BASE_KIND,
    name: "clock steps",
    weight: 2,
    clockSteps: 1,
    faultRates: { create: 0.5, payment_status: 0.3, request_status: 0.3, edit: 0.4 },
    declines: 0.4,
  },
  {
    ...BASE_KIND,
    name: "restores of an older state",
    weight: 2,
    restores: 1,
    declines: 0.4,
    faultRates: { ...BASE_KIND.faultRates, create: 0.3 },
  },
  {
    ...BASE_KIND,
    name: "operations",
    weight: 4,
    operations: 1,
    twoStep: 0.6,
    declines: 0.05,
    oddPayments: 0.02,
    faultRates: { create: 0.05, payment_status: 0.25, request_status: 0.25, edit: 0.5 },
  },
  {
    ...BASE_KIND,
    name: "lagging reads",
    weight: 3,
    laggingReads: 1,
    declines: 0.1,
    operations: 0.7,
    oddPayments: 0.02,
    faultRates: { create: 0.8, payment_status: 0.05, request_status: 0.05, edit: 0.7 },
  },
  {
    ...BASE_KIND,
    name: "storage failures",
    weight: 1.5,
    storageFailures: 1,
    evictions: 0.4,
    operations: 0.5,
    faultRates: { ...BASE_KIND.faultRates, create: 0.4 },
  },
  { ...BASE_KIND, name: "holds that nobody clears", weight: 0.7, twoStep: 1, declines: 0, operations: 0.1, oddPayments: 0, closes: 0 },
  { ...BASE_KIND, name: "key rotations", weight: 1, keyRotation: 1, faultRates: { ...BASE_KIND.faultRates, create: 0.3 } },
  { ...BASE_KIND, name: "old payments", weight: 1, oldPayments: 1, declines: 0.5 },
  { ...BASE_KIND, name: "odd payments", weight: 1, oddPayments: 1, closes: 0.4 },
];

/** Up to which call of a kind faults are generated. */
const FAULTED_CALLS: Readonly<Record<keyof ScenarioKind["faultRates"], number>> = {
  create: 6,
  payment_status: 40,
  request_status: 30,
  edit: 8,
};

function terms(prng: Prng, kind: ScenarioKind): Charge[] {
  const base: Charge = {
    order_id: ORDER_ID,
    amount: prng.pick([10, 1234.5, 0.01, 99.99, 5000]),
    currency: "KZT",
    description: "An order",
    user_id: "12345",
    profile_id: "card-a",
    auto_clearing: !prng.bool(kind.twoStep),
  };
  return [
    base,
    { ...base, profile_id: "card-b" },
    { ...base, amount: base.amount + 1 },
    { ...base, auto_clearing: !base.auto_clearing },
    { ...base, currency: "USD" },
    { ...base, user_id: "999" },
  ];
}

const DECLINES = ["10009", "10017", "10007", "9011", "10010", "10006", "77777"];

function plan(prng: Prng, kind: ScenarioKind): Plan {
  const later = prng.bool(0.45)
    ? prng.weighted([
        [6, prng.logUniform(SECOND, 10 * MINUTE)],
        [1, prng.logUniform(10 * MINUTE, 6 * HOUR)],
        [0.3, 2 * DAY],
      ])
    : 0;
  const first = later === 0 ? [] : [{ after: 0, does: "waits" as const, ...(prng.bool(0.1) ? { status: "waiting_3ds" } : {}) }];
  const does = prng.bool(kind.declines) ? "declines" : prng.bool(0.06) ? "holds" : "pays";
  const never = prng.bool(0.03);
  const last: PlannedStep = { after: later, does, ...(does === "declines" ? { code: prng.pick(DECLINES) } : {}) };
  const steps: readonly PlannedStep[] = never ? [{ after: 0, does: "waits" }] : [...first, last];
  return {
    steps,
    callbacks: {
      results: prng.weighted([
        [3, 0],
        [5, 1],
        [2, prng.int(2, 20)],
      ]),
      after: prng.bool(0.3) ? prng.logUniform(SECOND, HOUR) : 0,
      early: prng.bool(0.2),
      forged: prng.bool(0.2),
    },
    ...(prng.bool(kind.oddPayments) ? oddPlan(prng) : prng.bool(0.1) ? { shows: { amount: "text" as const } } : {}),
    ...(does === "pays" && prng.bool(0.12)
      ? {
          cabinet: [
            { after: later + prng.logUniform(SECOND, 10 * MINUTE), kind: "refund" as const, minor: prng.pick([1, 300, "all" as const]) },
          ],
        }
      : {}),
    ...(prng.bool(0.1)
      ? { edits: { settleAfter: prng.logUniform(SECOND, 5 * MINUTE), end: prng.bool(0.5) ? ("error" as const) : ("success" as const) } }
      : {}),
  };
}

function oddPlan(prng: Prng): Partial<Plan> {
  return prng.weighted<Partial<Plan>>([
    [2, { takesMore: 100 }],
    [2, { shows: { amount: "wrong" } }],
    [2, { shows: { status: "settling" } }],
    [1, { shows: { sparse: true } }],
    [1, { shows: { id: "number" } }],
  ]);
}

function callFaults(prng: Prng, kind: ScenarioKind): CallFault[] {
  const kinds = Object.keys(FAULTED_CALLS) as (keyof typeof FAULTED_CALLS)[];
  const lag = prng.bool(kind.laggingReads) ? prng.int(8, 20) * SECOND : 0;
  return kinds.flatMap((on) => {
    const kindPrng = prng.fork(on);
    if (lag > 0 && (on === "payment_status" || on === "request_status")) {
      return kindPrng.listOf(4, 16, (index): CallFault => ({ name: "lags", on, nth: index + 1, fault: { lag }, hangs: false }));
    }
    return Array.from({ length: FAULTED_CALLS[on] }, (_, index) =>
      kindPrng.bool(kind.faultRates[on] * (index < 8 ? 1 : 0.5)) ? [makeCallFault(kindPrng, on, index + 1)] : [],
    ).flat();
  });
}

function outages(prng: Prng, kind: ScenarioKind): Scenario["outages"] {
  if (!prng.bool(kind.outage)) return [];
  const lasts = prng.weighted([
    [6, 2 * MINUTE],
    [3, 2 * HOUR],
    [1, 2 * DAY],
  ]);
  return [{ from: prng.int(-SECOND, 40 * SECOND), lasts, answer: prng.pick(["none", "none", 502, 503, 504] as const) }];
}

function old(prng: Prng, kind: ScenarioKind): OldPayment | null {
  if (!prng.bool(kind.oldPayments)) return null;
  const age = prng.logUniform(3 * HOUR, 300 * DAY);
  const steps = [{ after: 0, does: prng.pick(["pays", "declines"] as const) }];
  return { generation: prng.bool(0.6) ? 1 : 2, age, plan: { steps }, terms: prng.pick([0, 0, 0, 1, 2]) };
}

/** How long a history continues after its last action. */
function tail(prng: Prng, kind: ScenarioKind): number {
  if (kind.twoStep === 1) return 7 * DAY;
  return prng.weighted([
    [12, 15 * MINUTE],
    [3, 2 * HOUR],
    [1, 30 * HOUR],
    [0.4, 7 * DAY],
  ]);
}

/** Reads that show every member that the contract names. The other histories show those of the official samples alone. */
function withFullReads(scenario: Scenario): Scenario {
  const full = (plan: Plan): Plan => ({ ...plan, shows: { ...plan.shows, full: true } });
  const { plans, oldPayment: before } = scenario;
  return { ...scenario, plans: plans.map(full), oldPayment: before === null ? null : { ...before, plan: full(before.plan) } };
}

/** How a seed is played, where that is not left to it. */
export interface Play {
  /** Absent: those of the seed. */
  readonly apis?: Apis | undefined;
  /** False: no payment page is opened. Absent: as the seed says. */
  readonly pages?: boolean | undefined;
}

/** The scenario of a seed. */
export function generate(seed: number, { apis, pages }: Play = {}): Scenario {
  const played = apis ?? apisOf(new Prng(seed).fork("apis"));
  const scenario = withApis(scenarioOf(seed), new Prng(seed).fork("cards by API"), played);
  const hasPages = pages ?? hasPagesOf(new Prng(seed).fork("has pages"));
  return played !== "async" && hasPages ? withPages(scenario, new Prng(seed).fork("pages")) : scenario;
}

/** The scenario of a seed, with cards that are charged by v5. */
function scenarioOf(seed: number): Scenario {
  const prng = new Prng(seed);
  const settings = prng.fork("settings");
  const answers = prng.fork("answers");
  const base = withPattern(seed);
  const pattern = settings.weighted(SETTINGS_PATTERNS.map((one) => [one.weight, one] as const));
  const scenario = withShardFault(settings.bool(0.35) ? applyPattern(base, settings, [pattern]) : base);
  return answers.bool(0.5) ? withFullReads(scenario) : scenario;
}

/** Applies a pattern to some scenarios, for coincidences that are too rare otherwise. */
function withPattern(seed: number): Scenario {
  const scenario = baseScenario(seed);
  const prng = new Prng(seed);
  const pattern = prng.fork("pattern");
  if (pattern.bool(0.35)) return applyPattern(scenario, pattern);
  const later = prng.fork("later pattern");
  return later.bool(0.04) ? applyPattern(scenario, later, ADDED_PATTERNS) : scenario;
}

/** The scenario of a seed by its kind, without patterns. */
function baseScenario(seed: number): Scenario {
  const prng = new Prng(seed);
  const kind = prng.weighted(SCENARIO_KINDS.map((one) => [one.weight, one] as const));
  const outageWindows = outages(prng.fork("outages"), kind);
  const keyPrng = prng.fork("keys");
  const rotates = keyPrng.bool(kind.keyRotation);
  const edgeKeys = rotates ? keyPrng.pick([["new", "old"], ["old", "new"], ["old"]]) : ["old"];
  const gatewayKeys = rotates ? keyPrng.pick([["old"], ["new"], ["new", "old"]]) : ["old"];
  const clickActions = clicks(prng.fork("clicks"));
  const actions: Action[] = [...clickActions.actions, ...edgeActions(prng.fork("befalls"), kind, rotates)].sort(
    (one, other) => one.at - other.at,
  );
  const lastAt = Math.max(...actions.map(({ at }) => at), ...outageWindows.map(({ from, lasts }) => from + lasts), 0);
  const evictionPrng = prng.fork("evictions");
  const alarmPrng = prng.fork("alarms");
  const gatewayPrng = prng.fork("books");
  const retentionDays = gatewayPrng.bool(0.15) ? 1 : 400;
  return {
    seed,
    kind: kind.name,
    terms: terms(prng.fork("terms"), kind),
    actions,
    reactions: [...clickActions.reactions, ...merchantReactions(prng.fork("afterwards"), kind)],
    visits: [],
    plans: prng.fork("plans").listOf(12, 12, (index) => plan(prng.fork(`plan ${index}`), kind)),
    callFaults: callFaults(prng.fork("strikes"), kind),
    alarms: alarmPrng.bool(0.25)
      ? alarmPrng.listOf(1, 4, () => ({
          nth: alarmPrng.int(1, 30),
          late: alarmPrng.bool(0.6) ? alarmPrng.logUniform(SECOND, 5 * MINUTE) : 0,
          again: alarmPrng.bool(0.6) ? alarmPrng.int(0, 5 * SECOND) : null,
        }))
      : [],
    evictBeforeStep: evictionPrng.bool(kind.evictions) ? evictionPrng.listOf(1, 5, () => evictionPrng.logUniform(2, 400)) : [],
    outages: outageWindows,
    oldPayment: old(prng.fork("old"), kind),
    callbacks: gatewayPrng.weighted([
      [4, "both" as const],
      [1, "result" as const],
      [2, "none" as const],
    ]),
    honorsCheck: gatewayPrng.bool(0.7),
    edgeKeys,
    gatewayKeys,
    remembersRequestsFor: gatewayPrng.bool(0.4) ? 10 * MINUTE : null,
    replaysOrdersFor: null,
    oddRows: null,
    settlesAfter: gatewayPrng.weighted([
      [5, 2 * SECOND],
      [1, 0],
      [1, MINUTE],
    ]),
    retentionDays,
    endsAt: lastAt + (retentionDays === 1 && gatewayPrng.bool(0.5) ? 3 * DAY : tail(prng.fork("tail"), kind)),
  };
}
