/** The code of docs/batch-jobs.md, against a real edge and the simulated gateway. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import type { MerchantChargeAnswer, Problem } from "../../src/edge-api.ts";
import { onlyCodeBlock } from "../docs/code-block.ts";
import { installPackage } from "../docs/installed-package.ts";
import { AMOUNT, SECRETS, startTestServer, statusOf } from "./test-server.ts";

interface Outcome {
  readonly isPaid: boolean;
  readonly httpStatus: number;
  readonly charge: MerchantChargeAnswer | null;
  readonly refusal: Problem | null;
}

interface Due {
  readonly order_id: string;
  readonly profile_id: string;
  readonly amount: number;
}

interface Settings {
  readonly edge: string;
  readonly apiKey: string;
  readonly pause: number;
  readonly atOnce?: number;
  readonly wait?: number;
  readonly save: (orderId: string, outcome: Outcome) => void;
}

let folder: string;
let chargeAll: (due: readonly Due[], settings: Settings) => Promise<ReadonlyMap<string, Outcome>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "batch-"));
  installPackage(folder);
  await writeFile(join(folder, "batch.mjs"), onlyCodeBlock("docs/batch-jobs.md", "js"));
  ({ chargeAll } = (await import(/* @vite-ignore */ join(folder, "batch.mjs"))) as { chargeAll: typeof chargeAll });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The body of an order's call. @param profile - keywords for the simulator */
function due(orderId: string, profile: string): Due {
  const rest = { currency: "KZT", description: "November", user_id: "12345", user_ip: "192.0.2.1" };
  return { order_id: orderId, profile_id: profile, amount: AMOUNT, ...rest };
}

const ORDERS = ["a", "b", "c", "d", "e", "f"].flatMap((card) =>
  [1, 2].map((month) => due(`sub-${card}-${month}`, `0190fddd-bea7-7f17-b777-10344d5cc81${card}`)),
);
const DECLINED = due("sub-poor", "decline-10009");

/** A proxy before an edge that counts its open POSTs: all, and for each card. */
async function countingProxy(
  test: Pick<TestContext, "onTestFinished">,
  edge: string,
): Promise<{ origin: string; most: Map<string, number> }> {
  const open = new Map<string, number>();
  const most = new Map<string, number>();
  const count = (name: string, change: number): void => {
    open.set(name, (open.get(name) ?? 0) + change);
    most.set(name, Math.max(most.get(name) ?? 0, open.get(name) ?? 0));
  };
  const proxy: Server = await serve(async (request) => {
    const body = request.method === "POST" ? await request.text() : null;
    const names = body === null ? [] : ["all", (JSON.parse(body) as Due).profile_id];
    for (const name of names) count(name, 1);
    const answer = await fetch(`${edge}${new URL(request.url).pathname}`, { method: request.method, headers: request.headers, body });
    const text = await answer.text();
    for (const name of names) count(name, -1);
    return new Response(text, { status: answer.status, headers: { "Content-Type": "application/json" } });
  });
  test.onTestFinished(() => proxy.close());
  return { origin: proxy.origin, most };
}

describe("the job of docs/batch-jobs.md", () => {
  test("pays every order once, at most four cards at once and one charge of a card, also when it runs again", async (context) => {
    const server = await startTestServer(context);
    const proxy = await countingProxy(context, server.edge.origin);
    const settings = { edge: proxy.origin, apiKey: SECRETS.EDGE_API_KEY, pause: 0, save: () => {} };
    for (let run = 1; run <= 2; run += 1) {
      const outcomes = await chargeAll([...ORDERS, DECLINED], settings);
      expect(outcomes.size).toBe(ORDERS.length + 1);
      expect([...outcomes].filter(([, { isPaid }]) => !isPaid).map(([orderId]) => orderId)).toEqual([DECLINED.order_id]);
      expect(outcomes.get(DECLINED.order_id)?.charge).toMatchObject({ status: "failed", attempt: 1, failure: { retry: "later" } });
    }
    expect(server.gateway.simulator.payments()).toHaveLength(ORDERS.length + 1);
    expect(proxy.most.get("all")).toBe(4);
    for (const { profile_id } of ORDERS) expect(proxy.most.get(profile_id)).toBe(1);
  });

  test("without waiting: every order is stored, and paid afterwards", async (context) => {
    const server = await startTestServer(context);
    const saved: string[] = [];
    const save = (orderId: string): void => void saved.push(orderId);
    await chargeAll(ORDERS, { edge: server.edge.origin, apiKey: SECRETS.EDGE_API_KEY, pause: 0, wait: 0, save });
    expect(new Set(saved).size).toBe(ORDERS.length);
    for (const { order_id } of ORDERS) await statusOf(server, order_id, "succeeded");
    expect(server.gateway.simulator.payments()).toHaveLength(ORDERS.length);
  });

  test("while payments are stopped every order is refused, and none is sent", async (context) => {
    const server = await startTestServer(context, { settings: { ACCEPT_PAYMENTS: "false" } });
    const settings = { edge: server.edge.origin, apiKey: SECRETS.EDGE_API_KEY, pause: 0, save: () => {} };
    const outcomes = await chargeAll(ORDERS, settings);
    for (const { httpStatus, refusal } of outcomes.values()) expect([httpStatus, refusal?.code]).toEqual([503, "unavailable"]);
    expect(server.gateway.simulator.log.entries).toEqual([]);
  });
});

describe("its second pass", () => {
  const HOUR = 3_600_000;

  test.each([
    ["now", 0, true],
    ["later", 21 * HOUR, true],
    ["later", HOUR, false],
    ["other_card", 21 * HOUR, false],
    ["new_profile", 21 * HOUR, false],
    ["bank", 21 * HOUR, false],
    ["none", 21 * HOUR, false],
  ])("after a failure with the advice %s, %i ms ago: it tries again is %s", async (retry, age, triesAgain) => {
    const keys: (string | null)[] = [];
    const edge = await serve((request) => {
      keys.push(request.headers.get("Idempotency-Key"));
      const updated_at = new Date(Date.now() - age).toISOString();
      return Response.json({ status: "failed", attempt: 3, failure: { category: "declined", retry }, updated_at });
    });
    try {
      await chargeAll([due("sub-1", "card-1")], { edge: edge.origin, apiKey: "key", pause: 0, save: () => {} });
      expect(keys).toEqual(triesAgain ? ["sub-1-1", "sub-1-4"] : ["sub-1-1"]);
    } finally {
      await edge.close();
    }
  });

  test("a call without an answer is repeated under its key", async () => {
    const keys: (string | null)[] = [];
    const edge = await serve((request) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return keys.length < 3
        ? new Response("overloaded", { status: 502, headers: { "Retry-After": "0" } })
        : Response.json({ status: "ready" });
    });
    try {
      await chargeAll([due("sub-1", "card-1")], { edge: edge.origin, apiKey: "key", pause: 0, save: () => {} });
      expect(keys).toEqual(["sub-1-1", "sub-1-1", "sub-1-1"]);
    } finally {
      await edge.close();
    }
  });
});
