/** One shard over real storage, with a clock, an alarm, timers and a gateway that the test moves. */
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { DispatchPorts } from "../../../edge/delivery/dispatch.ts";
import type { GatewayPort } from "../../../edge/gateways/gateway-port.ts";
import type { LogLine } from "../../../edge/log.ts";
import type { PayRequest, ReadRequest } from "../../../edge/rpc.ts";
import { Shard } from "../../../edge/shard/shard.ts";
import { ShardStore } from "../../../edge/storage/shard-store.ts";
import type { ShardStorage, SqlValue } from "../../../edge/storage/sql.ts";
import { OpenPayments } from "../../../edge/shard/open-payments.ts";
import { requestId } from "../../../src/request-id.ts";
import { object } from "../with-gateway.ts";

const START = Date.parse("2026-11-22T10:00:00.000Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let now: number;
let alarm: number | null;
let sets: number[];
let lines: LogLine[];
let calls: string[];
/** The size of the database in bytes that the shard reads; null: its own. */
let databaseSize: number | null;
let timers: Set<() => void>;
/** The receiver of notifications; null: there is none. */
let deliver: DispatchPorts["deliver"];

beforeEach(() => {
  [now, alarm, sets, lines, calls, databaseSize, timers, deliver] = [START, null, [], [], [], null, new Set(), null];
});

/** A gateway whose calls stay open, so that every charge stays undecided. */
const gateway: GatewayPort = {
  send(call) {
    calls.push(`send ${call.body}`);
    return new Promise(() => {});
  },
  read(call) {
    calls.push(`read ${call.body}`);
    return new Promise(() => {});
  },
};

interface Tested {
  readonly shard: Shard;
  readonly storage: DurableObjectStorage;
  /** Opens the shard again, as after a reset. */
  open(): Shard;
}

/** Runs over the storage of an object that does nothing by itself. */
function withShard(run: (tested: Tested) => void | Promise<void>): Promise<void> {
  return runInDurableObject(object(), async (_, { storage }) => {
    // The orders of two tests may be in the same shard.
    await storage.deleteAll();
    const open = (): Shard => shardOver(storage);
    await run({ shard: open(), storage, open });
  });
}

function shardOver(storage: DurableObjectStorage): Shard {
  const seen: ShardStorage = {
    sql: {
      exec: <Row extends Record<string, SqlValue>>(statement: string, ...bindings: SqlValue[]) =>
        storage.sql.exec<Row>(statement, ...bindings),
      get databaseSize() {
        return databaseSize ?? storage.sql.databaseSize;
      },
    },
    transactionSync: (closure) => storage.transactionSync(closure),
  };
  return new Shard({
    storage: seen,
    alarm: {
      get: async () => alarm,
      set: (at) => {
        alarm = at;
        sets.push(at);
      },
    },
    random: () => ({ requestId: () => requestId(), fraction: () => 0.5 }),
    gateway: () => gateway,
    timer: (_, act) => {
      timers.add(act);
      return () => timers.delete(act);
    },
    deliver,
    updateIndex: null,
    settings: {
      home: { host: "test-api.freedompay.kz", merchantId: "999999" },
      gatewayUrl: "https://test-api.freedompay.kz",
      callbackKeys: ["test-secret-callback-key-0123456789abcdef"],
      gatewayKeyCount: 1,
      retentionDays: 400,
    },
    openPayments: new OpenPayments(),
    now: () => now,
    log: (line) => lines.push(line),
    waitUntil: () => {},
  });
}

/** The order of a number: all of them are in the same slot. */
function orderOf(number: number): string {
  return `1234--${number}`;
}

const REQUEST = { requestId: requestId(), traceId: null };

function payment(orderId: string, key = "key-1"): PayRequest {
  const charge = {
    order_id: orderId,
    amount: 10,
    currency: "KZT",
    description: "Test order",
    user_id: "12345",
    profile_id: "profile-1",
    auto_clearing: true,
  } as const;
  return {
    request: REQUEST,
    caller: "merchant",
    key,
    charge,
    api: "async",
    issuedAt: null,
    userIp: "192.0.2.1",
    ticket: `ticket-${orderId}`,
    urls: null,
    page: null,
    waitSeconds: 10,
    acceptsPayments: true,
  };
}

/** Pays without waiting for the outcome, because the object is lost before it comes. */
function begin(shard: Shard, orderId: string, key = "key-1"): void {
  shard.pay(payment(orderId, key)).catch(() => {});
}

function reading(orderId: string, more: Partial<ReadRequest> = {}): ReadRequest {
  return { request: REQUEST, caller: "merchant", orderId, charge: null, ifNoneMatch: null, waitSeconds: 0, ...more };
}

function dues(storage: DurableObjectStorage): readonly (number | null)[] {
  return storage.sql
    .exec<{ due: number | null }>("SELECT due FROM record ORDER BY order_id")
    .toArray()
    .map(({ due }) => due);
}

function attentions(): readonly unknown[] {
  return lines.filter(({ event }) => event === "attention").map(({ reason, order_id }) => [reason, order_id]);
}

/** The number of orders that an alarm has taken. Each is polled once. */
function polled(): number {
  return new Set(
    lines
      .filter(({ event, why, to }) => event === "decision" && why === "deadline" && to === "unconfirmed")
      .map(({ order_id }) => order_id),
  ).size;
}

describe("a record that cannot be read", () => {
  const NEWER = '{"version":1000}';

  test("blocks its order alone: calls answer unavailable, and attention shows it", () =>
    withShard(async ({ shard, storage }) => {
      for (const number of [1, 2]) begin(shard, orderOf(number));
      storage.sql.exec("UPDATE record SET record = ? WHERE order_id = ?", NEWER, orderOf(1));
      const request = { request: REQUEST, orderId: orderOf(1), key: "key-2" };
      const unavailable = { ok: false, code: "unavailable" };
      expect(await shard.read(reading(orderOf(1)))).toEqual(unavailable);
      expect(await shard.pay(payment(orderOf(1)))).toEqual(unavailable);
      expect(await shard.close(request)).toEqual(unavailable);
      expect(await shard.operate({ ...request, kind: "refund", amount: null })).toEqual(unavailable);
      expect(await shard.resolve({ ...request, paymentId: null, note: "seen" })).toEqual(unavailable);
      expect(await shard.notify({ ...request, sequence: null })).toEqual(unavailable);
      expect(attentions()).toEqual(Array.from({ length: 6 }, () => ["record_unreadable", orderOf(1)]));
      expect(lines.find(({ event }) => event === "error")).toMatchObject({ error: "UnreadableRecord", order_id: orderOf(1) });
      expect(await shard.read(reading(orderOf(2)))).toMatchObject({ ok: true, charge: { status: "processing" } });
      const [{ record }] = storage.sql.exec<{ record: string }>("SELECT record FROM record ORDER BY order_id").toArray() as [
        { record: string },
      ];
      expect(record).toBe(NEWER);
    }));

  test("is deferred by an hour by the alarm, and the other orders are taken", () =>
    withShard(({ shard, storage }) => {
      for (const number of [1, 2, 3]) begin(shard, orderOf(number));
      storage.sql.exec("UPDATE record SET record = ? WHERE order_id = ?", NEWER, orderOf(1));
      now += 30 * SECOND;
      lines = [];
      // An object that was opened again has no open calls.
      shardOver(storage).alarm();
      expect(attentions()).toEqual([["record_unreadable", orderOf(1)]]);
      expect(polled()).toBe(2);
      expect(dues(storage)).toEqual([now + HOUR, now + 25 * SECOND, now + 25 * SECOND]);
      expect(alarm).toBe(now + 25 * SECOND);
    }));
});

describe("a record that cannot be read, with a notification that is due", () => {
  test("is not notified: nothing of the order leaves", () =>
    withShard(async ({ storage, open }) => {
      let tries = 0;
      deliver = async () => {
        tries += 1;
        return { end: null, status: 500, retryAfter: null };
      };
      await open().close({ request: REQUEST, orderId: orderOf(1), key: "key-1" });
      expect(tries).toBe(1);
      storage.sql.exec("UPDATE record SET record = json_set(record, '$.version', 1000)");
      now += HOUR;
      open().alarm();
      await Promise.resolve();
      expect([tries, dues(storage)]).toEqual([1, [now + HOUR]]);
      storage.sql.exec("UPDATE record SET record = json_set(record, '$.version', 1)");
      now += HOUR;
      open().alarm();
      await Promise.resolve();
      expect(tries).toBe(2);
    }));
});

describe("an order of another shard", () => {
  test.each([
    ["position", 46],
    ["generation", "g2"],
    ["shards", 512],
  ])("is refused if the stored %s is %j, because reading the wrong place would cause a second charge", (column, value) =>
    withShard(async ({ shard, storage, open }) => {
      begin(shard, orderOf(1));
      const sent = calls.length;
      storage.sql.exec(`UPDATE shard SET ${column} = ?`, value);
      const opened = open();
      expect(await opened.pay(payment(orderOf(2)))).toEqual({ ok: false, code: "unavailable" });
      expect(await opened.read(reading(orderOf(1)))).toEqual({ ok: false, code: "unavailable" });
      expect(lines.filter(({ event }) => event === "error").map(({ error, order_id }) => [error, order_id])).toEqual([
        ["WrongShard", orderOf(2)],
        ["WrongShard", orderOf(1)],
      ]);
      expect(storage.sql.exec("SELECT 1 FROM record").toArray()).toHaveLength(1);
      expect(calls).toHaveLength(sent);
    }),
  );

  test("is refused by the shard of another order", () =>
    withShard(async ({ shard }) => {
      begin(shard, orderOf(1));
      expect(await shard.pay(payment("1235"))).toEqual({ ok: false, code: "unavailable" });
    }));
});

test("a payment that waits 0 seconds is answered while its call is out", () =>
  withShard(async ({ shard }) => {
    expect(await shard.pay({ ...payment(orderOf(1)), waitSeconds: 0 })).toMatchObject({ began: true, charge: { status: "processing" } });
    expect(calls).toHaveLength(1);
  }));

describe("a shard that is full", () => {
  const FULL = 0.9 * 10 * 1024 ** 3;

  test("refuses new orders, to pay and to close, and logs it once an hour; known orders continue", () =>
    withShard(async ({ shard, storage }) => {
      begin(shard, orderOf(1));
      databaseSize = FULL;
      const unavailable = { ok: false, code: "unavailable" };
      expect(await shard.pay(payment(orderOf(2)))).toEqual(unavailable);
      expect(await shard.close({ request: REQUEST, orderId: orderOf(3), key: "key-1" })).toEqual(unavailable);
      expect(attentions()).toEqual([["storage_full", undefined]]);
      expect(storage.sql.exec("SELECT 1 FROM record").toArray()).toHaveLength(1);
      begin(shard, orderOf(1), "key-2");
      expect(storage.sql.exec("SELECT key FROM key ORDER BY key").toArray()).toEqual([{ key: "key-1" }, { key: "key-2" }]);
      expect(await shard.close({ request: REQUEST, orderId: orderOf(1), key: "key-2" })).toMatchObject({ ok: true });
      expect(await shard.read(reading(orderOf(1)))).toMatchObject({ ok: true });
      now += HOUR - 1;
      expect(await shard.pay(payment(orderOf(2)))).toEqual(unavailable);
      expect(attentions()).toHaveLength(1);
      now += 1;
      expect(await shard.pay(payment(orderOf(2)))).toEqual(unavailable);
      expect(attentions()).toHaveLength(2);
    }));

  test("a shard that is nearly full accepts them", () =>
    withShard(({ shard, storage }) => {
      databaseSize = FULL - 1;
      begin(shard, orderOf(1));
      expect(storage.sql.exec("SELECT 1 FROM record").toArray()).toHaveLength(1);
    }));
});

describe("the alarm", () => {
  /** Orders whose first send was lost with the object, all due now. */
  function lostOrders(shard: Shard, count: number): void {
    for (let number = 1; number <= count; number += 1) begin(shard, orderOf(number));
    now += 30 * SECOND;
    lines = [];
  }

  test("is set only if it becomes earlier, and never in the past", () =>
    withShard(async ({ shard, storage, open }) => {
      for (const number of [1, 2, 3]) {
        begin(shard, orderOf(number));
        now += SECOND;
      }
      expect(sets).toEqual([START + 25 * SECOND]);
      storage.sql.exec("UPDATE record SET due = 1");
      alarm = null;
      open().check();
      // The alarm is read first.
      await Promise.resolve();
      await Promise.resolve();
      expect(sets).toEqual([START + 25 * SECOND, now]);
    }));

  test("takes 20 of 25 orders that are due and fires again at once for the other 5", () =>
    withShard(({ shard, open, storage }) => {
      lostOrders(shard, 25);
      const opened = open();
      sets = [];
      opened.alarm();
      expect(polled()).toBe(20);
      opened.alarm();
      expect(polled()).toBe(25);
      // Each alarm is set once, at its end.
      expect(sets).toEqual([now, now + 25 * SECOND]);
      expect(new Set(dues(storage))).toEqual(new Set([now + 25 * SECOND]));
    }));

  test("with many reads in the queue takes no more orders, and fires a second later", () =>
    withShard(({ shard, open }) => {
      lostOrders(shard, 100);
      const opened = open();
      for (let alarms = 0; alarms < 5; alarms += 1) opened.alarm();
      // Each order has two reads, of which three are open.
      expect([polled(), calls.filter((call) => call.startsWith("read")).length]).toEqual([60, 3]);
      expect(alarm).toBe(now + SECOND);
    }));

  test("does not count a queued call as lost: a waiting send is not sent twice, and its order is not polled", () =>
    withShard(({ shard, storage }) => {
      for (let number = 1; number <= 8; number += 1) begin(shard, orderOf(number));
      expect(calls).toHaveLength(6);
      lines = [];
      now += 30 * SECOND;
      shard.alarm();
      expect([polled(), calls.length]).toEqual([0, 6]);
      expect(new Set(dues(storage))).toEqual(new Set([now + 25 * SECOND]));
    }));

  test("an order that throws does not delay the others, and is taken again a minute later", () =>
    withShard(({ shard, open, storage }) => {
      lostOrders(shard, 3);
      storage.sql.exec(`UPDATE record SET record = '{"version":1}' WHERE order_id = ?`, orderOf(1));
      const opened = open();
      opened.alarm();
      expect(polled()).toBe(2);
      expect(lines.filter(({ event }) => event === "error")).toMatchObject([{ order_id: orderOf(1) }]);
      const failedAt = now;
      now += 25 * SECOND;
      opened.alarm();
      expect(lines.filter(({ event }) => event === "error")).toHaveLength(1);
      now = failedAt + MINUTE;
      opened.alarm();
      expect(lines.filter(({ event }) => event === "error")).toHaveLength(2);
    }));

  test("an order of another placement does not delay the others, and is taken again a minute later", () =>
    withShard(({ shard, open, storage }) => {
      lostOrders(shard, 3);
      storage.sql.exec("UPDATE record SET order_id = '1235' WHERE order_id = ?", orderOf(1));
      const opened = open();
      opened.alarm();
      expect(polled()).toBe(2);
      expect(lines.filter(({ event }) => event === "error").map(({ error }) => error)).toEqual(["WrongShard"]);
      expect(alarm).toBeGreaterThan(now);
      now += MINUTE;
      opened.alarm();
      expect(lines.filter(({ event }) => event === "error")).toHaveLength(2);
    }));

  test("due times that cannot be computed again do not hold back the due orders, and are tried again a minute later", () =>
    withShard(({ shard, open, storage }) => {
      lostOrders(shard, 2);
      storage.sql.exec("UPDATE shard SET deadline_rules = '{}'");
      const opened = open();
      const store = vi.spyOn(ShardStore.prototype, "sweep").mockImplementation(() => {
        throw new Error("The storage is full");
      });
      opened.alarm();
      expect(polled()).toBe(2);
      expect(lines.filter(({ event }) => event === "error")).toHaveLength(1);
      expect(alarm).toBeGreaterThan(now);
      opened.alarm();
      expect(lines.filter(({ event }) => event === "error")).toHaveLength(1);
      store.mockRestore();
      now += MINUTE;
      opened.alarm();
      expect(storage.sql.exec("SELECT deadline_rules AS rules FROM shard").one()["rules"]).not.toBe("{}");
    }));

  test("after an order that throws it fires for the next order that is due, and not a minute later", () =>
    withShard(({ shard, open, storage }) => {
      lostOrders(shard, 2);
      storage.sql.exec(`UPDATE record SET record = '{"version":1}' WHERE order_id = ?`, orderOf(1));
      storage.sql.exec("UPDATE record SET due = ? WHERE order_id = ?", now + 5 * SECOND, orderOf(2));
      open().alarm();
      expect(alarm).toBe(now + 5 * SECOND);
    }));

  test("is set again when the shard is opened, if it was lost", () =>
    withShard(async ({ shard, open }) => {
      begin(shard, orderOf(1));
      alarm = null;
      const opened = open();
      expect(alarm).toBeNull();
      opened.check();
      await Promise.resolve();
      await Promise.resolve();
      expect(alarm).toBe(START + 25 * SECOND);
    }));

  test("is set again by the next call a minute after its time, if it was lost while the shard stayed open", () =>
    withShard(async ({ shard }) => {
      begin(shard, orderOf(1));
      alarm = null;
      now += 25 * SECOND + MINUTE;
      await shard.read(reading(orderOf(2)));
      expect(alarm).toBeNull();
      now += 1;
      await shard.read(reading(orderOf(2)));
      await Promise.resolve();
      expect(alarm).toBe(now);
    }));

  test("that recomputes due times under a shorter retention takes the orders that are due by it, and leaves none due", () =>
    withShard(async ({ shard, storage, open }) => {
      const close = (orderId: string): Promise<unknown> => shard.close({ request: REQUEST, orderId, key: "key-1" });
      await close(orderOf(1));
      now += 20 * 24 * HOUR;
      await close(orderOf(2));
      storage.sql.exec("UPDATE shard SET deadline_rules = '{}'");
      storage.sql.exec(
        "UPDATE record SET record = json_set(record, '$.updatedAt', ?) WHERE order_id = ?",
        now - 401 * 24 * HOUR,
        orderOf(1),
      );
      open().alarm();
      const redacted = storage.sql.exec("SELECT record ->> 'redactedAt' AS at FROM record ORDER BY order_id").toArray();
      expect(redacted).toEqual([{ at: now }, { at: null }]);
      expect(dues(storage)).toEqual([null, now + 400 * 24 * HOUR]);
      expect(alarm).toBe(now + 400 * 24 * HOUR);
    }));

  test("is not set in a shard without orders", () =>
    withShard(async ({ shard }) => {
      shard.check();
      shard.alarm();
      expect(await shard.read(reading("1234"))).toMatchObject({ ok: false, code: "charge_not_found" });
      expect(sets).toEqual([]);
    }));
});

describe("waiting callers", () => {
  async function etagOf(shard: Shard, orderId: string): Promise<string> {
    const answer = await shard.read(reading(orderId));
    if (!answer.ok) throw new Error("The order is not there");
    return answer.etag;
  }

  /** Fills all places of an order with callers that know its state. */
  async function wait(shard: Shard, orderId: string, callers: number): Promise<string> {
    const etag = await etagOf(shard, orderId);
    for (let caller = 0; caller < callers; caller += 1) void shard.read(reading(orderId, { ifNoneMatch: etag, waitSeconds: 25 }));
    return etag;
  }

  test("the 21st of an order is answered at once with a time to ask again", () =>
    withShard(async ({ shard }) => {
      begin(shard, orderOf(1));
      // The POST waits as well.
      const etag = await wait(shard, orderOf(1), 19);
      expect(await shard.read(reading(orderOf(1), { ifNoneMatch: etag, waitSeconds: 25 }))).toEqual({
        ok: true,
        etag,
        notModified: true,
        retryAfter: 3,
      });
      expect(await shard.read(reading(orderOf(1), { waitSeconds: 25 }))).toMatchObject({ charge: { status: "processing" }, retryAfter: 3 });
      expect(await shard.read(reading(orderOf(1), { ifNoneMatch: etag }))).toEqual({ ok: true, etag, notModified: true });
    }));

  test("the 501st of a shard is answered at once, also for an order without other callers", () =>
    withShard(async ({ shard }) => {
      for (let number = 1; number <= 25; number += 1) {
        begin(shard, orderOf(number));
        await wait(shard, orderOf(number), 19);
      }
      begin(shard, orderOf(26));
      const etag = await etagOf(shard, orderOf(26));
      expect(await shard.read(reading(orderOf(26), { ifNoneMatch: etag, waitSeconds: 25 }))).toEqual({
        ok: true,
        etag,
        notModified: true,
        retryAfter: 3,
      });
    }));

  test("a change of an order wakes its waiting callers, and clears their timers", () =>
    withShard(async ({ shard }) => {
      begin(shard, orderOf(1));
      begin(shard, orderOf(2));
      const etag = await etagOf(shard, orderOf(1));
      const waiting = shard.read(reading(orderOf(1), { ifNoneMatch: etag, waitSeconds: 25 }));
      await Promise.resolve();
      const before = timers.size;
      await shard.close({ request: REQUEST, orderId: orderOf(1), key: "key-2" });
      expect(await waiting).toMatchObject({ ok: true, charge: { order_id: orderOf(1) } });
      expect(timers.size).toBeLessThan(before);
    }));
});
