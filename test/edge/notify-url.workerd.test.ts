/** NOTIFY_URL that is not set, is taken away, or comes later; and an order of a deployment that notified nobody. */
import { abortAllDurableObjects, createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import { merchantChargeView } from "../../edge/view.ts";
import { migrateRecord } from "../../edge/migration.ts";
import { expectRefusal } from "./over-http.ts";
import recordOfVersion1 from "./record-1.json" with { type: "json" };
import { apiKey, object, operate, order, post, token } from "./with-gateway.ts";
import { answering, charge, dueIn, heard, NOTIFY_URL, notifications, pass, shown } from "./with-receiver.ts";

/** A deployment with this setting takes the place of the one before. */
async function deploy(url: string): Promise<void> {
  Object.assign(env, { NOTIFY_URL: url });
  await abortAllDurableObjects();
}

async function pay(): Promise<void> {
  await (await post(await token(), "key-1")).json();
}

afterEach(() => deploy(NOTIFY_URL));

describe("without NOTIFY_URL", () => {
  test("notifications are kept and not due; the alarm waits for the retention alone", async () => {
    await deploy("");
    await pay();
    expect((await charge()).notifications).toMatchObject([
      { sequence: 1, type: "charge.succeeded", tries: 0, ended: null, delivered_at: null },
    ]);
    expect(await dueIn(1)).toBeNull();
    const names = await runInDurableObject(object(), (_, { storage }) => storage.sql.exec("SELECT name FROM deadline").toArray());
    expect(names).toEqual([{ name: "retention" }]);
    expect(heard).toEqual([]);
  });

  test("POST notify names the setting, before an order is asked", async () => {
    const request = new Request(`https://edge.example/v1/charges/${order}/notify`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Idempotency-Key": "n-1" },
    });
    const bindings = { ...env, NOTIFY_URL: "" } as unknown as EdgeBindings;
    const problem = await expectRefusal(await edge.fetch(request, bindings, createExecutionContext()), "not_configured", null);
    expect(problem.settings).toEqual(["NOTIFY_URL"]);
  });

  test("what happened before it was set is sent only when it is asked for; what happens from then on is sent", async () => {
    await deploy("");
    await pay();
    await deploy(NOTIFY_URL);
    expect((await operate("refund", "r-1", { amount: 1 })).status).toBe(200);
    await shown({ ended: "delivered" }, 2);
    await shown({ tries: 0, ended: null }, 1);
    expect((await operate("notify", "n-1", { sequence: 1 })).status).toBe(200);
    await shown({ tries: 1, ended: "delivered" }, 1);
    expect((await notifications()).map(({ data }) => data.sequence)).toEqual([2, 1]);
  });

  test("what was due when it was taken away waits on its schedule, and goes when it is back", async () => {
    answering(500);
    await pay();
    await shown({ tries: 1 });
    await deploy("");
    await pass(6_000);
    await shown({ tries: 2, ended: null, last_status: null });
    expect(heard).toHaveLength(1);
    await deploy(NOTIFY_URL);
    answering(200);
    await pass(6 * 60_000);
    await shown({ tries: 3, ended: "delivered" });
  });
});

describe("an order of the first version of the tables", () => {
  const TABLES = [
    "CREATE TABLE charge (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)",
    "CREATE TABLE key (scope TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID",
    "CREATE TABLE deadline (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE tables_version (version INTEGER NOT NULL)",
    "INSERT INTO tables_version (version) VALUES (1)",
  ];

  /** An order as that version left it: paid, told to nobody. */
  async function layDown(): Promise<void> {
    await runInDurableObject(object(), (_, { storage }) => {
      for (const statement of TABLES) storage.sql.exec(statement);
      const record = { ...recordOfVersion1, orderId: order };
      storage.sql.exec("INSERT INTO charge (id, record) VALUES (1, ?)", JSON.stringify(record));
      for (const [sequence, type] of ["charge.unconfirmed", "charge.succeeded"].entries()) {
        const data = JSON.stringify({ ...merchantChargeView(migrateRecord(record)), sequence: sequence + 1 });
        storage.sql.exec("INSERT INTO outbox (sequence, type, at, data) VALUES (?, ?, ?, ?)", sequence + 1, type, 1_790_000_000_000, data);
      }
    });
    await abortAllDurableObjects();
  }

  test("sends what it had stored, in order and each under an id of its own, once it is opened", async () => {
    await layDown();
    expect((await charge()).notifications).toHaveLength(2);
    await shown({ ended: "delivered", tries: 1 }, 2);
    const told = await notifications();
    expect(told.map(({ type, data }) => [type, data.sequence])).toEqual([
      ["charge.unconfirmed", 1],
      ["charge.succeeded", 2],
    ]);
    expect(told[0]?.timestamp).toBe("2026-09-21T14:13:20.000Z");
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  });

  test("without NOTIFY_URL it sends nothing, as everything that happens without", async () => {
    await deploy("");
    await layDown();
    expect((await charge()).notifications).toMatchObject([{ tries: 0 }, { tries: 0 }]);
    expect([await dueIn(1), await dueIn(2)]).toEqual([null, null]);
  });

  test("is listed on the days on which something happened to it", async () => {
    await layDown();
    await charge();
    const days = await runInDurableObject(object(), (_, { storage }) => storage.sql.exec<{ day: string }>("SELECT day FROM day").toArray());
    expect(days.length).toBeGreaterThan(0);
  });
});
