import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ENTRIES, exampleFindings, publicFunctions } from "../../scripts/examples.ts";
import { ROOT } from "../../scripts/run.ts";

/** The public functions of made-up files, of which the first is the entry. */
function found(files: Readonly<Record<string, string>>): ReturnType<typeof publicFunctions> {
  const folder = mkdtempSync(join(tmpdir(), "examples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = Object.entries(files).map(([name, code]) => {
    const path = join(folder, name);
    writeFileSync(path, code);
    return path;
  });
  return publicFunctions(paths.slice(0, 1)).map((one) => ({ ...one, file: basename(one.file) }));
}

const example = (code: string): string =>
  `/**\n * Says so.\n *\n * @example\n * \`\`\`ts\n * ${code.replaceAll("\n", "\n * ")}\n * \`\`\`\n */\n`;

test("functions and classes are public, re-exported ones too; types, constants and what is not exported are not", () => {
  const files = {
    "index.ts":
      'export { a, type B } from "./a.ts"; export type { C } from "./a.ts"; export class D {} export const e = 1; function f() {}',
    "a.ts": "export function a() {} export interface B {} export function hidden() {}",
  };
  expect(found(files).map(({ name, file }) => [name, file])).toEqual([
    ["a", "a.ts"],
    ["D", "index.ts"],
  ]);
});

test("an example is the code of the docstring right before its function", () => {
  const files = { "index.ts": `${example("one();\n\ntwo();")}export function a() {}\nexport function b() {}` };
  expect(found(files).map(({ examples }) => examples)).toEqual([["one();\n\ntwo();\n"], []]);
});

test("a function without an example, one that does not import it, and one that does not compile are found", async () => {
  const minor = 'import { toMinorUnits } from "freedom-pay-charge";\n\n';
  const files = {
    "index.ts": [
      "export function bare(): void {}",
      `${example('import { requestId } from "freedom-pay-charge";\nrequestId();')}export function isRequestId(): void {}`,
      `${example(`${minor}const amount: string = toMinorUnits(1);`)}export function toMinorUnits(): void {}`,
    ].join("\n"),
  };
  const findings = await exampleFindings(found(files));
  expect(findings.slice(0, 2)).toEqual(["index.ts: bare has no @example", "index.ts: the example of isRequestId does not import it"]);
  expect(findings[2]).toMatch(/^index\.ts: toMinorUnits-1\.ts\(3,7\): error TS2322/);
});

test("every entry with functions is checked: the others export the element, the Worker, and types", () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  const entries = Object.keys(exports).filter((name) => !name.endsWith(".json"));
  const others = ["edge", "widget", "widget/define", "react", "vue", "svelte", "cdn/freedom-pay-charge.js"];
  expect(entries.map((name) => name.replace(".", "freedom-pay-charge")).toSorted()).toEqual(
    [...Object.keys(ENTRIES), ...others.map((name) => `freedom-pay-charge/${name}`)].toSorted(),
  );
});
