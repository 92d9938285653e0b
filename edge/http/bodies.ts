/**
 * The schemas of the merchant's request bodies. The edge validates bodies by them, and the OpenAPI description is made from them: the
 * docstring of a type or member becomes its `description` there. A member that is not listed is refused.
 */
import * as v from "valibot";
import { chargeMembers } from "../../src/charge.ts";
import type { Input } from "../../src/lib/entries.ts";
import * as member from "../../src/lib/members.ts";
import { matching } from "../../src/lib/members.ts";

const charge = {
  ...chargeMembers,
  /** IPv4 or IPv6: the shopper's address when they agreed. */
  user_ip: member.userIp,
};

/** A charge without a click: a charge token's `charge`, and the shopper's address when they agreed to it. */
export interface ChargeRequest extends Input<typeof charge> {}

export const chargeRequest: v.GenericSchema<ChargeRequest, unknown> = v.strictObject(charge);

const amount = {
  /** Major units, at most 2 decimals. Left out: all that is left. */
  amount: v.optional(member.amount),
};

/** The body of a clearing or a refund. */
export interface AmountRequest extends Input<typeof amount> {}

export const amountRequest: v.GenericSchema<AmountRequest> = v.strictObject(amount);

/** The body of a reverse or a close. */
export type EmptyRequest = Readonly<Record<never, never>>;

export const emptyRequest: v.GenericSchema<EmptyRequest> = v.strictObject({});

const note = matching(/^[^\p{Cc}\p{Cs}]{1,500}$/u, "must be 1 to 500 characters without control characters");

const payment = {
  /** The id of the payment. */
  payment_id: member.paymentId,
  /** The reason, for the record: no control characters. */
  note,
};

/** An operator names the payment. */
export interface ResolveByPayment extends Input<typeof payment> {}

export const resolveByPayment: v.GenericSchema<ResolveByPayment> = v.strictObject(payment);

const nothing = {
  nothing_taken: v.literal(true),
  /** The reason, for the record: no control characters. */
  note,
};

/** An operator states that nothing was taken. */
export interface ResolveAsNothing extends Input<typeof nothing> {}

export const resolveAsNothing: v.GenericSchema<ResolveAsNothing> = v.strictObject(nothing);

export const resolveRequest = v.union([resolveByPayment, resolveAsNothing]);

/** An operator's decision about a stuck charge or operation. */
export type ResolveRequest = v.InferInput<typeof resolveRequest>;

const WHOLE = "must be a whole number from 1";

const notification = {
  /** The number of the notification. Left out: the last one. */
  sequence: v.optional(v.pipe(v.number(WHOLE), v.safeInteger(WHOLE), v.minValue(1, WHOLE))),
};

/** The body of a notify. */
export interface NotifyRequest extends Input<typeof notification> {}

export const notifyRequest: v.GenericSchema<NotifyRequest> = v.strictObject(notification);

/** Anything that the gateway sends: JSON, form fields, XML or nothing. It is only a hint. */
export type CallbackRequest = unknown;

export const callbackRequest: v.GenericSchema<CallbackRequest> = v.unknown();
