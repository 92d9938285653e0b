/**
 * What the gateway tells the merchant's server, and when. The v5 format is not published (contract, "Callbacks"), so
 * two are offered: JSON with the members of a read (our assumption), and the older API's form fields with `pg_sig`.
 */

import { understand } from "./asked.ts";
import { md5 } from "./md5.ts";
import type { Plan } from "./plan.ts";
import { endsAfter } from "./plan.ts";
import type { Call, ModelState } from "./state.ts";
import { rememberedRequest, replayedOrder } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** What a callback says. */
export interface CallbackFacts {
  readonly id: string | null;
  readonly order_id: string;
  readonly status: string;
  /** Major units. */
  readonly amount: number;
  readonly currency: string;
  readonly code: string | null;
}

/** A callback that is to be made. */
export interface PlannedCallback {
  /** `check`: may this payment go ahead? `result`: it ended. */
  readonly kind: "check" | "result";
  readonly url: string;
  /** When, epoch ms. */
  readonly at: number;
  /** True: not from the gateway, and what it says is a lie. */
  readonly forged: boolean;
  readonly facts: CallbackFacts;
}

/**
 * The check that the gateway makes before it acts on a create. Replays and misfits are not checked again.
 *
 * @returns null when none is made.
 */
export function checkBefore(state: ModelState, call: Call, now: number): PlannedCallback | null {
  const asked = understand(call);
  if (asked.action !== "create" || asked.checkUrl === null) {
    return null;
  }
  if (replayedOrder(state, asked.orderId, now) !== undefined || rememberedRequest(state, call.requestId, now) !== undefined) {
    return null;
  }
  const facts = { id: null, order_id: asked.orderId, status: "check", amount: asked.minor / 100, currency: asked.currency, code: null };
  return { kind: "check", url: asked.checkUrl, at: now, forged: false, facts };
}

/**
 * The result callbacks of a payment that was just accepted.
 *
 * @param url - the create's `result_url`; null: none.
 */
export function resultsOf(payment: Payment, plan: Plan, url: string | null): readonly PlannedCallback[] {
  const ends = endsAfter(plan);
  const outcome = paymentAt(payment, payment.createdAt + (ends ?? 0));
  if (url === null || outcome === null) {
    return [];
  }
  const { results = 1, after = 0, early = false, forged = false } = plan.callbacks ?? {};
  const facts: CallbackFacts = {
    id: payment.id,
    order_id: payment.orderId,
    status: outcome.status,
    amount: payment.minor / 100,
    currency: payment.currency,
    code: outcome.code,
  };
  const one = (at: number, lie: boolean): PlannedCallback => ({
    kind: "result",
    url,
    at,
    forged: lie,
    facts: lie ? { ...facts, id: `9${payment.id}`, status: outcome.status === "error" ? "success" : "error", code: null } : facts,
  });
  const truthful = ends === null ? [] : Array.from({ length: results }, () => one(payment.createdAt + ends + after, false));
  return [...(forged ? [one(payment.createdAt, true)] : []), ...(early ? [one(payment.createdAt, false)] : []), ...truthful];
}

/** How a callback's body is written. */
export type CallbackFormat = "json" | "form";

/**
 * `pg_sig` of the older API: the lower-case hex MD5 of `script;values in the order of their field names;secret_key`,
 * script being the last segment of the called URL's path (contract, "Callbacks").
 */
export function signFields(url: string, fields: Readonly<Record<string, string>>, secretKey: string): string {
  const script = new URL(url).pathname.split("/").at(-1) ?? "";
  const values = Object.keys(fields)
    .filter((name) => name !== "pg_sig")
    .sort()
    .map((name) => fields[name] ?? "");
  return md5([script, ...values, secretKey].join(";"));
}

function formFields(callback: PlannedCallback, salt: string): Readonly<Record<string, string>> {
  const { id, order_id, status, amount, currency, code } = callback.facts;
  return {
    pg_order_id: order_id,
    ...(id === null ? {} : { pg_payment_id: id }),
    pg_amount: amount.toFixed(2),
    pg_currency: currency,
    ...(callback.kind === "check" ? {} : { pg_result: status === "error" ? "0" : "1", pg_can_reject: "0", pg_testing_mode: "1" }),
    ...(code === null ? {} : { pg_failure_code: code }),
    pg_salt: salt,
  };
}

/**
 * The body of a callback.
 *
 * @param secretKey - signs the form; a forged callback is signed with another one.
 * @param salt - `pg_salt`: the older API's repeats differ in it.
 */
export function callbackBody(
  callback: PlannedCallback,
  format: CallbackFormat,
  secretKey: string,
  salt: string,
): { readonly contentType: string; readonly body: string } {
  if (format === "form") {
    const fields = formFields(callback, salt);
    const signature = signFields(callback.url, fields, callback.forged ? "not the key" : secretKey);
    return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams({ ...fields, pg_sig: signature }).toString() };
  }
  const { code, id, ...facts } = callback.facts;
  return {
    contentType: "application/json",
    body: JSON.stringify({ ...(id === null ? {} : { id }), ...facts, ...(code === null ? {} : { error: { code } }) }),
  };
}

/**
 * What the answer to a check says: JSON `{"status":"ok"}`, or the older API's XML `<pg_status>ok</pg_status>`.
 *
 * @returns `unreadable` for anything that is neither.
 */
export function checkAnswer(text: string): "ok" | "rejected" | "unreadable" {
  const word = /"status"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? /<pg_status>\s*(\w+)\s*<\/pg_status>/.exec(text)?.[1];
  if (word === "ok") {
    return "ok";
  }
  return word === "rejected" || word === "error" ? "rejected" : "unreadable";
}
