import { readFileSync } from "node:fs";
import { transformWithOxc } from "vite";
import { expect, test } from "vitest";
import { buildElementIfStale, ELEMENT_FILE } from "../../scripts/element.ts";
import { ELEMENT_TARGETS, SUPPORTED_BROWSERS, YOUNGER_APIS } from "../../scripts/element-browsers.ts";

/** Whether code has syntax that is newer than these targets: a compiler then adds helpers or rewrites it. */
async function isYounger(code: string, target: readonly string[]): Promise<boolean> {
  const lowered = await transformWithOxc(code, "element.js", { target: [...target] });
  const same = await transformWithOxc(code, "element.js", { target: "esnext" });
  return lowered.code !== same.code;
}

test("the script-tag file has no syntax that is newer than the supported browsers", async () => {
  await buildElementIfStale();
  const code = readFileSync(ELEMENT_FILE, "utf8");
  expect(await isYounger(code, ELEMENT_TARGETS)).toBe(false);
  // The check would find newer syntax.
  expect(await isYounger(code, ["chrome70"])).toBe(true);
  expect(await isYounger(`${code};class Young{static{console.log(1)}}`, ELEMENT_TARGETS)).toBe(true);
});

test("the documentation names the supported browsers, and the APIs that the element can do without", () => {
  const section =
    readFileSync(new URL("../../docs/element.md", import.meta.url), "utf8")
      .split("## Browsers\n")[1]
      ?.split("\n## ")[0] ?? "";
  for (const [name, version] of Object.entries(SUPPORTED_BROWSERS)) expect(section).toMatch(new RegExp(`\\b${name} ${version}\\b`, "i"));
  for (const names of YOUNGER_APIS.flatMap((apis) => Object.values(apis))) for (const name of names) expect(section).toContain(name);
});
