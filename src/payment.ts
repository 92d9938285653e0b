/**
 * The actions of the Async API as one table, and the calls of a server without PCI certification. Each call is checked and
 * then written once as the exact text to sign and send, in the member order of the official pages. Calls with a card number
 * are in card-payment.ts.
 */
import * as v from "valibot";
import type { CallKind } from "./decline.ts";
import { FreedomPayError } from "./errors.ts";
import { readInput } from "./lib/input.ts";
import * as member from "./lib/members.ts";
import type { Currency } from "./money.ts";
import type { AnswerSchema, CreatedPayment, EditedPayment, PaymentState, RequestState } from "./payment-answer.ts";
import { anyAnswer, createdPayment, editedPayment, paymentState, requestState } from "./payment-answer.ts";
import { isRequestId } from "./request-id.ts";

export type { CreatedPayment, EditedPayment, GatewayError, PaymentRow, PaymentState, RawAmount, RequestState } from "./payment-answer.ts";

/** The endpoints of the Async API; all are POST. */
export type Endpoint = "/v5/g2g/create" | "/v5/g2g/read" | "/v5/g2g/edit";

/** One action of the gateway. */
export interface ActionSpec<Answer> {
  /** The header X-Action; empty for an endpoint without it. */
  readonly name: string;
  /** The path: an {@link Endpoint}, or any other v5 path for {@link otherCall}. */
  readonly endpoint: string;
  /** The kind of call: the meaning of some error codes depends on it. */
  readonly kind: CallKind;
  /** Reads the JSON object of an answer. */
  readonly answer: AnswerSchema<Answer>;
  /** Whether `{}` is a valid answer. */
  readonly mayBeEmpty: boolean;
}

/** A call that is ready to be signed and sent. It can be stored, so that a resend has the same text. */
export interface UnsignedCall<Answer> {
  readonly action: ActionSpec<Answer>;
  /** The header X-Request-Id. A repeated id gets the original response. */
  readonly requestId: string;
  /** The exact JSON text to sign and send. */
  readonly body: string;
}

/** Every action of the Async API (Async API, "Actions"). */
export const ACTIONS: {
  readonly create: ActionSpec<CreatedPayment>;
  readonly paymentStatus: ActionSpec<PaymentState>;
  readonly requestStatus: ActionSpec<RequestState>;
  readonly clearing: ActionSpec<EditedPayment>;
  readonly reverse: ActionSpec<EditedPayment>;
  readonly refund: ActionSpec<EditedPayment>;
} = {
  create: { name: "gateway.payment.create", endpoint: "/v5/g2g/create", kind: "create", answer: createdPayment, mayBeEmpty: false },
  paymentStatus: { name: "gateway.payment.status", endpoint: "/v5/g2g/read", kind: "read", answer: paymentState, mayBeEmpty: true },
  requestStatus: { name: "gateway.request.status", endpoint: "/v5/g2g/read", kind: "read", answer: requestState, mayBeEmpty: false },
  clearing: { name: "gateway.payment.clearing", endpoint: "/v5/g2g/edit", kind: "edit", answer: editedPayment, mayBeEmpty: false },
  reverse: { name: "gateway.payment.reverse", endpoint: "/v5/g2g/edit", kind: "edit", answer: editedPayment, mayBeEmpty: false },
  refund: { name: "gateway.payment.refund", endpoint: "/v5/g2g/edit", kind: "edit", answer: editedPayment, mayBeEmpty: false },
};

/** The common members of every create. */
export interface PaymentInput {
  /** Major units, above 0, at most 2 decimals, at most 99,999,999. */
  readonly amount: number;
  readonly currency: Currency;
  /** 1-1024 characters without control characters. */
  readonly description: string;
  /** 1-50 characters. A repeated order_id gets the original response, so a new attempt needs a new one. */
  readonly order_id: string;
  /** 1-50 of `[A-Za-z0-9_-]`: the owner of the card or profile. */
  readonly user_id: string;
  /** True: one step. False: a hold, until clearing or reverse. The gateway clears a hold automatically after 5 days. */
  readonly auto_clearing: boolean;
  /** The payer's address, IPv4 or IPv6. */
  readonly user_ip: string;
  /** Callback URLs. The older official page requires both; a newer one no longer lists them. */
  readonly urls?: { readonly check_url?: string | undefined; readonly result_url?: string | undefined } | undefined;
}

/** Input of {@link createRecurrentPayment}. */
export interface RecurrentPaymentInput extends PaymentInput {
  /** The stored profile to charge: 1-64 of `[A-Za-z0-9._-]`. */
  readonly profile_id: string;
}

const urls = v.optional(v.strictObject({ check_url: v.optional(member.callbackUrl), result_url: v.optional(member.callbackUrl) }));

/** The rules of {@link PaymentInput}, for the schemas of the creates. */
export const paymentMembers: {
  readonly amount: v.GenericSchema<number>;
  readonly currency: v.GenericSchema<Currency>;
  readonly description: v.GenericSchema<string>;
  readonly order_id: v.GenericSchema<string>;
  readonly user_id: v.GenericSchema<string>;
  readonly auto_clearing: v.GenericSchema<boolean>;
  readonly user_ip: v.GenericSchema<string>;
  readonly urls: v.OptionalSchema<v.GenericSchema<unknown, PaymentInput["urls"]>, undefined>;
} = {
  amount: member.amount,
  currency: member.currency,
  description: member.description,
  order_id: member.gatewayOrderId,
  user_id: member.userId,
  auto_clearing: member.flag,
  user_ip: member.userIp,
  urls,
};

const recurrentPayment = v.strictObject({ ...paymentMembers, profile_id: member.profileId });

/**
 * Charges a stored profile: no card number, no 3-D Secure (Async API, create payment recurrent).
 *
 * @param input The payment. Unknown members are refused.
 * @param requestId The X-Request-Id of the call: a UUID.
 * @throws {@link FreedomPayError} `input_invalid`, which names the member.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 *
 * const call = createRecurrentPayment(
 *   {
 *     amount: 4990,
 *     currency: "KZT",
 *     description: "Aport apples, 5 kg",
 *     order_id: "1234",
 *     user_id: "12345",
 *     auto_clearing: true,
 *     profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
 *     user_ip: "203.0.113.7",
 *   },
 *   requestId(), // keep it: the same call under the same id is the same payment
 * );
 * console.log(call.body); // what callGateway() signs and sends
 * ```
 */
export function createRecurrentPayment(input: RecurrentPaymentInput, requestId: string): UnsignedCall<CreatedPayment> {
  const { profile_id, ...payment } = readInput(recurrentPayment, input);
  return createCall(payment, { type: "recurrent", recurrent: { profile_id } }, requestId);
}

/**
 * A create with any `from`, in the member order of the official page. Only for the functions of this package, which
 * validate their input.
 */
export function createCall(input: PaymentInput, from: Readonly<Record<string, unknown>>, requestId: string): UnsignedCall<CreatedPayment> {
  const { amount, currency, description, order_id, user_id, auto_clearing, user_ip, urls } = input;
  const hasCallbacks = urls?.check_url !== undefined || urls?.result_url !== undefined;
  return unsigned(ACTIONS.create, requestId, {
    amount,
    currency,
    description,
    order_id,
    user_id,
    auto_clearing,
    from,
    device: { user_ip },
    urls: hasCallbacks ? { check_url: urls?.check_url, result_url: urls?.result_url } : undefined,
  });
}

const paymentQuery = v.pipe(
  v.strictObject({ id: v.optional(member.paymentId), order_id: v.optional(member.gatewayOrderId) }),
  v.check(({ id, order_id }) => id !== undefined || order_id !== undefined, "must name an id or an order_id"),
);

/**
 * Reads the state of a payment, by the gateway's id, the order_id, or both. The answer is `{}` when there is none.
 *
 * @throws {@link FreedomPayError} `input_invalid`.
 *
 * @example
 * ```ts
 * import { paymentStatus, requestId } from "freedom-pay-charge";
 *
 * const call = paymentStatus({ order_id: "1234" }, requestId());
 * ```
 */
export function paymentStatus(
  input: { readonly id?: string | undefined; readonly order_id?: string | undefined },
  requestId: string,
): UnsignedCall<PaymentState> {
  const { id, order_id } = readInput(paymentQuery, input);
  return unsigned(ACTIONS.paymentStatus, requestId, { id, order_id });
}

const requestQuery = v.strictObject({
  id: v.custom<string>((value) => typeof value === "string" && isRequestId(value), "must be a UUID"),
});

/**
 * Reads the original response to an earlier request. It proves that the gateway received the request, and has the payment
 * id. It is not the current state: read that with {@link paymentStatus}.
 *
 * @param input `id` is the X-Request-Id of the earlier call.
 * @param requestId The id of this call, a different one.
 * @throws {@link FreedomPayError} `input_invalid`.
 *
 * @example
 * ```ts
 * import { requestId, requestStatus } from "freedom-pay-charge";
 *
 * const sent = requestId(); // of the create whose answer was lost
 * const call = requestStatus({ id: sent }, requestId());
 * ```
 */
export function requestStatus(input: { readonly id: string }, requestId: string): UnsignedCall<RequestState> {
  const { id } = readInput(requestQuery, input);
  return unsigned(ACTIONS.requestStatus, requestId, { id });
}

const edit = v.strictObject({ id: member.paymentId });
const editOfAmount = v.strictObject({ id: member.paymentId, amount: member.amount });

/**
 * Clears a hold.
 *
 * @param input The payment id and the amount in major units, at most 2 decimals. It may be less than the hold.
 * @throws {@link FreedomPayError} `input_invalid`.
 *
 * @example
 * ```ts
 * import { clearing, requestId } from "freedom-pay-charge";
 *
 * const call = clearing({ id: "1000000001", amount: 4000 }, requestId());
 * ```
 */
export function clearing(input: { readonly id: string; readonly amount: number }, requestId: string): UnsignedCall<EditedPayment> {
  const { id, amount } = readInput(editOfAmount, input);
  return unsigned(ACTIONS.clearing, requestId, { id, amount });
}

/**
 * Releases a hold that was not cleared.
 *
 * @param input The payment id.
 * @throws {@link FreedomPayError} `input_invalid`.
 *
 * @example
 * ```ts
 * import { requestId, reverse } from "freedom-pay-charge";
 *
 * const call = reverse({ id: "1000000001" }, requestId());
 * ```
 */
export function reverse(input: { readonly id: string }, requestId: string): UnsignedCall<EditedPayment> {
  const { id } = readInput(edit, input);
  return unsigned(ACTIONS.reverse, requestId, { id });
}

/**
 * Refunds a payment completely or in part.
 *
 * @param input The payment id and the amount to refund: major units, positive, at most 2 decimals.
 * @throws {@link FreedomPayError} `input_invalid`.
 *
 * @example
 * ```ts
 * import { refund, requestId } from "freedom-pay-charge";
 *
 * const call = refund({ id: "1000000001", amount: 990 }, requestId());
 * ```
 */
export function refund(input: { readonly id: string; readonly amount: number }, requestId: string): UnsignedCall<EditedPayment> {
  const { id, amount } = readInput(editOfAmount, input);
  return unsigned(ACTIONS.refund, requestId, { id, amount });
}

/** Input of {@link otherCall}. */
export interface OtherCallInput {
  /** A v5 path without a query, such as `/v5/card-api/request/status`. */
  readonly endpoint: string;
  /** The header X-Action; left out for an endpoint without it. */
  readonly action?: string | undefined;
  /** The body, written as JSON in the order of its members. */
  readonly body: Readonly<Record<string, unknown>>;
}

const PATH = /^\/v5(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

const other = v.strictObject({
  endpoint: v.pipe(v.string("must be a v5 path"), v.regex(PATH, "must be a v5 path such as /v5/g2g/read, without a query")),
  action: v.optional(
    v.pipe(v.string("must be a name"), v.regex(/^[A-Za-z0-9._-]{1,100}$/, "must be a name such as gateway.payment.status")),
  ),
  body: v.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "must be an object",
  ),
});

/**
 * A call to any other v5 endpoint, signed the same way. Other APIs need HS512: see {@link SignerOptions}' `algorithm`.
 *
 * @returns A call whose answer is the unchanged JSON object.
 * @throws {@link FreedomPayError} `input_invalid`, also for a body that JSON.stringify refuses.
 *
 * @example
 * ```ts
 * import { otherCall, requestId } from "freedom-pay-charge";
 *
 * const call = otherCall({ endpoint: "/v5/card-api/request/status", body: { id: "1000000001" } }, requestId());
 * ```
 */
export function otherCall(input: OtherCallInput, requestId: string): UnsignedCall<Record<string, unknown>> {
  const { endpoint, action, body } = readInput(other, input);
  return unsigned({ name: action ?? "", endpoint, kind: "edit", answer: anyAnswer, mayBeEmpty: true }, requestId, body);
}

function unsigned<Answer>(action: ActionSpec<Answer>, requestId: string, body: unknown): UnsignedCall<Answer> {
  if (!isRequestId(requestId)) throw new FreedomPayError("input_invalid", "the request id must be a UUID");
  try {
    return { action, requestId, body: JSON.stringify(body) };
  } catch (cause) {
    throw new FreedomPayError("input_invalid", "body cannot be written as JSON", { cause });
  }
}
