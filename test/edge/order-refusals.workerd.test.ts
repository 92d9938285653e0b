/** Refusals that depend on an order's history: over HTTP, with the real object and a simulated gateway. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { shardName, shardOf, slotOf } from "../../edge/storage/placement.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";
import { claimsOf, forge, now } from "./forged-token.ts";
import { call, callAsMerchant, expectRefusal } from "./over-http.ts";
import { pendingDays } from "./stored-days.ts";

const MERCHANT_ID = "999999";

let gateway: Simulator;
let orders = 0;
let order = "";

beforeEach(() => {
  orders += 1;
  order = `refused-${orders}`;
  gateway = createSimulator({
    merchantId: MERCHANT_ID,
    secretKeys: ["test-secret-of-the-gateway"],
    // Callbacks are off, because each would cause a poll, and polls change the stored record.
    fetch: async () => Response.json({ status: "ok" }),
  });
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => gateway.fetch(new Request(input, init)));
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  gateway.close();
  vi.restoreAllMocks();
});

/** A shopper's click: members of the charge, the key, the age of the token in seconds. */
interface Click {
  readonly charge?: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly ago?: number;
  readonly method?: "POST" | "GET";
}

async function click({ charge = {}, key = crypto.randomUUID(), ago = 0, method = "POST" }: Click = {}): Promise<Response> {
  const iat = now() - ago;
  const token = await forge({ ...claimsOf({ order_id: order, profile_id: "pays", ...charge }), iat, exp: iat + 1800 });
  const headers = { Authorization: `Bearer ${token}`, ...(method === "POST" ? { "Idempotency-Key": key } : {}) };
  return call({ method, path: method === "POST" ? "/v1/charges" : `/v1/charges/${order}`, headers });
}

/** Clicks until the charge has this status. */
async function clickUntil(status: string, made: Click = {}): Promise<void> {
  expect(await (await click(made)).json()).toMatchObject({ status });
}

function object(): DurableObjectStub {
  return env.CHARGES.getByName(shardName({ host: "test-api.freedompay.kz", merchantId: MERCHANT_ID }, shardOf(slotOf(order))));
}

/** Everything that the shard has stored of the order. */
function rows(): Promise<unknown> {
  return runInDurableObject(object(), async (_, { storage }) => {
    const dump = (table: string): unknown => storage.sql.exec(`SELECT * FROM ${table} WHERE order_id = ?`, order).toArray();
    return { rows: ["record", "key", "outbox"].map(dump), alarm: await storage.getAlarm() };
  });
}

function pendingUpdates(): Promise<readonly string[]> {
  return runInDurableObject(object(), (_, { storage }) => pendingDays(storage, order));
}

/** From here on it is a minute later, and stays so however long the test takes. */
function stopTheClock(): void {
  const now = Date.now() + 60_000;
  vi.spyOn(Date, "now").mockImplementation(() => now);
}

/** Sends a request that is refused: the stored rows do not change, and the gateway gets no call. */
async function refused(ask: () => Promise<Response>, code: ProblemCode): Promise<Awaited<ReturnType<typeof expectRefusal>>> {
  // Its callbacks have come, and the day's index has the charge.
  await gateway.idle();
  await vi.waitFor(async () => expect(await pendingUpdates()).toEqual([]));
  const stored = await rows();
  const calls = gateway.log.entries.length;
  const problem = await expectRefusal(await ask(), code);
  expect(await rows()).toEqual(stored);
  expect(gateway.log.entries).toHaveLength(calls);
  return problem;
}

describe("a paid order", () => {
  beforeEach(() => clickUntil("succeeded", { key: "key-1" }));

  const OTHER_TERMS = [
    { amount: 11 },
    { amount: 10.01 },
    { currency: "USD" },
    { user_id: "54321" },
    { profile_id: "another" },
    { auto_clearing: false },
  ];

  test("conflicts with other terms on a POST and, if they are about money, on a GET; the refusal has the charge", async () => {
    for (const charge of OTHER_TERMS) {
      const isAboutMoney = !("user_id" in charge || "profile_id" in charge);
      for (const method of isAboutMoney ? (["POST", "GET"] as const) : (["POST"] as const)) {
        const problem = await refused(() => click({ charge, method }), "charge_conflict");
        expect(problem.charge).toMatchObject({ order_id: order, status: "succeeded", amount: 10, currency: "KZT" });
        expect(problem.charge).not.toHaveProperty("attempts");
      }
      if (!isAboutMoney) expect((await click({ charge, method: "GET" })).status).toBe(200);
    }
  });

  test("conflicts with an older token of other terms", async () => {
    await refused(() => click({ charge: { amount: 9 }, ago: 600 }), "charge_conflict");
  });

  test("a key that was used with other terms is idempotency_key_reused, which comes before the conflict", async () => {
    for (const charge of OTHER_TERMS) {
      await refused(() => click({ charge, key: "key-1" }), "idempotency_key_reused");
      await refused(() => click({ charge, key: '"key-1"' }), "idempotency_key_reused");
    }
  });

  test("does not conflict with another description, card or time of the same terms", async () => {
    const charge = { description: "Another book", card: { brand: "visa", last4: "1111" } };
    for (const made of [{ key: "key-1", charge }, { charge }, { key: "key-1", ago: 600 }]) await clickUntil("succeeded", made);
    expect(gateway.payments()).toHaveLength(1);
  });

  test("takes twenty POSTs in ten seconds; a known key always gets its answer", async () => {
    stopTheClock();
    for (let posts = 1; posts <= 20; posts += 1) await clickUntil("succeeded");
    let retryAfter = 0;
    await refused(async () => {
      const answer = await click();
      retryAfter = Number(answer.headers.get("Retry-After"));
      return answer;
    }, "rate_limited");
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(10);
    await clickUntil("succeeded", { key: "key-1" });
    await (await click({ method: "GET" })).text();
  });
});

describe("a declined order", () => {
  test("is not tried again within two seconds", async () => {
    stopTheClock();
    await clickUntil("failed", { charge: { profile_id: "decline-10009" } });
    let retryAfter: string | null = null;
    await refused(async () => {
      const answer = await click();
      retryAfter = answer.headers.get("Retry-After");
      return answer;
    }, "rate_limited");
    expect(retryAfter).toMatch(/^[12]$/);
  });

  test.each(["decline-10017", "decline-10010", "decline-9011"])("is not tried again with the profile %s", async (profile) => {
    await clickUntil("failed", { charge: { profile_id: profile } });
    await refused(() => click({ charge: { profile_id: profile } }), "retry_not_allowed");
  });

  test("that is closed is not tried again", async () => {
    await clickUntil("failed", { charge: { profile_id: "decline-10009" } });
    await runInDurableObject(object(), (_, { storage }) => {
      storage.sql.exec("UPDATE record SET record = json_set(record, '$.closedAt', ?) WHERE order_id = ?", Date.now(), order);
    });
    await refused(() => click(), "charge_closed");
  });
});

test("an order that was never charged is not found for the merchant", async () => {
  await expectRefusal(await callAsMerchant({ method: "GET", path: `/v1/charges/${order}` }), "charge_not_found", null);
  const tables = await runInDurableObject(object(), (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'record'").toArray(),
  );
  expect(tables).toEqual([]);
  expect(gateway.log.entries).toEqual([]);
});
