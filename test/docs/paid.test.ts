/** Every sample that decides whether an order is paid: runs JavaScript, and reads other languages. */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import { freePort } from "../process/free-port.ts";
import { codeBlocks, onlyCodeBlock } from "./code-block.ts";
import { installPackage } from "./installed-package.ts";

const ROOT = join(import.meta.dirname, "../..");

const PAID = { status: "succeeded", currency: "KZT", amount: 4990, cleared_amount: 4990, refunded_amount: 0, payment_id: "1000000001" };

/** Answers for an order of 4,990 tenge, and whether it is paid. */
const ANSWERS: readonly (readonly [string, number, Readonly<Record<string, unknown>>, boolean])[] = [
  ["all of which was taken", 200, PAID, true],
  ["that took more and refunded the rest", 200, { ...PAID, amount: 5000.1, cleared_amount: 4990.3, refunded_amount: 0.3 }, true],
  ["of which a part was cleared", 200, { ...PAID, cleared_amount: 4000 }, false],
  ["that was refunded in part", 200, { ...PAID, refunded_amount: 990 }, false],
  ["with a pending complete refund", 200, { ...PAID, refunded_amount: 4990 }, false],
  ["that was refunded completely", 200, { ...PAID, status: "refunded", refunded_amount: 4990 }, false],
  ["that is only held", 200, { ...PAID, status: "authorized", cleared_amount: 0 }, false],
  ["that was released", 200, { ...PAID, status: "reversed", cleared_amount: 0 }, false],
  ["that failed", 200, { ...PAID, status: "failed", cleared_amount: 0 }, false],
  ["in another currency", 200, { ...PAID, currency: "UZS" }, false],
  ["that took more than the price", 200, { ...PAID, amount: 5990, cleared_amount: 5990 }, false],
  ["that has not started", 404, { status: 404, code: "charge_not_found" }, false],
];
const NAMED = ANSWERS.map(([name, status, body, isPaid]) => [name, isPaid, { status, body }] as const);

let folder: string;
let edge: Server;
/** The edge's next answer. */
let answer: { readonly status: number; readonly body: object };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "paid-"));
  installPackage(folder);
  edge = await serve(() => Response.json(answer.body, { status: answer.status }));
});

afterAll(async () => {
  await edge.close();
  rmSync(folder, { recursive: true });
});

/** Writes a page's code with other addresses. */
function place(name: string, code: string, changed: Readonly<Record<string, string>> = {}): string {
  let text = code;
  for (const [was, is] of Object.entries(changed)) {
    expect(text).toContain(was);
    text = text.replaceAll(was, is);
  }
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The code block of a page in JavaScript with this text. */
function blockOf(page: string, does: string): string {
  const [found = "", ...others] = codeBlocks(page, "js").filter((code) => code.includes(does));
  expect([found !== "", others.length]).toEqual([true, 0]);
  return found;
}

describe("docs/charges.md, reading the outcome", () => {
  test.each(NAMED)("a charge %s: is paid is %s", async (_, isPaid, answered) => {
    answer = answered;
    const file = place("read.mjs", blockOf("docs/charges.md", "Order 1234 is paid"));
    const env = { PATH: process.env["PATH"], EDGE: edge.origin, EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef" };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    expect(stdout).toBe(isPaid ? "Order 1234 is paid, payment 1000000001\n" : "");
  });
});

describe("README.md, the shop of five minutes", () => {
  let shop: ChildProcess;
  let origin: string;

  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const addresses = { "http://localhost:8787": edge.origin, "http://localhost:3000": origin, "listen(3000": `listen(${port}` };
    const file = place("shop.mjs", blockOf("README.md", "createServer(async (request, response)"), addresses);
    const keys = {
      CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
      EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
    };
    shop = spawn(process.execPath, [file], { env: { PATH: process.env["PATH"], ...keys }, stdio: ["ignore", "pipe", "inherit"] });
    if (shop.stdout === null) throw new Error("It says nothing");
    await once(createInterface(shop.stdout), "line");
  });

  afterAll(async () => {
    const ended = once(shop, "exit");
    shop.kill();
    await ended;
  });

  test("its page has a token and a link", async () => {
    const html = await (await fetch(origin)).text();
    expect(html).toMatch(/<freedom-pay-charge token="eyJ[\w.-]+">/);
    expect(html).toMatch(/<a href="\/paid\?order=order-\d+">/);
  });

  test.each(NAMED)("a charge %s: is paid is %s", async (_, isPaid, answered) => {
    answer = answered;
    expect(await (await fetch(`${origin}/paid?order=order-1`)).text()).toBe(isPaid ? "paid" : "not paid");
  });
});

describe("docs/batch-jobs.md", () => {
  interface Outcome {
    readonly isPaid: boolean;
    readonly httpStatus: number;
  }

  interface Batch {
    chargeAll(
      due: readonly object[],
      settings: { edge: string; apiKey: string; pause: number; save: (id: string, outcome: Outcome) => void },
    ): Promise<unknown>;
  }

  test.each(NAMED)("a charge %s: is paid is %s", async (_, isPaid, answered) => {
    answer = answered;
    const file = place("batch.mjs", onlyCodeBlock("docs/batch-jobs.md", "js"));
    const { chargeAll } = (await import(/* @vite-ignore */ file)) as Batch;
    const order = { order_id: "sub-77-2026-11", amount: 4990, currency: "KZT", profile_id: "card-1", user_ip: "192.0.2.1" };
    const saved: unknown[] = [];
    const save = (id: string, outcome: Outcome): void => void saved.push([id, outcome.isPaid, outcome.httpStatus]);
    await chargeAll([order], { edge: edge.origin, apiKey: "key", pause: 0, save });
    expect(saved).toEqual([[order.order_id, isPaid, answered.status]]);
  });
});

describe("a sample, in any language, that decides whether an order is paid", () => {
  const SAMPLES = globSync(["*.md", "docs/*.md", "edge/README.md", "src/simulator/README.md"], { cwd: ROOT }).flatMap((page) =>
    ["js", "ts", "tsx", "vue", "svelte", "php", "python", "go"].flatMap((language) =>
      codeBlocks(page, language).map((code) => [page, language, code] as const),
    ),
  );
  const CODE = globSync(["demo/**/*.ts", "test/consumers/*.ts", "test/consumers/*/src/**/*", "test/end-to-end/story/*.ts", "src/**/*.ts"], {
    cwd: ROOT,
  })
    .filter((file) => /\.\w+$/.test(file))
    .map((file) => [file, "code", readFileSync(join(ROOT, file), "utf8")] as const);

  /** Whether the code compares with the status. */
  const DECIDES = /(?:===?|\bstatus\b[^\n]*=)\s*["']succeeded["']/;

  const deciding = SAMPLES.filter(([, , code]) => DECIDES.test(code));

  test("there is one on each of these pages", () => {
    expect([...new Set(deciding.map(([page, language]) => `${page}: ${language}`))].sort()).toEqual([
      "README.md: js",
      "docs/any-language.md: go",
      "docs/any-language.md: js",
      "docs/any-language.md: php",
      "docs/any-language.md: python",
      "docs/batch-jobs.md: js",
      "docs/charges.md: js",
      "docs/first-payment.md: js",
      "docs/notifications.md: js",
    ]);
  });

  test.each(deciding)("%s, %s: compares what was taken, and the currency", (_, __, code) => {
    expect(code).toMatch(/takenAmount\(|cleared_amount[\s\S]*refunded_amount/);
    expect(code).toMatch(/\bcurrency\b/);
  });

  test.each([...SAMPLES, ...CODE])("%s, %s: compares no charge's `amount` with a price", (_, __, code) => {
    expect(code).not.toMatch(/\b(?:charge|data|answer|view)(?:\?)?(?:\.|\[["'])amount(?:["']\])?\s*(?:===?|!==?|>=|<)/);
  });
});
