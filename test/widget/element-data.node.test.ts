import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { elementData } from "../../scripts/custom-elements.ts";
import { EVENT_OF } from "../../widget/events.ts";
import { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { WORDS } from "../../widget/locales/at-once.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

interface Named {
  readonly name: string;
  readonly description: string;
}

interface Declaration {
  readonly attributes: readonly Named[];
  readonly members: readonly (Named & { readonly kind: string })[];
  readonly events: readonly Named[];
  readonly slots: readonly Named[];
  readonly cssParts: readonly Named[];
  readonly cssProperties: readonly Named[];
  readonly cssStates: readonly Named[];
}

const manifest = JSON.parse(read("custom-elements.json")) as { modules: { declarations: Declaration[] }[] };
const declared = manifest.modules[0]?.declarations[0] ?? expect.fail("no declaration");
const names = (list: readonly Named[]): string[] => list.map(({ name }) => name).toSorted();
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))].toSorted();

test.each(Object.entries(elementData()))("%s is current: node scripts/custom-elements.ts", (file, text) => {
  expect(read(file)).toBe(text);
});

test("it names every attribute, and no other", () => {
  expect(names(declared.attributes)).toEqual([...FreedomPayCharge.observedAttributes, "status"].toSorted());
});

test("it names every part and slot that is built, and no other", () => {
  const tree = read("widget/shadow-tree.ts");
  expect(names(declared.cssParts)).toEqual(
    [/part\(\s*"\w+",\s*"(\w+)"/g, /pressable\("(\w+)"/g, /setAttribute\("part", "(\w+)"\)/g]
      .flatMap((made) => found(tree, made))
      .toSorted(),
  );
  expect(names(declared.slots)).toEqual(found(tree, /slot\("(\w+)"\)/g));
});

test("it names every property of the styles, every event and every status", () => {
  expect(names(declared.cssProperties)).toEqual(found(read("widget/freedom-pay-charge.styles.ts"), /var\((--freedom-pay-[\w-]+)/g));
  expect(names(declared.events)).toEqual(found(read("widget/events.ts"), /static override readonly type = "([\w-]+)"/g));
  const states = names(declared.cssStates);
  expect(states).toEqual(expect.arrayContaining(Object.keys(EVENT_OF)));
  expect(states.filter((state) => !Object.hasOwn(WORDS.en, state))).toEqual(["loading", "ready"]);
});

test("it names the methods, and says what everything that a page sets does", () => {
  expect(declared.members.filter(({ kind }) => kind === "method").map(({ name }) => name)).toEqual(["charge", "refresh"]);
  for (const { name, description } of [
    ...declared.attributes,
    ...declared.members,
    ...declared.events,
    ...declared.slots,
    ...declared.cssParts,
  ])
    expect(description, name).not.toBe("");
});
