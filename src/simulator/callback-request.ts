/**
 * The format of a callback. The v5 format is not published (contract, "Callbacks"), so every format of the older API is
 * available ("Merchant API", "Notifications"): its fields `pg_*` with `pg_sig`, as a POST form, in the query of a GET, or as
 * XML. JSON with the members of a read is our own assumption.
 */

import type { PlannedCallback } from "./callbacks.ts";
import { describe } from "./fault.ts";
import { md5 } from "./md5.ts";
import type { CallbackFormat } from "./plan.ts";

/** The HTTP request of a callback. */
export interface CallbackRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for GET. */
  readonly body: string | null;
}

type Fields = Readonly<Record<string, string>>;

/**
 * `pg_sig` of the older API: the lower-case hex MD5 of `script;values in the order of their field names;secret_key`,
 * script being the last segment of the called URL's path (contract, "Callbacks").
 *
 * @example
 * ```ts
 * import { signFields } from "freedom-pay-charge/simulator";
 *
 * signFields("https://pay.shop.example/result", { pg_order_id: "1", pg_salt: "salt" }, "test-secret-of-the-gateway"); // 32 hex digits
 * ```
 */
export function signFields(url: string, fields: Fields, secretKey: string): string {
  const script = new URL(url).pathname.split("/").at(-1) ?? "";
  const values = Object.keys(fields)
    .filter((name) => name !== "pg_sig")
    .sort()
    .map((name) => fields[name] ?? "");
  return md5([script, ...values, secretKey].join(";"));
}

const ALMATY = 5 * 3_600_000;

/** `2026-11-22 15:00:00`: Almaty time, without an offset. */
const almatyTime = (at: number): string =>
  new Date(at + ALMATY)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "");

/** `20` for a whole amount, `20.50` with minor units. */
const amountText = (amount: number): string => (Number.isInteger(amount) ? String(amount) : amount.toFixed(2));

/** Members of the older API that have no value for a payment by profile. */
const BLANKS: Fields = { pg_payment_id: "", pg_user_phone: "", pg_user_contact_email: "", pg_failure_code: "", pg_failure_description: "" };

function moneyFields({ facts, blanks }: PlannedCallback): Fields {
  const amount = amountText(facts.amount);
  const currency = blanks ? "" : facts.currency;
  return {
    ...(blanks ? BLANKS : {}),
    pg_order_id: facts.order_id,
    ...(facts.id === null ? {} : { pg_payment_id: facts.id }),
    pg_amount: amount,
    pg_currency: currency,
    pg_ps_amount: amount,
    pg_ps_full_amount: amount,
    pg_ps_currency: currency,
  };
}

function outcomeFields({ facts, at, canReject }: PlannedCallback): Fields {
  return {
    pg_net_amount: amountText(facts.amount),
    pg_description: facts.description,
    pg_result: facts.status === "error" ? "0" : "1",
    pg_payment_date: almatyTime(at),
    pg_can_reject: canReject ? "1" : "0",
    pg_captured: facts.captured ? "1" : "0",
    pg_payment_method: "bankcard",
    pg_testing_mode: facts.isTest === false ? "0" : "1",
    ...(facts.code === null ? {} : { pg_failure_code: facts.code, pg_failure_description: describe(facts.code) }),
  };
}

/** The fields of the older API, signed. The signature of a GET includes the fields of the URL's query. */
function signedFields(callback: PlannedCallback, secretKey: string, salt: string, own: Fields): Fields {
  const outcome = callback.kind === "check" ? {} : outcomeFields(callback);
  const fields = { ...own, ...callback.facts.more, ...moneyFields(callback), ...outcome, pg_salt: salt };
  return { ...fields, pg_sig: signFields(callback.url, fields, callback.forged ? "not the key" : secretKey) };
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function xmlOf(fields: Fields): string {
  const members = Object.entries(fields).map(([name, value]) => (value === "" ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`));
  return `<?xml version="1.0" encoding="utf-8"?><request>${members.join("")}</request>`;
}

function jsonOf({ facts, blanks }: PlannedCallback): string {
  const { id, order_id, status, amount, currency, code } = facts;
  return JSON.stringify({
    ...(id === null && !blanks ? {} : { id: id ?? "" }),
    order_id,
    status,
    amount,
    currency: blanks ? "" : currency,
    ...(code === null ? {} : { error: { code } }),
  });
}

function posted(callback: PlannedCallback, type: string, body: string): CallbackRequest {
  return { method: "POST", url: callback.url, headers: { "content-type": type }, body };
}

const FORM = "application/x-www-form-urlencoded";

const WRITERS: Readonly<Record<CallbackFormat, (callback: PlannedCallback, fieldsWith: (own: Fields) => Fields) => CallbackRequest>> = {
  form: (callback, fieldsWith) => posted(callback, FORM, new URLSearchParams(fieldsWith({})).toString()),
  get: (callback, fieldsWith) => {
    const url = new URL(callback.url);
    url.search = new URLSearchParams(fieldsWith(Object.fromEntries(url.searchParams))).toString();
    return { method: "GET", url: url.href, headers: {}, body: null };
  },
  xml: (callback, fieldsWith) => posted(callback, FORM, new URLSearchParams({ pg_xml: xmlOf(fieldsWith({})) }).toString()),
  "xml-raw": (callback, fieldsWith) => posted(callback, FORM, `pg_xml=${xmlOf(fieldsWith({}))}`),
  "xml-body": (callback, fieldsWith) => posted(callback, "text/xml; charset=utf-8", xmlOf(fieldsWith({}))),
  json: (callback) => posted(callback, "application/json", jsonOf(callback)),
};

/**
 * The request of a callback.
 *
 * @param format - its format, unless the callback has one of its own.
 * @param secretKey - signs the fields; a forged callback is signed with another one.
 * @param salt - `pg_salt`: it differs in each repeat of the older API.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { callbackRequest, checkBefore, createModel } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7", urls: { check_url: "https://pay.shop.example/check" } };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const check = checkBefore(createModel(), create, 0);
 * if (check !== null) console.log(callbackRequest(check, "form", "test-secret-of-the-gateway", "salt").body);
 * ```
 */
export function callbackRequest(callback: PlannedCallback, format: CallbackFormat, secretKey: string, salt: string): CallbackRequest {
  return WRITERS[callback.format ?? format](callback, (own) => signedFields(callback, secretKey, salt, own));
}
