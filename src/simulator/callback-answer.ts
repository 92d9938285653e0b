/** What the merchant's server says to a callback. */

import { signFields } from "./callback-request.ts";
import type { PlannedCallback } from "./callbacks.ts";

/**
 * - `ok`, `rejected`, `error`: the word of an answer in JSON, or in XML that is signed.
 * - `unsigned`: XML whose `pg_sig` is missing or wrong, so that its word does not count.
 * - `unreadable`: neither.
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

function wordOf(word: unknown): CallbackAnswer {
  return word === "ok" || word === "rejected" || word === "error" ? word : "unreadable";
}

function jsonStatus(text: string): unknown {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null && "status" in said ? said.status : null;
  } catch {
    return null;
  }
}

/**
 * What an answer under HTTP 200 says: JSON `{"status":"ok"}`, or the older API's XML `<response>` with `pg_status`, signed
 * with the script and the key of the callback itself.
 *
 * @param text - the body.
 * @param url - the URL that was called.
 * @param secretKey - the key that signed the callback.
 */
export function callbackAnswer(text: string, url: string, secretKey: string): CallbackAnswer {
  const fields = responseFields(text);
  if (fields === null) {
    return wordOf(jsonStatus(text));
  }
  const isSigned = fields["pg_sig"] === signFields(url, fields, secretKey);
  return isSigned ? wordOf(fields["pg_status"]?.trim()) : "unsigned";
}

/** What came of a callback: its answer, or `unanswered` when there was none under HTTP 200. */
export type Heard = CallbackAnswer | "unanswered";

/**
 * Whether what a check was answered declines its payment.
 *
 * @param how - `respect`: a plain refusal does. `strict`: so does no answer, and one that says nothing, as in the older
 *   API; a check that is itself strict is always so. `ignore`: nothing does.
 */
export function checkDeclines(check: PlannedCallback, heard: Heard, how: "respect" | "strict" | "ignore"): boolean {
  if (how === "strict" || check.strict) {
    return heard !== "ok";
  }
  return how === "respect" && (heard === "rejected" || heard === "error");
}
