/** `pg_sig`, the signature of the Merchant API: of calls, answers, notifications and our answers to them (docs/merchant-api.md, "Signature"). */
import { md5 } from "@noble/hashes/legacy.js";
import { equalTexts } from "../lib/equal-texts.ts";
import { pgSignatureText, SCRIPT } from "../lib/pg-signature.ts";
import type { Field } from "./field.ts";

/** The name of the field that has the signature. */
export const SIGNATURE_FIELD = "pg_sig";

/** The form of a signature: lower-case hex. */
const SIGNATURE = /^[0-9a-f]{32}$/;

/**
 * The script of a call or notification: the last segment of the path that is called, without the query.
 *
 * @param url The address as it is called: the signature covers the segment as it is written there.
 */
export function scriptOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.lastIndexOf("/") + 1);
}

/**
 * The values that `pg_sig` covers: of all fields but `pg_sig` itself, in the order of their names by code unit. Nested fields follow the
 * same rule at the place of their parent. Fields of one name stay in their order.
 */
export function signedValues(fields: readonly Field[]): readonly string[] {
  return valuesOf(fields.filter(({ name }) => name !== SIGNATURE_FIELD));
}

function valuesOf(fields: readonly Field[]): readonly string[] {
  return fields
    .toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
    .flatMap(({ value }) => (typeof value === "string" ? [value] : valuesOf(value)));
}

/**
 * Signs fields.
 *
 * @param script {@link scriptOf} the address that is called. In an answer to a notification the last segment of our own address: never a
 * text that a caller chose (see pg-signature.ts).
 * @returns 32 lower-case hex digits.
 * @throws FreedomPayError `input_invalid` for a script outside `[A-Za-z0-9._-]`.
 */
export function signFields(script: string, fields: readonly Field[], secretKey: string): string {
  const digest = md5(new TextEncoder().encode(pgSignatureText(script, signedValues(fields), secretKey)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How fields are signed: `valid` by the key, `invalid`, or `absent` if there is no `pg_sig` at all. */
export type SignatureState = "valid" | "invalid" | "absent";

/**
 * Verifies the `pg_sig` of fields. Two signatures are invalid, because only one of them could be right. The time of the comparison does
 * not depend on where the signatures differ.
 *
 * @param script As in {@link signFields}; a script that could not be signed makes every signature invalid.
 */
export function verifyFields(script: string, fields: readonly Field[], secretKey: string): SignatureState {
  const [given, ...others] = fields.filter(({ name }) => name === SIGNATURE_FIELD);
  if (given === undefined) return "absent";
  if (typeof given.value !== "string" || others.length > 0 || !SIGNATURE.test(given.value)) return "invalid";
  if (!SCRIPT.test(script)) return "invalid";
  return equalTexts(given.value, signFields(script, fields, secretKey)) ? "valid" : "invalid";
}
