/** When the notifications of a shard's orders leave, and what is stored of each try. */
import { beforeEach, describe, expect, test } from "vitest";
import type { DeliveryResult } from "../../../edge/storage/message.ts";
import type { Gate } from "../../gate.ts";
import { closedGate } from "../../gate.ts";
import { DispatchedOrders, START } from "./dispatched-orders.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const DELIVERED: DeliveryResult = { end: "delivered", status: 204 };
const FAILED: DeliveryResult = { end: null, status: 500, retryAfter: null };

let orders: DispatchedOrders;

beforeEach(() => {
  orders = new DispatchedOrders({ hasIndex: false });
});

/** A receiver whose answers the test gives, one after the other. */
function receiverThatWaits(): Gate<DeliveryResult>[] {
  const answers: Gate<DeliveryResult>[] = [];
  orders.receiver = () => {
    const answer = closedGate<DeliveryResult>();
    answers.push(answer);
    return answer.passed;
  };
  return answers;
}

async function answered(answer: Gate<DeliveryResult> | undefined, result: DeliveryResult): Promise<void> {
  answer?.open(result);
  await orders.pass(0);
}

function refusing(): void {
  orders.receiver = async () => FAILED;
}

test("a notification leaves after its commit; it keeps the shard alive until it has ended, and then nothing is due", async () => {
  const answers = receiverThatWaits();
  orders.commit("1234", { notifies: [1] });
  await orders.pass(0);
  expect(orders.notified).toEqual(["1234/1"]);
  expect([orders.openWork, orders.due("1234")]).toEqual([1, START + 30 * SECOND]);
  await orders.pass(SECOND);
  await answered(answers[0], DELIVERED);
  expect([orders.openWork, orders.due("1234"), orders.ended]).toEqual([0, null, ["1234"]]);
  expect(orders.notifications("1234")).toMatchObject([{ tries: 1, ended: "delivered", delivered_at: "2026-11-22T10:00:01.000Z" }]);
  expect([orders.errors, orders.log]).toEqual([[], []]);
});

test("the next one of an order leaves when the one before it has ended, without waiting for the alarm", async () => {
  const answers = receiverThatWaits();
  orders.commit("1234", { notifies: [1, 2] });
  await orders.pass(5 * SECOND);
  expect(orders.notified).toEqual(["1234/1"]);
  await answered(answers[0], DELIVERED);
  expect(orders.notified).toEqual(["1234/1", "1234/2"]);
  await answered(answers[1], DELIVERED);
  expect([orders.due("1234"), orders.openWork]).toEqual([null, 0]);
});

test("the due time is computed once for several deliveries of an order, when the last of them has ended", async () => {
  for (const sequence of [1, 2, 3]) {
    orders.commit("1234", { notifies: [sequence] });
    await orders.pass(0);
  }
  for (const sequence of [1, 2, 3]) orders.requestAgain("1234", sequence);
  const answers = receiverThatWaits();
  orders.resume("1234");
  await orders.pass(0);
  const before = orders.timesArmed;
  for (const times of [0, 0, 1]) {
    await answered(answers.shift(), DELIVERED);
    expect(orders.timesArmed - before).toBe(times);
  }
  expect(orders.notified.slice(3)).toEqual(["1234/1", "1234/2", "1234/3"]);
});

describe("a try that failed", () => {
  test("makes the order due after the pause, a random part longer, and then it is sent again", async () => {
    refusing();
    orders.fractions.set("1234", 0.5);
    orders.commit("1234", { notifies: [1] });
    await orders.pass(0);
    expect(orders.due("1234")).toBe(START + 5.25 * SECOND);
    expect(orders.notifications("1234")).toMatchObject([{ tries: 1, ended: null, last_status: 500 }]);
    await orders.pass(5.25 * SECOND - 1);
    orders.resume("1234");
    await orders.pass(0);
    expect(orders.notified).toEqual(["1234/1"]);
    await orders.resumeWhenDue("1234");
    expect(orders.notified).toEqual(["1234/1", "1234/1"]);
    expect(orders.due("1234")).toBe(orders.now + 315 * SECOND);
  });

  test("ten times is given up, which is logged once", async () => {
    refusing();
    orders.commit("1234", { notifies: [1] });
    for (let tries = 1; tries < 10; tries += 1) {
      expect(orders.log).toEqual([]);
      await orders.resumeWhenDue("1234");
    }
    expect(orders.log).toEqual([{ event: "attention", order_id: "1234", reason: "notification_given_up" }]);
    expect(orders.notifications("1234")).toMatchObject([{ tries: 10, ended: "given_up" }]);
    expect(orders.due("1234")).toBeNull();
  });
});

test("an order of which nothing is due starts nothing", async () => {
  orders.commit("1234", {});
  orders.resume("1234");
  await orders.pass(SECOND);
  expect([orders.openWork, orders.ended, orders.notified]).toEqual([0, [], []]);
});

describe("a notification that waits for its turn behind another order's", () => {
  let answers: Gate<DeliveryResult>[];

  beforeEach(async () => {
    answers = receiverThatWaits();
    orders.fractions.set("5678", 0.250_03);
    orders.commit("1234", { notifies: [1] });
    orders.commit("5678", { notifies: [1] });
    await orders.pass(10 * SECOND);
  });

  test("leaves if its turn comes within ten seconds", async () => {
    expect(orders.notified).toEqual(["1234/1"]);
    await answered(answers[0], DELIVERED);
    expect(orders.notified).toEqual(["1234/1", "5678/1"]);
  });

  test("later than that does not leave. It is due again after 20 to 40 s, and has not failed", async () => {
    await orders.pass(1);
    await answered(answers[0], DELIVERED);
    expect(orders.notified).toEqual(["1234/1"]);
    expect(orders.notifications("5678")).toMatchObject([{ tries: 0, ended: null, last_status: null }]);
    expect(orders.due("5678"), "in whole milliseconds").toBe(orders.now + 25_001);
    await orders.resumeWhenDue("5678");
    await answered(answers[1], FAILED);
    expect(orders.notifications("5678")).toMatchObject([{ tries: 1, last_status: 500 }]);
    expect(orders.due("5678"), "the first pause").toBe(orders.now + 5_125);
  });
});

test("while NOTIFY_URL is not set, a try counts as not answered; once it is set again, the notification is sent", async () => {
  refusing();
  orders.commit("1234", { notifies: [1] });
  await orders.pass(0);
  orders.deploy({ hasReceiver: false });
  await orders.resumeWhenDue("1234");
  expect(orders.notified).toEqual(["1234/1"]);
  expect(orders.notifications("1234")).toMatchObject([{ tries: 2, ended: null, last_status: null }]);
  expect(orders.due("1234")).toBe(orders.now + 5 * MINUTE);
  orders.receiver = async () => DELIVERED;
  orders.deploy({ hasReceiver: true });
  await orders.resumeWhenDue("1234");
  expect(orders.notifications("1234")).toMatchObject([{ tries: 3, ended: "delivered" }]);
  expect(orders.errors).toEqual([]);
});

describe("a notification that is still to be sent when its order is redacted", () => {
  test("is deleted when it has been delivered", async () => {
    const answers = receiverThatWaits();
    orders.commit("1234", { notifies: [1] });
    orders.commit("1234", { isRedacted: true });
    await orders.pass(0);
    expect(orders.notifications("1234")).toHaveLength(1);
    await answered(answers[0], DELIVERED);
    expect(orders.notifications("1234")).toEqual([]);
  });

  test("stays after a try that failed, and is sent again", async () => {
    refusing();
    orders.commit("1234", { notifies: [1] });
    orders.commit("1234", { isRedacted: true });
    await orders.pass(0);
    expect(orders.notifications("1234")).toMatchObject([{ tries: 1, ended: null }]);
    await orders.resumeWhenDue("1234");
    expect(orders.notified).toEqual(["1234/1", "1234/1"]);
  });
});

describe("a delivery whose end cannot be stored", () => {
  test("is an error of its order, and it is sent again when its lease has ended", async () => {
    const answers = receiverThatWaits();
    orders.commit("1234", { notifies: [1] });
    await orders.pass(SECOND);
    orders.refusesWrites = true;
    await answered(answers[0], DELIVERED);
    expect([orders.errors, orders.ended]).toEqual([["1234: StorageRefused"], ["1234"]]);
    orders.refusesWrites = false;
    expect(orders.due("1234")).toBe(START + 30 * SECOND);
    await orders.resumeWhenDue("1234");
    expect(orders.notified).toEqual(["1234/1", "1234/1"]);
    await answered(answers[1], DELIVERED);
    expect(orders.notifications("1234")).toMatchObject([{ tries: 2, ended: "delivered" }]);
  });

  test("has ended also if its record cannot be read, so callers do not wait for it", async () => {
    const answers = receiverThatWaits();
    orders.commit("1234", { notifies: [1] });
    await orders.pass(0);
    orders.damage("1234");
    await answered(answers[0], DELIVERED);
    // Once for what follows the delivery, once for the due time.
    expect(orders.errors).toEqual(["1234: UnreadableRecord", "1234: UnreadableRecord"]);
    expect([orders.ended, orders.openWork]).toEqual([["1234"], 0]);
  });
});
