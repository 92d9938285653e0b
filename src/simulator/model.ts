/**
 * A model of Freedom Pay's Async API (v5 g2g), without clock, randomness, promises, input or output. Its whole state is a
 * {@link ModelState} that the caller keeps. The same calls at the same times give the same answers.
 */

import { jsonReply, createdAnswer, EDIT_ANSWERS, paymentAnswer, errorReply, requestAnswer } from "./answers.ts";
import type { ParsedCall } from "./parsed-call.ts";
import type { ParsedCreate } from "./parsed-create.ts";
import { parseCall } from "./parsed-call.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { resultsOf } from "./callbacks.ts";
import { editPayment } from "./edits.ts";
import type { Fault } from "./fault.ts";
import { htmlReply, faultyReply } from "./fault.ts";
import { chargeResults } from "./merchant-answers.ts";
import { makePayment } from "./new-payment.ts";
import { openPage } from "./page-opening.ts";
import type { Plan } from "./plan.ts";
import { PAYS_AT_ONCE } from "./plan.ts";
import type { Call, ModelState, Queued, Reply } from "./state.ts";
import { enqueue, outageAt, paymentOfOrder, rememberedRequest, replayedOrder } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** The outcome of a call. */
export interface CallOutcome {
  /** When the gateway acts on it, epoch ms; null: never. */
  readonly actsAt: number | null;
  /** The answer; null: the connection breaks. */
  readonly reply: Reply | null;
  /** When the answer is sent, epoch ms. */
  readonly repliesAt: number;
  /** `request`: a repeated X-Request-Id. `order`: a repeated order_id. Both get the original response. */
  readonly replayOf: "request" | "order" | null;
  /** The callbacks to send, those of calls that were accepted late included. */
  readonly callbacks: readonly PlannedCallback[];
}

interface Acted {
  readonly reply: Reply;
  readonly replayOf: CallOutcome["replayOf"];
  readonly callbacks: readonly PlannedCallback[];
}

const only = (reply: Reply): Acted => ({ reply, replayOf: null, callbacks: [] });

function createReply(call: Call, payment: Payment, now: number): Reply {
  return jsonReply(call, createdAnswer(payment), now, payment.steps.at(0)?.status === "error" ? "error" : "success");
}

type Act<Kind extends ParsedCall["action"]> = (
  state: ModelState,
  call: Call,
  parsed: Extract<ParsedCall, { readonly action: Kind }>,
  now: number,
  fault: Fault,
  plan: Plan,
) => Acted;

const create: Act<"create"> = (state, call, parsed, now, fault, plan) => {
  const remembered = replayedOrder(state, parsed.orderId, now);
  if (remembered !== undefined) {
    const reply = { ...remembered.reply, headers: { ...remembered.reply.headers, "x-request-id": call.requestId } };
    return { reply, replayOf: "order", callbacks: [] };
  }
  const actual: Plan = fault.declines === undefined ? plan : { ...plan, steps: [{ after: 0, does: "declines", code: fault.declines }] };
  const payment = makePayment(state, parsed, actual, now);
  const reply = createReply(call, payment, now);
  state.orders.set(parsed.orderId, { at: now, paymentId: payment.id, reply });
  return { reply, replayOf: null, callbacks: resultsOf(payment, actual, parsed.resultUrl) };
};

const paymentStatus: Act<"paymentStatus"> = (state, call, parsed, now, fault) => {
  const payment = parsed.id === null ? paymentOfOrder(state, parsed.orderId ?? "") : state.payments.get(parsed.id);
  const moment = payment === undefined ? null : paymentAt(payment, now - (fault.lag ?? 0));
  // An id and an order_id of different payments name no payment.
  if (payment === undefined || moment === null || (parsed.orderId ?? payment.orderId) !== payment.orderId) {
    return only(parsed.orderId === null ? errorReply(call, "11068", 200, now) : jsonReply(call, {}, now));
  }
  return only(jsonReply(call, paymentAnswer(payment, moment, { ...payment.shows, ...fault.shows }), now));
};

const requestStatus: Act<"requestStatus"> = (state, call, parsed, now, fault) => {
  const request = rememberedRequest(state, parsed.id, now);
  const visible = request !== undefined && request.at <= now - (fault.lag ?? 0) ? request : undefined;
  return only(jsonReply(call, requestAnswer(parsed.id, visible), now, visible === undefined ? "error" : "success"));
};

const edit = (
  kind: "clearing" | "reverse" | "refund",
  paymentId: string,
  minor: number | "all",
  state: ModelState,
  call: Call,
  now: number,
): Acted => {
  const done = editPayment(state, { paymentId, kind, minor, by: "api" }, now);
  return only(
    typeof done === "string" ? errorReply(call, done, 200, now) : jsonReply(call, EDIT_ANSWERS[kind](done.payment, done.edit), now),
  );
};

const ACTS: { readonly [Kind in ParsedCall["action"]]: Act<Kind> } = {
  create,
  paymentStatus,
  requestStatus,
  clearing: (state, call, parsed, now) => edit("clearing", parsed.id, parsed.minor, state, call, now),
  refund: (state, call, parsed, now) => edit("refund", parsed.id, parsed.minor, state, call, now),
  reverse: (state, call, parsed, now) => edit("reverse", parsed.id, "all", state, call, now),
};

/** The gateway acts: it repeats the original response, or makes a new one and remembers it. */
function act(state: ModelState, call: Call, now: number, fault: Fault, plan: Plan): Acted {
  const remembered = rememberedRequest(state, call.requestId, now);
  if (remembered !== undefined) {
    return { reply: remembered.reply, replayOf: "request", callbacks: [] };
  }
  const parsed = parseCall(call);
  if (parsed.action === "invalid") {
    return only(errorReply(call, "9403", state.options.badParametersStatus, now, parsed.field));
  }
  const perform = ACTS[parsed.action] as Act<ParsedCall["action"]>;
  const acted =
    fault.refuses === undefined
      ? perform(state, call, parsed, now, fault, plan)
      : only(errorReply(call, fault.refuses.code, fault.refuses.httpStatus ?? 200, now, fault.refuses.detail));
  state.requests.set(call.requestId, { at: now, action: call.action, reply: acted.reply });
  return acted;
}

/**
 * Makes the payment of a charge whose answer nobody gets: one that is accepted late, or an earlier one. The Merchant API has no original
 * responses, so none is kept.
 */
export function placeCharge(state: ModelState, parsed: ParsedCreate, plan: Plan, at: number): Payment {
  const payment = makePayment(state, parsed, plan, at);
  state.orders.set(parsed.orderId, { at, paymentId: payment.id, reply: htmlReply(404) });
  return payment;
}

/** Opens a page whose address nobody gets. Under an order_id that was used meanwhile none is opened. */
function placePage(state: ModelState, { at, parsed }: Extract<Queued, { readonly kind: "page" }>): void {
  const { orderId } = parsed.create;
  if (!state.orders.has(orderId)) {
    state.orders.set(orderId, { at, paymentId: openPage(state, parsed, at).id, reply: htmlReply(404) });
  }
}

/** A charge that is accepted now. Under an order_id that was used meanwhile it takes nothing. */
function lateCharge(state: ModelState, { at, parsed, plan }: Extract<Queued, { readonly kind: "charge" }>): readonly PlannedCallback[] {
  return state.orders.has(parsed.orderId) ? [] : chargeResults(placeCharge(state, parsed, plan, at), plan, parsed.resultUrl);
}

/**
 * Does what is due: calls that were accepted late, and edits that no call requests. {@link receive} does it too. Call this
 * function before you read payments or the ledger, and when the `actsAt` of an outcome is reached.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms; not before that of the previous call.
 * @returns the callbacks to send.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { advance, createModel, payments, receive } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel();
 * receive(state, create, 0, { actsAfter: 5000 }); // accepted, and carried out 5 seconds later
 * advance(state, 5000);
 * console.log(payments(state, 5000).length); // 1
 * ```
 */
export function advance(state: ModelState, now: number): readonly PlannedCallback[] {
  const callbacks: PlannedCallback[] = [];
  for (let next = state.queue[0]; next !== undefined && next.at <= now; next = state.queue[0]) {
    state.queue.shift();
    if (next.kind === "edit") {
      editPayment(state, { paymentId: next.paymentId, kind: next.edit, minor: next.minor, by: next.by }, next.at);
    } else if (next.kind === "charge") {
      callbacks.push(...lateCharge(state, next));
    } else if (next.kind === "page") {
      placePage(state, next);
    } else {
      callbacks.push(...act(state, next.call, next.at, {}, next.plan).callbacks);
    }
  }
  return callbacks;
}

/**
 * Handles a call that arrives at the gateway. Check its signature before: see `checkSignature`.
 *
 * @param state - the model; it is changed.
 * @param call - the call.
 * @param now - epoch ms; not before that of the previous call.
 * @param fault - the fault of this call (default: none).
 * @param plan - for a create: the plan of the payment (default: it pays at once).
 * @returns the answer and its time; the function itself does not wait.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, receive } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel();
 * const { reply } = receive(state, create, 0);
 * console.log(reply?.body); // the payment's id and status
 * ```
 */
export function receive(state: ModelState, call: Call, now: number, fault: Fault = {}, plan: Plan = PAYS_AT_ONCE): CallOutcome {
  const advanced = advance(state, now);
  const outage = outageAt(state, now);
  const repliesAt = now + (fault.answersAfter ?? 0);
  if (outage !== undefined) {
    const reply = outage.answer === "none" ? null : htmlReply(outage.answer);
    return { actsAt: null, reply, repliesAt: now, replayOf: null, callbacks: advanced };
  }
  if (fault.acts === false) {
    return { actsAt: null, reply: faultyReply(null, fault.answer ?? "lost"), repliesAt, replayOf: null, callbacks: advanced };
  }
  if (fault.actsAfter !== undefined) {
    enqueue(state, { at: now + fault.actsAfter, kind: "call", call, plan });
    return { actsAt: now + fault.actsAfter, reply: null, repliesAt, replayOf: null, callbacks: advanced };
  }
  const acted = act(state, call, now, fault, plan);
  const reply = fault.answer === undefined ? acted.reply : faultyReply(acted.reply, fault.answer);
  return { actsAt: now, reply, repliesAt, replayOf: acted.replayOf, callbacks: [...advanced, ...acted.callbacks] };
}

/**
 * Adds an earlier payment to the model, for example an old one under the same order_id.
 *
 * @param create - the body of the create that made it.
 * @param createdAt - epoch ms.
 * @param plan - its plan (default: it pays at once).
 * @returns its id.
 * @throws TypeError when the body is not that of a create, or the order_id has a payment.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, placePayment, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const body: Record<string, unknown> = JSON.parse(createRecurrentPayment(payment, requestId()).body);
 * const state = createModel();
 * placePayment(state, body, 0); // paid before the test begins
 * console.log(totalsOf(state, "1", 1000).taken); // 10000
 * ```
 */
export function placePayment(
  state: ModelState,
  create: Readonly<Record<string, unknown>>,
  createdAt: number,
  plan: Plan = PAYS_AT_ONCE,
): string {
  const requestId = "00000000-0000-7000-8000-000000000000";
  const call: Call = { action: "gateway.payment.create", requestId, body: create };
  const parsed = parseCall(call);
  if (parsed.action !== "create") {
    throw new TypeError(`The body is not that of a create: ${parsed.action === "invalid" ? parsed.field : parsed.action}`);
  }
  if (state.orders.has(parsed.orderId)) {
    throw new TypeError("The order_id already has a payment");
  }
  const payment = makePayment(state, parsed, plan, createdAt);
  state.orders.set(parsed.orderId, { at: createdAt, paymentId: payment.id, reply: createReply(call, payment, createdAt) });
  return payment.id;
}
