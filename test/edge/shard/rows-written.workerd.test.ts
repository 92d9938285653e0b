/** How many rows a charge writes. On Cloudflare rows are most of its price. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { gatewayPort } from "../../../edge/gateways/gateway-port.ts";
import type { PayRequest } from "../../../edge/rpc.ts";
import { Shard } from "../../../edge/shard/shard.ts";
import type { ShardStorage, SqlValue } from "../../../edge/storage/sql.ts";
import { OpenPayments } from "../../../edge/shard/open-payments.ts";
import { requestId } from "../../../src/request-id.ts";
import { object } from "../with-gateway.ts";

/** The rows of a charge in its shard, entries of indexes included. Arming the alarm adds at most one for each of its two commits. */
const MOST_ROWS = 10;

/** Rows by table, and settings of the alarm. */
let written: Record<string, number>;

function count(name: string, rows: number): void {
  if (rows > 0) written[name] = (written[name] ?? 0) + rows;
}

/** Storage that counts the rows that each statement writes. */
function counting(storage: DurableObjectStorage): ShardStorage {
  return {
    sql: {
      exec: <Row extends Record<string, SqlValue>>(statement: string, ...bindings: SqlValue[]) => {
        const cursor = storage.sql.exec<Row>(statement, ...bindings);
        const rows = cursor.toArray();
        count(/^(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/.exec(statement)?.[1] ?? "other", cursor.rowsWritten);
        return {
          toArray: () => rows,
          one: () => {
            const [row] = rows;
            if (row === undefined) throw new Error(`No row: ${statement}`);
            return row;
          },
        };
      },
      get databaseSize() {
        return storage.sql.databaseSize;
      },
    },
    transactionSync: (closure) => storage.transactionSync(closure),
  };
}

function payment(orderId: string): PayRequest {
  return {
    request: { requestId: requestId(), traceId: null },
    caller: "merchant",
    key: "key-1",
    charge: {
      order_id: orderId,
      amount: 10,
      currency: "KZT",
      description: "Test order",
      user_id: "12345",
      profile_id: "pays.callbacks-none",
      auto_clearing: true,
    },
    api: "async",
    issuedAt: null,
    userIp: "192.0.2.1",
    ticket: `ticket-${orderId}`,
    page: null,
    urls: null,
    waitSeconds: 10,
    acceptsPayments: true,
  };
}

test("a charge that is paid at once, with a notification and a daily index, writes no more rows than it needs", async () => {
  await runInDurableObject(object(), async (_, { storage }) => {
    const merchantId = String(env["FREEDOM_PAY_MERCHANT_ID"]);
    const gatewayUrl = String(env["FREEDOM_PAY_URL"]);
    const pending: Promise<void>[] = [];
    const timers = new Set<() => void>();
    const updated = vi.fn<() => Promise<void>>().mockResolvedValue();
    const shard = new Shard({
      storage: counting(storage),
      alarm: { get: async () => null, set: () => count("alarm", 1) },
      random: () => ({ requestId: () => requestId(), fraction: () => 0.5 }),
      gateway: () => gatewayPort({ gatewayUrl, merchantId, gatewayKeys: [String(env["FREEDOM_PAY_SECRET_KEY"])] }),
      // However slow the machine is, no time passes while a charge is paid.
      timer: (_milliseconds, act) => {
        timers.add(act);
        return () => timers.delete(act);
      },
      deliver: async () => ({ end: "delivered", status: 204 }),
      updateIndex: updated,
      settings: {
        home: { host: new URL(gatewayUrl).host, merchantId },
        gatewayUrl,
        callbackKeys: ["test-secret-callback-key-0123456789abcdef"],
        gatewayKeyCount: 1,
        retentionDays: 400,
      },
      openPayments: new OpenPayments(),
      now: () => Date.now(),
      log: () => {},
      waitUntil: (promise) => void pending.push(promise),
    });
    const pay = async (orderId: string): Promise<void> => {
      written = {};
      expect(await shard.pay(payment(orderId))).toMatchObject({ ok: true, charge: { status: "succeeded" } });
      // Only the index update is still pending.
      for (const act of timers) act();
      timers.clear();
      await Promise.all(pending);
    };
    // The first order of a shard also creates its tables.
    await pay("1234");
    await pay("1234--a");
    expect(updated).toHaveBeenCalledTimes(2);
    expect(Object.keys(written).sort()).toEqual(["key", "outbox", "record"]);
    expect(Object.values(written).reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(MOST_ROWS);
  });
});
