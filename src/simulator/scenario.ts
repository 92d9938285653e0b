/** Turns the keywords of a profile id into a plan for the payment and a fault for each call. */

import type { ParsedCall } from "./parsed-call.ts";
import type { ParsedCreate } from "./parsed-create.ts";
import { parseCall } from "./parsed-call.ts";
import type { Fault } from "./fault.ts";
import type { MerchantCall, ParsedMerchantCall } from "./merchant-call.ts";
import { parseMerchantCall } from "./merchant-call.ts";
import { placeCharge, placePayment } from "./model.ts";
import type { Plan, PlannedCallbacks, PlannedPage, PlannedStep } from "./plan.ts";
import type { Call, ModelState } from "./state.ts";
import { DAY } from "./state.ts";
import { paymentAt } from "./timeline.ts";
import type { Script, FaultRule } from "./script.ts";
import { PREFIXES } from "./script.ts";
import { KEYWORDS } from "./keywords.ts";

/** Two scripts as one. Where they contradict each other the other one counts. */
export function merged(one: Script, other: Script): Script {
  return {
    ...one,
    ...other,
    shows: { ...one.shows, ...other.shows },
    faultRules: [...(one.faultRules ?? []), ...(other.faultRules ?? [])],
    callbacks: { ...one.callbacks, ...other.callbacks },
    edits: { ...one.edits, ...other.edits },
    page: { ...one.page, ...other.page },
    profile: { ...one.profile, ...other.profile },
  };
}

function scriptOfKeyword(written: string): Script | null {
  for (const { prefix, on, nth } of PREFIXES) {
    const rest = written.startsWith(prefix) ? written.slice(prefix.length) : null;
    for (const keyword of rest === null ? [] : KEYWORDS) {
      const found = keyword.pattern.exec(rest ?? "");
      const script = found === null ? null : keyword.script(found[1] ?? "");
      if (script !== null && "fault" in script) {
        return { faultRules: [{ on, nth, fault: script.fault }] };
      }
      if (script !== null && prefix === "") {
        return script;
      }
    }
  }
  return null;
}

/**
 * Parses the keywords of a profile id.
 *
 * 1. Dots separate keywords. The first part may be a plain name.
 * 2. An id without keywords, such as the UUID of the official sample, pays at once.
 * 3. Of two keywords that contradict each other the later one counts.
 *
 * @param profileId - such as `card-1.later-5.callbacks-none`.
 * @returns the script, or the first part that is not a keyword.
 *
 * @example
 * ```ts
 * import { parseScript } from "freedom-pay-charge/simulator";
 *
 * parseScript("card-1.decline-10009"); // { script: … }
 * parseScript("card-1.no-such-word"); // { unknownKeyword: "no-such-word" }
 * ```
 */
export function parseScript(profileId: string): { readonly script: Script } | { readonly unknownKeyword: string } {
  let script: Script = {};
  for (const [index, part] of profileId.split(".").entries()) {
    const next = scriptOfKeyword(part);
    if (next === null && index > 0) {
      return { unknownKeyword: part };
    }
    script = merged(script, next ?? {});
  }
  return { script };
}

/** The script of one order, and how many calls of each kind have arrived. */
interface ScenarioRun {
  readonly profile: string;
  /** On a page the shopper's choice is added to it. */
  script: Script;
  readonly counts: Record<FaultRule["on"], number>;
  readsAfterOutcome: number;
}

/** The state of a scenario: plain data about the orders whose profile id contains a keyword. */
export interface ScenarioState {
  /** Length of a script's second, ms. */
  readonly msPerSecond: number;
  readonly orders: Map<string, ScenarioRun>;
  /** The order_id of each create by X-Request-Id, lost creates included. */
  readonly requests: Map<string, string>;
}

/**
 * The state of a scenario before the first call.
 *
 * @param speed - how many times faster than real time the seconds of the keywords pass (default 1).
 *
 * @example
 * ```ts
 * import { createScenario } from "freedom-pay-charge/simulator";
 *
 * const scenario = createScenario(60); // a minute of the keywords passes in a second
 * console.log(scenario.orders.size); // 0
 * ```
 */
export function createScenario(speed = 1): ScenarioState {
  return { msPerSecond: 1000 / speed, orders: new Map(), requests: new Map() };
}

/** The fault of one call, and the plan of the payment that it creates. */
export interface Instruction {
  readonly fault: Fault;
  readonly plan: Plan;
}

const PLAIN: Instruction = { fault: {}, plan: { steps: [{ after: 0, does: "pays" }] } };

function stepsFrom(script: Script, msPerSecond: number): readonly PlannedStep[] {
  const later = script.later ?? 0;
  const outcome: readonly PlannedStep[] = script.outcome ?? [{ after: 0, does: "pays" }];
  const moved = outcome.map((step) => ({ ...step, after: (step.after + later) * msPerSecond }));
  const { laterStatus: status } = script;
  return later === 0 ? moved : [{ after: 0, does: "waits", ...(status === undefined ? {} : { status }) }, ...moved];
}

function pageFrom({ page = {} }: Script, msPerSecond: number): PlannedPage {
  return page.returnsAfter === undefined ? page : { ...page, returnsAfter: page.returnsAfter * msPerSecond };
}

function callbacksFrom(script: Script, msPerSecond: number): PlannedCallbacks {
  const { after, ...rest } = script.callbacks ?? {};
  return { ...rest, ...(after === undefined ? {} : { after: after * msPerSecond }) };
}

/** The plan of a payment under this script. */
export function planOf(script: Script, msPerSecond: number): Plan {
  const { settleAfter, end } = script.edits ?? {};
  return {
    steps: stepsFrom(script, msPerSecond),
    takesMore: script.takesMore ?? 0,
    shows: script.shows ?? {},
    callbacks: callbacksFrom(script, msPerSecond),
    page: pageFrom(script, msPerSecond),
    profile: script.profile ?? {},
    edits: { ...(settleAfter === undefined ? {} : { settleAfter: settleAfter * msPerSecond }), ...(end === undefined ? {} : { end }) },
    cabinet: script.refundInCabinet === undefined ? [] : [{ after: script.refundInCabinet * msPerSecond, kind: "refund", minor: "all" }],
  };
}

function inMilliseconds(fault: Fault, msPerSecond: number): Fault {
  return {
    ...fault,
    ...(fault.actsAfter === undefined ? {} : { actsAfter: fault.actsAfter * msPerSecond }),
    ...(fault.answersAfter === undefined ? {} : { answersAfter: fault.answersAfter * msPerSecond }),
  };
}

/** A call that keywords can be about. */
type Scripted = ParsedCall | Exclude<ParsedMerchantCall, { readonly action: "cards" | "invalid" }>;

const CALL_KINDS: Readonly<Record<Scripted["action"], FaultRule["on"]>> = {
  create: "create",
  page: "create",
  paymentStatus: "payment_status",
  requestStatus: "request_status",
  clearing: "edit",
  reverse: "edit",
  refund: "edit",
};

/** The payment that a call asks for: at once, or on a page. */
function createIn(parsed: Scripted): ParsedCreate | null {
  return parsed.action === "create" ? parsed : parsed.action === "page" ? parsed.create : null;
}

/** The order_id of a call, if it is known. */
function orderOf(scenario: ScenarioState, state: ModelState, parsed: Scripted): string | undefined {
  const create = createIn(parsed);
  if (create !== null) {
    return create.orderId;
  }
  if (parsed.action === "requestStatus") {
    return scenario.requests.get(parsed.id);
  }
  const named = parsed.action === "paymentStatus" ? parsed.orderId : null;
  return named ?? state.payments.get("id" in parsed ? (parsed.id ?? "") : "")?.orderId;
}

function hasKeywords(script: Script): boolean {
  return Object.values(script).some((value) =>
    Array.isArray(value) ? value.length > 0 : typeof value !== "object" || Object.keys(value).length > 0,
  );
}

/** What keywords need to know of a create. */
interface ScriptedCreate {
  /** The text with the keywords. */
  readonly profile: string;
  /** Adds the script's old payment under the order_id: the same terms, an earlier day. */
  readonly placeOld: (plan: Plan, at: number) => void;
}

/** The fault of a read: an old state, or once the first status again. */
function readFault(run: ScenarioRun, scenario: ScenarioState, state: ModelState, parsed: Scripted, now: number): Fault {
  const lag = (run.script.lag ?? 0) * scenario.msPerSecond;
  if (parsed.action === "paymentStatus" && run.script.backwards === true) {
    const payment = state.payments.get(state.orders.get(orderOf(scenario, state, parsed) ?? "")?.paymentId ?? "");
    const moment = payment === undefined ? null : paymentAt(payment, now - lag);
    if (moment !== null && (moment.taken > 0 || moment.held > 0 || moment.code !== null)) {
      run.readsAfterOutcome += 1;
      if (run.readsAfterOutcome === 2) {
        return { shows: { status: "process" } };
      }
    }
  }
  return lag > 0 && (parsed.action === "paymentStatus" || parsed.action === "requestStatus") ? { lag } : {};
}

/**
 * The run of a create's order. Begins a new one when the order is new or names another profile.
 *
 * @returns null when the profile id contains no keyword.
 */
function runOf(
  scenario: ScenarioState,
  state: ModelState,
  parsed: ParsedCreate,
  { profile, placeOld }: ScriptedCreate,
  now: number,
): ScenarioRun | null | { readonly unknownKeyword: string } {
  const known = scenario.orders.get(parsed.orderId);
  if (known?.profile === profile) {
    return known;
  }
  scenario.orders.delete(parsed.orderId);
  const read = parseScript(profile);
  if ("unknownKeyword" in read || !hasKeywords(read.script)) {
    return "unknownKeyword" in read ? read : null;
  }
  const counts = { create: 0, payment_status: 0, request_status: 0, edit: 0 };
  const run: ScenarioRun = { profile, script: read.script, counts, readsAfterOutcome: 0 };
  scenario.orders.set(parsed.orderId, run);
  const { old } = read.script;
  if (old !== undefined && !state.orders.has(parsed.orderId)) {
    placeOld({ steps: [{ after: 0, does: old.does }], shows: read.script.shows ?? {} }, now - old.days * DAY);
  }
  return run;
}

/**
 * The instruction for a call that arrives now.
 *
 * 1. Counts the call.
 * 2. Adds the old payment of `old-paid` or `old-declined` to the model.
 * 3. Refuses a profile id with an unknown keyword with 9403, so that a typing error is noticed.
 *
 * @param scenario - it is changed.
 * @param state - the model; it is changed in case 2.
 * @param now - epoch ms.
 * @returns the fault and the plan for `receive`.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, createScenario, nextInstruction, receive } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1.decline-10009", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const [scenario, state] = [createScenario(), createModel()];
 * const { fault, plan } = nextInstruction(scenario, state, create, 0);
 * console.log(receive(state, create, 0, fault, plan).reply?.body); // the decline
 * ```
 */
export function nextInstruction(scenario: ScenarioState, state: ModelState, call: Call, now: number): Instruction {
  const parsed = parseCall(call);
  if (parsed.action === "invalid") {
    return PLAIN;
  }
  const placeOld = (plan: Plan, at: number): void => {
    const body: unknown = typeof call.body === "string" ? JSON.parse(call.body) : call.body;
    placePayment(state, body as Readonly<Record<string, unknown>>, at, plan);
  };
  const profile = parsed.action === "create" ? (parsed.source.profileId ?? parsed.source.cardToken ?? "") : "";
  const instruction = instructionFor(scenario, state, parsed, { profile, placeOld }, now);
  if (parsed.action === "create" && scenario.orders.has(parsed.orderId)) {
    scenario.requests.set(call.requestId, parsed.orderId);
  }
  return instruction;
}

/**
 * {@link nextInstruction} for a call of the Merchant API, whose profile ids are digits.
 *
 * @param keywords - by profile id: the text with its keywords, such as `{ "60144557": "decline-10009.lost-after" }`.
 * @param pages - the same by user id, for payment pages: `{ "customer-1": "page-declines-1" }`.
 *
 * @example
 * ```ts
 * import { createModel, createScenario, nextMerchantInstruction, receiveMerchantCall } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_recurring_profile: "60144557" };
 * const call = {
 *   name: "makeRecurringPayment",
 *   script: "make_recurring_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const [scenario, state] = [createScenario(), createModel()];
 * const { fault, plan } = nextMerchantInstruction(scenario, state, call, 0, { "60144557": "decline-10009" });
 * console.log(receiveMerchantCall(state, call, 0, fault, plan).reply?.body); // accepted; the status shows the decline
 * ```
 */
export function nextMerchantInstruction(
  scenario: ScenarioState,
  state: ModelState,
  call: MerchantCall,
  now: number,
  keywords: Readonly<Record<string, string>>,
  pages: Readonly<Record<string, string>> = {},
): Instruction {
  const parsed = parseMerchantCall(call);
  if (parsed.action === "invalid" || parsed.action === "cards") {
    return PLAIN;
  }
  const create = createIn(parsed);
  const placeOld = (plan: Plan, at: number): void => {
    if (create !== null) placeCharge(state, create, plan, at);
  };
  const [table, name] = parsed.action === "page" ? [pages, parsed.create.userId] : [keywords, create?.source.profileId ?? ""];
  const profile = Object.hasOwn(table, name) ? (table[name] ?? "") : "";
  return instructionFor(scenario, state, parsed, { profile, placeOld }, now);
}

function instructionFor(scenario: ScenarioState, state: ModelState, parsed: Scripted, create: ScriptedCreate, now: number): Instruction {
  const asked = createIn(parsed);
  const run =
    asked !== null ? runOf(scenario, state, asked, create, now) : (scenario.orders.get(orderOf(scenario, state, parsed) ?? "") ?? null);
  if (run === null) {
    return PLAIN;
  }
  if ("unknownKeyword" in run) {
    const detail = `profile_id: the simulator knows no keyword "${run.unknownKeyword}"`;
    return { ...PLAIN, fault: { refuses: { code: "9403", httpStatus: 422, detail } } };
  }
  const { script, counts } = run;
  const on = CALL_KINDS[parsed.action];
  counts[on] += 1;
  const rules = (script.faultRules ?? []).filter((rule) => rule.on === on && (rule.nth === null || rule.nth === counts[on]));
  const fault: Fault = Object.assign({}, readFault(run, scenario, state, parsed, now), ...rules.map((rule) => rule.fault));
  return { fault: inMilliseconds(fault, scenario.msPerSecond), plan: planOf(script, scenario.msPerSecond) };
}
