/** A notification that the merchant asks for again, over SQLite. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OperationResponse } from "../../../edge/rpc.ts";
import type { DeliveryResult } from "../../../edge/storage/message.ts";
import { DAY, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, orderOf } from "./requests.ts";
import { TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);

let tested: TestShard;
/** The ids of the notifications that were sent, and how the receiver answers. Null: not at all. */
let sent: string[];
let answers: DeliveryResult | null;

beforeEach(async () => {
  tested = new TestShard();
  sent = [];
  answers = { end: "delivered", status: 204 };
  tested.deliver = ({ id }) => {
    sent.push(id);
    return answers === null ? new Promise(() => {}) : Promise.resolve(answers);
  };
  tested.open();
  await tested.shard.close(about(ORDER, "close-1"));
  await tested.settle();
});

afterEach(() => {
  tested.close();
});

/** The answer to a notify, and how long it took. */
async function timed(
  key = "key-1",
  sequence: number | null = null,
): Promise<{ readonly answer: OperationResponse; readonly after: number }> {
  const since = tested.now;
  let ended: { answer: OperationResponse; after: number } | null = null;
  void tested.shard.notify({ ...about(ORDER, key), sequence }).then((answer) => {
    ended = { answer, after: tested.now - since };
  });
  await tested.pass(20 * SECOND);
  if (ended === null) throw new Error("The call was not answered");
  return ended;
}

async function notify(key = "key-1", sequence: number | null = null): Promise<OperationResponse> {
  return (await timed(key, sequence)).answer;
}

test("the newest is sent again under its id, and the answer shows how it ended", async () => {
  const { answer, after } = await timed();
  expect(answer).toMatchObject({
    ok: true,
    charge: { order_id: ORDER, notifications: [{ sequence: 1, tries: 2, ended: "delivered", last_status: 204 }] },
  });
  expect([sent.length, new Set(sent).size, after]).toEqual([2, 1, 0]);
});

test("the one with the given number is sent again", async () => {
  expect(await notify("key-1", 1)).toMatchObject({ ok: true });
  expect(sent).toHaveLength(2);
});

test("a key that is repeated sends nothing, also after a reset; with another number it is refused", async () => {
  await notify("key-1", 1);
  tested.open();
  expect(await notify("key-1", 1)).toMatchObject({ ok: true, charge: { notifications: [{ tries: 2 }] } });
  expect(await notify("key-1")).toEqual({ ok: false, code: "idempotency_key_reused" });
  expect(sent).toHaveLength(2);
});

test("its key is apart from that of a close", async () => {
  expect(await notify("close-1")).toMatchObject({ ok: true });
  expect(sent).toHaveLength(2);
});

test("a receiver that does not answer is waited for ten seconds", async () => {
  answers = null;
  const { answer, after } = await timed();
  expect([answer, after]).toMatchObject([{ ok: true, charge: { notifications: [{ ended: null }] } }, 10 * SECOND]);
});

test("a receiver that fails ends the wait, and the notification is due again by its schedule", async () => {
  answers = { end: null, status: 500, retryAfter: null };
  const { answer, after } = await timed();
  expect([answer, after]).toMatchObject([{ ok: true, charge: { notifications: [{ ended: null, last_status: 500 }] } }, 0]);
  expect(tested.rows(ORDER).due).not.toBeNull();
  answers = { end: "delivered", status: 204 };
  await tested.pass(10 * MINUTE);
  expect(tested.rows(ORDER).outbox).toMatchObject([{ ended: "delivered" }]);
});

test("one that is cut off by a reset is sent again by the alarm", async () => {
  answers = null;
  void tested.shard.notify({ ...about(ORDER, "key-1"), sequence: null });
  await tested.settle();
  answers = { end: "delivered", status: 204 };
  tested.open();
  await tested.pass(MINUTE);
  expect([sent.length, tested.rows(ORDER).outbox]).toMatchObject([3, [{ ended: "delivered" }]]);
});

test("an order without notifications, or without that one, has nothing to send: the reason says which", async () => {
  const where = "the charge is closed, and its member notifications lists the newest ones";
  expect(await notify("key-1", 2)).toEqual({
    ok: false,
    code: "operation_not_allowed",
    detail: `There is no notification of this charge with that sequence; ${where}`,
  });
  tested.sql("DELETE FROM outbox");
  expect(await notify("key-2")).toEqual({
    ok: false,
    code: "operation_not_allowed",
    detail: `There is no notification of this charge; ${where}`,
  });
});

test("an order that was never charged is not found", async () => {
  expect(await tested.shard.notify({ ...about(orderOf(2)), sequence: null })).toEqual({ ok: false, code: "charge_not_found" });
});

test("while the settings name another merchant nothing is sent", async () => {
  tested.settings = { ...tested.settings, home: { ...tested.settings.home, merchantId: "1" } };
  tested.open();
  expect(await notify()).toEqual({ ok: false, code: "unavailable" });
  expect(sent).toHaveLength(1);
});

describe("an order that is redacted", () => {
  test("sends nothing again, and binds no key", async () => {
    answers = { end: null, status: 500, retryAfter: null };
    await notify("key-1");
    tested.skip(401 * DAY);
    tested.sql("UPDATE outbox SET next_at = ?", tested.now + DAY);
    tested.sql("UPDATE record SET due = ?", tested.now);
    tested.fireAlarm();
    await tested.settle();
    const before = sent.length;
    expect(JSON.parse(tested.rows(ORDER).record ?? "")).toMatchObject({ redactedAt: tested.now });
    expect(tested.rows(ORDER).outbox).toHaveLength(1);
    expect(await notify("key-2", 1)).toMatchObject({ ok: false, code: "operation_not_allowed" });
    expect([tested.rows(ORDER).bindings.size, sent.length]).toEqual([0, before]);
  });
});
