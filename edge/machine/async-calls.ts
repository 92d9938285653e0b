/** The calls of v5, as the machine needs them. Pure. */
import { toMajorUnits } from "../../src/money.ts";
import type { EditedPayment, UnsignedCall } from "../../src/payment.ts";
import { ACTIONS, clearing, createRecurrentPayment, paymentStatus, refund, reverse } from "../../src/payment.ts";
import type { ApiCalls, NewEdit } from "./api-calls.ts";

/** Builds the call of each kind of operation. */
const EDITS: Readonly<Record<NewEdit["kind"], (id: string, amount: number, requestId: string) => UnsignedCall<EditedPayment>>> = {
  clearing: (id, amount, requestId) => clearing({ id, amount }, requestId),
  refund: (id, amount, requestId) => refund({ id, amount }, requestId),
  reverse: (id, _amount, requestId) => reverse({ id }, requestId),
};

export const ASYNC_CALLS: ApiCalls = {
  createBody({ terms, description, gatewayOrderId, userIp, urls }, requestId) {
    const { amount, currency, user_id, profile_id, auto_clearing } = terms;
    return createRecurrentPayment(
      {
        amount: toMajorUnits(amount),
        currency,
        description,
        order_id: gatewayOrderId,
        user_id,
        auto_clearing,
        profile_id,
        user_ip: userIp,
        ...(urls === null ? {} : { urls }),
      },
      requestId,
    ).body;
  },
  create: (requestId, body) => ({ action: ACTIONS.create, requestId, body }),
  payment: ({ paymentId, orderId }, _autoClearing, requestId) =>
    paymentStatus(paymentId === null ? { order_id: orderId } : { id: paymentId }, requestId),
  editBody: ({ kind, paymentId, amount }, requestId) => EDITS[kind](paymentId, toMajorUnits(amount), requestId).body,
  edit: ({ kind, requestId, body }) => ({ action: ACTIONS[kind], requestId, body }),
};
