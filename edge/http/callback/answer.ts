import type { CallbackShape } from "./body.ts";
import { pgSignature } from "./signature.ts";

/** The input of a signed answer. */
export interface CallbackSignature {
  /** The last segment of the called URL's path: a verified ticket. */
  readonly script: string;
  /** The merchant's `secret_key`. */
  readonly secretKey: string;
  /** Letters and digits. Random by default. */
  readonly salt?: string;
}

/**
 * The answer to a callback, always 200.
 * 1. To JSON and to an empty callback: `{"status":"ok"}`.
 * 2. To a form, a query or XML: the older API's signed `<response>`.
 * Every value in it is ours. Nothing from the callback is repeated or signed.
 */
export async function answerCallback(shape: CallbackShape, answer: "ok" | "rejected", signature: CallbackSignature): Promise<Response> {
  if (shape === "json" || shape === "empty") return respond(JSON.stringify({ status: answer }), "application/json");
  const fields: readonly (readonly [name: string, value: string])[] = [
    ...(answer === "rejected" ? ([["pg_description", "This payment is not expected"]] as const) : []),
    ["pg_salt", signature.salt ?? crypto.randomUUID().replaceAll("-", "")],
    ["pg_status", answer],
  ];
  const values = fields.map(([, value]) => value);
  const sig = await pgSignature(signature.script, values, signature.secretKey);
  // No value has a character that XML escapes.
  const members = [...fields, ["pg_sig", sig] as const].map(([name, value]) => `<${name}>${value}</${name}>`);
  return respond(`<?xml version="1.0" encoding="utf-8"?>\n<response>${members.join("")}</response>\n`, "application/xml; charset=utf-8");
}

function respond(body: string, contentType: string): Response {
  return new Response(body, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
}
