/**
 * The schemas of the merchant's request bodies. The edge validates bodies by them, and the OpenAPI description is made from them: the
 * docstring of a type or member becomes its `description` there. A member that is not listed is refused.
 */
import * as v from "valibot";
import { chargeMembers, paymentPage } from "../../src/charge.ts";
import type { Input } from "../../src/lib/entries.ts";
import * as member from "../../src/lib/members.ts";
import { matching } from "../../src/lib/members.ts";

const charge = {
  ...chargeMembers,
  /** The stored card: 1-64 of `[A-Za-z0-9._-]`. */
  profile_id: member.profileId,
  /** Null or left out beside `profile_id`. */
  payment_page: v.optional(v.null()),
  /** IPv4 or IPv6: the shopper's address when they agreed. */
  user_ip: member.userIp,
};

/** A charge of a stored card, without a click: a charge token's `charge`, and the shopper's address when they agreed to it. */
export interface ChargeOfProfile extends Input<typeof charge> {}

export const chargeOfProfile: v.GenericSchema<ChargeOfProfile, unknown> = v.strictObject(charge);

const pageCharge = {
  ...chargeMembers,
  /** Null or left out beside `payment_page`. */
  profile_id: v.optional(v.null()),
  /** A first payment on Freedom Pay's own page. */
  payment_page: paymentPage,
  /** Null or left out: there is no stored card yet. */
  card: v.optional(v.null()),
  /** IPv4 or IPv6: the shopper's address. Null or left out: Freedom Pay takes it from the browser. */
  user_ip: v.nullish(member.userIp),
};

/** A payment page, to redirect the browser that is asking to it. A link that can be forwarded leads to the shop's page with the element instead. */
export interface ChargeOnPage extends Input<typeof pageCharge> {}

export const chargeOnPage: v.GenericSchema<ChargeOnPage, unknown> = v.strictObject(pageCharge);

export const chargeRequest = v.union([chargeOfProfile, chargeOnPage]);

/** A charge by the merchant's server. */
export type ChargeRequest = v.InferInput<typeof chargeRequest>;

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
