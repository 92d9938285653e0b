/** The package's main entry: signed calls of the Freedom Pay gateway, charge tokens, and the types of the edge's answers. */
export {
  CHARGE_TOKEN_AUDIENCE,
  type Charge,
  type ChargeInput,
  type ChargeTokenOptions,
  DEFAULT_LIFETIME,
  issueChargeToken,
  MAX_LIFETIME,
  type OpenedChargeToken,
  type OpenOptions,
  openChargeToken,
  parseCharge,
} from "./charge-token.ts";
export { type CallKind, categoryOf, type DeclineCategory, retryAdvice } from "./decline.ts";
export type {
  AttemptView,
  AttentionReason,
  CardHint,
  ChargeStatus,
  ChargeView,
  FailureCategory,
  MerchantChargeView,
  NotificationType,
  OperationView,
  Problem,
  ProblemCode,
  ResolutionView,
  Retry,
  SendView,
} from "./edge-api.ts";
export { type ErrorCode, FreedomPayError, type FreedomPayErrorOptions } from "./errors.ts";
export {
  buildRequest,
  CALL_TIMEOUT,
  callGateway,
  createGateway,
  GATEWAY_HOSTS,
  type Gateway,
  type GatewayOptions,
  isGatewayUrl,
  type SendOptions,
  send,
} from "./gateway.ts";
export { CURRENCIES, type Currency, isChargeAmount, MAX_AMOUNT, toMajorUnits, toMinorUnits } from "./money.ts";
export {
  type Answered,
  type Outcome,
  outcomeOfResponse,
  outcomeOfThrow,
  type Refused,
  type Unknown,
  type UnknownReason,
} from "./outcome.ts";
export {
  ACTIONS,
  type ActionSpec,
  type CreatedPayment,
  clearing,
  createRecurrentPayment,
  type EditedPayment,
  type Endpoint,
  type GatewayError,
  type OtherCallInput,
  otherCall,
  type PaymentInput,
  type PaymentRow,
  type PaymentState,
  paymentStatus,
  type RawAmount,
  type RecurrentPaymentInput,
  type RequestState,
  refund,
  requestStatus,
  reverse,
  type UnsignedCall,
} from "./payment.ts";
export { isRequestId, requestId } from "./request-id.ts";
export {
  createSigner,
  type ExpectedSignature,
  type SignatureAlgorithm,
  type Signer,
  type SignerOptions,
  verifySignature,
} from "./signature.ts";
