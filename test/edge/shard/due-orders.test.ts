/** What an alarm does with the orders that are due, over SQLite. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PayRequest } from "../../../edge/rpc.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, chargeOf, orderOf, payment, reading } from "./requests.ts";
import { TestShard } from "./test-shard.ts";

/** An order of another shard. */
const ELSEWHERE = "1235";

let tested: TestShard;

beforeEach(() => {
  tested = new TestShard();
  tested.holds = () => true;
});

afterEach(() => {
  tested.close();
});

function byMerchantApi(number: number): Partial<PayRequest> {
  return { api: "merchant", charge: chargeOf(orderOf(number), { profile_id: "60144557" }) };
}

/** Begins payments, each in an order of its own. Their calls stay open. */
function begin(count: number, first = 1): void {
  for (let number = first; number < first + count; number += 1) void tested.shard.pay(payment(orderOf(number)));
}

/** Payments whose calls were lost with their object, all due now. */
function lost(count: number): void {
  begin(count);
  tested.skip(30 * SECOND);
  tested.open();
  tested.lines = [];
  tested.calls = [];
  tested.sets = [];
}

/** How many orders an alarm has taken. Each is polled once. */
function polled(): number {
  return new Set(
    tested
      .logged("decision")
      .filter(({ why, to }) => why === "deadline" && to === "unconfirmed")
      .map(({ order_id }) => order_id),
  ).size;
}

function dues(): readonly unknown[] {
  return tested.sql("SELECT due FROM record ORDER BY slot, order_id").map(({ due }) => due);
}

function errors(): readonly unknown[] {
  return tested.logged("error").map(({ error, order_id }) => [error, order_id]);
}

/** Makes a write of these rows fail, as a storage that is full or damaged does. */
function refuse(name: string, statement: string, condition = "1"): void {
  tested.sql(`CREATE TRIGGER ${name} BEFORE ${statement} WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'test-secret-of-a-row');\nEND`);
}

const NEWER = '{"version":1000}';

/** A newer deployment has written the record of this order, or it is damaged. */
function spoil(number: number, record = NEWER): void {
  tested.sql("UPDATE record SET record = ? WHERE order_id = ?", record, orderOf(number));
}

/** A record of this version in which everything is missing. */
const DAMAGED = '{"version":1}';

describe("an alarm", () => {
  test("takes twenty of twenty-five orders that are due, the longest due first, and fires again at once for the other five", () => {
    lost(25);
    tested.sql("UPDATE record SET due = due - 1 WHERE order_id = ?", orderOf(25));
    tested.fireAlarm();
    expect([polled(), tested.sets]).toEqual([20, [tested.now]]);
    expect(tested.lines.map(({ order_id }) => order_id)).toContain(orderOf(25));
    tested.fireAlarm();
    expect(polled()).toBe(25);
    // Each alarm is set once, at its end.
    expect(tested.sets).toEqual([tested.now, tested.now + 25 * SECOND]);
    expect(new Set(dues())).toEqual(new Set([tested.now + 25 * SECOND]));
  });

  test("leaves orders alone that are not due", () => {
    begin(1);
    tested.skip(10 * SECOND);
    begin(1, 2);
    tested.skip(15 * SECOND);
    tested.open();
    tested.fireAlarm();
    expect([polled(), dues()]).toEqual([1, [tested.now + 25 * SECOND, tested.now + 10 * SECOND]]);
    expect(tested.alarm).toBe(tested.now + 10 * SECOND);
  });

  test("takes no further orders while more than a hundred reads wait for their turn, and fires a second later", () => {
    lost(100);
    // Each order has two reads, of which three are open.
    for (let alarms = 0; alarms < 5; alarms += 1) tested.fireAlarm();
    expect([polled(), tested.calls.length]).toEqual([60, 3]);
    expect(tested.alarm).toBe(tested.now + SECOND);
  });

  test("takes orders while a hundred reads wait, and fires again at once for them", () => {
    // An order of v5 has two reads, one of the Merchant API one. Three are open.
    begin(43);
    for (let number = 44; number <= 60; number += 1) void tested.shard.pay(payment(orderOf(number), byMerchantApi(number)));
    begin(2, 61);
    tested.skip(30 * SECOND);
    for (let number = 1; number <= 62; number += 1)
      tested.sql("UPDATE record SET due = ? WHERE order_id = ?", tested.now - 100 + number, orderOf(number));
    tested.sql("UPDATE record SET due = ? WHERE order_id = ?", tested.now + 1, orderOf(62));
    tested.open();
    for (let alarms = 0; alarms < 3; alarms += 1) tested.fireAlarm();
    expect([polled(), tested.alarm]).toEqual([60, tested.now]);
    tested.fireAlarm();
    expect([polled(), tested.alarm]).toEqual([61, tested.now + 1]);
    tested.skip(1);
    tested.fireAlarm();
    expect([polled(), tested.alarm]).toEqual([61, tested.now + SECOND]);
  });

  test("does not count a call that waits for its turn as lost: it is not sent twice, and its order is not polled", () => {
    begin(8);
    tested.lines = [];
    tested.skip(30 * SECOND);
    tested.fireAlarm();
    expect([polled(), tested.calls.length]).toEqual([0, 6]);
    expect(new Set(dues())).toEqual(new Set([tested.now + 25 * SECOND]));
  });

  test("returns without waiting for the calls of its orders", () => {
    lost(1);
    tested.fireAlarm();
    expect([polled(), tested.held.length, tested.alarm]).toEqual([1, 3, tested.now + 25 * SECOND]);
  });

  test("is not set in a shard without orders", async () => {
    tested.shard.check();
    tested.shard.alarm();
    await tested.settle();
    expect([await tested.shard.read(reading(orderOf(1))), tested.sets]).toEqual([{ ok: false, code: "charge_not_found" }, []]);
  });

  test("sends the notifications of its orders whose try was lost, and not those of an order that is away", async () => {
    let sent = 0;
    tested.deliver = () => {
      sent += 1;
      return new Promise(() => {});
    };
    tested.open();
    await tested.shard.close(about(orderOf(1)));
    expect(sent).toBe(1);
    tested.skip(HOUR);
    const { home } = tested.settings;
    tested.settings = { ...tested.settings, home: { ...home, merchantId: "1" } };
    tested.open();
    tested.fireAlarm();
    expect(sent).toBe(1);
    tested.settings = { ...tested.settings, home };
    tested.skip(HOUR);
    tested.open();
    tested.fireAlarm();
    expect(sent).toBe(2);
  });
});

describe("an order that throws", () => {
  test("does not delay the others, and is taken again a minute later", () => {
    lost(3);
    spoil(1, DAMAGED);
    tested.fireAlarm();
    expect([polled(), errors()]).toEqual([2, [["TypeError", orderOf(1)]]]);
    expect(tested.alarm).toBe(tested.now + 25 * SECOND);
    tested.skip(25 * SECOND);
    tested.fireAlarm();
    expect(errors()).toHaveLength(1);
    tested.skip(MINUTE - 25 * SECOND - 1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(1);
    tested.skip(1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(2);
  });

  test("alone is taken again a minute later", () => {
    lost(1);
    spoil(1, DAMAGED);
    tested.sql("UPDATE record SET due = ?", tested.now);
    tested.fireAlarm();
    expect(tested.alarm).toBe(tested.now + MINUTE);
  });

  test("does not hold back the next one, for which the alarm fires at its time", () => {
    lost(2);
    spoil(1, DAMAGED);
    tested.sql("UPDATE record SET due = ? WHERE order_id = ?", tested.now + 5 * SECOND, orderOf(2));
    tested.fireAlarm();
    expect(tested.alarm).toBe(tested.now + 5 * SECOND);
  });

  test("is taken again at its time also when another one fails later", () => {
    lost(2);
    spoil(1, DAMAGED);
    tested.sql("UPDATE record SET due = ? WHERE order_id = ?", tested.now + 20 * SECOND, orderOf(2));
    tested.fireAlarm();
    const failedAt = tested.now;
    spoil(2, DAMAGED);
    tested.skip(20 * SECOND);
    tested.fireAlarm();
    expect([errors().length, tested.alarm]).toEqual([2, failedAt + MINUTE]);
  });

  test("leaves its place to another one, however many throw", () => {
    lost(21);
    for (let number = 1; number <= 20; number += 1) spoil(number, DAMAGED);
    tested.sql("UPDATE record SET due = due + 1 WHERE order_id = ?", orderOf(21));
    tested.fireAlarm();
    expect([polled(), errors().length, tested.alarm]).toEqual([0, 20, tested.now]);
    tested.fireAlarm();
    expect([polled(), errors().length, tested.alarm]).toEqual([1, 20, tested.now + 25 * SECOND]);
  });

  test("leaves no more than twenty places to others", () => {
    lost(26);
    spoil(26, DAMAGED);
    tested.sql("UPDATE record SET due = ? WHERE order_id <> ?", tested.now + 1, orderOf(26));
    tested.fireAlarm();
    expect([polled(), errors().length]).toEqual([0, 1]);
    tested.sql("UPDATE record SET due = 1 WHERE order_id <> ?", orderOf(26));
    tested.fireAlarm();
    expect([polled(), tested.alarm]).toEqual([20, tested.now]);
  });

  test("of another placement does not delay the others, and is taken again a minute later", () => {
    lost(3);
    tested.sql("UPDATE record SET order_id = ? WHERE order_id = ?", ELSEWHERE, orderOf(1));
    tested.fireAlarm();
    expect([polled(), errors()]).toEqual([2, [["WrongShard", ELSEWHERE]]]);
    expect(tested.alarm).toBe(tested.now + 25 * SECOND);
    tested.skip(MINUTE - 1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(1);
    tested.skip(1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(2);
  });
});

describe("a record that cannot be read", () => {
  test("puts its order off by an hour, which the log shows, and the other orders are taken", () => {
    lost(3);
    spoil(1);
    tested.fireAlarm();
    expect(errors()).toEqual([["UnreadableRecord", orderOf(1)]]);
    expect(tested.logged("attention")).toEqual([{ event: "attention", order_id: orderOf(1), reason: "record_unreadable" }]);
    expect([polled(), dues()]).toEqual([2, [tested.now + HOUR, tested.now + 25 * SECOND, tested.now + 25 * SECOND]]);
    expect(tested.alarm).toBe(tested.now + 25 * SECOND);
  });

  test("and that cannot be put off either is not tried again within the hour", () => {
    lost(1);
    spoil(1);
    refuse("no_due", "UPDATE OF due ON record");
    tested.fireAlarm();
    expect(errors()).toEqual([
      ["UnreadableRecord", orderOf(1)],
      [expect.any(String), orderOf(1)],
    ]);
    expect(tested.alarm).toBe(tested.now + MINUTE);
    tested.skip(HOUR - 1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(2);
    tested.skip(1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(4);
  });

  test("is not notified: nothing of the order leaves", async () => {
    let tries = 0;
    tested.deliver = async () => {
      tries += 1;
      return { end: null, status: 500, retryAfter: null };
    };
    tested.open();
    await tested.shard.close(about(orderOf(1)));
    await tested.settle();
    expect(tries).toBe(1);
    tested.sql("UPDATE record SET record = json_set(record, '$.version', 1000)");
    tested.skip(HOUR);
    tested.open();
    tested.fireAlarm();
    await tested.settle();
    expect([tries, dues()]).toEqual([1, [tested.now + HOUR]]);
    tested.sql("UPDATE record SET record = json_set(record, '$.version', 1)");
    tested.skip(HOUR);
    tested.fireAlarm();
    await tested.settle();
    expect(tries).toBe(2);
  });
});

describe("due times by other rules", () => {
  const OLD_RULES = "UPDATE shard SET deadline_rules = '{}'";

  function rules(): unknown {
    return tested.sql("SELECT deadline_rules AS rules FROM shard")[0]?.["rules"];
  }

  /** Orders that are closed, and due for their redaction. */
  async function closed(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) await tested.shard.close(about(orderOf(number)));
  }

  test("are computed again by the next alarm, and the orders that are due by them are taken", async () => {
    await closed(1);
    tested.skip(20 * DAY);
    await tested.shard.close(about(orderOf(2)));
    tested.sql(OLD_RULES);
    const old = tested.now - 401 * DAY;
    tested.sql("UPDATE record SET record = json_set(record, '$.updatedAt', ?) WHERE order_id = ?", old, orderOf(1));
    tested.open();
    tested.fireAlarm();
    const redacted = tested.sql("SELECT record ->> 'redactedAt' AS at FROM record ORDER BY order_id");
    expect(redacted).toEqual([{ at: tested.now }, { at: null }]);
    expect([dues(), tested.alarm]).toEqual([[null, tested.now + 400 * DAY], tested.now + 400 * DAY]);
  });

  test("are those of two hundred orders at a time; the alarm fires again at once until all are computed", async () => {
    await closed(200);
    tested.sql(OLD_RULES);
    tested.sql("UPDATE record SET due = due + ?", DAY);
    tested.fireAlarm();
    expect([tested.alarm, rules(), new Set(dues()).size]).toEqual([tested.now, "{}", 1]);
    tested.fireAlarm();
    expect(rules()).not.toBe("{}");
    expect([...new Set(dues())]).toEqual([tested.alarm]);
  });

  test("that cannot be computed do not hold back the due orders, and are tried again a minute later", () => {
    lost(2);
    tested.sql(OLD_RULES);
    refuse("no_sweep", "UPDATE ON shard");
    tested.fireAlarm();
    expect([polled(), errors()]).toEqual([2, [[expect.any(String), null]]]);
    expect(tested.alarm).toBe(tested.now + 25 * SECOND);
    tested.skip(MINUTE - 1);
    tested.fireAlarm();
    expect(errors()).toHaveLength(1);
    expect(tested.alarm).toBe(tested.now + 1);
    tested.sql("DROP TRIGGER no_sweep");
    tested.skip(1);
    tested.fireAlarm();
    expect([errors().length, rules() === "{}"]).toEqual([1, false]);
  });

  test("of an order whose record cannot be read put that order off, and the others are computed", async () => {
    await closed(2);
    spoil(1);
    tested.sql(OLD_RULES);
    tested.sql("UPDATE record SET due = due + ?", DAY);
    tested.fireAlarm();
    expect(errors()).toEqual([["UnreadableRecord", orderOf(1)]]);
    expect(dues()).toEqual([tested.now + HOUR, tested.now + 400 * DAY]);
  });

  test("are computed for an object that is opened too: its alarm is set for now", async () => {
    await closed(1);
    tested.sql(OLD_RULES);
    tested.alarm = null;
    tested.open().check();
    await tested.settle();
    expect(tested.alarm).toBe(tested.now);
  });
});

describe("a storage that fails in an alarm", () => {
  test("when the due orders are read is logged, and the alarm fires again a minute later", () => {
    lost(1);
    tested.sql("ALTER TABLE record RENAME TO gone");
    tested.fireAlarm();
    expect(errors()).toEqual([
      [expect.any(String), null],
      [expect.any(String), null],
    ]);
    expect(JSON.stringify(tested.lines)).not.toContain("no such table");
    expect(tested.alarm).toBe(tested.now + MINUTE);
    tested.sql("ALTER TABLE gone RENAME TO record");
    tested.skip(MINUTE);
    tested.fireAlarm();
    expect([polled(), errors().length]).toEqual([1, 2]);
  });

  test("when an order is stored concerns that order alone", () => {
    lost(2);
    refuse("no_record", "UPDATE ON record", `NEW.order_id = '${orderOf(1)}'`);
    tested.fireAlarm();
    expect([polled(), errors()]).toEqual([1, [[expect.any(String), orderOf(1)]]]);
  });
});
