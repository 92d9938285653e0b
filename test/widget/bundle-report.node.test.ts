import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bundleReport, faultsOf, foundIn, reportTable } from "../../scripts/bundle-report.ts";

const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { exports: object };

test("the report names every public export with its bytes, and finds no forbidden text", async () => {
  const bundles = await bundleReport();
  expect(bundles.map(({ name }) => name)).toEqual(Object.keys(exports));
  expect(faultsOf(bundles)).toEqual([]);
  const typesAlone = ["./react", "./vue", "./svelte"];
  for (const { name, raw, gz } of bundles) expect([name, raw > 0, gz > 0]).toEqual([name, !typesAlone.includes(name), true]);
  const table = reportTable(bundles);
  for (const { name, raw, gz } of bundles) expect(table).toContain(`| \`${name}\` | ${raw} | ${gz} | none |`);
});

describe("the report finds", () => {
  test.each<[string, string, readonly string[]]>([
    ["widget/define.ts", 'crypto.subtle.importKey("raw",k)', ["importKey"]],
    ["widget/define.ts", "const a=`HS256`", ["HS256"]],
    ["widget/cdn.ts", 'h.set("x-jws-signature",s)', ["X-JWS"]],
    ["widget/cdn.ts", "const e=s.FREEDOM_PAY_SECRET_KEY", ["secret"]],
    ["widget/cdn.ts", "const{cvc:e}=card", ["cvc"]],
    ["src/index.ts", 'import{render}from"lit-html"', ["lit-html"]],
    ["src/index.ts", 'import{LitElement}from"lit-element/lit-element.js"', ["lit-element"]],
    ["src/card-payment.ts", "import{createHash}from`node:crypto`", ["node:"]],
    ["src/simulator/index.ts", 'await import("node:fs")', ["node:"]],
    ["edge/worker.ts", "body.card.cvc", ["cvc"]],
  ])("in %s: %s", (source, code, found) => {
    expect(foundIn(code, source)).toEqual(found);
    expect(faultsOf([{ name: "./x", raw: 1, gz: 1, found }])).toEqual(found.map((text) => `./x contains ${text}`));
  });

  test("a script-tag file that is too large", () => {
    expect(faultsOf([{ name: "./cdn/freedom-pay-charge.js", raw: 60_000, gz: 20_481, found: [] }])).toEqual([
      "./cdn/freedom-pay-charge.js weighs 20481 bytes of gzip -9, at most 20480",
    ]);
  });
});

test("it allows a member named node, and the published example of a signature", () => {
  expect(foundIn("const a={node:1}", "src/index.ts")).toEqual([]);
  const example = '{"pan":"1234567890123456","cvc":"012","year":24}';
  expect(foundIn(example, "edge/worker.ts")).toEqual([]);
  expect(foundIn(`${example};${example}`, "edge/worker.ts")).toEqual(["cvc"]);
  expect(foundIn(example, "widget/cdn.ts")).toEqual(["cvc"]);
});
