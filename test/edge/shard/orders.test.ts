/** What every call of a shard does first and last: it opens the order, compares the alarm, and logs what failed. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChargeEvent } from "../../../edge/machine/event.ts";
import type { DayEntry } from "../../../edge/rpc.ts";
import type { Message } from "../../../edge/storage/message.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, orderOf, payment, reading, REQUEST } from "./requests.ts";
import { START, TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);
const UNAVAILABLE = { ok: false, code: "unavailable" } as const;

let tested: TestShard;

beforeEach(() => {
  tested = new TestShard();
  tested.holds = () => true;
});

afterEach(() => {
  tested.close();
});

/** Begins a payment whose calls stay open. */
function begin(orderId = ORDER): void {
  void tested.shard.pay(payment(orderId));
}

describe("an order of another shard", () => {
  test.each([
    ["position", 46],
    ["generation", "g2"],
    ["shards", 512],
  ])("is refused if the stored %s is %j, because reading the wrong place would cause a second charge", async (column, value) => {
    begin();
    const calls = [...tested.calls];
    tested.sql(`UPDATE shard SET ${column} = ?`, value);
    tested.open();
    tested.lines = [];
    expect(await tested.shard.pay(payment(orderOf(2)))).toEqual(UNAVAILABLE);
    expect(await tested.shard.read(reading(ORDER))).toEqual(UNAVAILABLE);
    expect(tested.lines.map(({ event, error, order_id }) => [event, error, order_id])).toEqual([
      ["error", "WrongShard", orderOf(2)],
      ["error", "WrongShard", ORDER],
    ]);
    expect([tested.sql("SELECT 1 FROM record").length, tested.calls]).toEqual([1, calls]);
  });

  test("is refused by the shard of another order", async () => {
    begin();
    expect(await tested.shard.pay(payment("1235"))).toEqual(UNAVAILABLE);
    expect(await tested.shard.pay(payment(orderOf(2), { waitSeconds: 0 }))).toMatchObject({ ok: true });
  });
});

describe("a record that cannot be read", () => {
  test("blocks its order alone: every call answers unavailable, and the log shows it", async () => {
    begin();
    begin(orderOf(2));
    tested.sql(`UPDATE record SET record = '{"version":1000}' WHERE order_id = ?`, ORDER);
    tested.lines = [];
    const { shard } = tested;
    const request = about(ORDER);
    const answers = await Promise.all([
      shard.read(reading(ORDER)),
      shard.pay(payment(ORDER)),
      shard.close(request),
      shard.operate({ ...request, kind: "refund", amount: null }),
      shard.resolve({ ...request, paymentId: null, note: "seen" }),
      shard.notify({ ...request, sequence: null }),
      shard.callback({
        request: REQUEST,
        orderId: ORDER,
        kind: "result",
        ticket: `ticket-${ORDER}`,
        content: { orderId: null, paymentId: null, amount: null, currency: null },
        isVerified: false,
      }),
      shard.returned({ request: REQUEST, orderId: ORDER, ticket: "ticket", by: "paid" }),
    ]);
    expect(answers).toEqual(answers.map(() => UNAVAILABLE));
    expect(tested.logged("attention")).toEqual(answers.map(() => ({ event: "attention", order_id: ORDER, reason: "record_unreadable" })));
    expect(tested.logged("error").map(({ error, order_id, trace_id }) => [error, order_id, trace_id])).toEqual(
      answers.map(() => ["UnreadableRecord", ORDER, REQUEST.traceId]),
    );
    expect(await shard.read(reading(orderOf(2)))).toMatchObject({ ok: true, charge: { status: "processing" } });
    expect(tested.rows(ORDER).record).toBe('{"version":1000}');
  });
});

describe("an error", () => {
  test("is logged with the ids of its request, and without its message", async () => {
    begin();
    tested.sql("UPDATE shard SET position = 46");
    tested.open();
    tested.lines = [];
    await tested.shard.read(reading(ORDER));
    expect(tested.lines).toEqual([
      {
        event: "error",
        request_id: REQUEST.requestId,
        trace_id: REQUEST.traceId,
        order_id: ORDER,
        error: "WrongShard",
        stack: expect.stringMatching(/^at /) as string,
      },
    ]);
  });

  test("that is not the order's is thrown: the storage refuses the commit", async () => {
    tested.refusesCommit = true;
    await expect(tested.shard.pay(payment(ORDER))).rejects.toThrow(expect.objectContaining({ name: "StorageRefused" }) as Error);
    expect(tested.calls).toEqual([]);
  });

  test("when an answer of the gateway is stored is logged with the ids of the request, and the order is found out later", async () => {
    const answered = tested.shard.pay(payment(ORDER, { waitSeconds: 0 }));
    await answered;
    tested.refusesCommit = true;
    tested.holds = null;
    for (const letGo of tested.held) letGo();
    await tested.settle();
    expect(tested.logged("error")).toMatchObject([{ error: "StorageRefused", order_id: ORDER, trace_id: REQUEST.traceId }]);
    tested.refusesCommit = false;
    await tested.pass(MINUTE);
    expect(await tested.shard.read(reading(ORDER))).toMatchObject({ charge: { status: "succeeded" } });
  });
});

describe("the alarm", () => {
  test("is read once for each time that the object is opened, and set again if it was lost", async () => {
    begin();
    tested.alarm = null;
    tested.alarmReads = 0;
    tested.open();
    expect([tested.alarm, tested.alarmReads]).toEqual([null, 0]);
    for (const orderId of [ORDER, orderOf(2)]) await tested.shard.read(reading(orderId));
    tested.shard.check();
    await tested.settle();
    expect([tested.alarm, tested.alarmReads]).toEqual([START + 25 * SECOND, 1]);
  });

  test("is set again by the next call a minute after its time, if it was lost while the object stayed open", async () => {
    begin();
    await tested.settle();
    tested.alarm = null;
    tested.skip(25 * SECOND + MINUTE);
    await tested.shard.read(reading(orderOf(2)));
    await tested.settle();
    expect(tested.alarm).toBeNull();
    tested.skip(1);
    await tested.shard.read(reading(orderOf(2)));
    await tested.settle();
    expect(tested.alarm).toBe(tested.now);
  });

  test("that cannot be read is logged, fails no call, and is read again by the next one", async () => {
    begin();
    tested.alarm = null;
    tested.alarmFails = true;
    tested.open();
    tested.lines = [];
    expect(await tested.shard.read(reading(ORDER))).toMatchObject({ ok: true });
    await tested.settle();
    expect(tested.logged("error")).toMatchObject([{ error: "Error", order_id: null, request_id: null, trace_id: null }]);
    tested.alarmFails = false;
    await tested.shard.read(reading(ORDER));
    await tested.settle();
    expect(tested.alarm).toBe(START + 25 * SECOND);
  });

  test("keeps the object alive while it is read", async () => {
    begin();
    await tested.settle();
    const kept = tested.keptAlive;
    tested.open().check();
    expect(tested.keptAlive).toBe(kept + 1);
    await tested.settle();
    expect(tested.keptAlive).toBe(kept);
  });

  test("that has opened the object is not read, because it is set at its end", async () => {
    begin();
    tested.alarmReads = 0;
    tested.open();
    tested.fireAlarm();
    await tested.shard.read(reading(ORDER));
    await tested.settle();
    expect(tested.alarmReads).toBe(0);
  });
});

describe("the calls of an order that are open", () => {
  test("are known to a later event also after another call of the order has ended", async () => {
    begin();
    tested.skip(30 * SECOND);
    tested.open();
    tested.fireAlarm();
    const polls = tested.calls.length;
    void tested.shard.resolve({ ...about(ORDER), paymentId: "4711", note: "seen" });
    await tested.settle();
    expect(tested.calls.length).toBe(polls + 1);
    tested.holds = null;
    tested.held.at(-1)?.();
    await tested.settle();
    expect(await tested.shard.read(reading(ORDER))).toMatchObject({ charge: { resolutions: [{ state: "refused" }] } });
    tested.skip(25 * SECOND);
    tested.fireAlarm();
    await tested.settle();
    expect(tested.calls.length).toBe(polls + 1);
  });
});

describe("the observer of a shard", () => {
  test("sees each decision and each commit", async () => {
    const seen: string[] = [];
    tested.observer = {
      onCommit: ({ type }: ChargeEvent, before, after) => void seen.push(`${type}: ${before.attempts.length} to ${after.attempts.length}`),
      onDecision: ({ type }: ChargeEvent, { ok }) => void seen.push(`${type}: ${ok}`),
    };
    tested.open();
    begin();
    begin();
    await tested.shard.close(about(orderOf(2)));
    expect(seen).toEqual(["pay: 0 to 1", "pay: true", "pay: true", "close: 0 to 0", "close: true"]);
  });
});

describe("without NOTIFY_URL and without daily indexes", () => {
  test("a change makes nothing due but the retention", async () => {
    await tested.shard.close(about(ORDER));
    expect([tested.rows(ORDER).due, tested.alarm]).toEqual([START + 400 * DAY, START + 400 * DAY]);
  });
});

describe("what leaves after a commit", () => {
  let sent: Message[];
  let updates: DayEntry[];

  beforeEach(() => {
    [sent, updates] = [[], []];
    tested.deliver = async (message) => {
      sent.push(message);
      return { end: "delivered", status: 204 };
    };
    tested.updateIndex = async (entry) => void updates.push(entry);
    tested.open();
  });

  test("is the notification at once, and the update of the index a second later, with the newest state", async () => {
    await tested.shard.close(about(ORDER));
    await tested.settle();
    expect([sent.length, updates.length]).toEqual([1, 0]);
    await tested.pass(SECOND);
    await tested.settle();
    expect(updates).toMatchObject([{ orderId: ORDER, status: "closed", day: "2026-11-22" }]);
    expect(tested.rows(ORDER).due).toBe(START + 400 * DAY);
  });

  test("is nothing while the settings name another merchant, and all of it once they name the order's again", async () => {
    tested.deliver = async () => ({ end: null, status: 500, retryAfter: null });
    tested.open();
    await tested.shard.close(about(ORDER));
    await tested.settle();
    tested.deliver = async (message) => {
      sent.push(message);
      return { end: "delivered", status: 204 };
    };
    const { home } = tested.settings;
    tested.settings = { ...tested.settings, home: { ...home, merchantId: "1" } };
    tested.timers.clear();
    tested.open();
    expect(await tested.shard.close(about(ORDER, "key-3"))).toEqual(UNAVAILABLE);
    await tested.pass(2 * HOUR);
    expect([sent, updates, tested.logged("attention").length]).toEqual([[], [], 1]);
    tested.settings = { ...tested.settings, home };
    tested.open();
    await tested.pass(2 * HOUR);
    expect(sent.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(["charge.closed", "charge.attention"]);
    expect(updates.at(-1)).toMatchObject({ orderId: ORDER, status: "closed" });
  });

  test("keeps the object alive until it has ended", async () => {
    tested.deliver = () =>
      new Promise((resolve) => tested.timers.add({ at: tested.now + SECOND, act: () => resolve({ end: "delivered", status: 204 }) }));
    tested.updateIndex = null;
    tested.open();
    await tested.shard.close(about(ORDER));
    await tested.settle();
    expect(tested.keptAlive).toBe(1);
    await tested.pass(SECOND);
    await tested.settle();
    expect(tested.keptAlive).toBe(0);
  });

  test("and fails is logged with its order, and repeated", async () => {
    let fails = true;
    tested.updateIndex = async (entry) => {
      if (fails) throw new Error("The index cannot be reached");
      updates.push(entry);
    };
    tested.open();
    await tested.shard.close(about(ORDER));
    await tested.pass(SECOND);
    await tested.settle();
    expect(tested.logged("error")).toMatchObject([{ error: "Error", order_id: ORDER, request_id: null, trace_id: null }]);
    fails = false;
    await tested.pass(MINUTE);
    expect(updates).toMatchObject([{ orderId: ORDER, status: "closed" }]);
  });

  test("and is never answered is given up after days, which the log shows", async () => {
    tested.deliver = async () => ({ end: null, status: 500, retryAfter: null });
    tested.open();
    await tested.shard.close(about(ORDER));
    await tested.pass(5 * DAY);
    expect(tested.logged("attention")).toEqual([{ event: "attention", order_id: ORDER, reason: "notification_given_up" }]);
    expect(tested.rows(ORDER).outbox).toMatchObject([{ ended: "given_up", next_at: null }]);
  });
});
