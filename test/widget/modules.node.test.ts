import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { expect, test } from "vitest";
import { buildElementIfStale, ELEMENT_FILE } from "../../scripts/element.ts";
import { WORDS } from "../../widget/locales/at-once.ts";

/** The chunks that a page's bundler makes of an entry of the package: their code and their static imports. */
async function bundled(entry: string): Promise<ReadonlyMap<string, { readonly code: string; readonly imports: readonly string[] }>> {
  const outputs = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(new URL(`../../widget/${entry}`, import.meta.url)), formats: ["es"] },
    },
  });
  const chunks = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output).filter((chunk) => chunk.type === "chunk");
  return new Map(chunks.map(({ isEntry, name, code, imports }) => [isEntry ? "entry" : name, { code, imports }]));
}

test.each(["define.ts", "freedom-pay-charge.ts"])("a bundle of widget/%s loads no language before it is needed", async (entry) => {
  const chunks = await bundled(entry);
  expect([...chunks.keys()].toSorted()).toEqual(expect.arrayContaining(["en", "entry", "kk", "ru"]));
  const atOnce = [...chunks].filter(([name]) => !["kk", "ru", "en"].includes(name));
  for (const [, { code, imports }] of atOnce) {
    for (const words of Object.values(WORDS)) expect(code).not.toContain(words.unconfirmed);
    expect(imports.filter((name) => /\b(kk|ru|en)\b/.test(name))).toEqual([]);
  }
  for (const locale of ["kk", "ru", "en"] as const) expect(chunks.get(locale)?.code).toContain(WORDS[locale].unconfirmed);
});

test("the script-tag file contains all three languages and loads no other file", async () => {
  await buildElementIfStale();
  const code = readFileSync(ELEMENT_FILE, "utf8");
  expect(code).toContain(WORDS.en.unconfirmed);
  expect(code).not.toMatch(/\bimport\s*[("{*]/);
});
