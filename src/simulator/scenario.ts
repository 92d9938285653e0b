/** Plays what the words in a profile id ask for: which plan a payment gets, and what goes wrong with which call. */

import type { Asked, AskedCreate } from "./asked.ts";
import { understand } from "./asked.ts";
import type { Fault } from "./fault.ts";
import { placePayment } from "./model.ts";
import type { Plan, PlannedCallbacks, PlannedStep } from "./plan.ts";
import type { Call, ModelState } from "./state.ts";
import { DAY } from "./state.ts";
import { paymentAt } from "./timeline.ts";
import type { Script, Strike } from "./script.ts";
import { PREFIXES } from "./script.ts";
import { WORDS } from "./words.ts";

function merged(one: Script, other: Script): Script {
  return {
    ...one,
    ...other,
    shows: { ...one.shows, ...other.shows },
    strikes: [...(one.strikes ?? []), ...(other.strikes ?? [])],
    callbacks: { ...one.callbacks, ...other.callbacks },
    edits: { ...one.edits, ...other.edits },
  };
}

function scriptOfWord(written: string): Script | null {
  for (const { prefix, on, nth } of PREFIXES) {
    const rest = written.startsWith(prefix) ? written.slice(prefix.length) : null;
    for (const word of rest === null ? [] : WORDS) {
      const found = word.pattern.exec(rest ?? "");
      const script = found === null ? null : word.script(found[1] ?? "");
      if (script !== null && "fault" in script) {
        return { strikes: [{ on, nth, fault: script.fault }] };
      }
      if (script !== null && prefix === "") {
        return script;
      }
    }
  }
  return null;
}

/**
 * What the words of a profile id ask for. Words are parted by dots; the first part may be a mere name. An id without
 * any word, such as the UUID of the official sample, pays at once.
 *
 * Where two words contradict each other, the later one counts.
 *
 * @param profileId - such as `card-1.later-5.callbacks-none`.
 * @returns the script, or the part that is no word.
 */
export function scriptOf(profileId: string): { readonly script: Script } | { readonly unknownWord: string } {
  let script: Script = {};
  for (const [index, part] of profileId.split(".").entries()) {
    const next = scriptOfWord(part);
    if (next === null && index > 0) {
      return { unknownWord: part };
    }
    script = merged(script, next ?? {});
  }
  return { script };
}

/** A script that is being played for one order, and how often each kind of call was heard. */
interface Performance {
  readonly profile: string;
  readonly script: Script;
  readonly heard: Record<Strike["on"], number>;
  readsAfterOutcome: number;
}

/** What the scenario remembers: plain data, only of orders whose profile id holds a word. */
export interface Stage {
  /** Milliseconds that a second of a script lasts. */
  readonly second: number;
  readonly orders: Map<string, Performance>;
  /** By X-Request-Id of a create, also of those that got lost: its order_id. */
  readonly requests: Map<string, string>;
}

/**
 * A stage on which nothing was played yet.
 *
 * @param speed - how many times faster than written the seconds of the words pass (default 1).
 */
export function createStage(speed = 1): Stage {
  return { second: 1000 / speed, orders: new Map(), requests: new Map() };
}

/** What is to happen with one call. */
export interface Cue {
  readonly fault: Fault;
  readonly plan: Plan;
}

const PLAIN: Cue = { fault: {}, plan: { steps: [{ after: 0, does: "pays" }] } };

function stepsFrom(script: Script, second: number): readonly PlannedStep[] {
  const later = script.later ?? 0;
  const outcome: readonly PlannedStep[] = script.outcome ?? [{ after: 0, does: "pays" }];
  const moved = outcome.map((step) => ({ ...step, after: (step.after + later) * second }));
  return later === 0 ? moved : [{ after: 0, does: "waits" }, ...moved];
}

function callbacksFrom(script: Script, second: number): PlannedCallbacks {
  const { after, ...rest } = script.callbacks ?? {};
  return { ...rest, ...(after === undefined ? {} : { after: after * second }) };
}

/** The plan of a payment under this script; a second lasts so many milliseconds. */
function planOf(script: Script, second: number): Plan {
  const { settleAfter, end } = script.edits ?? {};
  return {
    steps: stepsFrom(script, second),
    takesMore: script.takesMore ?? 0,
    shows: script.shows ?? {},
    callbacks: callbacksFrom(script, second),
    edits: { ...(settleAfter === undefined ? {} : { settleAfter: settleAfter * second }), ...(end === undefined ? {} : { end }) },
    cabinet: script.refundInCabinet === undefined ? [] : [{ after: script.refundInCabinet * second, kind: "refund", minor: "all" }],
  };
}

function inMilliseconds(fault: Fault, second: number): Fault {
  return {
    ...fault,
    ...(fault.actsAfter === undefined ? {} : { actsAfter: fault.actsAfter * second }),
    ...(fault.answersAfter === undefined ? {} : { answersAfter: fault.answersAfter * second }),
  };
}

const HEARD_AS: Readonly<Record<Asked["action"], Strike["on"]>> = {
  create: "create",
  paymentStatus: "payment_status",
  requestStatus: "request_status",
  clearing: "edit",
  reverse: "edit",
  refund: "edit",
};

/** The order_id that a call is about, if it can be known. */
function orderOf(stage: Stage, state: ModelState, asked: Asked): string | undefined {
  if (asked.action === "create") {
    return asked.orderId;
  }
  if (asked.action === "requestStatus") {
    return stage.requests.get(asked.id);
  }
  const named = asked.action === "paymentStatus" ? asked.orderId : null;
  return named ?? state.payments.get(asked.id ?? "")?.orderId;
}

function hasWords(script: Script): boolean {
  return Object.values(script).some((value) =>
    Array.isArray(value) ? value.length > 0 : typeof value !== "object" || Object.keys(value).length > 0,
  );
}

/** The old payment that the script wants under the order_id: same terms, other day. */
function placeOld(state: ModelState, call: Call, script: Script, now: number): void {
  if (script.old === undefined) {
    return;
  }
  const body: unknown = typeof call.body === "string" ? JSON.parse(call.body) : call.body;
  const plan: Plan = { steps: [{ after: 0, does: script.old.does }], shows: script.shows ?? {} };
  placePayment(state, body as Readonly<Record<string, unknown>>, now - script.old.days * DAY, plan);
}

/** Reads that lag, or that go backwards for a moment. */
function readFault(performance: Performance, stage: Stage, state: ModelState, asked: Asked, now: number): Fault {
  const lag = (performance.script.lag ?? 0) * stage.second;
  if (asked.action === "paymentStatus" && performance.script.backwards === true) {
    const payment = state.payments.get(state.orders.get(orderOf(stage, state, asked) ?? "")?.paymentId ?? "");
    const moment = payment === undefined ? null : paymentAt(payment, now - lag);
    if (moment !== null && (moment.taken > 0 || moment.held > 0 || moment.code !== null)) {
      performance.readsAfterOutcome += 1;
      if (performance.readsAfterOutcome === 2) {
        return { shows: { status: "process" } };
      }
    }
  }
  return lag > 0 && (asked.action === "paymentStatus" || asked.action === "requestStatus") ? { lag } : {};
}

/**
 * A create names the profile, so it sets the stage: for an order that is new, or that is tried with another profile.
 *
 * @returns null when the profile holds no word.
 */
function rehearse(
  stage: Stage,
  state: ModelState,
  call: Call,
  asked: AskedCreate,
  now: number,
): Performance | null | { readonly unknownWord: string } {
  const profile = asked.source.profileId ?? asked.source.cardToken ?? "";
  const known = stage.orders.get(asked.orderId);
  if (known?.profile === profile) {
    stage.requests.set(call.requestId, asked.orderId);
    return known;
  }
  stage.orders.delete(asked.orderId);
  const read = scriptOf(profile);
  if ("unknownWord" in read || !hasWords(read.script)) {
    return "unknownWord" in read ? read : null;
  }
  const heard = { create: 0, payment_status: 0, request_status: 0, edit: 0 };
  const performance: Performance = { profile, script: read.script, heard, readsAfterOutcome: 0 };
  stage.orders.set(asked.orderId, performance);
  stage.requests.set(call.requestId, asked.orderId);
  if (!state.orders.has(asked.orderId)) {
    placeOld(state, call, read.script, now);
  }
  return performance;
}

/**
 * What is to happen with a call that arrives now. Counts the call; an old payment that a word asks for is put into
 * the model here. A profile id with a part that is no word is refused with 9403, so that a slip of the pen is seen.
 *
 * @param stage - what was played so far; it is changed.
 * @param state - the model.
 * @param now - epoch ms.
 * @returns the fault and the plan for `receive`.
 */
export function direct(stage: Stage, state: ModelState, call: Call, now: number): Cue {
  const asked = understand(call);
  if (asked.action === "misfit") {
    return PLAIN;
  }
  const performance =
    asked.action === "create" ? rehearse(stage, state, call, asked, now) : (stage.orders.get(orderOf(stage, state, asked) ?? "") ?? null);
  if (performance === null) {
    return PLAIN;
  }
  if ("unknownWord" in performance) {
    const detail = `profile_id: the simulator knows no word "${performance.unknownWord}"`;
    return { ...PLAIN, fault: { refuses: { code: "9403", httpStatus: 422, detail } } };
  }
  const { script, heard } = performance;
  const on = HEARD_AS[asked.action];
  heard[on] += 1;
  const strikes = (script.strikes ?? []).filter((strike) => strike.on === on && (strike.nth === null || strike.nth === heard[on]));
  const fault: Fault = Object.assign({}, readFault(performance, stage, state, asked, now), ...strikes.map((strike) => strike.fault));
  return { fault: inMilliseconds(fault, stage.second), plan: planOf(script, stage.second) };
}
