/** Parses `init_payment` (docs/merchant-api.md, "Calls"). A field without `pg_`, or one that is not used here, may have any text. */

import type { InvalidCall, MerchantFields } from "./merchant-fields.ts";
import { amountIn, invalid } from "./merchant-fields.ts";
import type { ParsedPage, ReturnAddress } from "./parsed-page.ts";
import type { CallbackFormat } from "./plan.ts";

/** At most 255 characters. */
const URL_FIELD = /^(?=.{1,255}$)https?:\/\/\S+$/;
const FLAG = /^[01]$/;

/** The form of each optional field. An empty one counts as absent. */
const OPTIONAL: Readonly<Record<string, RegExp>> = {
  pg_currency: /^[A-Z]{3}$/,
  pg_idempotency_key: /^.{1,255}$/su,
  pg_lifetime: /^\d{3,6}$/,
  pg_language: /^(?:ru|en|kk|kz|kg|uz)$/,
  pg_auto_clearing: FLAG,
  pg_recurring_start: FLAG,
  pg_recurring_lifetime: /^\d{1,3}$/,
  pg_user_id: /^[A-Za-z0-9_-]{1,50}$/,
  pg_user_ip: /^(?:\d{1,3}\.){3}\d{1,3}$/,
  pg_user_phone: /^\+?\d{10,15}$/,
  pg_user_contact_email: /^\S{1,128}@\S{1,128}$/,
  pg_request_method: /^(?:GET|POST|XML)$/,
  pg_check_url: URL_FIELD,
  pg_result_url: URL_FIELD,
  pg_success_url: URL_FIELD,
  pg_failure_url: URL_FIELD,
  pg_success_url_method: /^(?:GET|POST)$/,
  pg_failure_url_method: /^(?:GET|POST)$/,
  pg_testing_mode: FLAG,
};

const FORMATS: Readonly<Record<string, CallbackFormat>> = { GET: "get", POST: "form", XML: "xml" };

/** The languages of the pages here; those of the other countries are shown in Russian. */
const LANGUAGES: Readonly<Record<string, ParsedPage["language"]>> = { kk: "kk", kz: "kk", en: "en" };

function wrongField(fields: MerchantFields): string | undefined {
  return Object.entries(OPTIONAL).find(([name, form]) => {
    const text = fields[name] ?? "";
    return text !== "" && !form.test(text);
  })?.[0];
}

const textOf = (fields: MerchantFields, name: string): string | null => fields[name] || null;

const isBetween = (number: number, from: number, to: number): boolean => number >= from && number <= to;

function returnTo(fields: MerchantFields, name: "success" | "failure"): ReturnAddress | null {
  const url = textOf(fields, `pg_${name}_url`);
  return url === null ? null : { url, method: fields[`pg_${name}_url_method`] === "POST" ? "POST" : "GET" };
}

const ownFields = (fields: MerchantFields): MerchantFields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith("pg_") || /^pg_param[1-3]$/.test(name)));

/** Parses the fields of a page; the name of the first invalid one otherwise. */
export function parsePage(fields: MerchantFields): ParsedPage | InvalidCall {
  const minor = amountIn(fields, "pg_amount");
  const { pg_order_id: orderId = "", pg_description: description = "" } = fields;
  const lifetime = Number(textOf(fields, "pg_lifetime") ?? 86_400);
  const months = Number(textOf(fields, "pg_recurring_lifetime") ?? 12);
  if (!/^.{1,50}$/u.test(orderId)) return invalid("pg_order_id");
  if (minor === null || minor > 9_999_999_900) return invalid("pg_amount");
  if (!/^.{1,1024}$/su.test(description)) return invalid("pg_description");
  const wrong = wrongField(fields);
  if (wrong !== undefined) return invalid(wrong);
  if (!isBetween(lifetime, 300, 604_800)) return invalid("pg_lifetime");
  if (!isBetween(months, 1, 156)) return invalid("pg_recurring_lifetime");
  return {
    action: "page",
    create: {
      action: "create",
      minor,
      currency: textOf(fields, "pg_currency") ?? "KZT",
      description,
      orderId,
      userId: fields["pg_user_id"] ?? "",
      // Without it a payment is a hold (contract, `pg_auto_clearing`).
      autoClearing: fields["pg_auto_clearing"] === "1",
      source: {
        type: "page",
        profileId: null,
        cardToken: null,
        firstDigit: null,
        save: false,
        lifetime: fields["pg_recurring_start"] === "1" ? months : null,
      },
      checkUrl: textOf(fields, "pg_check_url"),
      resultUrl: textOf(fields, "pg_result_url"),
      isTest: fields["pg_testing_mode"] !== "0",
    },
    lifetime,
    language: LANGUAGES[fields["pg_language"] ?? ""] ?? "ru",
    success: returnTo(fields, "success"),
    failure: returnTo(fields, "failure"),
    format: FORMATS[fields["pg_request_method"] ?? ""] ?? null,
    own: ownFields(fields),
  };
}
