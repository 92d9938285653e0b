/**
 * The calls of the Merchant API, as the machine needs them, with their answers in the vocabulary of v5. Pure: gateways/merchant.ts adds the
 * merchant's number, the salt and the signature.
 */
import { categoryOf } from "../../src/decline.ts";
import { SECOND } from "../../src/lib/time.ts";
import type { OpenedPage } from "../../src/merchant-api/answers.ts";
import type { MerchantAction } from "../../src/merchant-api/calls.ts";
import { cancel, doCapture, getStatus, initPayment, makeRecurringPayment, MERCHANT_ACTIONS, revoke } from "../../src/merchant-api/calls.ts";
import { createdPaymentOf, editedPaymentOf, paymentStateOf } from "../../src/merchant-api/payment-status.ts";
import { toMajorUnits } from "../../src/money.ts";
import type { CreatedPayment, EditedPayment } from "../../src/payment.ts";
import type { ApiCalls, NewEdit, NewPage } from "./api-calls.ts";
import type { GatewayCall, ReadPayment } from "./gateway-call.ts";
import { PAGE_LIFETIME } from "./schedule.ts";

/** The call of each kind of operation. */
const EDIT_ACTIONS = { clearing: "doCapture", reverse: "cancel", refund: "revoke" } as const;

const CREATE: MerchantAction<CreatedPayment> = translated(MERCHANT_ACTIONS.makeRecurringPayment, createdPaymentOf);

/** An action whose answers are read in the vocabulary of v5. */
function translated<From, To>(action: MerchantAction<From>, translate: (answer: From) => To): MerchantAction<To> {
  return {
    ...action,
    answer: (fields) => {
      const answer = action.answer(fields);
      return answer === null ? null : translate(answer);
    },
  };
}

function statusAction(autoClearing: boolean): MerchantAction<ReadPayment> {
  return translated(MERCHANT_ACTIONS.getStatus, (payment) => withoutAbsence(paymentStateOf(payment, { autoClearing })));
}

/** A status is an answer about a payment that exists: a failure code that would say otherwise is left out. */
function withoutAbsence({ error, ...payment }: ReadPayment): ReadPayment {
  return error === undefined || categoryOf("read", error.code) === "not_found" ? payment : { ...payment, error };
}

function editAction(kind: NewEdit["kind"], paymentId: string): MerchantAction<EditedPayment> {
  return translated(MERCHANT_ACTIONS[EDIT_ACTIONS[kind]], (answer) => editedPaymentOf(kind, paymentId, answer));
}

function editBody({ kind, paymentId: payment_id, amount: minor }: NewEdit, requestId: string): string {
  const amount = toMajorUnits(minor);
  if (kind === "clearing") return doCapture({ payment_id, amount }, requestId).body;
  return kind === "refund" ? revoke({ payment_id, amount }, requestId).body : cancel({ payment_id }, requestId).body;
}

/** The gateway's own id of a profile: `60144557.<MAC>` is bound to its user (P9). */
function profileOf(profileId: string): string {
  return profileId.split(".", 1)[0] ?? profileId;
}

/** The exact text of the call that opens a page. It is stored before it is sent. Only the Merchant API has pages. */
export function pageBody({ terms, description, gatewayOrderId, userIp, urls, page }: NewPage, requestId: string): string {
  const { amount, currency, user_id, auto_clearing, save_card_months } = terms;
  return initPayment(
    {
      order_id: gatewayOrderId,
      amount: toMajorUnits(amount),
      currency,
      description,
      auto_clearing,
      user_id,
      lifetime: PAGE_LIFETIME / SECOND,
      // Nobody documents what a repeat answers, so no rule counts on it.
      idempotency_key: `${gatewayOrderId}/page`,
      ...(userIp === "" ? {} : { user_ip: userIp }),
      ...(page.language === null ? {} : { language: page.language }),
      ...(save_card_months === null ? {} : { save_card_months }),
      ...urls,
      ...page.urls,
    },
    requestId,
  ).body;
}

/** The call that opens a page. */
export function pageCall(requestId: string, body: string): GatewayCall<OpenedPage> {
  return { action: MERCHANT_ACTIONS.initPayment, requestId, body };
}

export const MERCHANT_CALLS: ApiCalls = {
  createBody({ terms, description, gatewayOrderId, urls }, requestId) {
    const { amount, currency, profile_id, auto_clearing } = terms;
    return makeRecurringPayment(
      {
        profile_id: profileOf(profile_id),
        order_id: gatewayOrderId,
        amount: toMajorUnits(amount),
        currency,
        description,
        auto_clearing,
        // Nobody documents what a repeat answers, so no rule counts on it.
        idempotency_key: `${gatewayOrderId}/charge`,
        ...urls,
      },
      requestId,
    ).body;
  },
  create: (requestId, body) => ({ action: CREATE, requestId, body }),
  payment({ paymentId, orderId }, autoClearing, requestId) {
    const call = getStatus(paymentId === null ? { order_id: orderId } : { payment_id: paymentId }, requestId);
    return { ...call, action: statusAction(autoClearing) };
  },
  editBody,
  edit: ({ kind, requestId, body, paymentId }) => ({ action: editAction(kind, paymentId), requestId, body }),
};
