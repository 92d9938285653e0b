/**
 * The HTTP contract of the edge: what it answers and what it notifies, each as a schema and the type of it. The OpenAPI description is
 * made from the schemas; the docstring of a type or of a member is its `description` there.
 *
 * The edge, the element and the package's users import only the types: the edge does not validate what it answers. `npm run openapi` and
 * tests read the schemas.
 */
import * as v from "valibot";
import type { CardHint } from "./charge.ts";
import { cardMembers } from "./charge.ts";
import type { ChargeStatus } from "./lib/charge-status.ts";
import { chargeStatus } from "./lib/charge-status.ts";
import type { Output } from "./lib/entries.ts";
import { list } from "./lib/entries.ts";
import type { ProblemCode } from "./lib/problems.ts";
import { PROBLEMS } from "./lib/problems.ts";

export * from "./lib/deployment-api.ts";
export type { CardHint, ChargeStatus, ProblemCode };
export { chargeStatus };

export const problemCode: v.GenericSchema<ProblemCode> = v.picklist(Object.keys(PROBLEMS) as ProblemCode[]);

export const cardHint: v.GenericSchema<CardHint> = v.object(cardMembers);

export const failureCategory = v.picklist([
  "insufficient_funds",
  "card_expired",
  "card_blocked",
  "card_invalid",
  "profile_dead",
  "limit_exceeded",
  "authentication_required",
  "declined",
  "amount_invalid",
  "configuration",
  "gateway_unavailable",
]);

/**
 * Why a charge failed, in the words of the contract ("Error codes"). The gateway's own code and text are for
 * the merchant; a shopper sees the category in her language.
 */
export type FailureCategory = v.InferOutput<typeof failureCategory>;

export const retry = v.picklist(["now", "later", "other_card", "new_profile", "bank", "none"]);

/** What the shopper may do after a failure. */
export type Retry = v.InferOutput<typeof retry>;

const failure = { category: failureCategory, retry };

/** Why a charge failed, and what the shopper may do. */
export interface ChargeFailure extends Output<typeof failure> {}

export const chargeFailure: v.GenericSchema<ChargeFailure> = v.object(failure);

const charge = {
  order_id: v.string(),
  /**
   * What was asked for, not what was taken. Major units, at most 2 decimals. Null only where no terms are known (an order closed before
   * its first attempt).
   */
  amount: v.nullable(v.number()),
  currency: v.nullable(v.string()),
  description: v.nullable(v.string()),
  card: v.nullable(cardHint),
  status: chargeStatus,
  /** `bank_confirmation` when the gateway waits for 3-D Secure, which is not expected on a profile. */
  needs: v.nullable(v.literal("bank_confirmation")),
  /** How many attempts were begun: 0 before the first. */
  attempt: v.number(),
  failure: v.nullable(chargeFailure),
  payment_id: v.nullable(v.string()),
  /** What was taken; 0 while it is only held. Less `refunded_amount` it is what the merchant has: compare that with the price. Major units. */
  cleared_amount: v.number(),
  /** What was given back, pending refunds included. Major units. */
  refunded_amount: v.number(),
  /** ISO 8601 in UTC, or null before anything happened. */
  updated_at: v.nullable(v.string()),
};

/** A charge as the shopper's page sees it. Every member is always present; unknown ones are null. */
export interface ChargeView extends Output<typeof charge> {}

export const chargeView: v.GenericSchema<ChargeView> = v.object(charge);

const send = {
  at: v.string(),
  request_id: v.string(),
  /** How the call ended: `answered`, `refused`, the reason why it is unknown, or null while it is open. */
  ended: v.nullable(v.string()),
  http_status: v.nullable(v.number()),
  /** The gateway's status word, as received. */
  word: v.nullable(v.string()),
  code: v.nullable(v.string()),
  description: v.nullable(v.string()),
};

/** One send of an attempt or operation, for the merchant. */
export interface SendView extends Output<typeof send> {}

export const sendView: v.GenericSchema<SendView> = v.object(send);

const failedAttempt = {
  category: failureCategory,
  code: v.nullable(v.string()),
  description: v.nullable(v.string()),
  sent: v.boolean(),
  provisional: v.boolean(),
};

/** Why one attempt failed, for the merchant. */
export interface AttemptFailure extends Output<typeof failedAttempt> {}

export const attemptFailure: v.GenericSchema<AttemptFailure> = v.object(failedAttempt);

const attempt = {
  number: v.number(),
  /** The order_id that the gateway knows this attempt by: `1234`, `1234--2`, … */
  gateway_order_id: v.string(),
  /** The X-Request-Id of its create. */
  request_id: v.string(),
  caller: v.picklist(["shopper", "merchant"]),
  profile_id: v.string(),
  user_id: v.string(),
  /** Major units. */
  amount: v.number(),
  currency: v.string(),
  auto_clearing: v.boolean(),
  state: v.picklist(["undecided", "held", "paid", "failed", "reversed", "refunded"]),
  failure: v.nullable(attemptFailure),
  payment_id: v.nullable(v.string()),
  /** The gateway's status word of the last read. */
  word: v.nullable(v.string()),
  sends: list(sendView),
  claimed_at: v.string(),
  /** When it was first seen to be paid; it stays when the payment is refunded. */
  taken_at: v.nullable(v.string()),
  decided_at: v.nullable(v.string()),
};

/** One attempt, for the merchant. */
export interface AttemptView extends Output<typeof attempt> {}

export const attemptView: v.GenericSchema<AttemptView> = v.object(attempt);

const refusal = { code: problemCode, gateway_code: v.nullable(v.string()), description: v.nullable(v.string()) };

/** Why an operation did not happen. */
export interface OperationRefusal extends Output<typeof refusal> {}

export const operationRefusal: v.GenericSchema<OperationRefusal> = v.object(refusal);

const operation = {
  number: v.number(),
  kind: v.picklist(["clearing", "reverse", "refund"]),
  /** The attempt whose payment it changes. */
  attempt: v.number(),
  /** Major units; null for a reverse, and until the read before it has fixed it. */
  amount: v.nullable(v.number()),
  state: v.picklist(["undecided", "done", "refused", "not_done"]),
  /** Why it was refused or not done: a code of ours, and the gateway's own. */
  refusal: v.nullable(operationRefusal),
  request_id: v.string(),
  sends: list(sendView),
  claimed_at: v.string(),
  decided_at: v.nullable(v.string()),
};

/** One clearing, reverse or refund, for the merchant. */
export interface OperationView extends Output<typeof operation> {}

export const operationView: v.GenericSchema<OperationView> = v.object(operation);

const resolution = {
  at: v.string(),
  payment_id: v.string(),
  note: v.string(),
  state: v.picklist(["reading", "adopted", "refused", "unavailable"]),
};

/** An operator's word on a stuck charge, for the merchant. */
export interface ResolutionView extends Output<typeof resolution> {}

export const resolutionView: v.GenericSchema<ResolutionView> = v.object(resolution);

export const attentionReason = v.picklist([
  "undecided_15_minutes",
  "operation_undecided",
  "operation_overtaken",
  "undecided_1_day",
  "hold_expires",
  "amount_differs",
  "old_payment",
  "terms_differ",
  "second_payment",
  "bank_confirmation",
  "unknown_word",
  "configuration",
  "status_went_back",
  "refund_unsettled",
  "ledger_too_large",
  "gateway_changed",
]);

/** Why a charge wants a human's eye. */
export type AttentionReason = v.InferOutput<typeof attentionReason>;

const raised = {
  at: v.string(),
  reason: attentionReason,
  attempt: v.nullable(v.number()),
  operation: v.nullable(v.number()),
  detail: v.nullable(v.string()),
};

/** One thing that the merchant has to look at. */
export interface Attention extends Output<typeof raised> {}

export const attention: v.GenericSchema<Attention> = v.object(raised);

const merchantCharge = {
  user_id: v.nullable(v.string()),
  profile_id: v.nullable(v.string()),
  auto_clearing: v.nullable(v.boolean()),
  closed: v.boolean(),
  approval_code: v.nullable(v.string()),
  reference: v.nullable(v.string()),
  intreference: v.nullable(v.string()),
  brand: v.nullable(v.string()),
  profile_expiry_date: v.nullable(v.string()),
  attempts: list(attemptView),
  operations: list(operationView),
  resolutions: list(resolutionView),
  /** What the merchant has to look at, oldest first. */
  attention: list(attention),
  /** Grows by one with every notification. */
  sequence: v.number(),
};

/** A charge as the merchant sees it: the shopper's view and what lies behind it. */
export interface MerchantChargeView extends ChargeView, Output<typeof merchantCharge> {}

export const merchantChargeView: v.GenericSchema<MerchantChargeView> = v.intersect([chargeView, v.object(merchantCharge)]);

export const notificationType = v.picklist([
  "charge.authorized",
  "charge.succeeded",
  "charge.failed",
  "charge.unconfirmed",
  "charge.cleared",
  "charge.reversed",
  "charge.refunded",
  "charge.closed",
  "charge.attention",
]);

/** What a notification can announce. */
export type NotificationType = v.InferOutput<typeof notificationType>;

const delivery = {
  /** Which: the `sequence` of the charge as it was then. */
  sequence: v.number(),
  /** `webhook-id`: the same at each try. */
  id: v.string(),
  type: notificationType,
  /** When it happened. */
  at: v.string(),
  /** How often it was sent. 0 for one that is from before NOTIFY_URL was set: it is sent only when it is asked for. */
  tries: v.number(),
  /** When a 2xx answered it last. */
  delivered_at: v.nullable(v.string()),
  /** `gone`: the receiver answered 410. `given_up`: every try of the schedule failed. Null while it is to be sent. */
  ended: v.nullable(v.picklist(["delivered", "gone", "given_up"])),
  /** The HTTP status of the last try's answer; null where none came. */
  last_status: v.nullable(v.number()),
};

/** One notification and what became of it, for the merchant. */
export interface NotificationView extends Output<typeof delivery> {}

export const notificationView: v.GenericSchema<NotificationView> = v.object(delivery);

const merchantAnswer = {
  /** The newest 50, oldest first. Not part of what the ETag stands for. */
  notifications: list(notificationView),
};

/** A charge as the merchant's calls are answered: as it is, and what was told of it. */
export interface MerchantChargeAnswer extends MerchantChargeView, Output<typeof merchantAnswer> {}

export const merchantChargeAnswer: v.GenericSchema<MerchantChargeAnswer> = v.intersect([merchantChargeView, v.object(merchantAnswer)]);

const page = {
  /** At most 50, in the order in which something first happened to them on that day. */
  charges: list(merchantChargeView),
  /** What `after` takes for the next page; null on the last one. */
  next: v.nullable(v.string()),
};

/** A page of a day's list. */
export interface DayList extends Output<typeof page> {}

export const dayList: v.GenericSchema<DayList> = v.object(page);

/** A type that this version knows, or any other text. */
const anyNotificationType: v.GenericSchema<NotificationType | (string & Record<never, never>)> = v.union([notificationType, v.string()]);

const notified = {
  /** What it announces. An edge that is newer than its receiver may announce what the receiver does not know. */
  type: anyNotificationType,
  /** When it happened: ISO 8601 in UTC. Not when it was sent: that is `webhook-timestamp`. */
  timestamp: v.string(),
  /** The whole charge as it was then; `sequence` says which of two is the newer one. */
  data: merchantChargeView,
};

/** The body of a notification. */
export interface NotificationBody extends Output<typeof notified> {}

export const notificationBody: v.GenericSchema<NotificationBody> = v.object(notified);

const received = {
  /** `webhook-id`: the same each time one notification is delivered. */
  id: v.string(),
};

/** A notification as its receiver has it, once it is verified. */
export interface Notification extends NotificationBody, Output<typeof received> {}

export const notification: v.GenericSchema<Notification> = v.intersect([notificationBody, v.object(received)]);

const callback = { status: v.picklist(["ok", "rejected"]) };

/** What a callback is answered, where it came as JSON or empty. */
export interface CallbackAnswer extends Output<typeof callback> {}

export const callbackAnswer: v.GenericSchema<CallbackAnswer> = v.object(callback);

const refused = {
  /** Stable: names the code. */
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: problemCode,
  /** The id of this request in the edge's log. */
  request_id: v.string(),
  detail: v.exactOptional(v.string()),
  /** With `charge_conflict`: the charge as it is. */
  charge: v.exactOptional(chargeView),
  /** With `not_configured`: which settings are missing or weak. Never a value. */
  settings: v.exactOptional(list(v.string())),
};

/** A refusal (RFC 9457, `application/problem+json`). */
export interface Problem extends Output<typeof refused> {}

export const problem: v.GenericSchema<Problem> = v.object(refused);
