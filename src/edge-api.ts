/**
 * The HTTP contract of the edge: its answers and notifications as schemas and types. `npm run openapi` makes the OpenAPI description from
 * the schemas. The docstring of a type or a member is its `description` there.
 *
 * The edge, the element and the package's users import only the types, because the edge does not validate its own answers.
 */
import * as v from "valibot";
import type { CardHint } from "./charge.ts";
import { cardMembers } from "./charge.ts";
import { createdProfile } from "./lib/created-profile.ts";
import type { ChargeStatus } from "./lib/charge-status.ts";
import { chargeStatus } from "./lib/charge-status.ts";
import type { Output } from "./lib/entries.ts";
import { list } from "./lib/entries.ts";
import type { ProblemCode } from "./lib/problems.ts";
import { PROBLEMS } from "./lib/problems.ts";

export * from "./lib/created-profile.ts";
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
  "page_expired",
]);

/**
 * Why a charge failed, as a category of the contract ("Error codes"). The gateway's own code and text are for the merchant. Shoppers
 * see the category in their language.
 */
export type FailureCategory = v.InferOutput<typeof failureCategory>;

export const retry = v.picklist(["now", "later", "other_card", "new_profile", "bank", "none"]);

/** The shopper's next step after a failure. */
export type Retry = v.InferOutput<typeof retry>;

const failure = { category: failureCategory, retry };

/** Why a charge failed, and the shopper's next step. */
export interface ChargeFailure extends Output<typeof failure> {}

export const chargeFailure: v.GenericSchema<ChargeFailure> = v.object(failure);

const paymentPage = {
  /** The address of Freedom Pay's page. Only a press of the shopper's leads there. */
  url: v.string(),
  /** Until when it is shown: a minute before it closes. ISO 8601 in UTC. */
  expires_at: v.string(),
  /** Why the last try on it was declined. Another card can be tried. */
  last_failure: v.nullable(chargeFailure),
};

/** An open payment page. */
export interface PaymentPageView extends Output<typeof paymentPage> {}

export const paymentPageView: v.GenericSchema<PaymentPageView> = v.object(paymentPage);

const charge = {
  order_id: v.string(),
  /**
   * The requested amount, not the taken one. Major units, at most 2 decimals. Null only when no terms are known (an order that was closed
   * before its first attempt).
   */
  amount: v.nullable(v.number()),
  currency: v.nullable(v.string()),
  description: v.nullable(v.string()),
  card: v.nullable(cardHint),
  status: chargeStatus,
  /**
   * `payment_page` while a payment page is open, and after its time until it is known whether it was paid. `bank_confirmation` when the
   * gateway waits for 3-D Secure, which is not expected on a profile.
   */
  needs: v.nullable(v.picklist(["bank_confirmation", "payment_page"])),
  /** The page on which the shopper can pay now. Null without one, for other terms than its own, when its time is over, and while a return from it is checked. */
  payment_page: v.nullable(paymentPageView),
  /** Number of attempts that were started: 0 before the first. */
  attempt: v.number(),
  failure: v.nullable(chargeFailure),
  payment_id: v.nullable(v.string()),
  /** The taken amount; 0 during a hold. `cleared_amount` minus `refunded_amount` is the amount that the merchant has: compare that with the price. Major units. */
  cleared_amount: v.number(),
  /** The refunded amount, pending refunds included. Major units. */
  refunded_amount: v.number(),
  /** ISO 8601 in UTC, or null before the first change. */
  updated_at: v.nullable(v.string()),
};

/** The shopper's view of a charge. Every member is always present; unknown ones are null. */
export interface ChargeView extends Output<typeof charge> {}

export const chargeView: v.GenericSchema<ChargeView> = v.object(charge);

const send = {
  at: v.string(),
  request_id: v.string(),
  /** The end of the call: `answered`, `refused`, the reason why it is unknown, or null while the call is open. */
  ended: v.nullable(v.string()),
  http_status: v.nullable(v.number()),
  /** The gateway's status, as received. */
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
  /** The API that charged the profile: `async` is v5, `merchant` the Merchant API. */
  api: v.picklist(["async", "merchant"]),
  /** The attempt's order_id at the gateway: `1234`, `1234--2`, … */
  gateway_order_id: v.string(),
  /** The X-Request-Id of its create. */
  request_id: v.string(),
  caller: v.picklist(["shopper", "merchant"]),
  /** What it is paid with. */
  pay_with: v.picklist(["profile", "payment_page"]),
  /** The stored card; null for a payment page. */
  profile_id: v.nullable(v.string()),
  user_id: v.string(),
  /** Major units. */
  amount: v.number(),
  currency: v.string(),
  auto_clearing: v.boolean(),
  state: v.picklist(["undecided", "held", "paid", "failed", "reversed", "refunded"]),
  failure: v.nullable(attemptFailure),
  payment_id: v.nullable(v.string()),
  /** The gateway's status in the last read. */
  word: v.nullable(v.string()),
  sends: list(sendView),
  claimed_at: v.string(),
  /** When a read first showed that it is paid. A refund does not change it. */
  taken_at: v.nullable(v.string()),
  decided_at: v.nullable(v.string()),
};

/** One attempt, for the merchant. */
export interface AttemptView extends Output<typeof attempt> {}

export const attemptView: v.GenericSchema<AttemptView> = v.object(attempt);

const refusal = { code: problemCode, gateway_code: v.nullable(v.string()), description: v.nullable(v.string()) };

/** Why an operation was refused or not done. */
export interface OperationRefusal extends Output<typeof refusal> {}

export const operationRefusal: v.GenericSchema<OperationRefusal> = v.object(refusal);

const operation = {
  number: v.number(),
  kind: v.picklist(["clearing", "reverse", "refund"]),
  /** The attempt whose payment it changes. */
  attempt: v.number(),
  /** Major units. Null for a reverse, and until the read before the operation determines it. */
  amount: v.nullable(v.number()),
  state: v.picklist(["undecided", "done", "refused", "not_done"]),
  /** Why it was refused or not done: our code and the gateway's. */
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

/** An operator's decision on a stuck charge, for the merchant. */
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
  "test_payment",
  "page_host",
  "profile_missing",
  "profile_differs",
  "notification_by_get",
]);

/** Why a charge needs the merchant's attention. */
export type AttentionReason = v.InferOutput<typeof attentionReason>;

const attentionEntries = {
  at: v.string(),
  reason: attentionReason,
  attempt: v.nullable(v.number()),
  operation: v.nullable(v.number()),
  detail: v.nullable(v.string()),
};

/** One reason for attention. */
export interface Attention extends Output<typeof attentionEntries> {}

export const attention: v.GenericSchema<Attention> = v.object(attentionEntries);

const merchantCharge = {
  user_id: v.nullable(v.string()),
  /** What the current attempt is paid with; null before the first. */
  pay_with: v.nullable(v.picklist(["profile", "payment_page"])),
  profile_id: v.nullable(v.string()),
  auto_clearing: v.nullable(v.boolean()),
  closed: v.boolean(),
  approval_code: v.nullable(v.string()),
  reference: v.nullable(v.string()),
  intreference: v.nullable(v.string()),
  brand: v.nullable(v.string()),
  profile_expiry_date: v.nullable(v.string()),
  /** The profile that a payment page made; null without one. */
  profile: v.nullable(createdProfile),
  /** The gateway says that the payment is a test, which moves no money. Only the Merchant API says so. */
  test: v.boolean(),
  attempts: list(attemptView),
  operations: list(operationView),
  resolutions: list(resolutionView),
  /** Reasons for attention, oldest first. */
  attention: list(attention),
  /** Grows by one with every notification. */
  sequence: v.number(),
};

/** The merchant's view of a charge: the shopper's view and the details. */
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
  "charge.profile_created",
  "charge.attention",
]);

/** The type of a notification. */
export type NotificationType = v.InferOutput<typeof notificationType>;

const delivery = {
  /** The `sequence` of the charge at that time. */
  sequence: v.number(),
  /** `webhook-id`: the same for every try. */
  id: v.string(),
  type: notificationType,
  /** The time of the event. */
  at: v.string(),
  /** Number of tries. 0 for a notification from before NOTIFY_URL was set: it is only sent on request. */
  tries: v.number(),
  /** The time of the last 2xx answer. */
  delivered_at: v.nullable(v.string()),
  /** `gone`: the receiver answered 410. `given_up`: every try of the schedule failed. Null while tries remain. */
  ended: v.nullable(v.picklist(["delivered", "gone", "given_up"])),
  /** The HTTP status of the last try; null without an answer. */
  last_status: v.nullable(v.number()),
};

/** One notification and its delivery, for the merchant. */
export interface NotificationView extends Output<typeof delivery> {}

export const notificationView: v.GenericSchema<NotificationView> = v.object(delivery);

const merchantAnswer = {
  /** The newest 50, oldest first. They do not change the ETag. */
  notifications: list(notificationView),
};

/** The answer to a merchant's call: the charge and its notifications. */
export interface MerchantChargeAnswer extends MerchantChargeView, Output<typeof merchantAnswer> {}

export const merchantChargeAnswer: v.GenericSchema<MerchantChargeAnswer> = v.intersect([merchantChargeView, v.object(merchantAnswer)]);

const page = {
  /** At most 50, in the order of their first event of that day. */
  charges: list(merchantChargeView),
  /** The value of `after` for the next page; null on the last one. */
  next: v.nullable(v.string()),
};

/** A page of a day's list. */
export interface DayList extends Output<typeof page> {}

export const dayList: v.GenericSchema<DayList> = v.object(page);

/** A known type, or any other text. */
const anyNotificationType: v.GenericSchema<NotificationType | (string & Record<never, never>)> = v.union([notificationType, v.string()]);

const notified = {
  /** The type. A newer edge may send types that the receiver does not know. */
  type: anyNotificationType,
  /** The time of the event: ISO 8601 in UTC. The time of sending is `webhook-timestamp`. */
  timestamp: v.string(),
  /** The whole charge at that time. Of two notifications the one with the larger `sequence` is newer. */
  data: merchantChargeView,
};

/** The body of a notification. */
export interface NotificationBody extends Output<typeof notified> {}

export const notificationBody: v.GenericSchema<NotificationBody> = v.object(notified);

const received = {
  /** `webhook-id`: the same for every delivery of a notification. */
  id: v.string(),
};

/** A verified notification. */
export interface Notification extends NotificationBody, Output<typeof received> {}

export const notification: v.GenericSchema<Notification> = v.intersect([notificationBody, v.object(received)]);

const callback = { status: v.picklist(["ok", "rejected"]) };

/** The answer to a callback that is JSON or empty. */
export interface CallbackAnswer extends Output<typeof callback> {}

export const callbackAnswer: v.GenericSchema<CallbackAnswer> = v.object(callback);

const problemEntries = {
  /** A stable URI with the code. */
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: problemCode,
  /** The id of this request in the edge's log. */
  request_id: v.string(),
  detail: v.exactOptional(v.string()),
  /** For `charge_conflict`: the current charge. */
  charge: v.exactOptional(chargeView),
  /** For `not_configured`: the names of missing or weak settings. Never a value. */
  settings: v.exactOptional(list(v.string())),
};

/** A problem (RFC 9457, `application/problem+json`). */
export interface Problem extends Output<typeof problemEntries> {}

export const problem: v.GenericSchema<Problem> = v.object(problemEntries);
