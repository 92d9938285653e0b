import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { runQuietly } from "../../scripts/run.ts";

const before = new Set(Object.getOwnPropertyNames(globalThis));

test("importing the class and the definition on a server fetches nothing, logs nothing and adds no global", async () => {
  // Another file's test may have imported them before.
  vi.resetModules();
  const said: unknown[] = [];
  const { warn, error, log } = console;
  const { fetch } = globalThis;
  Object.assign(console, {
    warn: (...of: unknown[]) => said.push(of),
    error: (...of: unknown[]) => said.push(of),
    log: (...of: unknown[]) => said.push(of),
  });
  globalThis.fetch = (...of) => {
    said.push(of);
    return fetch(...of);
  };
  try {
    const { FreedomPayCharge } = await import("../../widget/freedom-pay-charge.ts");
    const defined = await import("../../widget/define.ts");
    expect(defined.FreedomPayCharge).toBe(FreedomPayCharge);
    const element = new FreedomPayCharge();
    expect(element.status).toBe("loading");
  } finally {
    Object.assign(console, { warn, error, log });
    globalThis.fetch = fetch;
  }
  expect(said.filter((of) => !String(of).includes("Lit is in dev mode"))).toEqual([]);
  // Lit itself adds a registry of elements that are never rendered, and its version numbers.
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
  expect(added.filter((name) => !/^(customElements|lit|reactiveElement|__vi)/.test(name))).toEqual([]);
});

test.each(["freedom-pay-charge", "define", "cdn"])(
  "a Node process that imports widget/%s.ts logs nothing and ends by itself",
  async (name) => {
    const url = new URL(`../../widget/${name}.ts`, import.meta.url).href;
    const script = `const { FreedomPayCharge } = await import("${url}"); if (typeof FreedomPayCharge !== "function") process.exitCode = 9;`;
    const ran = await runQuietly([process.execPath, "--input-type=module", "--eval", script]);
    expect(ran).toEqual({ code: 0, output: "" });
  },
);

test("the class has the version of the package", async () => {
  const { FreedomPayCharge } = await import("../../widget/freedom-pay-charge.ts");
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  expect(FreedomPayCharge.version).toBe(version);
});
