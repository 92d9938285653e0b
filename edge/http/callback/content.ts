/**
 * Reads a callback's content in our own spelling. An empty member counts as absent, and another spelling of a value is that value.
 * Otherwise a check would be answered "rejected", and a payment refused, because of its spelling.
 */
import { toMinorUnits } from "../../../src/money.ts";
import type { CallbackContent } from "../../machine/events/callback.ts";
import type { Field } from "./field.ts";

/** The names of each member. The first one with a value counts. */
const NAMES = {
  orderId: ["order_id", "pg_order_id"],
  paymentId: ["payment_id", "pg_payment_id"],
  amount: ["amount", "pg_amount"],
  currency: ["currency", "pg_currency"],
} as const satisfies Record<keyof CallbackContent, readonly string[]>;

/** The most characters of a member. We send no longer value, so a cut one still differs from ours. */
const MAX_MEMBER = 128;

/** Other names of our currencies: their numbers in ISO 4217, and the old letters of the rouble. */
const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  "398": "KZT",
  "417": "KGS",
  "860": "UZS",
  "840": "USD",
  "643": "RUB",
  RUR: "RUB",
  "978": "EUR",
};

/** The content of a callback that is empty or cannot be read. */
export const NO_CONTENT: CallbackContent = { orderId: null, paymentId: null, amount: null, currency: null };

/**
 * The content of a form's or XML's fields: of fields with the same name the last one that is not empty counts. Nested fields do not count.
 */
export function contentOfFields(fields: readonly Field[]): CallbackContent {
  const [only] = fields;
  // An envelope: one element around all others.
  if (fields.length === 1 && only !== undefined && typeof only.value !== "string") return contentOfFields(only.value);
  return contentFrom((name) => fields.findLast((field) => field.name === name && nonEmpty(field.value) !== null)?.value);
}

/** The content of JSON: the members of its object. Anything but a JSON object has no content. */
export function contentOfJson(text: string): CallbackContent {
  const members = membersOf(text);
  const content = contentFrom((name) => members[name]);
  // v5 names a payment `id`, as in its answers. Without an order_id beside it, it may be the id of anything.
  return content.paymentId === null && content.orderId !== null ? { ...content, paymentId: textOf(members["id"]) } : content;
}

function contentFrom(member: (name: string) => unknown): CallbackContent {
  const first = (one: keyof CallbackContent): string | number | null =>
    NAMES[one].map((name) => nonEmpty(member(name))).find((value) => value !== null) ?? null;
  const amount = first("amount");
  const currency = textOf(first("currency"))?.toUpperCase() ?? null;
  return {
    orderId: textOf(first("orderId")),
    paymentId: textOf(first("paymentId")),
    amount: amount === null ? null : amountOf(amount),
    currency: currency === null ? null : (CURRENCY_NAMES[currency] ?? currency),
  };
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text, keepLongIntegers);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Keeps the text of an id that has more digits than a number can hold. */
function keepLongIntegers(_member: string, value: unknown, context?: { readonly source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
}

/** A number, or a text that is not empty; otherwise null. */
function nonEmpty(value: unknown): string | number | null {
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value.trim().slice(0, MAX_MEMBER) : "";
  return text === "" ? null : text;
}

function textOf(value: unknown): string | null {
  const present = nonEmpty(value);
  return present === null ? null : String(present);
}

/** Every decimal with this many digits survives a double. */
const EXACT_DIGITS = 15;

/**
 * An amount that `toMinorUnits` can read. It is returned as sent if it already can. Otherwise it is read from spellings such as `100,00`,
 * `+100.`, `0100`, `1 000.00`, `1,000.00`, `1e2`, and `10.550000000000001`, which a double makes of 10.55. Anything else is returned
 * unchanged.
 */
function amountOf(value: string | number): string | number {
  if (toMinorUnits(value) !== null) return value;
  const plain = String(value)
    .replaceAll(/[\s'’]/g, "")
    .replace(/,(\d{1,2})$/, ".$1");
  const point = plain.indexOf(".");
  const ungrouped = point < 0 ? plain : plain.slice(0, point).replaceAll(",", "") + plain.slice(point);
  if (!/^\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?$/i.test(ungrouped)) return value;
  const amount = Number(Number(ungrouped).toPrecision(EXACT_DIGITS));
  return toMinorUnits(amount) === null ? value : amount;
}
