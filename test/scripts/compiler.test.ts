import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Exported } from "../../scripts/compiler.ts";
import { exportsOf } from "../../scripts/compiler.ts";

/** What made-up code exports, by name. */
function exportsOfCode(code: string): Readonly<Record<string, Exported>> {
  const folder = mkdtempSync(join(tmpdir(), "compiler-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "code.ts");
  writeFileSync(path, code);
  return Object.fromEntries(
    exportsOf(path)
      .flat()
      .map((one) => [one.name, one]),
  );
}

test("a type has its own docstring in one line without tags, and those of its members, inherited and computed ones too", () => {
  const { Card, Owned, Bare } = exportsOfCode(`
    const card = {
      /** Digits. */
      last4: "",
      brand: "",
    };
    /**
     * A card
     * of {@link Owned}.
     *
     * @deprecated Not in it.
     */
    export interface Card extends Readonly<typeof card> {}
    export interface Owned extends Card {
      /** Its owner. */
      owner: string;
    }
    export type Bare = string;`);
  expect(Card).toMatchObject({ isType: true, doc: "A card of Owned.", members: { last4: "Digits." } });
  expect(Owned).toMatchObject({ doc: null, members: { last4: "Digits.", owner: "Its owner." } });
  expect(Bare).toMatchObject({ doc: null, members: {} });
});

test("a type that is texts is written out, and another one is named", () => {
  const { Status, Card } = exportsOfCode('type Own = "a"; export type Status = Own | "b"; export interface Card { a: Status }');
  expect([Status?.text, Card?.text]).toEqual(['"a" | "b"', "Card"]);
});

test("a file that exports nothing, or does not exist, is an error", () => {
  expect(() => exportsOfCode("const a = 1;")).toThrow("exports nothing");
  expect(() => exportsOf("src/none.ts")).toThrow("There is no");
});
