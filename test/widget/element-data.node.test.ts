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

interface Type {
  readonly text: string;
  readonly references?: readonly { readonly name: string; readonly module: string; readonly start: number; readonly end: number }[];
}

interface Member extends Named {
  readonly kind: string;
  readonly type?: Type;
  readonly return?: { readonly type: Type; readonly description: string };
}

interface Declaration extends Named {
  readonly superclass?: { readonly name: string };
  readonly attributes: readonly Named[];
  readonly members: readonly Member[];
  readonly events: readonly (Named & { readonly type: Type })[];
  readonly slots: readonly Named[];
  readonly cssParts: readonly Named[];
  readonly cssProperties: readonly Named[];
  readonly cssStates: readonly Named[];
}

const manifest = JSON.parse(read("custom-elements.json")) as { modules: { path: string; declarations: Declaration[] }[] };
const declared = manifest.modules[0]?.declarations[0] ?? expect.fail("no declaration");
const told = manifest.modules.find(({ path }) => path === "dist/widget/events.js")?.declarations ?? expect.fail("no events");
const detail = told.find(({ name }) => name === "ChargeDetail")?.members ?? expect.fail("no detail");
const names = (list: readonly Named[]): string[] => list.map(({ name }) => name).toSorted();
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))].toSorted();

test.each(Object.entries(elementData()))("%s is current: node scripts/custom-elements.ts", (file, text) => {
  expect(read(file)).toBe(text);
});

test("it names every attribute, and no other", () => {
  expect(names(declared.attributes)).toEqual(FreedomPayCharge.observedAttributes.toSorted());
});

test("it names every part and slot of the template, and no other", () => {
  const code = read("widget/template.ts");
  const lines = found(code, /line\("(\w+)"/g);
  expect(names(declared.cssParts)).toEqual([...found(code, /part="(\w+)"/g), ...lines].toSorted());
  const computed = found(code, /<slot name=\$\{action === "pay" \? "(\w+)"/g);
  expect(names(declared.slots)).toEqual([...found(code, /<slot name="(\w+)"/g), ...computed].toSorted());
});

test("it names every property of the styles, every event and every status", () => {
  expect(names(declared.cssProperties)).toEqual(found(read("widget/freedom-pay-charge.styles.ts"), /var\((--freedom-pay-[\w-]+)/g));
  expect(names(declared.events)).toEqual(found(read("widget/events.ts"), /static override readonly type = "([\w-]+)"/g));
  const states = names(declared.cssStates);
  expect(states).toEqual(expect.arrayContaining(Object.keys(EVENT_OF)));
  expect(states.filter((state) => !Object.hasOwn(WORDS.en, state))).toEqual(["loading", "ready"]);
  const status = declared.members.find(({ name }) => name === "status");
  expect(states).toEqual(found(status?.type?.text ?? "", /"(\w+)"/g));
});

test("it names the methods, and describes everything that a page sets", () => {
  const methods = declared.members.filter(({ kind }) => kind === "method");
  expect(methods.map(({ name }) => name)).toEqual(["charge", "refresh"]);
  for (const { name, return: comes } of methods) expect(comes?.description, name).toContain("Never rejects");
  for (const { name, description } of [
    ...told,
    ...detail,
    ...declared.attributes,
    ...declared.members,
    ...declared.events,
    ...declared.slots,
    ...declared.cssParts,
  ])
    expect(description, name).not.toBe("");
});

test("every type that it names is declared in it", () => {
  const classes = names(told);
  expect(names(detail)).toEqual(["category", "order_id", "payment_id", "reason", "status", "url"]);
  expect(told.map(({ superclass }) => superclass?.name ?? "").filter((name) => name && !classes.includes(name))).toEqual(["Event"]);
  const members = [...declared.members, ...told.flatMap((declaration) => declaration.members ?? [])];
  const types = [...declared.events, ...members].flatMap((named) => [
    ...(named.type ? [named.type] : []),
    ...("return" in named && named.return ? [named.return.type] : []),
  ]);
  for (const { text, references = [] } of types) {
    for (const { name, start, end } of references) expect([text.slice(start, end), classes.includes(name)]).toEqual([name, true]);
    expect(
      found(text.replace(/"\w+"/g, ""), /\b([A-Z]\w+)/g).filter((name) => name !== "Promise"),
      text,
    ).toEqual(references.map(({ name }) => name));
  }
});

test("the text of an event names the statuses that it occurs with", () => {
  const nothing = { order_id: null, status: "loading", payment_id: null, category: null, reason: null, url: null } as const;
  const naming = new Map(declared.events.map(({ name, description }) => [name, found(description, /`(\w+)`/g)]));
  for (const [name, texts] of naming) {
    const own = Object.entries(EVENT_OF).flatMap(([status, Named]) => (new Named(nothing).type === name ? [status] : []));
    if (own.length > 0) expect(texts, name).toEqual(own.toSorted());
  }
  expect(naming.get("freedom-pay-error")).toEqual(["conflict", "expired", "misconfigured", "unreachable"]);
});
