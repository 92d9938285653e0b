import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Rule } from "./rules.ts";
import { RULES } from "./rules.ts";
import { readSource } from "./source.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = globSync(["{src,edge,widget,command,demo,test,scripts}/**/*.ts", "*.ts"], { cwd: root }).filter(
  (path) => !path.includes("node_modules"),
);
const sources = files.map((path) => readSource(path, readFileSync(`${root}/${path}`, "utf8")));

/** For each rule: a file that breaks it, and what the rule says. */
const PLANTED: Readonly<Record<string, readonly (readonly [path: string, text: string, says: string])[]>> = {
  arrows: [
    ["src/money.ts", 'import { x } from "../edge/runner.ts";', "src/money.ts imports edge/runner.ts"],
    ["src/index.ts", 'export * from "./simulator/index.ts";', "src/index.ts imports src/simulator/index.ts"],
    ["edge/runner.ts", 'import { x } from "../widget/events.ts";', "edge/runner.ts imports widget/events.ts"],
    ["edge/runner.ts", 'const x = await import("../src/simulator/model.ts");', "edge/runner.ts imports src/simulator/model.ts"],
    ["edge/runner.ts", 'import text from "../dist/cdn/freedom-pay-charge.js";', "edge/runner.ts imports dist/cdn/freedom-pay-charge.js"],
    ["edge/runner.ts", 'import type { x } from "../test/edge/fakes.ts";', "edge/runner.ts imports test/edge/fakes.ts"],
    ["edge/runner.ts", 'import { shop } from "../demo/shop.ts";', "edge/runner.ts imports demo/shop.ts"],
    [
      "widget/events.ts",
      'import { PROBLEMS } from "../src/edge-api.ts";',
      "widget/events.ts imports src/edge-api.ts and may only import types of it",
    ],
    ["widget/events.ts", 'type X = import("../edge/record.ts").X;', "widget/events.ts imports edge/record.ts"],
    [
      "src/simulator/model.ts",
      'import { toMinorUnits } from "../money.ts";',
      "src/simulator/model.ts imports src/money.ts and may only import types of it",
    ],
    ["src/simulator/model.ts", 'export { x } from "../../edge/ticket.ts";', "src/simulator/model.ts imports edge/ticket.ts"],
    ["scripts/build.ts", 'import "../demo/start.ts";', "scripts/build.ts imports demo/start.ts"],
    ["command/trial.ts", 'import { x } from "../edge/settings.ts";', "command/trial.ts imports edge/settings.ts"],
    ["demo/shop.ts", 'import { x } from "../test/house/rules.ts";', "demo/shop.ts imports test/house/rules.ts"],
  ],
  cardPayment: [
    ["edge/runner.ts", 'import { x } from "../src/card-payment.ts";', "edge/runner.ts imports src/card-payment.ts"],
    ["widget/events.ts", 'import type { X } from "../src/card-payment.ts";', "widget/events.ts imports src/card-payment.ts"],
  ],
  packages: [
    ["src/money.ts", 'import { readFileSync } from "node:fs";', "src/money.ts imports node:fs"],
    ["src/money.ts", 'import { Hono } from "hono";', "src/money.ts imports hono"],
    ["src/simulator/model.ts", 'import * as jose from "jose";', "src/simulator/model.ts imports jose"],
    ["edge/runner.ts", 'import { env } from "cloudflare:workers";', "edge/runner.ts imports cloudflare:workers"],
    ["widget/events.ts", 'import { SignJWT } from "jose/jwt/sign";', "widget/events.ts imports jose/jwt/sign"],
    ["edge/worker.ts", 'import { Buffer } from "node:buffer";', "edge/worker.ts imports node:buffer"],
    ["widget/events.ts", 'import type { Ref } from "react";', "widget/events.ts imports react"],
    ["widget/react.d.ts", 'export { useState } from "react";', "widget/react.d.ts imports react"],
  ],
  routes: [
    ["edge/notify.ts", 'const path = "/v1/charges";', "edge/notify.ts knows the route /v1/charges"],
    ["edge/notify.ts", "const path = `${base}/v1/callbacks/${ticket}`;", "edge/notify.ts knows the route /v1/callbacks/"],
  ],
  webStandards: [
    ["src/money.ts", "export const home = process.env.HOME;", "src/money.ts uses the global process"],
    ["src/money.ts", "const x = Buffer.from(`a`);", "src/money.ts uses the global Buffer"],
    ["src/money.ts", "const x = `${window.origin}`;", "src/money.ts uses the global window"],
    ["src/money.ts", 'const x = globalThis["Deno"];', "src/money.ts uses the global Deno"],
    ["src/money.ts", "const x = globalThis.Bun;", "src/money.ts uses the global Bun"],
    ["src/money.ts", "type X = typeof document;", "src/money.ts uses the global document"],
    ["src/money.ts", 'const fs = require("fs");', "src/money.ts uses the global require"],
    ["src/money.ts", "const x = { __dirname };", "src/money.ts uses the global __dirname"],
    ["src/simulator/model.ts", "setImmediate(() => {});", "src/simulator/model.ts uses the global setImmediate"],
    ["src/money.ts", "const x = global as object;", "src/money.ts uses the global global"],
  ],
  oneIdea: [
    ["src/money.ts", "\n".repeat(400), "src/money.ts has 401 lines"],
    ["src/helpers.ts", "", "src/helpers.ts does not name an idea"],
    ["edge/utils/time.ts", "", "edge/utils/time.ts does not name an idea"],
    ["edge/handle-callback.ts", "", "edge/handle-callback.ts does not name an idea"],
  ],
};

/** Files that come close to breaking a rule and keep it. */
const KEPT: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  arrows: [
    ["widget/events.ts", 'import type { ChargeView } from "../src/edge-api.ts"; import { type Problem } from "../src/edge-api.ts";'],
    ["src/simulator/model.ts", 'import type { Signer } from "../signature.ts";'],
    ["edge/element.ts", 'import text from "../dist/cdn/freedom-pay-charge.js";'],
    ["src/money.ts", '// import "../edge/runner.ts"\nconst text = \'import "../edge/runner.ts"\';'],
  ],
  cardPayment: [["src/index.ts", 'import type { X } from "./card-payment.ts";']],
  packages: [
    ["edge/charge.ts", 'import { DurableObject } from "cloudflare:workers";'],
    ["widget/react.d.ts", 'import type { HTMLAttributes } from "react";'],
  ],
  routes: [
    ["edge/worker.ts", 'const path = "/v1/charges";'],
    ["edge/notify.ts", "// GET /v1/charges"],
  ],
  webStandards: [
    ["src/money.ts", "// process.env, window\nconst text = 'process'; const x = { process: 1, window() {} }; x.process; x.window();"],
    ["src/money.ts", "function f(document: string, { global, a: [Buffer] }: X): string { return document + global + Buffer; }"],
    ["src/money.ts", "const x: Buffer.Window = fetch(new URL('https://shop.example')) satisfies unknown;"],
    [
      "src/money.ts",
      'import type { A } from "./input.ts"; export type { A }; interface B {} export { type B }; export { c } from "./input.ts";',
    ],
    ["edge/log.ts", "process.exit();"],
  ],
  oneIdea: [["src/money.ts", "\n".repeat(399)]],
};

test("the house has files in every room", () => {
  for (const room of ["src/", "edge/", "widget/", "command/", "demo/", "test/", "scripts/"])
    expect(
      files.some((path) => path.startsWith(room)),
      room,
    ).toBe(true);
});

describe.each(Object.entries(RULES))("%s", (name: string, rule: Rule) => {
  test("holds in the whole house", () => {
    expect(sources.flatMap(rule)).toEqual([]);
  });

  test.each(PLANTED[name] ?? [])("a violation in %s is found: %s", (path, text, says) => {
    expect(rule(readSource(path, text))).toEqual([says]);
  });

  test.each(KEPT[name] ?? [])("%s keeps it: %s", (path, text) => {
    expect(rule(readSource(path, text))).toEqual([]);
  });
});

test("every rule has a planted violation", () => {
  expect(Object.keys(PLANTED)).toEqual(Object.keys(RULES));
});
