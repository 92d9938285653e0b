import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Rule } from "./rules.ts";
import { circles, RULES } from "./rules.ts";
import { readSource } from "./source.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = globSync(["{src,edge,widget,command,demo,test,scripts}/**/*.ts", "*.ts"], { cwd: root }).filter(
  (path) => !path.includes("node_modules"),
);
const sources = files.map((path) => readSource(path, readFileSync(`${root}/${path}`, "utf8")));

/** Code that measures time, and the part that the rule reports. */
const MEASURING: readonly (readonly [text: string, says: string])[] = [
  ["const began = performance.now(); work(); expect(performance.now() - began).toBeLessThan(50);", "expect(performance.now() - began)"],
  ["const began = Date.now(); work(); const took = Date.now() - began; expect(took).toBeLessThan(50);", "expect(took)"],
  ["let took = 0; const began = Date.now(); took = Date.now() - began; expect(took < 50).toBe(true);", "expect(took < 50)"],
  ["const began = +new Date(); expect(new Date().getTime() - began).toBeLessThan(50);", "expect(new Date().getTime() - began)"],
  ["const began = Date.now(); expect(Date.now()).toBeLessThan(began + 50);", "expect(Date.now())"],
  ["const end = Date.now() + 50; expect(Date.now() < end).toBe(true);", "expect(Date.now() < end)"],
  ["const began = Date.now(); expect(50).toBeGreaterThan(Date.now() - began);", "expect(50)"],
  ["const { now } = performance; const began = now(); expect(now() - began).toBeLessThan(50);", "expect(now() - began)"],
  ["const clock = () => performance.now(); const began = clock(); expect(clock() - began).toBeLessThan(50);", "expect(clock() - began)"],
  [
    "import { performance as clock } from 'node:perf_hooks'; const a = clock.now(); expect(clock.now() - a).toBe(0);",
    "expect(clock.now() - a)",
  ],
  [
    "import { hrtime } from 'node:process'; const a = hrtime.bigint(); expect(Number(hrtime.bigint() - a) / 1e6).toBe(0);",
    "expect(Number(hrtime.bigint() - a) / 1e6)",
  ],
  ["const a = process.hrtime(); const [, nanoseconds] = process.hrtime(a); expect(nanoseconds).toBeLessThan(5e7);", "expect(nanoseconds)"],
  ["expect(performance.measure('work').duration).toBeLessThan(50);", "expect(performance.measure('work').duration)"],
  ["const { duration } = globalThis.performance.measure('work', 'a'); expect(duration).toBeLessThan(50);", "expect(duration)"],
  ["expect(performance.now()).toBeLessThan(2_000);", "expect(performance.now())"],
  [
    "async function timed(work) { const began = performance.now(); const value = await work(); return [value, performance.now() - began]; }\n" +
      "const [value, took] = await timed(work); expect(value).toBe(1); expect(took).toBeLessThan(50);",
    "expect(took)",
  ],
  [
    "const timed = async (work) => { const began = Date.now(); return { value: await work(), took: Date.now() - began }; };\n" +
      "const { value, took: milliseconds } = await timed(work); expect(value).toBe(1); expect(milliseconds).toBeLessThan(50);",
    "expect(milliseconds)",
  ],
  ["const timed = () => ({ took: Date.now() - began }); const began = Date.now(); expect(timed().took).toBe(0);", "expect(timed().took)"],
  [
    "class Watch { #began = Date.now(); elapsed() { return Date.now() - this.#began; } }\nconst watch = new Watch(); expect(watch.elapsed()).toBe(0);",
    "expect(watch.elapsed())",
  ],
  [
    "const times = []; for (const one of all) { const began = Date.now(); run(one); times.push(Date.now() - began); }\n" +
      "expect(Math.max(...times)).toBeLessThan(50);",
    "expect(Math.max(...times))",
  ],
  ["const began = Date.now(); await expect.poll(() => Date.now() - began).toBeLessThan(50);", "expect.poll(() => Date.now() - began)"],
  [
    "const began = Date.now(); if (Date.now() - began > 50) throw new Error('slow');",
    "if (Date.now() - began > 50) throw new Error('slow');",
  ],
  ["const began = Date.now(); assert.ok(Date.now() - began < 50);", "assert.ok(Date.now() - began < 50)"],
  ["const quick = (took) => { expect(took).toBeLessThan(50); }; const began = Date.now(); quick(Date.now() - began);", "expect(took)"],
  ["const alarm = await storage.getAlarm(); expect(alarm - Date.now()).toBeGreaterThan(2_000);", "expect(alarm - Date.now())"],
  ["expect(token.issuedAt).toBeCloseTo(Date.now() / 1000);", "expect(token.issuedAt)"],
  [
    "let began; beforeEach(() => { began = performance.now(); }); test('x', () => expect(performance.now() - began).toBe(0));",
    "expect(performance.now() - began)",
  ],
  [
    "const between = (from, to) => to - from; const began = Date.now(); expect(between(began, Date.now())).toBe(0);",
    "expect(between(began, Date.now()))",
  ],
  ["const began = Date.now(); if (Date.now() - began > 50) expect.fail('slow');", "if (Date.now() - began > 50) expect.fail('slow');"],
  ["export function since(began) { return performance.now() - began; }", "since"],
  ["const elapsed = (began) => Date.now() - began; export { elapsed };", "elapsed"],
  ["export const watch = { began: Date.now(), elapsed: () => Date.now() - watch.began };", "watch"],
];

/** Similar code that does not depend on the machine. */
const UNMEASURED: readonly string[] = [
  "const before = Date.now(); const at = timeOf(newId()); expect(at).toBeGreaterThanOrEqual(before); expect(at).toBeLessThanOrEqual(Date.now());",
  "const began = vi.getMockedSystemTime(); expect(vi.getMockedSystemTime() - began).toBe(2_000);",
  "const end = Date.now() + 1_000 * seconds; for (;;) { if (Date.now() > end) throw new Error('not in time'); }",
  "const began = Date.now(); work(); console.log(`${Date.now() - began} ms`);",
  "const began = Date.now(); await sleep(began + 2_000 - Date.now()); expect(seen).toEqual([]);",
  "const yesterday = new Date(Date.now() - 24 * HOUR); expect(list(yesterday)).toEqual([]);",
  "const now = Math.floor(Date.now() / 1000); expect(open({ iat: now - 60 }).expired).toBe(true);",
  "const { performance } = fake(); expect(performance.now() - 5).toBe(0);",
  "function f(performance, Date) { return performance.now() - Date.now(); } expect(f(a, b)).toBe(0);",
  "expect(paid.at - order.at).toBe(250);",
  "const [value, took] = timed(); function timed() { return [1, Date.now() - Date.now()]; } expect(value).toBe(1);",
];

/** Time-outs that fail on a slower machine. */
const TOO_SHORT: readonly string[] = [
  "vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 3_000 })",
  "vi.waitFor(look, 5000)",
  "vi.waitUntil(look, { interval: 20, timeout: 3 * SECOND })",
  "expect.poll(look, { timeout: 500 })",
  'page.getByText("Paid").waitFor({ timeout: 30_000 })',
  "page.waitForFunction(look, null, { timeout: 1000 })",
  "context.setDefaultTimeout(5000)",
  'test("pays", async () => {}, 20_000)',
  'test("pays", { timeout: 10_000 }, async () => {})',
  'test.each([1, 2])("pays %i", async () => {}, 5000)',
  "beforeAll(async () => {}, 30_000)",
];

/** Numbers that are not short time-outs of a test. */
const LONG_ENOUGH: readonly string[] = [
  "vi.waitFor(look, { timeout: WAIT_LIMIT })",
  'test("pays", async () => {}, 2 * TEST_LIMIT)',
  "callGateway(gateway, CALL, { fetch, timeout: 50 })",
  "page.waitForTimeout(500)",
  "vi.waitFor(() => expect(order.pay(1, 20)).toBe(5), { interval: 20 })",
  "test.each([1, 2, 3])",
  'test.skipIf(isSlow)("pays", async () => order.pay(1))',
];

/** For each rule: files that break it, and its message. */
const PLANTED: Readonly<Record<string, readonly (readonly [path: string, text: string, says: string])[]>> = {
  arrows: [
    ["src/money.ts", 'import { x } from "../edge/machine/runner.ts";', "src/money.ts imports edge/machine/runner.ts"],
    ["src/index.ts", 'export * from "./simulator/index.ts";', "src/index.ts imports src/simulator/index.ts"],
    ["edge/log.ts", 'import { x } from "../widget/events.ts";', "edge/log.ts imports widget/events.ts"],
    ["edge/log.ts", 'const x = await import("../src/simulator/model.ts");', "edge/log.ts imports src/simulator/model.ts"],
    ["edge/log.ts", 'import text from "../dist/cdn/freedom-pay-charge.js";', "edge/log.ts imports dist/cdn/freedom-pay-charge.js"],
    ["edge/log.ts", 'import type { x } from "../test/edge/fakes.ts";', "edge/log.ts imports test/edge/fakes.ts"],
    ["edge/log.ts", 'import { shop } from "../demo/shop.ts";', "edge/log.ts imports demo/shop.ts"],
    [
      "widget/events.ts",
      'import { PROBLEMS } from "../src/lib/problems.ts";',
      "widget/events.ts imports src/lib/problems.ts and may only import types of it",
    ],
    ["widget/events.ts", 'type X = import("../edge/machine/record.ts").X;', "widget/events.ts imports edge/machine/record.ts"],
    [
      "src/simulator/model.ts",
      'import { toMinorUnits } from "../money.ts";',
      "src/simulator/model.ts imports src/money.ts and may only import types of it",
    ],
    ["src/index.ts", 'export * from "./merchant-api/calls.ts";', "src/index.ts imports src/merchant-api/calls.ts"],
    [
      "src/simulator/model.ts",
      'import { signFields } from "../merchant-api/signature.ts";',
      "src/simulator/model.ts imports src/merchant-api/signature.ts and may only import types of it",
    ],
    ["src/simulator/model.ts", 'export { x } from "../../edge/http/ticket.ts";', "src/simulator/model.ts imports edge/http/ticket.ts"],
    ["scripts/build.ts", 'import "../demo/start.ts";', "scripts/build.ts imports demo/start.ts"],
    ["command/live-test.ts", 'import { x } from "../edge/settings.ts";', "command/live-test.ts imports edge/settings.ts"],
    ["demo/shop.ts", 'import { x } from "../test/house/rules.ts";', "demo/shop.ts imports test/house/rules.ts"],
  ],
  edgeRooms: [
    ["edge/machine/view.ts", 'import { x } from "../http/problem.ts";', "edge/machine/view.ts imports edge/http/problem.ts"],
    ["edge/machine/view.ts", 'import type { X } from "../storage/tables.ts";', "edge/machine/view.ts imports edge/storage/tables.ts"],
    [
      "edge/machine/events/pay.ts",
      'import { x } from "../../delivery/notify.ts";',
      "edge/machine/events/pay.ts imports edge/delivery/notify.ts",
    ],
    ["edge/machine/view.ts", 'import type { Charge } from "../charge.ts";', "edge/machine/view.ts imports edge/charge.ts"],
    ["edge/machine/view.ts", 'import { log } from "../log.ts";', "edge/machine/view.ts imports edge/log.ts"],
    ["edge/machine/view.ts", 'import type { Settings } from "../settings.ts";', "edge/machine/view.ts imports edge/settings.ts"],
    ["edge/storage/tables.ts", 'import { x } from "../delivery/notify.ts";', "edge/storage/tables.ts imports edge/delivery/notify.ts"],
    ["edge/delivery/notify.ts", 'import { DailyIndex } from "../daily-index.ts";', "edge/delivery/notify.ts imports edge/daily-index.ts"],
    ["edge/gateways/async.ts", 'import { x } from "../http/access.ts";', "edge/gateways/async.ts imports edge/http/access.ts"],
    ["edge/http/access.ts", 'import { x } from "../storage/tables.ts";', "edge/http/access.ts imports edge/storage/tables.ts"],
  ],
  cardPayment: [
    ["edge/log.ts", 'import { x } from "../src/card-payment.ts";', "edge/log.ts imports src/card-payment.ts"],
    ["widget/events.ts", 'import type { X } from "../src/card-payment.ts";', "widget/events.ts imports src/card-payment.ts"],
  ],
  answers: [
    [
      "edge/http/problem.ts",
      'import { chargeView } from "../../src/edge-api.ts";',
      "edge/http/problem.ts imports src/edge-api.ts and may only import types of it",
    ],
    [
      "edge/doctor/doctor.ts",
      'import { doctorReport } from "../../src/lib/deployment-api.ts";',
      "edge/doctor/doctor.ts imports src/lib/deployment-api.ts and may only import types of it",
    ],
    ["src/index.ts", 'export { chargeView } from "./edge-api.ts";', "src/index.ts imports src/edge-api.ts and may only import types of it"],
    [
      "command/live-test.ts",
      'import "../src/edge-api.ts";',
      "command/live-test.ts imports src/edge-api.ts and may only import types of it",
    ],
  ],
  packages: [
    ["src/money.ts", 'import { readFileSync } from "node:fs";', "src/money.ts imports node:fs"],
    ["src/money.ts", 'import { Hono } from "hono";', "src/money.ts imports hono"],
    ["src/merchant-api/x.ts", 'import { Hono } from "hono";', "src/merchant-api/x.ts imports hono"],
    ["src/simulator/model.ts", 'import * as jose from "jose";', "src/simulator/model.ts imports jose"],
    ["edge/log.ts", 'import { env } from "cloudflare:workers";', "edge/log.ts imports cloudflare:workers"],
    ["widget/events.ts", 'import { SignJWT } from "jose/jwt/sign";', "widget/events.ts imports jose/jwt/sign"],
    ["edge/worker.ts", 'import { Buffer } from "node:buffer";', "edge/worker.ts imports node:buffer"],
    ["widget/events.ts", 'import type { Ref } from "react";', "widget/events.ts imports react"],
    ["widget/react.d.ts", 'export { useState } from "react";', "widget/react.d.ts imports react"],
  ],
  routes: [
    ["edge/delivery/notify.ts", 'const path = "/v1/charges";', "edge/delivery/notify.ts knows the route /v1/charges"],
    ["edge/delivery/notify.ts", "const path = `${base}/v1/callbacks/${ticket}`;", "edge/delivery/notify.ts knows the route /v1/callbacks/"],
    ["edge/worker.ts", 'app.get("/healthz", answer);', "edge/worker.ts knows the route /healthz"],
  ],
  webStandards: [
    ["src/money.ts", "export const home = process.env.HOME;", "src/money.ts uses the global process"],
    ["src/money.ts", "const x = Buffer.from(`a`);", "src/money.ts uses the global Buffer"],
    ["src/money.ts", "const x = `${window.origin}`;", "src/money.ts uses the global window"],
    ["src/money.ts", 'const x = globalThis["Deno"];', "src/money.ts uses the global Deno"],
    ["src/money.ts", "const x = globalThis.Bun;", "src/money.ts uses the global Bun"],
    ["test/everywhere/suite/case.ts", "Buffer.from([1]);", "test/everywhere/suite/case.ts uses the global Buffer"],
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
  noStopwatch: [
    ...MEASURING.map(([text, says]) => ["test/x.test.ts", text, `test/x.test.ts asserts how long something took: ${says}`] as const),
    [
      "test/x.test.ts",
      'import { f } from "../scripts/element-timing.ts";',
      "test/x.test.ts imports scripts/element-timing.ts, which measures time",
    ],
    ["test/edge/x.ts", 'import { f } from "../bench/x.ts";', "test/edge/x.ts imports test/bench/x.ts, which measures time"],
  ],
  timeouts: TOO_SHORT.map(
    (text) => ["test/x.test.ts", `const SECOND = 1000; ${text};`, `test/x.test.ts gives up too soon: ${text}`] as const,
  ),
  retiredWords: [
    ["src/simulator/x.ts", "export const courierOptions = {};", "src/simulator/x.ts uses the retired word courier (now: callback sender)"],
    ["src/simulator/x.ts", "/** Plays the next cue. */", "src/simulator/x.ts uses the retired word cue (now: instruction)"],
    ["src/simulator/misfit.ts", "", "src/simulator/misfit.ts uses the retired word misfit (now: invalid field)"],
    ["src/money.ts", "// Tombstones stay.", "src/money.ts uses the retired word tombstone (now: redacted record)"],
    ["src/money.ts", "// Groups parted by spaces.", "src/money.ts uses the retired word parted (now: separated)"],
    ["command/x.ts", "const { TRIAL_OPTIONS } = x;", "command/x.ts uses the retired word trial (now: live test)"],
    ["command/x.ts", "await giveBack();", "command/x.ts uses the retired word give back (now: refundAll)"],
    ["test/process/x.test.ts", "const stand = await open();", "test/process/x.test.ts uses the retired word stand (now: test server)"],
    ["scripts/build.ts", "await inPeace(run);", "scripts/build.ts uses the retired word in peace (now: runSafely)"],
  ],
};

/** Files that almost break a rule. */
const KEPT: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  arrows: [
    ["widget/events.ts", 'import type { ChargeView } from "../src/edge-api.ts"; import { type Problem } from "../src/edge-api.ts";'],
    ["src/simulator/model.ts", 'import type { Signer } from "../signature.ts";'],
    ["src/merchant-api/x.ts", 'import { toMinorUnits } from "../money.ts";'],
    ["edge/http/element-file.ts", 'import text from "../../dist/cdn/freedom-pay-charge.js";'],
    ["src/money.ts", '// import "../edge/machine/runner.ts"\nconst text = \'import "../edge/machine/runner.ts"\';'],
  ],
  edgeRooms: [
    ["edge/machine/events/pay.ts", 'import type { LogLine } from "../../log.ts"; import { x } from "../view.ts";'],
    ["edge/delivery/dispatch.ts", 'import type { DailyIndex } from "../daily-index.ts"; import { x } from "../storage/tables.ts";'],
    ["edge/charge.ts", 'import { x } from "./http/entity-tag.ts";'],
  ],
  cardPayment: [["src/index.ts", 'import type { X } from "./card-payment.ts";']],
  answers: [
    ["src/index.ts", 'export type { ChargeView } from "./edge-api.ts";'],
    ["src/edge-api.ts", 'export * from "./lib/deployment-api.ts";'],
    ["edge/machine/view.ts", 'import type { ChargeView } from "../src/edge-api.ts";'],
    ["scripts/openapi.ts", 'import { chargeView } from "../src/edge-api.ts";'],
  ],
  packages: [
    ["edge/charge.ts", 'import { DurableObject } from "cloudflare:workers";'],
    ["widget/react.d.ts", 'import type { HTMLAttributes } from "react";'],
  ],
  routes: [
    ["edge/routes.ts", 'const path = "/v1/charges";'],
    ["edge/delivery/notify.ts", "// GET /v1/charges"],
  ],
  webStandards: [
    ["src/money.ts", "// process.env, window\nconst text = 'process'; const x = { process: 1, window() {} }; x.process; x.window();"],
    ["src/money.ts", "function f(document: string, { global, a: [Buffer] }: X): string { return document + global + Buffer; }"],
    ["src/money.ts", "const x: Buffer.Window = fetch(new URL('https://shop.example')) satisfies unknown;"],
    [
      "src/money.ts",
      'import type { A } from "./input.ts"; export type { A }; interface B {} export { type B }; export { c } from "./input.ts";',
    ],
    ["src/money.ts", 'import a from "./a.json" with { type: "json" };'],
    ["edge/log.ts", "process.exit();"],
  ],
  oneIdea: [["src/money.ts", "\n".repeat(399)]],
  noStopwatch: [
    ...UNMEASURED.map((text) => ["test/x.test.ts", text] as const),
    ["test/bench/x.bench.ts", MEASURING[0]?.[0] ?? ""],
    ["scripts/element-bench.ts", 'import { f } from "./element-timing.ts"; const a = Date.now(); export const b = () => Date.now() - a;'],
  ],
  timeouts: LONG_ENOUGH.map((text) => ["test/x.test.ts", text] as const),
  retiredWords: [
    ["src/money.ts", "const departed = misfitting + standard; // They give it back, in peace."],
    ["scripts/element.ts", "const puzzle = 1;"],
    ["command/live-test.ts", "const liveTest = run();"],
  ],
};

test("every room has files", () => {
  for (const room of ["src/", "edge/", "widget/", "command/", "demo/", "test/", "scripts/"])
    expect(
      files.some((path) => path.startsWith(room)),
      room,
    ).toBe(true);
});

describe.each(Object.entries(RULES))("%s", (name: string, rule: Rule) => {
  test("holds in the whole project", () => {
    expect(sources.flatMap(rule)).toEqual([]);
  });

  test.each(PLANTED[name] ?? [])("a violation in %s is found: %s", (path, text, says) => {
    expect(rule(readSource(path, text))).toEqual([says]);
  });

  test.each(KEPT[name] ?? [])("no violation in %s: %s", (path, text) => {
    expect(rule(readSource(path, text))).toEqual([]);
  });
});

test("there are no circular imports, types included", () => {
  expect(circles(sources)).toEqual([]);
});

test.each([
  [{ "src/a.ts": "./b.ts", "src/b.ts": "./c.ts", "src/c.ts": "./a.ts" }, ["src/a.ts → src/b.ts → src/c.ts → src/a.ts"]],
  [{ "src/a.ts": "./b.ts", "src/b.ts": "./c.ts", "src/c.ts": "jose" }, []],
] as const)("the circles of %j are %j", (files, expected) => {
  const made = Object.entries(files).map(([path, to]) => readSource(path, `import type { X } from "${to}";`));
  expect(circles(made)).toEqual(expected);
});

test("every rule has a planted violation", () => {
  expect(Object.keys(PLANTED)).toEqual(Object.keys(RULES));
});
