/** NOTIFY_URL is not set, is removed, or is set later. */
import { abortAllDurableObjects, createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import { DAY } from "../../src/lib/time.ts";
import { expectRefusal } from "./over-http.ts";
import { apiKey, object, operate, order, post, token } from "./with-gateway.ts";
import { respondWith, charge, dueAt, received, NOTIFY_URL, notifications, letTimePass, pauseIsOver, notified } from "./with-receiver.ts";

/** Replaces the deployment by one with this setting. */
async function deploy(url: string): Promise<void> {
  Object.assign(env, { NOTIFY_URL: url });
  await abortAllDurableObjects();
}

function dueOfOrder(): Promise<number | null> {
  return runInDurableObject(
    object(),
    (_, { storage }) => storage.sql.exec<{ due: number | null }>("SELECT due FROM record WHERE order_id = ?", order).one().due,
  );
}

async function pay(): Promise<void> {
  await (await post(await token(), "key-1")).json();
}

afterEach(() => deploy(NOTIFY_URL));

describe("without NOTIFY_URL", () => {
  test("notifications are stored and not due; the alarm is set for the retention alone", async () => {
    await deploy("");
    await pay();
    expect((await charge()).notifications).toMatchObject([
      { sequence: 1, type: "charge.succeeded", tries: 0, ended: null, delivered_at: null },
    ]);
    expect(await dueAt(1)).toBeNull();
    await vi.waitFor(async () => expect(await dueOfOrder()).toBeGreaterThan(Date.now() + 399 * DAY));
    expect(received).toEqual([]);
  });

  test("POST notify names the setting before it calls an object", async () => {
    const request = new Request(`https://edge.example/v1/charges/${order}/notify`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Idempotency-Key": "n-1" },
    });
    const bindings = { ...env, NOTIFY_URL: "" } as unknown as EdgeBindings;
    const problem = await expectRefusal(await edge.fetch(request, bindings, createExecutionContext()), "not_configured", null);
    expect(problem.settings).toEqual(["NOTIFY_URL"]);
  });

  test("notifications from before it was set are sent only on request; later ones are sent", async () => {
    await deploy("");
    await pay();
    await deploy(NOTIFY_URL);
    expect((await operate("refund", "r-1", { amount: 1 })).status).toBe(200);
    await notified({ ended: "delivered" }, 2);
    await notified({ tries: 0, ended: null }, 1);
    expect((await operate("notify", "n-1", { sequence: 1 })).status).toBe(200);
    await notified({ tries: 1, ended: "delivered" }, 1);
    expect((await notifications()).map(({ data }) => data.sequence)).toEqual([2, 1]);
  });

  test("a notification that was due when it was removed keeps its schedule, and is sent when it is set again", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1 });
    await deploy("");
    await pauseIsOver();
    await notified({ tries: 2, ended: null, last_status: null });
    expect(received).toHaveLength(1);
    await deploy(NOTIFY_URL);
    respondWith(200);
    await letTimePass(6 * 60_000);
    await notified({ tries: 3, ended: "delivered" });
  });
});
