/**
 * The Merchant API over the same payments as the Async API (docs/merchant-api.md). Like `model.ts` without clock, randomness and promises.
 * It has no original responses: a repeated order_id is refused, and a repeated operation is another one.
 */

import { statusForm } from "./older-status.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { checkOf } from "./callbacks.ts";
import { editPayment } from "./edits.ts";
import type { Fault, FaultyAnswer } from "./fault.ts";
import { faultyReply, htmlReply } from "./fault.ts";
import { amountText, cardsMembers, chargeMembers, chargeResults, errorOf, signedReply, unidentifiedReply } from "./merchant-answers.ts";
import type { MerchantCall, ParsedMerchantCall } from "./merchant-call.ts";
import { parseMerchantCall } from "./merchant-call.ts";
import type { CallOutcome } from "./model.ts";
import { advance } from "./model.ts";
import { makePayment } from "./new-payment.ts";
import { pageMembers } from "./page-address.ts";
import { openPage } from "./page-opening.ts";
import type { ParsedCreate } from "./parsed-create.ts";
import type { ParsedPage } from "./parsed-page.ts";
import type { Plan } from "./plan.ts";
import { PAYS_AT_ONCE } from "./plan.ts";
import type { ModelState, Reply } from "./state.ts";
import { enqueue, outageAt, paymentOfOrder } from "./state.ts";
import type { EditKind } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

interface Acted {
  readonly reply: Reply;
  readonly callbacks: readonly PlannedCallback[];
}

const only = (reply: Reply): Acted => ({ reply, callbacks: [] });

function charge(state: ModelState, call: MerchantCall, parsed: ParsedCreate, now: number, fault: Fault, plan: Plan): Acted {
  if (state.orders.has(parsed.orderId)) {
    return only(errorOf(call, "9991"));
  }
  const actual: Plan = fault.declines === undefined ? plan : { ...plan, steps: [{ after: 0, does: "declines", code: fault.declines }] };
  const payment = makePayment(state, parsed, actual, now);
  const reply = signedReply(call, chargeMembers(payment));
  state.orders.set(parsed.orderId, { at: now, paymentId: payment.id, reply });
  return { reply, callbacks: chargeResults(payment, actual, parsed.resultUrl) };
}

function open(state: ModelState, call: MerchantCall, parsed: ParsedPage, now: number, plan: Plan): Acted {
  const { orderId } = parsed.create;
  if (state.orders.has(orderId)) {
    return only(errorOf(call, "9991"));
  }
  const page = openPage(state, parsed, now);
  const reply = signedReply(call, pageMembers(page, call, plan.page?.address));
  state.orders.set(orderId, { at: now, paymentId: page.id, reply });
  return only(reply);
}

function status(
  state: ModelState,
  call: MerchantCall,
  parsed: Extract<ParsedMerchantCall, { action: "paymentStatus" }>,
  now: number,
  fault: Fault,
): Acted {
  const payment = parsed.id === null ? paymentOfOrder(state, parsed.orderId ?? "") : state.payments.get(parsed.id);
  const moment = payment === undefined ? null : paymentAt(payment, now - (fault.lag ?? 0));
  if (payment === undefined || moment === null) {
    return only(errorOf(call, "11068"));
  }
  return only(signedReply(call, statusForm(call.script)(payment, moment, { ...payment.shows, ...fault.shows })));
}

function edit(state: ModelState, call: MerchantCall, kind: EditKind, paymentId: string, minor: number | "all", now: number): Acted {
  const done = editPayment(state, { paymentId, kind, minor, by: "api" }, now);
  if (typeof done === "string") {
    return only(errorOf(call, done));
  }
  const cleared = kind === "clearing" ? { pg_amount: amountText(done.payment.minor), pg_clearing_amount: amountText(done.edit.minor) } : {};
  return only(signedReply(call, { pg_status: "ok", ...cleared }));
}

function perform(state: ModelState, call: MerchantCall, parsed: ParsedMerchantCall, now: number, fault: Fault, plan: Plan): Acted {
  if (fault.refuses !== undefined) {
    return only(errorOf(call, fault.refuses.code, 200, fault.refuses.detail));
  }
  switch (parsed.action) {
    case "create":
      return charge(state, call, parsed, now, fault, plan);
    case "page":
      return open(state, call, parsed, now, plan);
    case "paymentStatus":
      return status(state, call, parsed, now, fault);
    case "clearing":
    case "refund":
      return edit(state, call, parsed.action, parsed.id, parsed.minor, now);
    case "reverse":
      return edit(state, call, "reverse", parsed.id, "all", now);
    case "cards":
      return only(
        signedReply(call, cardsMembers(state.cards.filter(({ userId, createdAt }) => userId === parsed.userId && createdAt <= now))),
      );
    case "invalid":
      return only(errorOf(call, "9403", 200, parsed.field));
  }
}

/** The answer that replaces the true one. HTTP 401 is the one for a merchant that is not identified; other errors are signed. */
function faulty(call: MerchantCall, reply: Reply | null, answer: FaultyAnswer): Reply | null {
  if (typeof answer === "string" || answer.code === undefined) {
    return faultyReply(reply, answer);
  }
  return answer.httpStatus === 401 ? unidentifiedReply({ httpStatus: 401, code: "1100" }) : errorOf(call, answer.code, answer.httpStatus);
}

/** Keeps a call that the gateway accepts later. Its answer is lost, so a late read does nothing. */
function acceptLater(state: ModelState, parsed: ParsedMerchantCall, at: number, plan: Plan): void {
  if (parsed.action === "create") {
    enqueue(state, { at, kind: "charge", parsed, plan });
  } else if (parsed.action === "page") {
    enqueue(state, { at, kind: "page", parsed });
  } else if (parsed.action === "clearing" || parsed.action === "refund" || parsed.action === "reverse") {
    enqueue(state, {
      at,
      kind: "edit",
      paymentId: parsed.id,
      edit: parsed.action,
      minor: "minor" in parsed ? parsed.minor : "all",
      by: "api",
    });
  }
}

/**
 * Handles a call of the Merchant API that arrives at the gateway. `readMerchantCall` has checked its signature.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms; not before that of the previous call.
 * @param fault - the fault of this call (default: none).
 * @param plan - for a charge: the plan of the payment (default: it pays at once).
 *
 * @example
 * ```ts
 * import { createModel, receiveMerchantCall, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_recurring_profile: "60144557" };
 * const call = {
 *   name: "makeRecurringPayment",
 *   script: "make_recurring_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const state = createModel();
 * receiveMerchantCall(state, call, 0);
 * console.log(totalsOf(state, "1", 1000).taken); // 10000
 * ```
 */
export function receiveMerchantCall(
  state: ModelState,
  call: MerchantCall,
  now: number,
  fault: Fault = {},
  plan: Plan = PAYS_AT_ONCE,
): CallOutcome {
  const advanced = advance(state, now);
  const outage = outageAt(state, now);
  const repliesAt = now + (fault.answersAfter ?? 0);
  const unacted = { actsAt: null, replayOf: null, callbacks: advanced } as const;
  if (outage !== undefined) {
    return { ...unacted, reply: outage.answer === "none" ? null : htmlReply(outage.answer), repliesAt: now };
  }
  if (fault.acts === false) {
    return { ...unacted, reply: faulty(call, null, fault.answer ?? "lost"), repliesAt };
  }
  const parsed = parseMerchantCall(call);
  if (fault.actsAfter !== undefined) {
    acceptLater(state, parsed, now + fault.actsAfter, plan);
    return { ...unacted, actsAt: now + fault.actsAfter, reply: null, repliesAt };
  }
  const acted = perform(state, call, parsed, now, fault, plan);
  const reply = fault.answer === undefined ? acted.reply : faulty(call, acted.reply, fault.answer);
  return { actsAt: now, reply, repliesAt, replayOf: null, callbacks: [...advanced, ...acted.callbacks] };
}

/**
 * The check that the gateway sends before it acts on a charge; null if there is none.
 *
 * @example
 * ```ts
 * import { checkBeforeCharge, createModel, PAYS_AT_ONCE } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_recurring_profile: "60144557" };
 * const call = {
 *   name: "makeRecurringPayment",
 *   script: "make_recurring_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields: { ...fields, pg_check_url: "https://pay.shop.example/check" },
 * } as const;
 * console.log(checkBeforeCharge(createModel(), call, 0, PAYS_AT_ONCE)?.url); // https://pay.shop.example/check
 * ```
 */
export function checkBeforeCharge(state: ModelState, call: MerchantCall, now: number, plan: Plan): PlannedCallback | null {
  const parsed = parseMerchantCall(call);
  return parsed.action === "create" && !state.orders.has(parsed.orderId) ? checkOf(parsed, now, plan) : null;
}
