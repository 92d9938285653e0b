/**
 * The HTTP contract of the edge, as data: what it answers, which refusals exist, what an element may expect.
 * The widget takes its types from here; the OpenAPI description is made from here.
 */

/** What a charge can be in. See the table of statuses in edge/README.md. */
export type ChargeStatus =
  | "ready"
  | "closed"
  | "processing"
  | "unconfirmed"
  | "authorized"
  | "succeeded"
  | "failed"
  | "reversed"
  | "refunded";

/**
 * Why a charge failed, in the words of the contract ("Error codes"). The gateway's own code and text are for
 * the merchant; a shopper sees the category in her language.
 */
export type FailureCategory =
  | "insufficient_funds"
  | "card_expired"
  | "card_blocked"
  | "card_invalid"
  | "profile_dead"
  | "limit_exceeded"
  | "authentication_required"
  | "declined"
  | "amount_invalid"
  | "configuration"
  | "gateway_unavailable";

/** What the shopper may do after a failure. */
export type Retry = "now" | "later" | "other_card" | "new_profile" | "bank" | "none";

/** What is safe to show of a stored card. */
export interface CardHint {
  /** The brand, such as `visa`. */
  readonly brand: string;
  /** The last four digits. */
  readonly last4: string;
}

/** A charge as the shopper's page sees it. Every member is always present; unknown ones are null. */
export interface ChargeView {
  readonly order_id: string;
  /**
   * What was asked for, not what was taken. Major units, at most 2 decimals. Null only where no terms are known (an order closed before
   * its first attempt).
   */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly description: string | null;
  readonly card: CardHint | null;
  readonly status: ChargeStatus;
  /** `bank_confirmation` when the gateway waits for 3-D Secure, which is not expected on a profile. */
  readonly needs: "bank_confirmation" | null;
  /** How many attempts were begun: 0 before the first. */
  readonly attempt: number;
  readonly failure: { readonly category: FailureCategory; readonly retry: Retry } | null;
  readonly payment_id: string | null;
  /** What was taken; 0 while it is only held. Less `refunded_amount` it is what the merchant has: compare that with the price. Major units. */
  readonly cleared_amount: number;
  /** What was given back, pending refunds included. Major units. */
  readonly refunded_amount: number;
  /** ISO 8601 in UTC, or null before anything happened. */
  readonly updated_at: string | null;
}

/** One send of an attempt or operation, for the merchant. */
export interface SendView {
  readonly at: string;
  readonly request_id: string;
  /** How the call ended: `answered`, `refused`, the reason why it is unknown, or null while it is open. */
  readonly ended: string | null;
  readonly http_status: number | null;
  /** The gateway's status word, as received. */
  readonly word: string | null;
  readonly code: string | null;
  readonly description: string | null;
}

/** One attempt, for the merchant. */
export interface AttemptView {
  readonly number: number;
  /** The order_id that the gateway knows this attempt by: `1234`, `1234--2`, … */
  readonly gateway_order_id: string;
  /** The X-Request-Id of its create. */
  readonly request_id: string;
  readonly caller: "shopper" | "merchant";
  readonly profile_id: string;
  readonly user_id: string;
  /** Major units. */
  readonly amount: number;
  readonly currency: string;
  readonly auto_clearing: boolean;
  readonly state: "undecided" | "held" | "paid" | "failed" | "reversed" | "refunded";
  readonly failure: {
    readonly category: FailureCategory;
    readonly code: string | null;
    readonly description: string | null;
    readonly sent: boolean;
    readonly provisional: boolean;
  } | null;
  readonly payment_id: string | null;
  /** The gateway's status word of the last read. */
  readonly word: string | null;
  readonly sends: readonly SendView[];
  readonly claimed_at: string;
  /** When it was first seen to be paid; it stays when the payment is refunded. */
  readonly taken_at: string | null;
  readonly decided_at: string | null;
}

/** One clearing, reverse or refund, for the merchant. */
export interface OperationView {
  readonly number: number;
  readonly kind: "clearing" | "reverse" | "refund";
  /** The attempt whose payment it changes. */
  readonly attempt: number;
  /** Major units; null for a reverse, and until the read before it has fixed it. */
  readonly amount: number | null;
  readonly state: "undecided" | "done" | "refused" | "not_done";
  /** Why it was refused or not done: a code of ours, and the gateway's own. */
  readonly refusal: { readonly code: ProblemCode; readonly gateway_code: string | null; readonly description: string | null } | null;
  readonly request_id: string;
  readonly sends: readonly SendView[];
  readonly claimed_at: string;
  readonly decided_at: string | null;
}

/** An operator's word on a stuck charge, for the merchant. */
export interface ResolutionView {
  readonly at: string;
  readonly payment_id: string;
  readonly note: string;
  readonly state: "reading" | "adopted" | "refused" | "unavailable";
}

/** A charge as the merchant sees it: the shopper's view and what lies behind it. */
export interface MerchantChargeView extends ChargeView {
  readonly user_id: string | null;
  readonly profile_id: string | null;
  readonly auto_clearing: boolean | null;
  readonly closed: boolean;
  readonly approval_code: string | null;
  readonly reference: string | null;
  readonly intreference: string | null;
  readonly brand: string | null;
  readonly profile_expiry_date: string | null;
  readonly attempts: readonly AttemptView[];
  readonly operations: readonly OperationView[];
  readonly resolutions: readonly ResolutionView[];
  /** What the merchant has to look at, oldest first. */
  readonly attention: readonly {
    readonly at: string;
    readonly reason: AttentionReason;
    readonly attempt: number | null;
    readonly operation: number | null;
    readonly detail: string | null;
  }[];
  /** Grows by one with every notification. */
  readonly sequence: number;
}

/** One notification and what became of it, for the merchant. */
export interface NotificationView {
  /** Which: the `sequence` of the charge as it was then. */
  readonly sequence: number;
  /** `webhook-id`: the same at each try. */
  readonly id: string;
  readonly type: NotificationType;
  /** When it happened. */
  readonly at: string;
  /** How often it was sent. 0 for one that is from before NOTIFY_URL was set: it is sent only when it is asked for. */
  readonly tries: number;
  /** When a 2xx answered it last. */
  readonly delivered_at: string | null;
  /** `gone`: the receiver answered 410. `given_up`: every try of the schedule failed. Null while it is to be sent. */
  readonly ended: "delivered" | "gone" | "given_up" | null;
  /** The HTTP status of the last try's answer; null where none came. */
  readonly last_status: number | null;
}

/** A charge as the merchant's calls are answered: as it is, and what was told of it. */
export interface MerchantChargeAnswer extends MerchantChargeView {
  /** The newest 50, oldest first. Not part of what the ETag stands for. */
  readonly notifications: readonly NotificationView[];
}

/** A page of a day's list. */
export interface DayList {
  /** At most 50, in the order in which something first happened to them on that day. */
  readonly charges: readonly MerchantChargeView[];
  /** What `after` takes for the next page; null on the last one. */
  readonly next: string | null;
}

/** Why a charge wants a human's eye. */
export type AttentionReason =
  | "undecided_15_minutes"
  | "operation_undecided"
  | "operation_overtaken"
  | "undecided_1_day"
  | "hold_expires"
  | "amount_differs"
  | "old_payment"
  | "terms_differ"
  | "second_payment"
  | "bank_confirmation"
  | "unknown_word"
  | "configuration"
  | "status_went_back"
  | "refund_unsettled"
  | "ledger_too_large"
  | "gateway_changed";

/** What a notification can announce. */
export type NotificationType =
  | "charge.authorized"
  | "charge.succeeded"
  | "charge.failed"
  | "charge.unconfirmed"
  | "charge.cleared"
  | "charge.reversed"
  | "charge.refunded"
  | "charge.closed"
  | "charge.attention";

/** The body of a notification. */
export interface NotificationBody {
  /** What it announces. An edge that is newer than its receiver may announce what the receiver does not know. */
  readonly type: NotificationType | (string & Record<never, never>);
  /** When it happened: ISO 8601 in UTC. Not when it was sent: that is `webhook-timestamp`. */
  readonly timestamp: string;
  /** The whole charge as it was then; `sequence` says which of two is the newer one. */
  readonly data: MerchantChargeView;
}

/** A notification as its receiver has it, once it is verified. */
export interface Notification extends NotificationBody {
  /** `webhook-id`: the same each time one notification is delivered. */
  readonly id: string;
}

/** What a callback is answered, where it came as JSON or empty. */
export interface CallbackAnswer {
  readonly status: "ok" | "rejected";
}

/** What `GET /healthz` answers when all is well. */
export interface HealthAnswer {
  readonly ok: true;
}

/** One thing that the doctor looked at. */
export interface DoctorCheck {
  /** A setting's name, or `bindings`, `callbacks`, `https`, `payer's address`, `signer`, `gateway`, `clock`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found, in English. Never the value of a secret. */
  readonly finding: string;
  /** What to do about it; null where nothing is to be done. */
  readonly fix: string | null;
}

/** What `GET /v1/doctor` answers. */
export interface DoctorReport {
  /** Whether every check is. */
  readonly ok: boolean;
  /**
   * Where the edge runs, as far as the request shows it: on Cloudflare, in `wrangler dev`, on bare workerd (a server of one's own), or
   * somewhere else. What to do about a finding fits it.
   */
  readonly platform: "cloudflare" | "wrangler_dev" | "workerd" | "other";
  readonly checks: readonly DoctorCheck[];
}

/** Every refusal of the edge: its HTTP status and its title in English. The code is the key. */
export const PROBLEMS = {
  idempotency_key_missing: [400, "The Idempotency-Key header is missing"],
  idempotency_key_invalid: [400, "The Idempotency-Key header is not one key of 1 to 255 visible ASCII characters"],
  body_invalid: [400, "The body is not what this call takes"],
  token_missing: [401, "No charge token was sent"],
  token_invalid: [401, "The charge token is not valid"],
  token_expired: [401, "The charge token has expired"],
  api_key_invalid: [401, "The API key is missing or wrong"],
  origin_not_allowed: [403, "This origin may not use this edge or this token"],
  order_mismatch: [403, "The token is for another order than the URL"],
  charge_not_found: [404, "No such charge"],
  route_not_found: [404, "No such address"],
  method_not_allowed: [405, "This address does not take this method"],
  charge_conflict: [409, "The order is being paid or was paid under other terms"],
  charge_closed: [409, "The order is closed"],
  operation_in_progress: [409, "Another operation on this order is not decided yet"],
  operation_not_allowed: [409, "The charge does not allow this operation"],
  retry_not_allowed: [409, "This order may not be tried again like this"],
  body_too_large: [413, "The body is larger than 64 KiB"],
  idempotency_key_reused: [422, "The Idempotency-Key was used with other content"],
  amount_exceeds: [422, "The amount is more than what is left"],
  rate_limited: [429, "Too many calls"],
  internal: [500, "Something went wrong at the edge"],
  not_configured: [503, "The edge is not configured"],
  unavailable: [503, "The edge cannot do this right now"],
} as const satisfies Record<string, readonly [number, string]>;

/** The stable code of a refusal. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal (RFC 9457, `application/problem+json`). */
export interface Problem {
  /** Stable: names the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** The id of this request in the edge's log. */
  readonly request_id: string;
  readonly detail?: string;
  /** With `charge_conflict`: the charge as it is. */
  readonly charge?: ChargeView;
  /** With `not_configured`: which settings are missing or weak. Never a value. */
  readonly settings?: readonly string[];
}
