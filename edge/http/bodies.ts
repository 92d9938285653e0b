/**
 * What the merchant's calls take as their bodies, each as a schema. The edge reads bodies by these, and the OpenAPI description is made
 * from them; the docstring of a type or of a member is its `description` there. A member that is not listed is refused.
 */
import * as v from "valibot";
import { chargeMembers } from "../../src/charge.ts";
import type { Input } from "../../src/lib/entries.ts";
import * as member from "../../src/lib/members.ts";
import { matching } from "../../src/lib/members.ts";

const charge = {
  ...chargeMembers,
  /** IPv4 or IPv6: where the shopper was when they agreed. */
  user_ip: member.userIp,
};

/** A charge that no shopper clicks: a charge token's `charge` and where the shopper was when they agreed to it. */
export interface ChargeRequest extends Input<typeof charge> {}

export const chargeRequest: v.GenericSchema<ChargeRequest, unknown> = v.strictObject(charge);

const amount = {
  /** Major units, at most 2 decimals; all that is left when left out. */
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
  /** The payment that it is. */
  payment_id: member.paymentId,
  /** Why, for the record: no control characters. */
  note,
};

/** An operator says which payment it is. */
export interface ResolveByPayment extends Input<typeof payment> {}

export const resolveByPayment: v.GenericSchema<ResolveByPayment> = v.strictObject(payment);

const nothing = {
  nothing_taken: v.literal(true),
  /** Why, for the record: no control characters. */
  note,
};

/** An operator says that nothing was taken. */
export interface ResolveAsNothing extends Input<typeof nothing> {}

export const resolveAsNothing: v.GenericSchema<ResolveAsNothing> = v.strictObject(nothing);

export const resolveRequest = v.union([resolveByPayment, resolveAsNothing]);

/** An operator's word on a stuck charge or operation. */
export type ResolveRequest = v.InferInput<typeof resolveRequest>;

const WHOLE = "must be a whole number from 1";

const notification = {
  /** Which notification; the last one when left out. */
  sequence: v.optional(v.pipe(v.number(WHOLE), v.safeInteger(WHOLE), v.minValue(1, WHOLE))),
};

/** The body of a notify. */
export interface NotifyRequest extends Input<typeof notification> {}

export const notifyRequest: v.GenericSchema<NotifyRequest> = v.strictObject(notification);

/** Whatever the gateway sends: JSON, form fields, XML or nothing. A hint, and no more. */
export type CallbackRequest = unknown;

export const callbackRequest: v.GenericSchema<CallbackRequest> = v.unknown();
