/** No payment begins, by ACCEPT_PAYMENTS=false or while 256 are under way, and everything that began goes on. */
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OPEN_PAYMENTS } from "../../edge/charge.ts";
import { edge } from "../../edge/worker.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { closedGate } from "../gate.ts";
import { expectRefusal } from "./over-http.ts";
import { apiKey, creates, gateway, holdGateway, object, order, runAlarmUntil, token } from "./with-gateway.ts";

/** The settings while payments are accepted. */
const ACCEPTED = { ACCEPT_PAYMENTS: env["ACCEPT_PAYMENTS"] };

function stop(): void {
  Object.assign(env, { ACCEPT_PAYMENTS: "false" });
}

/** Calls a Worker that reads its settings anew, as after a deployment. */
function ask(method: string, path: string, bearer: string, key = ""): Promise<Response> {
  const request = new Request(`https://edge.example${path}`, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, "Idempotency-Key": key, "CF-Connecting-IP": "192.0.2.1" },
  });
  return Promise.resolve(edge.fetch(request, { ...env }, createExecutionContext()));
}

function pay(bearer: string, key: string): Promise<Response> {
  return ask("POST", "/v1/charges", bearer, key);
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());

afterEach(() => void Object.assign(env, ACCEPTED));

describe("ACCEPT_PAYMENTS=false", () => {
  test("a new payment is refused for five minutes: nothing is stored and nothing is sent", async () => {
    stop();
    const refused = await pay(await token(), "key-1");
    expect(refused.headers.get("Retry-After")).toBe("300");
    const { detail } = await expectRefusal(refused, "unavailable", null);
    expect(detail).toContain("ACCEPT_PAYMENTS");
    const tables = await runInDurableObject(object(), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('shard', 'record')").toArray(),
    );
    expect([tables, gateway.log.entries.length]).toEqual([[], 0]);
  });

  test("a key that began an attempt still gets its charge, and another key begins nothing", async () => {
    const letTimePass = holdGateway();
    const bearer = await token({ profile_id: "later-3" });
    const first = pay(bearer, "key-1");
    await vi.waitFor(() => expect(creates()).toHaveLength(1));
    stop();
    await expectRefusal(await pay(bearer, "key-2"), "unavailable", null);
    letTimePass();
    await (await first).text();
    await runAlarmUntil("succeeded");
    const again = await pay(bearer, "key-1");
    expect([again.status, ((await again.json()) as MerchantChargeView).status]).toEqual([200, "succeeded"]);
    expect(creates()).toHaveLength(1);
  });

  test("after a failure no further attempt begins, until payments are accepted again", async () => {
    const failed = await pay(await token({ profile_id: "decline-10009" }), "key-1");
    expect(((await failed.json()) as MerchantChargeView).status).toBe("failed");
    stop();
    await expectRefusal(await pay(await token(), "key-2"), "unavailable", null);
    expect(creates()).toHaveLength(1);
    Object.assign(env, ACCEPTED);
    await vi.waitFor(async () => expect((await pay(await token(), "key-2")).status).toBe(201), { interval: 500 });
  });

  test("reads, callbacks and operations go on", async () => {
    await (await pay(await token({ auto_clearing: false }), "key-1")).text();
    stop();
    const read = await ask("GET", `/v1/charges/${order}`, apiKey);
    expect(((await read.json()) as MerchantChargeView).status).toBe("authorized");
    const [create] = creates();
    const { result_url } = (JSON.parse(create?.body ?? "") as { urls: { result_url: string } }).urls;
    const callback = await ask("POST", new URL(result_url).pathname, apiKey);
    expect([callback.status, await callback.json()]).toEqual([200, { status: "ok" }]);
    const cleared = await ask("POST", `/v1/charges/${order}/clearing`, apiKey, "c-1");
    expect(((await cleared.json()) as MerchantChargeView).status).toBe("succeeded");
  });
});

describe("256 payments under way", () => {
  const ends: (() => void)[] = [];

  /** Payments of other orders begin. */
  function begin(payments: number): void {
    for (let number = 1; number <= payments; number += 1) OPEN_PAYMENTS.add(Date.now(), new Promise((end) => void ends.push(end)));
  }

  async function endThem(): Promise<void> {
    for (const end of ends.splice(0)) end();
    await vi.waitFor(() => expect(OPEN_PAYMENTS.isFull(Date.now())).toBe(false));
  }

  afterEach(endThem);

  test("a payment is refused before anything of it is stored; later it is taken under the same key", async () => {
    const logged = vi.spyOn(console, "log").mockReturnValue();
    const bearer = await token();
    begin(256);
    const refused = await pay(bearer, "key-1");
    const { detail } = await expectRefusal(refused, "unavailable", null);
    expect(detail).toBe("Too many payments are under way");
    expect(["5", "6", "7", "8", "9", "10"]).toContain(refused.headers.get("Retry-After"));
    const attentions = (): readonly string[] =>
      logged.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("attention"));
    expect(attentions()).toEqual([expect.stringContaining('"reason":"overloaded"')]);
    await expectRefusal(await pay("no token", "key-1"), "unavailable", null);
    expect(attentions()).toHaveLength(1);
    const tables = await runInDurableObject(object(), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('shard', 'record')").toArray(),
    );
    expect([tables, gateway.log.entries.length]).toEqual([[], 0]);
    await endThem();
    expect((await pay(bearer, "key-1")).status).toBe(201);
  });

  test("reads and operations go on", async () => {
    await (await pay(await token({ auto_clearing: false }), "key-1")).text();
    begin(256);
    await expectRefusal(await pay(apiKey, "key-1"), "unavailable", null);
    const read = await ask("GET", `/v1/charges/${order}`, apiKey);
    expect(await read.json()).toMatchObject({ status: "authorized" });
    const cleared = await ask("POST", `/v1/charges/${order}/clearing`, apiKey, "c-1");
    expect(await cleared.json()).toMatchObject({ status: "succeeded" });
  });

  test("a payment counts until the gateway has answered; then its key gets the charge", async () => {
    const gate = closedGate();
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      await gate.passed;
      return gateway.fetch(new Request(input, init));
    });
    begin(255);
    const bearer = await token();
    const first = pay(bearer, "key-1");
    await vi.waitFor(() => expect(OPEN_PAYMENTS.isFull(Date.now())).toBe(true));
    await expectRefusal(await pay(bearer, "key-1"), "unavailable", null);
    gate.open();
    expect((await first).status).toBe(201);
    await vi.waitFor(() => expect(OPEN_PAYMENTS.isFull(Date.now())).toBe(false));
    expect((await pay(bearer, "key-1")).status).toBe(200);
  });
});
