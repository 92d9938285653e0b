/** Settings that change between two starts of an order's object. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Charge } from "../../edge/charge.ts";
import type { ChargeView } from "../../src/edge-api.ts";
import { changeDays, pendingDays } from "./stored-days.ts";
import { apiKey, gateway, get, object, order, post, runAlarmUntil, token } from "./with-gateway.ts";
import { respondWith, charge, received, NOTIFY_URL, notified } from "./with-receiver.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DEFAULTS = { RETENTION_DAYS: env["RETENTION_DAYS"], FREEDOM_PAY_MERCHANT_ID: env["FREEDOM_PAY_MERCHANT_ID"], NOTIFY_URL };

/** A profile whose payment is not polled once it is paid, because no callback comes for it. */
const QUIET = "pays.callbacks-none";

/** A deployment with these settings takes the place of the one before. */
async function deploy(settings: Readonly<Record<string, string>>): Promise<void> {
  Object.assign(env, settings);
  await abortAllDurableObjects();
}

async function pay(profile_id = "pays"): Promise<ChargeView> {
  return (await post(await token({ profile_id }), "key-1")).json();
}

/** Waits until the receiver and the day's index know the charge. */
async function told(): Promise<void> {
  await notified({ ended: "delivered" });
  const pending = (): Promise<unknown> => runInDurableObject(object(), (_, { storage }) => pendingDays(storage, order));
  await vi.waitFor(async () => expect(await pending()).toEqual([]));
}

function alarmAt(): Promise<number | null> {
  return runInDurableObject(object(), (_, { storage }) => storage.getAlarm());
}

/** When the order is due. */
function dueOfOrder(): Promise<number | null> {
  return runInDurableObject(
    object(),
    (_, { storage }) => storage.sql.exec<{ due: number | null }>("SELECT due FROM record WHERE order_id = ?", order).one().due,
  );
}

/** The time of the order has come. @param updatedAt when it last changed */
async function makeDue(updatedAt: number | null = null): Promise<void> {
  await runInDurableObject(object(), async (_, { storage }) => {
    storage.sql.exec("UPDATE record SET due = 1 WHERE order_id = ?", order);
    if (updatedAt !== null)
      storage.sql.exec("UPDATE record SET record = json_set(record, '$.updatedAt', ?) WHERE order_id = ?", updatedAt, order);
    await storage.setAlarm(Date.now() + MINUTE);
  });
}

/** Every outgoing call, by URL. */
function calls(): number {
  return vi.mocked(globalThis.fetch).mock.calls.length;
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());

afterEach(() => deploy(DEFAULTS as Readonly<Record<string, string>>));

describe("RETENTION_DAYS", () => {
  test("made longer: the alarm of a settled order fires once, and next at the new end", async () => {
    const began = Date.now();
    await pay(QUIET);
    await told();
    await makeDue();
    await deploy({ RETENTION_DAYS: "1000" });
    await runDurableObjectAlarm(object());
    expect(await dueOfOrder()).toBeGreaterThan(began + 999 * DAY);
    await vi.waitFor(async () => expect(await alarmAt()).toBeGreaterThan(began + 999 * DAY));
    expect(await runDurableObjectAlarm(object())).toBe(true);
    expect(await alarmAt()).toBeGreaterThan(began + 999 * DAY);
    expect((await charge()).status).toBe("succeeded");
  });

  test("made shorter: the next call for an order of the shard brings all ends forward", async () => {
    const began = Date.now();
    await pay(QUIET);
    await told();
    expect(await dueOfOrder()).toBeGreaterThan(began + 399 * DAY);
    await deploy({ RETENTION_DAYS: "2" });
    await (await get(await token({ order_id: order }))).text();
    await vi.waitFor(async () => expect(await dueOfOrder()).toBeLessThanOrEqual(Date.now() + 2 * DAY + HOUR));
    expect(await dueOfOrder()).toBeGreaterThan(began + 2 * DAY);
  });

  test("made shorter: an alarm redacts an order whose retention has passed", async () => {
    await pay();
    await told();
    await runInDurableObject(object(), (_, { storage }) => {
      storage.sql.exec("UPDATE record SET record = json_set(record, '$.updatedAt', ?) WHERE order_id = ?", Date.now() - 3 * DAY, order);
    });
    await deploy({ RETENTION_DAYS: "2" });
    await runDurableObjectAlarm(object());
    await vi.waitFor(async () =>
      expect(await charge()).toMatchObject({ status: "succeeded", description: null, attempts: [{ sends: [] }] }),
    );
  });
});

describe("a setting that is missing for a while", () => {
  test("an alarm that fires meanwhile is set again, because nothing else would open the shard afterwards", async () => {
    const now = Date.now();
    const next = await runInDurableObject(object(), async (_, state) => {
      await state.storage.deleteAlarm();
      new Charge(state, { ...env, CALLBACK_KEY: "" }).alarm();
      return state.storage.getAlarm();
    });
    expect(next).toBeGreaterThanOrEqual(now + MINUTE);
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
    await makeDue();
    for (let fired = 0; fired < 3; fired += 1) await runDurableObjectAlarm(object());
    expect([calls(), reads()]).toEqual([callsBefore, readsBefore]);
    const next = await alarmAt();
    expect(next).toBeGreaterThan(deployedAt + 50 * MINUTE);
    expect(next).toBeLessThanOrEqual(Date.now() + 60 * MINUTE + SECOND);
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
    await runInDurableObject(
      object(),
      (_, { storage }) => void storage.sql.exec("UPDATE outbox SET next_at = 1 WHERE order_id = ?", order),
    );
    await makeDue();
    const deployedAt = Date.now();
    await runDurableObjectAlarm(object());
    expect(received).toHaveLength(sent);
    const again = await post(apiKey, "n-1", {}, `/${order}/notify`);
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([503, "unavailable"]);
    expect(await alarmAt()).toBeGreaterThan(deployedAt + 50 * MINUTE);
    respondWith(204);
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "999999" });
    await makeDue();
    await runDurableObjectAlarm(object());
    await notified({ ended: "delivered" }, 1);
  });

  test("of an order that is redacted meanwhile: its notification is deleted, and no alarm is set", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1, ended: null });
    await makeDue(Date.now() - 3 * DAY);
    await deploy({ RETENTION_DAYS: "2", FREEDOM_PAY_MERCHANT_ID: "111111" });
    for (let runs = 0; runs < 3; runs += 1) await runDurableObjectAlarm(object());
    const left = await runInDurableObject(object(), async (_, { storage }) => [
      storage.sql.exec("SELECT 1 FROM outbox WHERE order_id = ?", order).toArray().length,
      storage.sql.exec<{ record: string }>("SELECT record FROM record WHERE order_id = ?", order).one().record.includes('"description":""'),
      await storage.getAlarm(),
    ]);
    expect(left).toEqual([0, true, null]);
  });

  test("of an order with a pending index row: the index is updated only when the old merchant is set again", async () => {
    await pay();
    await told();
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "111111" });
    await runInDurableObject(object(), (_, { storage }) => changeDays(storage, order, { nextAt: 1 }));
    await makeDue();
    await runDurableObjectAlarm(object());
    const pending = (): Promise<unknown> => runInDurableObject(object(), (_, { storage }) => pendingDays(storage, order));
    expect(await pending()).toHaveLength(1);
    await deploy({ FREEDOM_PAY_MERCHANT_ID: "999999" });
    await runInDurableObject(object(), (_, { storage }) => changeDays(storage, order, { nextAt: 1 }));
    await makeDue();
    await runDurableObjectAlarm(object());
    await vi.waitFor(async () => expect(await pending()).toEqual([]));
  });
});
