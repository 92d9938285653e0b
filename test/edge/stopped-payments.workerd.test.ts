/** ACCEPT_PAYMENTS=false: no payment begins, and everything that began goes on. */
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { edge } from "../../edge/worker.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
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
