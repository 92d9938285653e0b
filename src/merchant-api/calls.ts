/**
 * The calls of the Merchant API (docs/merchant-api.md, "Calls"). Each is checked and written once as a form without the merchant's number,
 * salt and signature: client.ts adds those.
 */
import * as v from "valibot";
import type { CallKind } from "../decline.ts";
import { FreedomPayError } from "../errors.ts";
import { readInput } from "../lib/input.ts";
import * as member from "../lib/members.ts";
import type { Currency } from "../money.ts";
import { isRequestId } from "../request-id.ts";
import type { AcceptedCharge, AcceptedOperation, AnswerReader, OpenedPage, PaymentStatus, StoredCard } from "./answers.ts";
import { readCards, readCharge, readOperation, readPage, readStatus } from "./answers.ts";
import type { MerchantCallName } from "./paths.ts";

/** One call of the Merchant API. */
export interface MerchantAction<Answer> {
  readonly name: MerchantCallName;
  /** The kind of call: the meaning of some error codes depends on it. */
  readonly kind: CallKind;
  /** The values of `pg_status` in an answer. Null stands for an answer without it. */
  readonly accepts: readonly (string | null)[];
  /** Reads the fields of an accepted answer; null if they are not one. */
  readonly answer: AnswerReader<Answer>;
}

/** A call that is ready to be signed and sent. It can be stored. */
export interface UnsignedMerchantCall<Answer> {
  readonly action: MerchantAction<Answer>;
  /** A UUID. Without its dashes it is the call's `pg_salt`. */
  readonly requestId: string;
  /** The exact form text of the call's own fields. */
  readonly body: string;
}

/** The answers to an operation: all of them mean accepted, none of them done. */
const ACCEPTED = ["ok", "success", "pending"];

/** Every call. */
export const MERCHANT_ACTIONS: {
  readonly initPayment: MerchantAction<OpenedPage>;
  readonly makeRecurringPayment: MerchantAction<AcceptedCharge>;
  readonly getStatus: MerchantAction<PaymentStatus>;
  readonly doCapture: MerchantAction<AcceptedOperation>;
  readonly cancel: MerchantAction<AcceptedOperation>;
  readonly revoke: MerchantAction<AcceptedOperation>;
  readonly listCards: MerchantAction<readonly StoredCard[]>;
} = {
  initPayment: { name: "initPayment", kind: "create", accepts: ["ok"], answer: readPage },
  makeRecurringPayment: { name: "makeRecurringPayment", kind: "create", accepts: ["ok"], answer: readCharge },
  getStatus: { name: "getStatus", kind: "read", accepts: ["ok"], answer: readStatus },
  doCapture: { name: "doCapture", kind: "edit", accepts: ACCEPTED, answer: readOperation },
  cancel: { name: "cancel", kind: "edit", accepts: ACCEPTED, answer: readOperation },
  revoke: { name: "revoke", kind: "edit", accepts: ACCEPTED, answer: readOperation },
  listCards: { name: "listCards", kind: "read", accepts: ["ok", "success", null], answer: readCards },
};

/** The common members of a page and of a charge. */
interface NewPayment {
  /** 1-50 characters. A repeated one is refused (9991). */
  readonly order_id: string;
  /** Major units, above 0, at most 2 decimals, at most 99,999,999. */
  readonly amount: number;
  readonly currency: Currency;
  /** 1-1024 characters without control characters. */
  readonly description: string;
  /** True: one step. False: a hold. */
  readonly auto_clearing: boolean;
  /** 1-255 visible ASCII characters. What a repeat answers is not known. */
  readonly idempotency_key?: string | undefined;
  /** Addresses for notifications: at most 255 characters each. */
  readonly check_url?: string | undefined;
  readonly result_url?: string | undefined;
}

/** Input of {@link initPayment}. */
export interface InitPaymentInput extends NewPayment {
  /** 1-50 of `[A-Za-z0-9_-]`: the owner of a card that is saved. */
  readonly user_id: string;
  /** How long the page can be paid: 300 to 604,800 whole seconds. */
  readonly lifetime: number;
  readonly language?: "kk" | "ru" | "en" | undefined;
  /** The payer's address. It is sent only if it is IPv4, because the gateway knows no other. */
  readonly user_ip?: string | undefined;
  /** Creates a profile that lives so many months, 1-12. */
  readonly save_card_months?: number | undefined;
  /** Where the browser returns, by GET: at most 255 characters each. The return proves nothing. */
  readonly success_url?: string | undefined;
  readonly failure_url?: string | undefined;
}

/** Input of {@link makeRecurringPayment}. */
export interface MakeRecurringPaymentInput extends NewPayment {
  /** The stored profile: 1-20 digits. */
  readonly profile_id: string;
}

/** A rule for a text of digits: ids are integers in this API. */
const digits = member.matching(/^\d{1,20}$/, "must be 1 to 20 digits");

/** An http or https URL that the gateway can store. */
const url = v.pipe(member.callbackUrl, v.maxLength(255, "must have at most 255 characters"));

function wholeNumber(min: number, max: number): v.GenericSchema<number> {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

const newPayment = {
  order_id: member.gatewayOrderId,
  amount: member.amount,
  currency: member.currency,
  description: member.description,
  auto_clearing: member.flag,
  idempotency_key: v.optional(member.matching(/^[!-~]{1,255}$/, "must be 1 to 255 visible ASCII characters")),
  check_url: v.optional(url),
  result_url: v.optional(url),
};

const initInput = v.strictObject({
  ...newPayment,
  user_id: member.userId,
  lifetime: wholeNumber(300, 604_800),
  language: v.optional(v.picklist(["kk", "ru", "en"], "must be kk, ru or en")),
  user_ip: v.optional(member.userIp),
  save_card_months: v.optional(wholeNumber(1, 12)),
  success_url: v.optional(url),
  failure_url: v.optional(url),
});

const recurringInput = v.strictObject({ ...newPayment, profile_id: digits });

/**
 * Opens a payment page: `init_payment`. Its answer is an address, no payment.
 *
 * @param requestId A UUID: without its dashes it is the salt.
 * @throws {@link FreedomPayError} `input_invalid`, which names the member.
 */
export function initPayment(input: InitPaymentInput, requestId: string): UnsignedMerchantCall<OpenedPage> {
  const { user_id, lifetime, language, user_ip, save_card_months, success_url, failure_url, ...payment } = readInput(initInput, input);
  return unsigned(MERCHANT_ACTIONS.initPayment, requestId, {
    ...paymentFields(payment),
    pg_user_id: user_id,
    pg_lifetime: String(lifetime),
    pg_language: language,
    pg_user_ip: user_ip?.includes(":") ? undefined : user_ip,
    pg_recurring_start: save_card_months === undefined ? undefined : "1",
    pg_recurring_lifetime: save_card_months === undefined ? undefined : String(save_card_months),
    pg_success_url: success_url,
    pg_success_url_method: success_url === undefined ? undefined : "GET",
    pg_failure_url: failure_url,
    pg_failure_url_method: failure_url === undefined ? undefined : "GET",
  });
}

/**
 * Charges a stored profile: `make_recurring_payment`. `ok` means accepted, not paid, and an error is not final.
 *
 * @throws {@link FreedomPayError} `input_invalid`, which names the member.
 */
export function makeRecurringPayment(input: MakeRecurringPaymentInput, requestId: string): UnsignedMerchantCall<AcceptedCharge> {
  const { profile_id, ...payment } = readInput(recurringInput, input);
  return unsigned(MERCHANT_ACTIONS.makeRecurringPayment, requestId, { pg_recurring_profile: profile_id, ...paymentFields(payment) });
}

function paymentFields(payment: NewPayment): FormFields {
  return {
    pg_order_id: payment.order_id,
    pg_amount: amountText(payment.amount),
    pg_currency: payment.currency,
    pg_description: payment.description,
    pg_auto_clearing: payment.auto_clearing ? "1" : "0",
    pg_idempotency_key: payment.idempotency_key,
    // Without it some shops get no notification by POST.
    pg_request_method: "POST",
    pg_check_url: payment.check_url,
    pg_result_url: payment.result_url,
  };
}

const statusInput = v.pipe(
  v.strictObject({ payment_id: v.optional(digits), order_id: v.optional(member.gatewayOrderId) }),
  v.check(({ payment_id, order_id }) => (payment_id === undefined) !== (order_id === undefined), "must name a payment_id or an order_id"),
);

/**
 * Reads a payment: `get_status3`.
 *
 * @param input A payment, or an order: then the last payment of that order is the answer.
 * @throws {@link FreedomPayError} `input_invalid`, also for both at once, because which of them counts is not published.
 */
export function getStatus(
  input: { readonly payment_id?: string | undefined; readonly order_id?: string | undefined },
  requestId: string,
): UnsignedMerchantCall<PaymentStatus> {
  const { payment_id, order_id } = readInput(statusInput, input);
  return unsigned(MERCHANT_ACTIONS.getStatus, requestId, { pg_payment_id: payment_id, pg_order_id: order_id });
}

const captureInput = v.strictObject({ payment_id: digits, amount: member.amount });

/**
 * Clears a hold: `do_capture`.
 *
 * @param input The amount in major units, at most what is held.
 * @throws {@link FreedomPayError} `input_invalid`.
 */
export function doCapture(
  input: { readonly payment_id: string; readonly amount: number },
  requestId: string,
): UnsignedMerchantCall<AcceptedOperation> {
  const { payment_id, amount } = readInput(captureInput, input);
  return unsigned(MERCHANT_ACTIONS.doCapture, requestId, { pg_payment_id: payment_id, pg_clearing_amount: amountText(amount) });
}

const cancelInput = v.strictObject({ payment_id: digits });

/**
 * Releases a hold, always the whole one: `cancel`.
 *
 * @throws {@link FreedomPayError} `input_invalid`.
 */
export function cancel(input: { readonly payment_id: string }, requestId: string): UnsignedMerchantCall<AcceptedOperation> {
  const { payment_id } = readInput(cancelInput, input);
  return unsigned(MERCHANT_ACTIONS.cancel, requestId, { pg_payment_id: payment_id });
}

const revokeInput = v.strictObject({ payment_id: digits, amount: v.optional(member.amount) });

/**
 * Refunds a payment: `revoke`. Several parts are allowed.
 *
 * @param input The amount in major units; absent: everything.
 * @throws {@link FreedomPayError} `input_invalid`.
 */
export function revoke(
  input: { readonly payment_id: string; readonly amount?: number | undefined },
  requestId: string,
): UnsignedMerchantCall<AcceptedOperation> {
  const { payment_id, amount } = readInput(revokeInput, input);
  return unsigned(MERCHANT_ACTIONS.revoke, requestId, {
    pg_payment_id: payment_id,
    pg_refund_amount: amount === undefined ? undefined : amountText(amount),
  });
}

const listInput = v.strictObject({ user_id: member.userId });

/**
 * Lists the stored cards of a user, with their profiles: `cardstorage/list`.
 *
 * @throws {@link FreedomPayError} `input_invalid`.
 */
export function listCards(input: { readonly user_id: string }, requestId: string): UnsignedMerchantCall<readonly StoredCard[]> {
  const { user_id } = readInput(listInput, input);
  return unsigned(MERCHANT_ACTIONS.listCards, requestId, { pg_user_id: user_id });
}

/** `20` for a whole amount, `20.50` with minor units. The input was checked, so two decimals are exact. */
function amountText(amount: number): string {
  return Number.isInteger(amount) ? String(amount) : amount.toFixed(2);
}

type FormFields = Readonly<Record<string, string | undefined>>;

function unsigned<Answer>(action: MerchantAction<Answer>, requestId: string, fields: FormFields): UnsignedMerchantCall<Answer> {
  if (!isRequestId(requestId)) throw new FreedomPayError("input_invalid", "the request id must be a UUID");
  const given = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { action, requestId, body: new URLSearchParams(given).toString() };
}
