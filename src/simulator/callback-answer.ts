/** The answer of the merchant's server to a callback. */

import { signFields } from "./callback-request.ts";
import type { PlannedCallback } from "./callbacks.ts";

/**
 * - `ok`, `rejected`, `error`: the status in JSON, or in signed XML.
 * - `unsigned`: XML whose `pg_sig` is missing or wrong. Its status is ignored.
 * - `unreadable`: anything else.
 */
export type CallbackAnswer = "ok" | "rejected" | "error" | "unsigned" | "unreadable";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The members of a `<response>`; null for any other text. */
function responseFields(text: string): Readonly<Record<string, string>> | null {
  const inside = /<response>([\s\S]*)<\/response>\s*$/.exec(text)?.[1];
  const members = inside?.matchAll(/<(\w+)(?:\s*\/>|>([^<]*)<\/\1>)/g);
  return members === undefined
    ? null
    : Object.fromEntries(
        [...members].map(([, name, value = ""]) => [
          name,
          value.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? ""),
        ]),
      );
}

function answerOf(status: unknown): CallbackAnswer {
  return status === "ok" || status === "rejected" || status === "error" ? status : "unreadable";
}

function jsonStatus(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && "status" in parsed ? parsed.status : null;
  } catch {
    return null;
  }
}

/**
 * Reads an answer under HTTP 200: JSON `{"status":"ok"}`, or the older API's XML `<response>` with `pg_status`, signed with
 * the script and the key of the callback itself.
 *
 * @param text - the body.
 * @param url - the URL that was called.
 * @param secretKey - the key that signed the callback.
 *
 * @example
 * ```ts
 * import { callbackAnswer } from "freedom-pay-charge/simulator";
 *
 * callbackAnswer('{"status":"ok"}', "https://pay.shop.example/result", "test-secret-of-the-gateway"); // "ok"
 * callbackAnswer("<html>", "https://pay.shop.example/result", "test-secret-of-the-gateway"); // "unreadable"
 * ```
 */
export function callbackAnswer(text: string, url: string, secretKey: string): CallbackAnswer {
  const fields = responseFields(text);
  if (fields === null) {
    return answerOf(jsonStatus(text));
  }
  const isSigned = fields["pg_sig"] === signFields(url, fields, secretKey);
  return isSigned ? answerOf(fields["pg_status"]?.trim()) : "unsigned";
}

/** The result of a callback: its answer, or `unanswered` without an answer under HTTP 200. */
export type CallbackResult = CallbackAnswer | "unanswered";

/**
 * Whether the answer to a check declines the payment.
 *
 * @param mode - `respect`: `rejected` and `error` decline. `strict`: everything but `ok` declines, as in the older API.
 *   `ignore`: nothing declines. A check with `strict` is always strict.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { checkBefore, checkDeclines, createModel } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7", urls: { check_url: "https://pay.shop.example/check" } };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const check = checkBefore(createModel(), create, 0);
 * if (check !== null) console.log(checkDeclines(check, "rejected", "respect")); // true
 * ```
 */
export function checkDeclines(check: PlannedCallback, result: CallbackResult, mode: "respect" | "strict" | "ignore"): boolean {
  if (mode === "strict" || check.strict) {
    return result !== "ok";
  }
  return mode === "respect" && (result === "rejected" || result === "error");
}
