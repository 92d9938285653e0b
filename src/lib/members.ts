/**
 * The common members of a charge token and the gateway's payloads, with their rules (design of the charge token; Async API,
 * create payment: body). Messages complete the sentence "`member` …".
 */
import * as v from "valibot";
import type { Currency } from "../money.ts";
import { CURRENCIES, isChargeAmount, isCurrency } from "../money.ts";

/** A text that matches a rule. */
export function matching(rule: RegExp, message: string): v.GenericSchema<string> {
  return v.pipe(v.string(message), v.regex(rule, message));
}

/** Major units: a number above 0, at most 2 decimals, at most 99,999,999. */
export const amount: v.GenericSchema<number> = v.custom<number>(
  isChargeAmount,
  "must be a number above 0 with at most 2 decimals and at most 99999999",
);

/** One of the currencies in use. */
export const currency: v.GenericSchema<Currency> = v.custom<Currency>(isCurrency, `must be one of ${CURRENCIES.join(", ")}`);

/** The purchase: 1-1024 characters, without control characters and lone surrogates. */
export const description: v.GenericSchema<string> = matching(
  /^[^\p{Cc}\p{Cs}]{1,1024}$/u,
  "must be 1 to 1024 characters without control characters",
);

/** The merchant's order_id: 1-40 of `[A-Za-z0-9_-]` without `--`, which is reserved for later attempts of the same order. */
export const orderId: v.GenericSchema<string> = matching(/^(?!.*--)[A-Za-z0-9_-]{1,40}$/, "must be 1 to 40 of A-Z a-z 0-9 _ - without --");

/** Whether a text is a valid order_id of a merchant. */
export function isOrderId(text: string): boolean {
  return v.is(orderId, text);
}

/** The gateway's order_id: its legacy limit is 50 characters. */
export const gatewayOrderId: v.GenericSchema<string> = matching(
  /^[^\p{Cc}\p{Cs}]{1,50}$/u,
  "must be 1 to 50 characters without control characters",
);

/** The merchant's id of the card's owner. */
export const userId: v.GenericSchema<string> = matching(/^[A-Za-z0-9_-]{1,50}$/, "must be 1 to 50 of A-Z a-z 0-9 _ -");

/** A stored profile. Samples have UUIDs and older shops have digits, so the rule is loose. */
export const profileId: v.GenericSchema<string> = matching(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 . _ -");

/** The gateway's id of a payment; its form is not published. */
export const paymentId: v.GenericSchema<string> = matching(/^[!-~]{1,64}$/, "must be 1 to 64 visible ASCII characters");

/** True or false. It is always sent, so that no default of the gateway applies. */
export const flag: v.GenericSchema<boolean> = v.boolean("must be true or false");

const ipAddress = "must be an IPv4 or IPv6 address";

/** The payer's address, IPv4 or IPv6, without a zone (`%eth0`), which is only valid on one machine (RFC 4007 §11). */
export const userIp: v.GenericSchema<string> = v.pipe(v.string(ipAddress), v.ip(ipAddress), v.excludes("%", ipAddress));

/** A callback URL. */
export const callbackUrl: v.GenericSchema<string> = v.custom<string>(isWebAddress, "must be an http or https URL");

function isWebAddress(value: unknown): boolean {
  return typeof value === "string" && value.length <= 2048 && /^https?:\/\//.test(value) && URL.canParse(value);
}
