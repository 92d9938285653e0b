/** `pg_sig` on the edge: signs answers to callbacks, and finds the merchant's key that signed a callback. */
import { pgSignatureText } from "../../../src/lib/pg-signature.ts";
import type { Field } from "./field.ts";
import { countFields } from "./field.ts";

/** The most fields of a callback whose signature is checked. The gateway sends about 40. */
const MAX_FIELDS = 500;

/**
 * Signs the values of an answer.
 *
 * @param script the last segment of the called path: a ticket with a verified MAC, never a name that a caller chose
 * @param values in the order of their field names
 * @returns the lower-case hex MD5 of `script;value;…;key`
 * @throws FreedomPayError input_invalid for a script outside `[A-Za-z0-9._-]`
 */
export async function pgSignature(script: string, values: readonly string[], secretKey: string): Promise<string> {
  return md5(pgSignatureText(script, values, secretKey));
}

/**
 * The key that signs the answer to a form or XML: the one that signed the callback, so that the gateway can check the answer while a key is
 * rotated. This decides nothing of the order: what a notification of the Merchant API is believed for is verified on its own (verified.ts, P9).
 * Every plausible way to sign the fields is tried.
 * In the worst case the merchant's other key signs.
 *
 * @param readings the fields, in every possible reading
 * @param script the last segment of the called URL's path
 * @param keys the values of `FREEDOM_PAY_SECRET_KEY`
 * @returns the first key if there is only one, or if no key made the signature
 */
export async function keyOfCallback(
  readings: readonly (readonly Field[])[],
  script: string,
  keys: readonly [string, ...string[]],
): Promise<string> {
  if (keys.length === 1) return keys[0];
  const tried = new Set<string>();
  for (const fields of readings) {
    const given = signatureIn(fields);
    if (given === null || countFields(fields) > MAX_FIELDS) continue;
    for (const values of signedValues(fields)) {
      const signed = `${given};${values.join(";")}`;
      if (tried.has(signed)) continue;
      tried.add(signed);
      for (const key of keys) if ((await pgSignature(script, values, key)) === given) return key;
    }
  }
  return keys[0];
}

/** The `pg_sig` of the outermost level that has one, in lower case. Null if none looks like an MD5. */
function signatureIn(fields: readonly Field[]): string | null {
  for (let level = fields; level.length > 0; level = level.flatMap(({ value }) => (typeof value === "string" ? [] : value))) {
    const given = level.findLast(({ name }) => name === "pg_sig")?.value;
    if (typeof given === "string" && /^[0-9a-f]{32}$/i.test(given.trim())) return given.trim().toLowerCase();
  }
  return null;
}

/** Orders the values of fields as they are signed. */
type Order = (fields: readonly Field[]) => readonly string[];

/** The possible meanings of "values in the order of their field names". They differ only if fields are nested. */
const ORDERS: readonly Order[] = [sortedAtEachLevel, sortedByTopLevel, asPublishedLibrary, sortedWithoutLevels, sortedTopLevel];

/** The values that may have been signed, the likeliest first: as sent, trimmed, and each without empty values. */
function* signedValues(all: readonly Field[]): Generator<readonly string[]> {
  const fields = withoutSignature(all);
  for (const order of ORDERS) {
    const values = order(fields);
    const trimmed = values.map((value) => value.trim());
    yield values;
    yield trimmed;
    yield values.filter((value) => value !== "");
    yield trimmed.filter((value) => value !== "");
  }
}

function withoutSignature(fields: readonly Field[]): readonly Field[] {
  return fields
    .filter(({ name }) => name !== "pg_sig")
    .map(({ name, value }) => ({ name, value: typeof value === "string" ? value : withoutSignature(value) }));
}

/** "The same rule inside, at the place of the parent's name; repeated names stay in their order" (Merchant API, "Signature"). */
function sortedAtEachLevel(fields: readonly Field[]): readonly string[] {
  return byName(fields).flatMap(({ value }) => (typeof value === "string" ? [value] : sortedAtEachLevel(value)));
}

/** Nested fields stay in the order in which they were sent. */
function sortedByTopLevel(fields: readonly Field[]): readonly string[] {
  return byName(leavesInOrder(fields).map(({ path, value }) => ({ name: path[0] ?? "", value }))).map(({ value }) => value);
}

/** As the gateway's own PHP library: a nested name is made of the field's name and its three-digit position on each level. */
function asPublishedLibrary(fields: readonly Field[]): readonly string[] {
  return byName(leavesInOrder(fields).map(({ place, value }) => ({ name: place, value }))).map(({ value }) => value);
}

/** All fields with text, sorted by their own names alone. */
function sortedWithoutLevels(fields: readonly Field[]): readonly string[] {
  return byName(leavesInOrder(fields).map(({ path, value }) => ({ name: path.at(-1) ?? "", value }))).map(({ value }) => value);
}

/** Nested fields are left out. */
function sortedTopLevel(fields: readonly Field[]): readonly string[] {
  return byName(fields).flatMap(({ value }) => (typeof value === "string" ? [value] : []));
}

interface Leaf {
  /** The names from the outermost field to this one. */
  readonly path: readonly string[];
  /** The same path as the published library writes it: `pg_card004pg_brand001`. */
  readonly place: string;
  readonly value: string;
}

function leavesInOrder(fields: readonly Field[], path: readonly string[] = [], place = ""): readonly Leaf[] {
  return fields.flatMap(({ name, value }, index) => {
    const own = { path: [...path, name], place: `${place}${name}${String(index + 1).padStart(3, "0")}` };
    return typeof value === "string" ? [{ ...own, value }] : leavesInOrder(value, own.path, own.place);
  });
}

/** Sorts by code unit, independent of locale. Fields of the same name stay in their order. */
function byName<Named extends { readonly name: string }>(fields: readonly Named[]): readonly Named[] {
  return fields.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

/** Workers extend crypto.subtle by MD5, for protocols like this one. */
async function md5(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("MD5", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
