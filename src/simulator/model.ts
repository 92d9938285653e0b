/**
 * A model of Freedom Pay's Async API (v5 g2g): no clock, no randomness, no promises, no input or output. Everything
 * it knows is in a {@link ModelState} that the caller holds; the same calls at the same times give the same answers.
 */

import { answered, createdAnswer, EDIT_ANSWERS, paymentAnswer, refusal, requestAnswer } from "./answers.ts";
import type { Asked, AskedCreate } from "./asked.ts";
import { understand } from "./asked.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { resultsOf } from "./callbacks.ts";
import { editPayment } from "./edits.ts";
import type { Fault } from "./fault.ts";
import { htmlReply, spoil } from "./fault.ts";
import type { Plan } from "./plan.ts";
import { PAYS_AT_ONCE, stepsOf } from "./plan.ts";
import type { Call, ModelState, Reply } from "./state.ts";
import { enqueue, outageAt, paymentOfOrder, rememberedRequest, replayedOrder, takeId } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** What became of a call. */
export interface Receipt {
  /** When the gateway acts on it, epoch ms; null: never. */
  readonly actsAt: number | null;
  /** What comes back; null: nothing, the connection breaks. */
  readonly reply: Reply | null;
  /** When the answer leaves, epoch ms. */
  readonly repliesAt: number;
  /** `request`: the same X-Request-Id again. `order`: the same order_id again. Both got the original response. */
  readonly replayOf: "request" | "order" | null;
  /** Callbacks that are to be made from now on, also for calls that were accepted late. */
  readonly callbacks: readonly PlannedCallback[];
}

interface Acted {
  readonly reply: Reply;
  readonly replayOf: Receipt["replayOf"];
  readonly callbacks: readonly PlannedCallback[];
}

const only = (reply: Reply): Acted => ({ reply, replayOf: null, callbacks: [] });

const BRANDS: Readonly<Record<string, string>> = { "2": "mir", "3": "amex", "4": "visa", "5": "mastercard" };

/** The day a profile ends: so many months after it was made. */
function expiryOf(createdAt: number, months: number): string {
  const day = new Date(createdAt);
  day.setUTCMonth(day.getUTCMonth() + months);
  return day.toISOString().slice(0, 10);
}

function makePayment(state: ModelState, asked: AskedCreate, plan: Plan, now: number): Payment {
  const id = takeId(state);
  const { source } = asked;
  const began = source.lifetime === null ? null : `simulated-profile-${id}`;
  const profileId = source.profileId ?? began;
  const payment: Payment = {
    id,
    orderId: asked.orderId,
    minor: asked.minor + (plan.takesMore ?? 0),
    currency: asked.currency,
    description: asked.description,
    userId: asked.userId,
    autoClearing: asked.autoClearing,
    profileId,
    profileExpiryDate: profileId === null ? null : expiryOf(now, source.lifetime ?? 12),
    beganProfile: began !== null && began === profileId,
    cardToken: source.cardToken ?? (source.save ? `simulated-card-${id}` : null),
    brand: BRANDS[source.firstDigit ?? "4"] ?? "visa",
    createdAt: now,
    steps: stepsOf(plan, now, asked.autoClearing),
    holdsFor: state.options.holdsFor,
    shows: plan.shows ?? {},
    settlesAfter: plan.edits?.settleAfter ?? state.options.settlesAfter,
    editsEnd: plan.edits?.end ?? "success",
    edits: [],
  };
  state.payments.set(id, payment);
  for (const deed of plan.cabinet ?? []) {
    enqueue(state, { at: now + deed.after, kind: "edit", paymentId: id, edit: deed.kind, minor: deed.minor, by: "cabinet" });
  }
  return payment;
}

function createReply(call: Call, payment: Payment, now: number): Reply {
  return answered(call, createdAnswer(payment), now, payment.steps.at(0)?.status === "error" ? "error" : "success");
}

type Act<Kind extends Asked["action"]> = (
  state: ModelState,
  call: Call,
  asked: Extract<Asked, { readonly action: Kind }>,
  now: number,
  fault: Fault,
  plan: Plan,
) => Acted;

const create: Act<"create"> = (state, call, asked, now, fault, plan) => {
  const known = replayedOrder(state, asked.orderId, now);
  if (known !== undefined) {
    const reply = { ...known.reply, headers: { ...known.reply.headers, "x-request-id": call.requestId } };
    return { reply, replayOf: "order", callbacks: [] };
  }
  const real: Plan = fault.declines === undefined ? plan : { ...plan, steps: [{ after: 0, does: "declines", code: fault.declines }] };
  const payment = makePayment(state, asked, real, now);
  const reply = createReply(call, payment, now);
  state.orders.set(asked.orderId, { at: now, paymentId: payment.id, reply });
  return { reply, replayOf: null, callbacks: resultsOf(payment, real, asked.resultUrl) };
};

const paymentStatus: Act<"paymentStatus"> = (state, call, asked, now, fault) => {
  const payment = asked.id === null ? paymentOfOrder(state, asked.orderId ?? "") : state.payments.get(asked.id);
  const moment = payment === undefined ? null : paymentAt(payment, now - (fault.lag ?? 0));
  // An id and an order_id that do not belong together name no payment.
  if (payment === undefined || moment === null || (asked.orderId ?? payment.orderId) !== payment.orderId) {
    return only(asked.orderId === null ? refusal(call, "11068", 200, now) : answered(call, {}, now));
  }
  return only(answered(call, paymentAnswer(payment, moment, { ...payment.shows, ...fault.shows }), now));
};

const requestStatus: Act<"requestStatus"> = (state, call, asked, now, fault) => {
  const request = rememberedRequest(state, asked.id, now);
  const visible = request !== undefined && request.at <= now - (fault.lag ?? 0) ? request : undefined;
  return only(answered(call, requestAnswer(asked.id, visible), now, visible === undefined ? "error" : "success"));
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
  return only(typeof done === "string" ? refusal(call, done, 200, now) : answered(call, EDIT_ANSWERS[kind](done.payment, done.edit), now));
};

const ACTS: { readonly [Kind in Asked["action"]]: Act<Kind> } = {
  create,
  paymentStatus,
  requestStatus,
  clearing: (state, call, asked, now) => edit("clearing", asked.id, asked.minor, state, call, now),
  refund: (state, call, asked, now) => edit("refund", asked.id, asked.minor, state, call, now),
  reverse: (state, call, asked, now) => edit("reverse", asked.id, "all", state, call, now),
};

/** The gateway acts: the original response again, or something new that is remembered from now on. */
function act(state: ModelState, call: Call, now: number, fault: Fault, plan: Plan): Acted {
  const known = rememberedRequest(state, call.requestId, now);
  if (known !== undefined) {
    return { reply: known.reply, replayOf: "request", callbacks: [] };
  }
  const asked = understand(call);
  if (asked.action === "misfit") {
    return only(refusal(call, "9403", state.options.badParametersStatus, now, asked.member));
  }
  const perform = ACTS[asked.action] as Act<Asked["action"]>;
  const acted =
    fault.refuses === undefined
      ? perform(state, call, asked, now, fault, plan)
      : only(refusal(call, fault.refuses.code, fault.refuses.httpStatus ?? 200, now, fault.refuses.detail));
  state.requests.set(call.requestId, { at: now, action: call.action, reply: acted.reply });
  return acted;
}

/**
 * Lets the gateway catch up: calls that were accepted late act, edits that no call asks for are done.
 * {@link receive} does this by itself; call it before reading the books, and when a receipt's `actsAt` is reached.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms; must not run backwards from one call to the next.
 * @returns the callbacks that follow from it.
 */
export function advance(state: ModelState, now: number): readonly PlannedCallback[] {
  const callbacks: PlannedCallback[] = [];
  for (let next = state.queue[0]; next !== undefined && next.at <= now; next = state.queue[0]) {
    state.queue.shift();
    if (next.kind === "edit") {
      editPayment(state, { paymentId: next.paymentId, kind: next.edit, minor: next.minor, by: next.by }, next.at);
    } else {
      callbacks.push(...act(state, next.call, next.at, {}, next.plan).callbacks);
    }
  }
  return callbacks;
}

/**
 * A call arrives at the gateway. Its signature was checked before: see `checkSignature`.
 *
 * @param state - the model; it is changed.
 * @param call - the call.
 * @param now - epoch ms; must not run backwards from one call to the next.
 * @param fault - what goes wrong with this call (default: nothing).
 * @param plan - for a create: what becomes of the payment (default: it pays at once).
 * @returns what comes back and when; nothing here waits.
 */
export function receive(state: ModelState, call: Call, now: number, fault: Fault = {}, plan: Plan = PAYS_AT_ONCE): Receipt {
  const due = advance(state, now);
  const outage = outageAt(state, now);
  const repliesAt = now + (fault.answersAfter ?? 0);
  if (outage !== undefined) {
    const reply = outage.answer === "none" ? null : htmlReply(outage.answer);
    return { actsAt: null, reply, repliesAt: now, replayOf: null, callbacks: due };
  }
  if (fault.acts === false) {
    return { actsAt: null, reply: spoil(null, fault.answer ?? "lost"), repliesAt, replayOf: null, callbacks: due };
  }
  if (fault.actsAfter !== undefined) {
    enqueue(state, { at: now + fault.actsAfter, kind: "call", call, plan });
    return { actsAt: now + fault.actsAfter, reply: null, repliesAt, replayOf: null, callbacks: due };
  }
  const acted = act(state, call, now, fault, plan);
  const reply = fault.answer === undefined ? acted.reply : spoil(acted.reply, fault.answer);
  return { actsAt: now, reply, repliesAt, replayOf: acted.replayOf, callbacks: [...due, ...acted.callbacks] };
}

/**
 * Puts a payment into the gateway's books that was made before: an old one under the same number, say.
 *
 * @param create - the body of the create that made it.
 * @param createdAt - when, epoch ms.
 * @param plan - what became of it (default: paid at once).
 * @returns its id.
 * @throws TypeError when the body is no create, or the order_id is taken.
 */
export function placePayment(
  state: ModelState,
  create: Readonly<Record<string, unknown>>,
  createdAt: number,
  plan: Plan = PAYS_AT_ONCE,
): string {
  const requestId = "00000000-0000-7000-8000-000000000000";
  const call: Call = { action: "gateway.payment.create", requestId, body: create };
  const asked = understand(call);
  if (asked.action !== "create") {
    throw new TypeError(`This is no body of a create: ${asked.action === "misfit" ? asked.member : asked.action}`);
  }
  if (state.orders.has(asked.orderId)) {
    throw new TypeError("The order_id has a payment already");
  }
  const payment = makePayment(state, asked, plan, createdAt);
  state.orders.set(asked.orderId, { at: createdAt, paymentId: payment.id, reply: createReply(call, payment, createdAt) });
  return payment.id;
}
