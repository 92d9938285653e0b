/** Reads a call of the Merchant API: the form, its signature, its fields (docs/merchant-api.md, "Calls" and "Signature"). */

import type { MerchantCallName } from "../merchant-api/paths.ts";
import type { Field } from "../merchant-api/field.ts";
import type { InvalidCall, MerchantFields } from "./merchant-fields.ts";
import { amountIn, invalid, isId } from "./merchant-fields.ts";
import { parsePage } from "./page-call.ts";
import type { ParsedCall } from "./parsed-call.ts";
import type { ParsedPage } from "./parsed-page.ts";
import { signNested } from "./pg-signature.ts";

/** A call whose signature is right. */
export interface MerchantCall {
  readonly name: MerchantCallName;
  /** The last segment of the called path: it signs the answer too. */
  readonly script: string;
  /** The key that signed it. */
  readonly secretKey: string;
  /** Where it was called: the payment page is there too. */
  readonly origin: string;
  readonly fields: MerchantFields;
}

/** A call that the gateway does not identify. It is answered without a signature. */
export interface UnidentifiedCall {
  readonly httpStatus: 200 | 401;
  readonly code: "1100" | "9998";
}

/** The status has two older forms, which answer with `pg_transaction_status`. */
const NAMES: Readonly<Record<string, MerchantCallName>> = {
  init_payment: "initPayment",
  get_status: "getStatus",
  get_status2: "getStatus",
  make_recurring_payment: "makeRecurringPayment",
  get_status3: "getStatus",
  do_capture: "doCapture",
  cancel: "cancel",
  revoke: "revoke",
};

/**
 * The call at a path, with or without `.php`; null for any other path.
 *
 * @example
 * ```ts
 * import { merchantCallAt } from "freedom-pay-charge/simulator";
 *
 * merchantCallAt("/get_status3.php", "500000"); // "getStatus"
 * merchantCallAt("/v1/merchant/500000/cardstorage/list", "500000"); // "listCards"
 * merchantCallAt("/v5/g2g/read", "500000"); // null
 * ```
 */
export function merchantCallAt(path: string, merchantId: string): MerchantCallName | null {
  if (path === `/v1/merchant/${merchantId}/cardstorage/list`) {
    return "listCards";
  }
  const [, name = ""] = /^\/(\w+)(?:\.php)?$/.exec(path) ?? [];
  return Object.hasOwn(NAMES, name) ? (NAMES[name] ?? null) : null;
}

/**
 * Reads a call and checks who sent it.
 *
 * @param path - the called path.
 * @param body - a form.
 * @param options.origin - where it was called (default `https://customer.freedompay.kz`).
 *
 * @example
 * ```ts
 * import { readMerchantCall, signFields } from "freedom-pay-charge/simulator";
 *
 * const path = "/get_status3.php";
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_salt: "salt" };
 * const pg_sig = signFields(`https://test-api.freedompay.kz${path}`, fields, "test-secret-of-the-gateway");
 * const body = new URLSearchParams({ ...fields, pg_sig }).toString();
 * const call = readMerchantCall("getStatus", path, body, { merchantId: "500000", secretKeys: ["test-secret-of-the-gateway"] });
 * if ("fields" in call) console.log(call.fields["pg_order_id"]); // 1
 * ```
 */
export function readMerchantCall(
  name: MerchantCallName,
  path: string,
  body: string,
  options: { readonly merchantId: string; readonly secretKeys: readonly string[]; readonly origin?: string },
): MerchantCall | UnidentifiedCall {
  const { merchantId, secretKeys, origin = "https://customer.freedompay.kz" } = options;
  const sent: readonly Field[] = [...new URLSearchParams(body)].map(([field, value]) => ({ name: field, value }));
  const fields = Object.fromEntries(new URLSearchParams(body));
  if (fields["pg_merchant_id"] !== merchantId) {
    return { httpStatus: 200, code: "9998" };
  }
  const script = path.slice(path.lastIndexOf("/") + 1);
  const secretKey = secretKeys.find((key) => signNested(script, sent, key) === fields["pg_sig"]);
  const isSalted = (fields["pg_salt"] ?? "") !== "";
  return secretKey === undefined || !isSalted ? { httpStatus: 401, code: "1100" } : { name, script, secretKey, origin, fields };
}

/** A call in the model's words. A refund without an amount is one of everything. */
export type ParsedMerchantCall =
  | Exclude<ParsedCall, { readonly action: "refund" | "requestStatus" }>
  | { readonly action: "refund"; readonly id: string; readonly minor: number | "all" }
  | { readonly action: "cards"; readonly userId: string }
  | ParsedPage
  | InvalidCall;

function charge(fields: MerchantFields): ParsedMerchantCall {
  const minor = amountIn(fields, "pg_amount");
  const {
    pg_recurring_profile: profileId,
    pg_order_id: orderId = "",
    pg_description: description = "",
    pg_currency: currency = "KZT",
  } = fields;
  if (!isId(profileId)) return invalid("pg_recurring_profile");
  if (minor === null) return invalid("pg_amount");
  if (!/^.{1,50}$/u.test(orderId)) return invalid("pg_order_id");
  if (!/^.{1,1024}$/su.test(description)) return invalid("pg_description");
  if (!/^[A-Z]{3}$/.test(currency)) return invalid("pg_currency");
  return {
    action: "create",
    minor,
    currency,
    description,
    orderId,
    userId: "",
    autoClearing: fields["pg_auto_clearing"] !== "0",
    source: { type: "recurrent", profileId, cardToken: null, firstDigit: null, save: false, lifetime: null },
    checkUrl: fields["pg_check_url"] ?? null,
    resultUrl: fields["pg_result_url"] ?? null,
  };
}

function edit(action: "clearing" | "refund" | "reverse", fields: MerchantFields): ParsedMerchantCall {
  const id = fields["pg_payment_id"];
  if (!isId(id)) return invalid("pg_payment_id");
  if (action === "reverse") return { action, id };
  const name = action === "clearing" ? "pg_clearing_amount" : "pg_refund_amount";
  if (action === "refund" && fields[name] === undefined) return { action, id, minor: "all" };
  const minor = amountIn(fields, name);
  return minor === null ? invalid(name) : { action, id, minor };
}

const PARSERS: Readonly<Record<MerchantCallName, (fields: MerchantFields) => ParsedMerchantCall>> = {
  initPayment: parsePage,
  makeRecurringPayment: charge,
  getStatus: ({ pg_payment_id: id, pg_order_id: orderId }) =>
    isId(id) || orderId !== undefined ? { action: "paymentStatus", id: id ?? null, orderId: orderId ?? null } : invalid("pg_payment_id"),
  doCapture: (fields) => edit("clearing", fields),
  cancel: (fields) => edit("reverse", fields),
  revoke: (fields) => edit("refund", fields),
  listCards: ({ pg_user_id: userId = "" }) => (/^[A-Za-z0-9_-]{1,50}$/.test(userId) ? { action: "cards", userId } : invalid("pg_user_id")),
};

/** Parses the fields of a call; the name of the first invalid field otherwise. */
export function parseMerchantCall({ name, fields }: MerchantCall): ParsedMerchantCall {
  return PARSERS[name](fields);
}
