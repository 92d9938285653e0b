/**
 * A call to the gateway by either API, and its outcome. The answers of both are in one vocabulary, that of v5: created payment, payment
 * state, edited payment. So the reconciliation has one set of rules.
 */
import type { UnsignedMerchantCall } from "../../src/merchant-api/calls.ts";
import type { MerchantUnknown } from "../../src/merchant-api/outcome.ts";
import type { MerchantPaymentState } from "../../src/merchant-api/payment-status.ts";
import type { Answered, Refused, Unknown } from "../../src/outcome.ts";
import type { PaymentState, UnsignedCall } from "../../src/payment.ts";

/** An unsigned call: its action says by which API it goes. */
export type GatewayCall<Answer> = UnsignedCall<Answer> | UnsignedMerchantCall<Answer>;

/** Whether a call goes by the Merchant API. */
export function isMerchantCall<Answer>(call: GatewayCall<Answer>): call is UnsignedMerchantCall<Answer> {
  return "accepts" in call.action;
}

/** A payment as a read shows it, with what the Merchant API alone says: why it was declined, by its own codes, and whether it is a test. */
export interface ReadPayment extends PaymentState, Partial<Pick<MerchantPaymentState, "failureCategory" | "isTest" | "cardDigest">> {}

/** A bare refusal: an error answer without a payment. */
export interface Refusal extends Refused {
  /** Whether the error is signed. Only the Merchant API signs its answers. */
  readonly isSigned?: boolean;
  /** Whether the gateway did not identify the merchant, by the Merchant API. */
  readonly isNotIdentified?: boolean;
}

/** Why it is unknown whether the gateway acted. */
export type UnknownEnd = Unknown | MerchantUnknown;

/** The end of a call. */
export type GatewayOutcome<Answer> = Answered<Answer> | Refusal | UnknownEnd;
