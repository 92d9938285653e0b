import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const before = new Set(Object.getOwnPropertyNames(globalThis));

test("importing the class and the definition on a server asks nothing, says nothing and leaves nothing", async () => {
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
    await import("../../widget/react.ts");
    const element = new FreedomPayCharge();
    expect(element.status).toBe("loading");
  } finally {
    Object.assign(console, { warn, error, log });
    globalThis.fetch = fetch;
  }
  expect(said.filter((of) => !String(of).includes("Lit is in dev mode"))).toEqual([]);
  // Lit itself brings a registry of elements that are never rendered, and marks of its versions.
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
  expect(added.filter((name) => !/^(customElements|lit|reactiveElement|__vi)/.test(name))).toEqual([]);
});

test("the class knows the package's version", async () => {
  const { FreedomPayCharge } = await import("../../widget/freedom-pay-charge.ts");
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  expect(FreedomPayCharge.version).toBe(version);
});
