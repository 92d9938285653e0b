/** The messages between the Worker and an order's object. Types only. */
import type { Charge as ChargeInput } from "../src/charge-token.ts";
import type { ChargeStatus, ChargeView, MerchantChargeAnswer, ProblemCode } from "../src/edge-api.ts";
import type { CallbackContent } from "./machine/events/callback.ts";
import type { RequestContext } from "./log.ts";
import type { PageRequest, ProfileOffer } from "./machine/page-record.ts";
import type { Api, OperationKind } from "./machine/record.ts";

/** A charge request, from a click or from the merchant's server. The Worker has validated every member. */
export interface PayRequest {
  readonly request: RequestContext;
  readonly caller: "shopper" | "merchant";
  /** The Idempotency-Key. */
  readonly key: string;
  readonly charge: ChargeInput;
  /** The API that charges its profile, if this request begins an attempt. */
  readonly api: Api;
  /** `iat` of the token in seconds; null for a server's call. */
  readonly issuedAt: number | null;
  /** The payer's address at the click, or at the consent. */
  readonly userIp: string;
  /** For the callbacks of an attempt: the unguessable part of their URLs, and the URLs. */
  readonly ticket: string;
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
  /** How a page is asked for, if the charge is paid on one. */
  readonly page: PageRequest | null;
  /** How long to wait for the outcome. */
  readonly waitSeconds: number;
  /** The Worker's `ACCEPT_PAYMENTS`. False: only a key that is known already is answered. */
  readonly acceptsPayments: boolean;
}

/** The merchant requests a clearing, a reverse or a refund. */
export interface OperateRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly kind: OperationKind;
  readonly key: string;
  /** Major units, at most 2 decimals; null: all that is left. */
  readonly amount: number | null;
}

/** The merchant closes the order. */
export interface CloseRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly key: string;
}

/** An operator decides a stuck charge or operation. */
export interface ResolveRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly key: string;
  /** The payment's id. Null: nothing was taken. */
  readonly paymentId: string | null;
  /** The reason, for the record. */
  readonly note: string;
}

/** The merchant requests a notification again. */
export interface NotifyRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly key: string;
  /** Its number; null: the newest. */
  readonly sequence: number | null;
}

/** The answer to an operation, a close, a resolve or a notify. */
export type OperationResponse = { readonly ok: true; readonly charge: MerchantChargeAnswer } | Refusal;

/** A read of the charge. */
export interface ReadRequest {
  readonly request: RequestContext;
  readonly caller: "shopper" | "merchant";
  readonly orderId: string;
  /** The token's charge. Null for the merchant. */
  readonly charge: ChargeInput | null;
  /** The header, as received. */
  readonly ifNoneMatch: string | null;
  /** Seconds to wait for a change. */
  readonly waitSeconds: number;
}

/** A callback of the gateway. It is only a hint (M7). */
export interface CallbackRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly kind: "check" | "result";
  readonly ticket: string;
  /** The callback's content, as far as it could be read. */
  readonly content: CallbackContent;
  /** Whether it is a notification of the Merchant API that verifies. */
  readonly isVerified: boolean;
  /** Whether one that verifies, by POST, says that its payment is a test. Absent: no. */
  readonly isTest?: boolean;
  readonly isByGet?: boolean;
  readonly isFailed?: boolean;
  readonly isPaid?: boolean;
  /** The profile that a verified result names. */
  readonly profile?: ProfileOffer | null;
}

/** A shopper came back from a payment page (P7). */
export interface ReturnRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  /** The name in the ticket. */
  readonly ticket: string;
  readonly by: "paid" | "failed";
}

/** Where the browser goes next. `gone`: the order is redacted. */
export type ReturnResponse =
  | { readonly ok: true; readonly returnUrl: string; readonly code: string | null }
  | { readonly ok: true; readonly gone: true }
  | Refusal;

/** A refusal. The Worker makes the HTTP answer of it. */
export interface Refusal {
  readonly ok: false;
  readonly code: ProblemCode;
  /** Seconds. */
  readonly retryAfter?: number;
  /** The reason for the merchant's developer. Always present with operation_not_allowed. */
  readonly detail?: string;
  readonly charge?: ChargeView;
}

/** The answer to a {@link PayRequest}. */
export type PayResponse = { readonly ok: true; readonly began: boolean; readonly charge: ChargeView | MerchantChargeAnswer } | Refusal;

/** The answer to a {@link ReadRequest}. */
export type ReadResponse =
  | { readonly ok: true; readonly etag: string; readonly charge: ChargeView | MerchantChargeAnswer; readonly retryAfter?: number }
  | { readonly ok: true; readonly etag: string; readonly notModified: true; readonly retryAfter?: number }
  | Refusal;

/** The answer to a {@link CallbackRequest}. */
export type CallbackResponse = { readonly ok: true; readonly answer: "ok" | "rejected" } | Refusal;

/** The state of a shard. */
export interface ShardState {
  /** Bytes of its database. */
  readonly usedBytes: number;
  /** Bytes that it can store. It takes no new orders a little before. */
  readonly maxBytes: number;
}

/** A charge for the index of one day. */
export interface DayEntry {
  readonly day: string;
  readonly orderId: string;
  /** Grows with every change of the charge: an older one never replaces a newer one. */
  readonly version: number;
  readonly status: ChargeStatus;
  /** JSON text: the merchant's view. */
  readonly view: string;
}

/** A page: views as JSON texts, and where the next one begins. */
export interface DayPage {
  readonly charges: readonly string[];
  readonly next: string | null;
}
