/**
 * What a callback says of its payment, in our own spelling. An empty member says nothing, and another spelling of the same value
 * is that value: otherwise a check would be answered "rejected", and a payment refused, for how it was written.
 */
import { toMinorUnits } from "../../../src/money.ts";
import type { CallbackContent } from "../../machine/events/callback.ts";
import type { Field } from "./field.ts";

/** Where each member may stand; the first that says something counts. */
const NAMES = {
  orderId: ["order_id", "pg_order_id"],
  paymentId: ["payment_id", "pg_payment_id"],
  amount: ["amount", "pg_amount"],
  currency: ["currency", "pg_currency"],
} as const satisfies Record<keyof CallbackContent, readonly string[]>;

/** Characters of a member at most: what is longer is no value that we sent, and stays different from it. */
const MAX_MEMBER = 128;

/** Other names of our currencies: their numbers by ISO 4217, and the rouble's old letters. */
const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  "398": "KZT",
  "417": "KGS",
  "860": "UZS",
  "840": "USD",
  "643": "RUB",
  RUR: "RUB",
  "978": "EUR",
};

/** Of a callback that is empty, or that cannot be read. */
export const NO_CONTENT: CallbackContent = { orderId: null, paymentId: null, amount: null, currency: null };

/** What the fields of a form or of XML say: the last of a name that is not empty. What stands inside other fields says nothing. */
export function contentOfFields(fields: readonly Field[]): CallbackContent {
  const [only] = fields;
  // An envelope: one element that holds all others.
  if (fields.length === 1 && only !== undefined && typeof only.value !== "string") return contentOfFields(only.value);
  return contentFrom((name) => fields.findLast((field) => field.name === name && worthOf(field.value) !== null)?.value);
}

/** What JSON says: the members of its object. What is no JSON object says nothing. */
export function contentOfJson(text: string): CallbackContent {
  const members = membersOf(text);
  const content = contentFrom((name) => members[name]);
  // v5 names a payment `id`, as in its answers; without an order_id beside it, it may be the id of anything.
  return content.paymentId === null && content.orderId !== null ? { ...content, paymentId: textOf(members["id"]) } : content;
}

function contentFrom(member: (name: string) => unknown): CallbackContent {
  const first = (one: keyof CallbackContent): string | number | null =>
    NAMES[one].map((name) => worthOf(member(name))).find((value) => value !== null) ?? null;
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
    const value: unknown = JSON.parse(text, exactly);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** An id can have more digits than a number holds: then it is the text that was sent. */
function exactly(_member: string, value: unknown, context?: { readonly source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
}

/** A value that says something: a number, or a text that is not empty. */
function worthOf(value: unknown): string | number | null {
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value.trim().slice(0, MAX_MEMBER) : "";
  return text === "" ? null : text;
}

function textOf(value: unknown): string | null {
  const worth = worthOf(value);
  return worth === null ? null : String(worth);
}

/** Digits that a double holds of any decimal. */
const EXACT_DIGITS = 15;

/**
 * An amount that `toMinorUnits` reads: as it was sent where it does; else from spellings such as `100,00`, `+100.`, `0100`,
 * `1 000.00`, `1,000.00`, `1e2`, and `10.550000000000001`, which a double makes of 10.55. What is no amount stays what it is.
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
