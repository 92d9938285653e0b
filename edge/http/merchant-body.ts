import * as v from "valibot";
import type { Charge } from "../../src/charge-token.ts";
import { parseCharge } from "../../src/charge-token.ts";
import { isIpAddress } from "./client-address.ts";
import { amountRequest, emptyRequest, notifyRequest, resolveRequest } from "./bodies.ts";
import { parse, refuseInvalid } from "./validate.ts";
import { Refused } from "./problem.ts";

/** A charge without a click: the token's `charge` object, and the shopper's address when they agreed to it. */
export interface MerchantCharge {
  readonly charge: Charge;
  /** Empty where it was left out: a payment page needs none. */
  readonly userIp: string;
}

/**
 * Reads the body of the merchant's `POST /v1/charges`: JSON in UTF-8, the members of a token's `charge` and `user_ip`, nothing else.
 *
 * @throws Refused body_invalid, with a detail that names the member and not its value
 */
export function readMerchantCharge(body: Uint8Array): MerchantCharge {
  const value = jsonObject(body);
  // The rest copies all own members, also `__proto__`, and parseCharge refuses unknown ones.
  const { user_ip: userIp, ...charge } = value;
  const isLeftOut = (userIp === undefined || userIp === null) && isGiven(charge["payment_page"]);
  if (!isLeftOut && (typeof userIp !== "string" || !isIpAddress(userIp)))
    throw new Refused("body_invalid", { detail: "user_ip is not an IP address" });
  return { charge: refuseInvalid(() => parseCharge(charge)), userIp: typeof userIp === "string" ? userIp : "" };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Reads the body of a clearing or a refund: `{amount?}`, or no body.
 *
 * @returns major units, at most 2 decimals; null for all that is left
 * @throws Refused body_invalid
 */
export function readAmount(body: Uint8Array): number | null {
  return read(amountRequest, body).amount ?? null;
}

/**
 * Reads the body of a reverse or a close: `{}`, or no body.
 *
 * @throws Refused body_invalid
 */
export function readNothing(body: Uint8Array): void {
  read(emptyRequest, body);
}

/**
 * Reads the body of a notify: `{sequence?}`, or no body.
 *
 * @returns the number of the notification; null for the newest
 * @throws Refused body_invalid
 */
export function readSequence(body: Uint8Array): number | null {
  return read(notifyRequest, body).sequence ?? null;
}

/** An operator's decision: the payment, or null for "nothing was taken", and the reason. */
export interface MerchantResolution {
  readonly paymentId: string | null;
  readonly note: string;
}

/**
 * Reads the body of a resolve: `{payment_id, note}` or `{nothing_taken: true, note}`.
 *
 * @throws Refused body_invalid
 */
export function readResolution(body: Uint8Array): MerchantResolution {
  const parsed = v.safeParse(resolveRequest, jsonObject(body));
  if (!parsed.success) throw new Refused("body_invalid", { detail: "The body is not {payment_id, note} nor {nothing_taken: true, note}" });
  const { output } = parsed;
  return { paymentId: "payment_id" in output ? output.payment_id : null, note: output.note };
}

function read<Output>(schema: v.GenericSchema<unknown, Output>, body: Uint8Array): Output {
  return parse(schema, body.byteLength === 0 ? {} : jsonObject(body));
}

function jsonObject(body: Uint8Array): Record<string, unknown> {
  const value = json(body);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refused("body_invalid", { detail: "The body is not a JSON object" });
  return value as Record<string, unknown>;
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    throw new Refused("body_invalid", { detail: "The body is not JSON in UTF-8" });
  }
}
