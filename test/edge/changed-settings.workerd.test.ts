/** Settings that change between two starts of an order's object. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import { apiKey, gateway, get, object, post, runAlarmUntil, token } from "./with-gateway.ts";
import { respondWith, charge, received, NOTIFY_URL, notified } from "./with-receiver.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const DEFAULTS = { RETENTION_DAYS: env["RETENTION_DAYS"], FREEDOM_PAY_MERCHANT_ID: env["FREEDOM_PAY_MERCHANT_ID"], NOTIFY_URL };

/** Replaces the deployment by one with these settings. */
async function deploy(settings: Readonly<Record<string, string>>): Promise<void> {
  Object.assign(env, settings);
  await abortAllDurableObjects();
}

async function pay(profile_id = "pays"): Promise<ChargeView> {
  return (await post(await token({ profile_id }), "key-1")).json();
}

function alarmAt(): Promise<number | null> {
  return runInDurableObject(object(), (_, { storage }) => storage.getAlarm());
}

function deadline(name: string): Promise<number | null> {
  return runInDurableObject(object(), (_, { storage }) => {
    const [row] = storage.sql.exec<{ at: number }>("SELECT at FROM deadline WHERE name = ?", name).toArray();
    return row?.at ?? null;
  });
}

/** Every outgoing call, by URL. */
function calls(): number {
  return vi.mocked(globalThis.fetch).mock.calls.length;
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());

afterEach(() => deploy(DEFAULTS as Readonly<Record<string, string>>));

describe("RETENTION_DAYS", () => {
  /** Simulates that the object was last opened under a shorter retention, which has passed. */
  async function expireUnderShorterRetention(): Promise<void> {
    await notified({ ended: "delivered" });
    await runInDurableObject(object(), async (_, { storage }) => {
      storage.sql.exec("UPDATE deadline SET at = ? WHERE name = 'retention'", Date.now() - DAY);
      storage.sql.exec("UPDATE day SET next_at = NULL");
      await storage.setAlarm(Date.now() + MINUTE);
    });
  }

  test("made longer: the alarm of a settled order fires once, and next at the new end", async () => {
    const began = Date.now();
    await pay();
    await expireUnderShorterRetention();
    await deploy({ RETENTION_DAYS: "1000" });
    await runDurableObjectAlarm(object());
    expect(await alarmAt()).toBeGreaterThan(began + 999 * DAY);
    expect(await runDurableObjectAlarm(object())).toBe(true);
    expect(await alarmAt()).toBeGreaterThan(began + 999 * DAY);
    expect((await charge()).status).toBe("succeeded");
  });

  test("made shorter: the next call for the order brings its end forward", async () => {
    const began = Date.now();
    await pay();
    await notified({ ended: "delivered" });
    expect(await deadline("retention")).toBeGreaterThan(began + 399 * DAY);
    await deploy({ RETENTION_DAYS: "2" });
    await (await get(apiKey)).text();
    expect(await deadline("retention")).toBeLessThanOrEqual(Date.now() + 2 * DAY);
  });

  test("made shorter: an alarm redacts an order whose retention has passed", async () => {
    await pay();
    await notified({ ended: "delivered" });
    await runInDurableObject(object(), (_, { storage }) => {
      const { record } = storage.sql.exec<{ record: string }>("SELECT record FROM charge").one();
      storage.sql.exec("UPDATE charge SET record = ?", JSON.stringify({ ...JSON.parse(record), updatedAt: Date.now() - 3 * DAY }));
    });
    await deploy({ RETENTION_DAYS: "2" });
    await runDurableObjectAlarm(object());
    expect(await charge()).toMatchObject({ status: "succeeded", description: null, attempts: [{ sends: [] }] });
  });
});

describe("FREEDOM_PAY_MERCHANT_ID", () => {
  const reads = (): number => gateway.log.entries.filter(({ what }) => what === "request").length;

  test("of an undecided order: nothing is sent to the new merchant, and the order continues when the old one is set again", async () => {
    respondWith(500);
    await pay("later-1");
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "111111" });
    const [callsBefore, readsBefore] = [calls(), reads()];
    const deployedAt = Date.now();
    for (let runs = 0; runs < 3; runs += 1) await runDurableObjectAlarm(object());
    expect([calls(), reads()]).toEqual([callsBefore, readsBefore]);
    const next = await alarmAt();
    expect(next).toBeGreaterThan(deployedAt + 50 * MINUTE);
    expect(next).toBeLessThanOrEqual(Date.now() + 60 * MINUTE);
    respondWith(204);
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "999999" });
    expect(await runAlarmUntil("succeeded")).toMatchObject({ attention: [{ reason: "gateway_changed" }] });
  });

  test("of an order with a pending notification: it is sent only when the old merchant is set again", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1, ended: null });
    const sent = received.length;
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "111111" });
    await runInDurableObject(object(), (_, { storage }) => void storage.sql.exec("UPDATE outbox SET next_at = 1"));
    const deployedAt = Date.now();
    await runDurableObjectAlarm(object());
    expect(received).toHaveLength(sent);
    expect(await alarmAt()).toBeGreaterThan(deployedAt + 50 * MINUTE);
    respondWith(204);
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "999999" });
    await runDurableObjectAlarm(object());
    await notified({ ended: "delivered" }, 1);
  });

  test("of an order that is redacted meanwhile: its notification is deleted, and no alarm is set", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1, ended: null });
    await runInDurableObject(object(), (_, { storage }) => {
      const { record } = storage.sql.exec<{ record: string }>("SELECT record FROM charge").one();
      storage.sql.exec("UPDATE charge SET record = ?", JSON.stringify({ ...JSON.parse(record), updatedAt: Date.now() - 3 * DAY }));
    });
    await deploy({ RETENTION_DAYS: "2", FREEDOM_PAY_MERCHANT_ID: "111111" });
    for (let runs = 0; runs < 3; runs += 1) await runDurableObjectAlarm(object());
    const left = await runInDurableObject(object(), async (_, { storage }) => [
      storage.sql.exec("SELECT 1 FROM outbox").toArray().length,
      storage.sql.exec<{ record: string }>("SELECT record FROM charge").one().record.includes('"description":""'),
      await storage.getAlarm(),
    ]);
    expect(left).toEqual([0, true, null]);
  });

  test("of an order with a pending index row: the day's list is not updated", async () => {
    await pay();
    await notified({ ended: "delivered" });
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "111111" });
    await runInDurableObject(object(), (_, { storage }) => void storage.sql.exec("UPDATE day SET next_at = 1"));
    await runDurableObjectAlarm(object());
    const indexRows = await runInDurableObject(object(), (_, { storage }) => storage.sql.exec("SELECT next_at FROM day").toArray());
    expect(indexRows).toEqual([{ next_at: 1 }]);
  });
});
