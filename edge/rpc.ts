/** What the Worker asks an order's object, and what that answers. Types only. */
import type { Charge as ChargeInput } from "../src/charge-token.ts";
import type { ChargeView, MerchantChargeAnswer, ProblemCode } from "../src/edge-api.ts";
import type { CallbackContent } from "./machine/events/callback.ts";
import type { RequestContext } from "./log.ts";
import type { OperationKind } from "./machine/record.ts";

/** A click, or a merchant's server, asks to pay. Everything in it was validated by the Worker. */
export interface PayRequest {
  readonly request: RequestContext;
  readonly caller: "shopper" | "merchant";
  /** The Idempotency-Key. */
  readonly key: string;
  readonly charge: ChargeInput;
  /** `iat` of the token in seconds; null for a server's call. */
  readonly issuedAt: number | null;
  /** The payer's address at the click, or at the consent. */
  readonly userIp: string;
  /** For the callbacks, should an attempt begin: the part of their address that nobody can guess, and where they arrive. */
  readonly ticket: string;
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
}

/** The merchant asks for a clearing, a reverse or a refund. */
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

/** An operator says what became of a stuck charge or operation. */
export interface ResolveRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly key: string;
  /** The payment that it is; null: nothing was taken. */
  readonly paymentId: string | null;
  /** Why, for the record. */
  readonly note: string;
}

/** The merchant wants a notification once more. */
export interface NotifyRequest {
  readonly request: RequestContext;
  readonly orderId: string;
  readonly key: string;
  /** Its number; null: the newest. */
  readonly sequence: number | null;
}

/** The answer to an operation, a close, a resolve or a notify. */
export type OperationResponse = { readonly ok: true; readonly charge: MerchantChargeAnswer } | Refusal;

/** Somebody asks for the state. */
export interface ReadRequest {
  readonly request: RequestContext;
  readonly caller: "shopper" | "merchant";
  readonly orderId: string;
  /** What the token says; null for the merchant. */
  readonly charge: ChargeInput | null;
  /** The header, as received. */
  readonly ifNoneMatch: string | null;
  /** Seconds to wait for a change. */
  readonly waitSeconds: number;
}

/** The gateway called back. A hint, whatever it says (M7). */
export interface CallbackRequest {
  readonly request: RequestContext;
  readonly kind: "check" | "result";
  readonly ticket: string;
  /** What it says of itself, as far as it could be read. */
  readonly content: CallbackContent;
}

/** A refusal, to be put into words by the Worker. */
export interface Refusal {
  readonly ok: false;
  readonly code: ProblemCode;
  /** Seconds. */
  readonly retryAfter?: number;
  /** Why, for the merchant's developer: with operation_not_allowed always. */
  readonly detail?: string;
  readonly charge?: ChargeView;
}

/** The answer to a {@link PayRequest}. */
export type PayResponse = { readonly ok: true; readonly began: boolean; readonly charge: ChargeView | MerchantChargeAnswer } | Refusal;

/** The answer to a {@link ReadRequest}. */
export type ReadResponse =
  | { readonly ok: true; readonly etag: string; readonly charge: ChargeView | MerchantChargeAnswer }
  | { readonly ok: true; readonly etag: string; readonly notModified: true }
  | Refusal;

/** The answer to a {@link CallbackRequest}. */
export interface CallbackResponse {
  readonly answer: "ok" | "rejected";
}
