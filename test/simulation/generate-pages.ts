/**
 * Payment pages: who asks for one, what shoppers do on it, and the faults of its calls. It has a stream of its own, so that a history without
 * pages is the same as before the simulation played them.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { PageCard, Plan, PlannedStep } from "../../src/simulator/index.ts";
import { makePageFault } from "./page-faults.ts";
import { ADDED_PAGE_PATTERNS, PAGE_PATTERNS } from "./page-patterns.ts";
import type { OddNotice, Visit } from "./page-visit.ts";
import { applyPattern } from "./patterns.ts";
import type { Prng } from "./prng.ts";
import type { Action, CallFault, Reaction, Scenario } from "./scenario.ts";
import { HOUR, MINUTE, SECOND } from "./scenario.ts";

/** Whether pages are played in a seed that has the Merchant API. */
export function hasPagesOf(prng: Prng): boolean {
  return prng.bool(0.5);
}

/** The first of the terms that are paid on a page. They follow those of stored cards. */
const FIRST_TERMS = 6;

/** The terms of pages, by how often they are asked for: the card is saved or not, another language, another time, another amount. */
const PAGE_TERMS: readonly (readonly [number, number])[] = [
  [5, FIRST_TERMS],
  [2, FIRST_TERMS + 1],
  [1.5, FIRST_TERMS + 2],
  [0.7, FIRST_TERMS + 3],
  [0.8, FIRST_TERMS + 4],
];

const SHOP = "https://shop.example/orders/1234";

/** How long a page can be paid, by its `pg_lifetime`, and when the edge ends it. */
const CLOSES = 30 * MINUTE;
const ENDS = 45 * MINUTE;

/** Calls that may fail. */
const FAULTED_PAGES = 5;
const FAULTED_LISTS = 4;

/** The scenario with payment pages. */
export function withPages(base: Scenario, prng: Prng): Scenario {
  const asked = prng.fork("asked");
  const scenario = prng.bool(0.4) ? applyPattern(base, prng.fork("pattern"), PAGE_PATTERNS) : withAdded(base, prng.fork("later pattern"));
  const firstClick = scenario.actions.find(({ type }) => type === "click" || type === "merchant_pay")?.at ?? 0;
  const termsOf = termsByKey(asked);
  const actions = [...scenario.actions.map(withTerms(termsOf)), ...laterActions(prng.fork("later"), firstClick)];
  const faults = prng.fork("faults");
  return {
    ...scenario,
    kind: `${scenario.kind}; payment pages`,
    terms: [...scenario.terms, ...pageTerms(scenario.terms)],
    actions: actions.sort((one, other) => one.at - other.at),
    reactions: scenario.reactions.map((reaction): Reaction => ({ ...reaction, action: withTerms(termsOf)(reaction.action) })),
    // Those of a pattern come first.
    visits: [...scenario.visits, ...prng.fork("visits").listOf(6, 6, (index) => visits(prng.fork(`page ${index}`)))],
    callFaults: [...scenario.callFaults, ...pageFaults(faults, scenario.callFaults)],
    endsAt: Math.max(scenario.endsAt, firstClick + lasts(prng.fork("lasts"), scenario)),
  };
}

function withAdded(base: Scenario, prng: Prng): Scenario {
  return prng.bool(0.06) ? applyPattern(base, prng, ADDED_PAGE_PATTERNS) : base;
}

function pageTerms([base]: readonly Charge[]): readonly Charge[] {
  if (base === undefined) return [];
  const { profile_id: _, ...charge } = base;
  return [
    { ...charge, payment_page: { return_url: SHOP, save_card_months: 12 } },
    { ...charge, payment_page: { return_url: SHOP, language: "kk" } },
    { ...charge, payment_page: { return_url: `${SHOP}?tab=2`, save_card_months: 12, language: "ru" } },
    { ...charge, payment_page: { return_url: SHOP, save_card_months: 6 } },
    { ...charge, amount: charge.amount + 1, payment_page: { return_url: SHOP, save_card_months: 12 } },
  ];
}

/** Most requests are for a page. A request that is repeated stays what it was. */
function termsByKey(prng: Prng): (key: string, terms: number) => number {
  const known = new Map<string, number>();
  return (key, terms) => {
    const name = `${key} ${terms}`;
    // A pattern asks for a page by itself.
    const chosen = known.get(name) ?? (terms < FIRST_TERMS && prng.bool(known.size === 0 ? 0.85 : 0.6) ? prng.weighted(PAGE_TERMS) : terms);
    known.set(name, chosen);
    return chosen;
  };
}

function withTerms(termsOf: (key: string, terms: number) => number): <One extends Action>(action: One) => One {
  return (action) =>
    action.type === "click" || action.type === "merchant_pay" ? { ...action, terms: termsOf(action.key, action.terms) } : action;
}

/** Presses while a page is open, as it closes, and after its end; a close meanwhile. */
function laterActions(prng: Prng, firstClick: number): readonly Action[] {
  const at = (): number =>
    firstClick +
    prng.weighted([
      [3, prng.logUniform(2 * SECOND, 10 * MINUTE)],
      [2, prng.int(10 * MINUTE, CLOSES)],
      [1, prng.int(CLOSES, ENDS + MINUTE)],
      [1, prng.int(ENDS, 70 * MINUTE)],
    ]);
  const clicks = prng.listOf(0, 4, (index): Action => {
    const when = at();
    const terms = prng.bool(0.7) ? prng.weighted(PAGE_TERMS) : prng.pick([0, 0, 1]);
    const key = `page-key-${index}`;
    return prng.bool(0.2)
      ? { at: when, type: "merchant_pay", key, terms }
      : { at: when, type: "click", tab: 1, key, terms, issuedAt: Math.floor(when / SECOND) - prng.pick([0, 1, 1, 600]) };
  });
  const gets = prng.listOf(0, 3, (): Action => ({ at: at(), type: "get" }));
  return [...clicks, ...gets, ...(prng.bool(0.12) ? [{ at: at(), type: "close", key: "close-page" } as const] : [])];
}

/** Most histories last until the page's end; some until the last look at the list of cards. */
function lasts(prng: Prng, { actions }: Scenario): number {
  // A storage that refuses for good makes the edge try again and again.
  const isRefused = actions.some((action) => action.type === "refuse_storage" && action.lasts === null);
  return isRefused
    ? 0
    : prng.weighted([
        [3, 35 * MINUTE],
        [6, 55 * MINUTE],
        [2, 3 * HOUR],
        [0.7, 27 * HOUR],
      ]);
}

/** Faults of opening pages and listing cards. Those of a pattern stay. */
function pageFaults(prng: Prng, known: readonly CallFault[]): readonly CallFault[] {
  const rate = prng.pick([0.1, 0.3, 0.6]);
  const made = [
    ...Array.from({ length: FAULTED_PAGES }, (_, index) => (prng.bool(rate) ? [makePageFault(prng, "page", index + 1)] : [])),
    ...Array.from({ length: FAULTED_LISTS }, (_, index) => (prng.bool(rate) ? [makePageFault(prng, "cards", index + 1)] : [])),
  ].flat();
  return made.filter(({ on, nth }) => !known.some((one) => one.on === on && one.nth === nth));
}

/** What shoppers do on one page. */
function visits(prng: Prng): readonly Visit[] {
  const gateway: NonNullable<Plan["page"]> = {
    idPerTry: prng.bool(0.5),
    paysTwice: prng.bool(0.3),
    endsIncomplete: prng.bool(0.3),
    oneTry: prng.bool(0.1),
  };
  const profile = profilePlan(prng);
  const from = since(prng);
  const visit = (after: number, does: Outcome): Visit => visitAt(prng, after, { does, gateway, profile });
  const soon = (): number => from + prng.logUniform(SECOND, 4 * MINUTE);
  return prng.weighted<() => readonly Visit[]>([
    [3, () => [visit(from, "pays")]],
    [2.5, () => [visit(from, "declines"), visit(soon(), "pays")]],
    [1.5, () => [visit(from, "declines"), ...(prng.bool(0.5) ? [visit(soon(), "declines")] : [])]],
    [1, () => [visit(from, "nothing")]],
    [1, () => []],
    [1.5, () => [visit(from, "pays"), visit(from + prng.int(0, 5 * SECOND), "pays")]],
    [1, () => [visit(from, "pays"), visit(soon(), prng.pick(["pays", "declines"]))]],
    [1.5, () => prng.listOf(1, 4, () => visit(since(prng), prng.pick(["pays", "declines", "nothing"])))],
  ])();
}

/** When the shopper comes to the page, or back to it. */
function since(prng: Prng): number {
  return prng.weighted([
    [5, prng.logUniform(SECOND, 3 * MINUTE)],
    [2, prng.int(3 * MINUTE, 25 * MINUTE)],
    [1, prng.int(CLOSES - 2 * MINUTE, CLOSES + 2 * SECOND)],
    [0.4, prng.int(CLOSES, ENDS)],
  ]);
}

type Outcome = "pays" | "declines" | "nothing";

interface Tried {
  readonly does: Outcome;
  readonly gateway: NonNullable<Plan["page"]>;
  readonly profile: NonNullable<Plan["profile"]>;
}

function visitAt(prng: Prng, after: number, { does, gateway, profile }: Tried): Visit {
  const isSecure = prng.bool(0.2);
  return {
    after,
    card: prng.pick<PageCard>(["visa", "visa", "mastercard"]),
    plan: does === "nothing" ? null : { ...tryPlan(prng, does), page: { ...gateway, secure: isSecure }, profile },
    secure: prng.bool(0.15) ? null : { after: prng.logUniform(SECOND, 12 * MINUTE), passes: prng.bool(0.8) },
    returns: prng.weighted<Visit["returns"]>([
      [2, null],
      [5, { after: prng.logUniform(50, 20 * SECOND), by: "as told" }],
      [1, { after: prng.logUniform(50, 2 * MINUTE), by: "paid" }],
      [1.5, { after: prng.logUniform(50, 2 * MINUTE), by: "failed" }],
    ]),
    notices: oddNotices(prng),
  };
}

function oddNotices(prng: Prng): readonly OddNotice[] {
  const all: readonly (readonly [OddNotice, number])[] = [
    ["a forged profile", 0.2],
    ["a profile of a decline", 0.3],
    ["a profile that nobody asked for", 0.3],
    ["replayed to another attempt", 0.15],
  ];
  return all.filter(([, share]) => prng.bool(share)).map(([name]) => name);
}

function tryPlan(prng: Prng, does: "pays" | "declines"): Plan {
  const later = prng.bool(0.4)
    ? prng.weighted([
        [5, prng.logUniform(SECOND, 10 * MINUTE)],
        [1, prng.logUniform(10 * MINUTE, 50 * MINUTE)],
      ])
    : 0;
  // Until the outcome a read shows it under way, or still as new.
  const waits: readonly PlannedStep[] =
    later === 0 ? [] : [{ after: 0, does: "waits", status: prng.pick(["process", "process", "pending", "new"]) }];
  const never = prng.bool(0.03);
  const last: PlannedStep = {
    after: later,
    does,
    ...(does === "declines" ? { code: prng.pick(["10009", "10007", "10042", "77777"]) } : {}),
  };
  return {
    steps: never ? [{ after: 0, does: "waits" }] : [...waits, last],
    callbacks: {
      results: prng.weighted([
        [2, 0],
        [6, 1],
        [2, prng.int(2, 4)],
      ]),
      after: prng.bool(0.25) ? prng.logUniform(SECOND, HOUR) : 0,
      early: prng.bool(0.15),
      forged: prng.bool(0.2),
      wrongAmount: prng.bool(0.07),
      format: prng.weighted([
        [6, "form" as const],
        [1, "get" as const],
        [1, "xml" as const],
      ]),
    },
    ...(prng.bool(0.04) ? { takesMore: 100 } : {}),
  };
}

function profilePlan(prng: Prng): NonNullable<Plan["profile"]> {
  return {
    shown: prng.weighted([
      [6, "everywhere" as const],
      [2, "list" as const],
      [1, "none" as const],
    ]),
    rows: prng.bool(0.15) ? 2 : 1,
    differs: prng.bool(0.12),
    shortName: prng.bool(0.2),
  };
}
