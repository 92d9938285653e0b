/** Makes a history from a seed: a mood that says what it is about, and chance for the rest. */
import type { Charge } from "../../src/charge-token.ts";
import type { Plan, PlannedStep } from "../../src/simulator/index.ts";
import { Chance } from "./chance.ts";
import { strike } from "./faults.ts";
import { afterwards, befalls } from "./generate-deeds.ts";
import { clicks } from "./generate-clicks.ts";
import { LATER_PATTERNS, overlaid } from "./patterns.ts";
import { SETTINGS_PATTERNS } from "./patterns-of-settings.ts";
import type { Mood } from "./mood.ts";
import type { CallKind, Deed, OldPayment, Scenario, Strike } from "./scenario.ts";
import { DAY, HOUR, MINUTE, ORDER_ID, SECOND } from "./scenario.ts";

const QUIET: Omit<Mood, "name" | "weight"> = {
  strikes: { create: 0.15, payment_status: 0.15, request_status: 0.15, edit: 0.15 },
  lags: 0.05,
  holds: 0.2,
  declines: 0.25,
  operates: 0.2,
  outage: 0,
  evictions: 0.15,
  clocks: 0.05,
  restores: 0.02,
  storage: 0.04,
  keys: 0.05,
  old: 0.03,
  odd: 0.08,
  closes: 0.12,
};

/** The moods. */
export const MOODS: readonly Mood[] = [
  { ...QUIET, name: "a day like any other", weight: 2 },
  { ...QUIET, name: "lost answers", weight: 5, strikes: { create: 0.7, payment_status: 0.35, request_status: 0.35, edit: 0.5 } },
  {
    ...QUIET,
    name: "everything goes wrong",
    weight: 3,
    strikes: { create: 0.6, payment_status: 0.6, request_status: 0.6, edit: 0.6 },
    evictions: 0.6,
    clocks: 0.3,
    storage: 0.3,
    keys: 0.2,
    odd: 0.2,
  },
  { ...QUIET, name: "declines", weight: 3, declines: 0.8, strikes: { ...QUIET.strikes, create: 0.4 } },
  { ...QUIET, name: "an outage", weight: 3, outage: 1, strikes: { ...QUIET.strikes, create: 0.3 } },
  { ...QUIET, name: "evictions", weight: 3, evictions: 1, strikes: { ...QUIET.strikes, create: 0.3 } },
  {
    ...QUIET,
    name: "clocks",
    weight: 2,
    clocks: 1,
    strikes: { create: 0.5, payment_status: 0.3, request_status: 0.3, edit: 0.4 },
    declines: 0.4,
  },
  { ...QUIET, name: "an older state is put back", weight: 2, restores: 1, declines: 0.4, strikes: { ...QUIET.strikes, create: 0.3 } },
  {
    ...QUIET,
    name: "operations",
    weight: 4,
    operates: 1,
    holds: 0.6,
    declines: 0.05,
    odd: 0.02,
    strikes: { create: 0.05, payment_status: 0.25, request_status: 0.25, edit: 0.5 },
  },
  {
    ...QUIET,
    name: "reads lag behind",
    weight: 3,
    lags: 1,
    declines: 0.1,
    operates: 0.7,
    odd: 0.02,
    strikes: { create: 0.8, payment_status: 0.05, request_status: 0.05, edit: 0.7 },
  },
  {
    ...QUIET,
    name: "the storage fails",
    weight: 1.5,
    storage: 1,
    evictions: 0.4,
    operates: 0.5,
    strikes: { ...QUIET.strikes, create: 0.4 },
  },
  { ...QUIET, name: "a hold is forgotten", weight: 0.7, holds: 1, declines: 0, operates: 0.1, odd: 0, closes: 0 },
  { ...QUIET, name: "keys are rotated", weight: 1, keys: 1, strikes: { ...QUIET.strikes, create: 0.3 } },
  { ...QUIET, name: "old numbers", weight: 1, old: 1, declines: 0.5 },
  { ...QUIET, name: "odd payments", weight: 1, odd: 1, closes: 0.4 },
];

/** How far into a history calls of a kind are struck. */
const STRUCK_UP_TO: Readonly<Record<CallKind, number>> = { create: 6, payment_status: 40, request_status: 30, edit: 8 };

function terms(chance: Chance, mood: Mood): Charge[] {
  const usual: Charge = {
    order_id: ORDER_ID,
    amount: chance.pick([10, 1234.5, 0.01, 99.99, 5000]),
    currency: "KZT",
    description: "An order",
    user_id: "12345",
    profile_id: "card-a",
    auto_clearing: !chance.is(mood.holds),
  };
  return [
    usual,
    { ...usual, profile_id: "card-b" },
    { ...usual, amount: usual.amount + 1 },
    { ...usual, auto_clearing: !usual.auto_clearing },
    { ...usual, currency: "USD" },
    { ...usual, user_id: "999" },
  ];
}

const DECLINES = ["10009", "10017", "10007", "9011", "10010", "10006", "77777"];

function plan(chance: Chance, mood: Mood): Plan {
  const later = chance.is(0.45)
    ? chance.weighted([
        [6, chance.spread(SECOND, 10 * MINUTE)],
        [1, chance.spread(10 * MINUTE, 6 * HOUR)],
        [0.3, 2 * DAY],
      ])
    : 0;
  const first = later === 0 ? [] : [{ after: 0, does: "waits" as const, ...(chance.is(0.1) ? { status: "waiting_3ds" } : {}) }];
  const does = chance.is(mood.declines) ? "declines" : chance.is(0.06) ? "holds" : "pays";
  const never = chance.is(0.03);
  const last: PlannedStep = { after: later, does, ...(does === "declines" ? { code: chance.pick(DECLINES) } : {}) };
  const steps: readonly PlannedStep[] = never ? [{ after: 0, does: "waits" }] : [...first, last];
  return {
    steps,
    callbacks: {
      results: chance.weighted([
        [3, 0],
        [5, 1],
        [2, chance.int(2, 20)],
      ]),
      after: chance.is(0.3) ? chance.spread(SECOND, HOUR) : 0,
      early: chance.is(0.2),
      forged: chance.is(0.2),
    },
    ...(chance.is(mood.odd) ? odd(chance) : chance.is(0.1) ? { shows: { amount: "text" as const } } : {}),
    ...(does === "pays" && chance.is(0.12)
      ? {
          cabinet: [
            { after: later + chance.spread(SECOND, 10 * MINUTE), kind: "refund" as const, minor: chance.pick([1, 300, "all" as const]) },
          ],
        }
      : {}),
    ...(chance.is(0.1)
      ? { edits: { settleAfter: chance.spread(SECOND, 5 * MINUTE), end: chance.is(0.5) ? ("error" as const) : ("success" as const) } }
      : {}),
  };
}

function odd(chance: Chance): Partial<Plan> {
  return chance.weighted<Partial<Plan>>([
    [2, { takesMore: 100 }],
    [2, { shows: { amount: "wrong" } }],
    [2, { shows: { status: "settling" } }],
    [1, { shows: { sparse: true } }],
    [1, { shows: { id: "number" } }],
  ]);
}

function strikes(chance: Chance, mood: Mood): Strike[] {
  const kinds = Object.keys(STRUCK_UP_TO) as CallKind[];
  const lag = chance.is(mood.lags) ? chance.int(8, 20) * SECOND : 0;
  return kinds.flatMap((on) => {
    const own = chance.fork(on);
    if (lag > 0 && (on === "payment_status" || on === "request_status")) {
      return own.times(4, 16, (index): Strike => ({ name: "lags", on, nth: index + 1, fault: { lag }, hangs: false }));
    }
    return Array.from({ length: STRUCK_UP_TO[on] }, (_, index) =>
      own.is(mood.strikes[on] * (index < 8 ? 1 : 0.5)) ? [strike(own, on, index + 1)] : [],
    ).flat();
  });
}

function outages(chance: Chance, mood: Mood): Scenario["outages"] {
  if (!chance.is(mood.outage)) return [];
  const lasts = chance.weighted([
    [6, 2 * MINUTE],
    [3, 2 * HOUR],
    [1, 2 * DAY],
  ]);
  return [{ from: chance.int(-SECOND, 40 * SECOND), lasts, answer: chance.pick(["none", "none", 502, 503, 504] as const) }];
}

function old(chance: Chance, mood: Mood): OldPayment | null {
  if (!chance.is(mood.old)) return null;
  const age = chance.spread(3 * HOUR, 300 * DAY);
  const steps = [{ after: 0, does: chance.pick(["pays", "declines"] as const) }];
  return { generation: chance.is(0.6) ? 1 : 2, age, plan: { steps }, terms: chance.pick([0, 0, 0, 1, 2]) };
}

/** How long a history goes on after its last deed. */
function tail(chance: Chance, mood: Mood): number {
  if (mood.holds === 1) return 7 * DAY;
  return chance.weighted([
    [12, 15 * MINUTE],
    [3, 2 * HOUR],
    [1, 30 * HOUR],
    [0.4, 7 * DAY],
  ]);
}

/** The gateway's reads give every member that the contract names: in other histories those of the official samples alone. */
function inFull(scenario: Scenario): Scenario {
  const full = (plan: Plan): Plan => ({ ...plan, shows: { ...plan.shows, full: true } });
  const { plans, old: before } = scenario;
  return { ...scenario, plans: plans.map(full), old: before === null ? null : { ...before, plan: full(before.plan) } };
}

/** The history of a seed. */
export function generate(seed: number): Scenario {
  const chance = new Chance(seed);
  const settings = chance.fork("settings");
  const answers = chance.fork("answers");
  const usual = laidOver(seed);
  const pattern = settings.weighted(SETTINGS_PATTERNS.map((one) => [one.weight, one] as const));
  const scenario = settings.is(0.35) ? overlaid(usual, settings, [pattern]) : usual;
  return answers.is(0.5) ? inFull(scenario) : scenario;
}

/** A history with what chance alone brings about too seldom. */
function laidOver(seed: number): Scenario {
  const scenario = usually(seed);
  const chance = new Chance(seed);
  const pattern = chance.fork("pattern");
  if (pattern.is(0.35)) return overlaid(scenario, pattern);
  const later = chance.fork("later pattern");
  return later.is(0.04) ? overlaid(scenario, later, LATER_PATTERNS) : scenario;
}

/** A history as its mood makes it. */
function usually(seed: number): Scenario {
  const chance = new Chance(seed);
  const mood = chance.weighted(MOODS.map((one) => [one.weight, one] as const));
  const away = outages(chance.fork("outages"), mood);
  const fates = chance.fork("keys");
  const rotates = fates.is(mood.keys);
  const edgeKeys = rotates ? fates.pick([["new", "old"], ["old", "new"], ["old"]]) : ["old"];
  const gatewayKeys = rotates ? fates.pick([["old"], ["new"], ["new", "old"]]) : ["old"];
  const asked = clicks(chance.fork("clicks"));
  const deeds: Deed[] = [...asked.deeds, ...befalls(chance.fork("befalls"), mood, rotates)].sort((one, other) => one.at - other.at);
  const lastly = Math.max(...deeds.map(({ at }) => at), ...away.map(({ from, lasts }) => from + lasts), 0);
  const evictions = chance.fork("evictions");
  const alarms = chance.fork("alarms");
  const books = chance.fork("books");
  const retentionDays = books.is(0.15) ? 1 : 400;
  return {
    seed,
    mood: mood.name,
    terms: terms(chance.fork("terms"), mood),
    deeds,
    reactions: [...asked.reactions, ...afterwards(chance.fork("afterwards"), mood)],
    plans: chance.fork("plans").times(12, 12, (index) => plan(chance.fork(`plan ${index}`), mood)),
    strikes: strikes(chance.fork("strikes"), mood),
    alarms: alarms.is(0.25)
      ? alarms.times(1, 4, () => ({
          nth: alarms.int(1, 30),
          late: alarms.is(0.6) ? alarms.spread(SECOND, 5 * MINUTE) : 0,
          again: alarms.is(0.6) ? alarms.int(0, 5 * SECOND) : null,
        }))
      : [],
    evictBeforeStep: evictions.is(mood.evictions) ? evictions.times(1, 5, () => evictions.spread(2, 400)) : [],
    outages: away,
    old: old(chance.fork("old"), mood),
    callbacks: books.weighted([
      [4, "both" as const],
      [1, "result" as const],
      [2, "none" as const],
    ]),
    heedsCheck: books.is(0.7),
    edgeKeys,
    gatewayKeys,
    remembersRequestsFor: books.is(0.4) ? 10 * MINUTE : null,
    replaysOrdersFor: null,
    oddRows: null,
    settlesAfter: books.weighted([
      [5, 2 * SECOND],
      [1, 0],
      [1, MINUTE],
    ]),
    retentionDays,
    endsAt: lastly + (retentionDays === 1 && books.is(0.5) ? 3 * DAY : tail(chance.fork("tail"), mood)),
  };
}
