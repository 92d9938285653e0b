import { expect, test } from "vitest";
import { docstringsOf } from "../../scripts/docstrings.ts";

const CARD = `
  /** Not of the card. */

  import * as v from "valibot";
  export const card = {
    /** Digits. */ last4: v.string(),
    brand: v.string(),
    // Not a docstring.
    issuer: v.string(),
    owner: v.object({ /** Of somebody inside. */ name: v.string() }),
  };
  /**
   * A card
   * of {@link Shop}.
   */
  export interface Card extends Output<typeof card> {}`;

test("a type has its own docstring, and those of the entries behind its typeof", () => {
  expect(docstringsOf({ "card.ts": CARD })).toEqual({ Card: { type: "A card of Shop.", members: { last4: "Digits." } } });
});

test("a type without a docstring has none, also when another stands before the one before it", () => {
  const code =
    "/** A. */ export type A = string; export type B = string; const b = { b: v.string() }; export interface C extends X<typeof b> {}";
  expect(docstringsOf({ "a.ts": code })).toEqual({
    A: { type: "A.", members: {} },
    B: { type: null, members: {} },
    C: { type: null, members: {} },
  });
});

test("an interface has the members of every other that it extends, and the last of two says what a member is", () => {
  const code = `
    export interface Stored extends Card {}
    const own = { /** Anew. */ last4: v.string(), /** When it was stored. */ at: v.string() };
    export interface Owned extends Stored, Readonly<Output<typeof own>> {}`;
  const types = docstringsOf({ "card.ts": CARD, "stored.ts": code });
  expect(types["Stored"]?.members).toEqual({ last4: "Digits." });
  expect(types["Owned"]?.members).toEqual({ last4: "Anew.", at: "When it was stored." });
});

test("entries that are spread into others bring their docstrings along, from another file too when they are exported", () => {
  const code = `
    const seen = { ...card, /** When. */ at: v.string() };
    export interface Seen extends Output<typeof seen> {}
    const hidden = { ...local };
    export interface Hidden extends Output<typeof hidden> {}`;
  const types = docstringsOf({ "card.ts": `${CARD} const local = { /** Here alone. */ a: v.string() };`, "seen.ts": code });
  expect(types["Seen"]?.members).toEqual({ last4: "Digits.", at: "When." });
  expect(types["Hidden"]?.members).toEqual({});
});

test("two files may each have entries of one name", () => {
  const file = (type: string, doc: string): string =>
    `const entries = { /** ${doc} */ a: v.string() }; export interface ${type} extends Output<typeof entries> {}`;
  const types = docstringsOf({ "a.ts": file("A", "Of A."), "b.ts": file("B", "Of B.") });
  expect([types["A"]?.members, types["B"]?.members]).toEqual([{ a: "Of A." }, { a: "Of B." }]);
});

test("a file that does not parse is an error", () => {
  expect(() => docstringsOf({ "a.ts": "export {" })).toThrow("a.ts does not parse");
});
