/** Answers to a request to pay, over SQLite and the simulated gateway. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PayRequest, PayResponse } from "../../../edge/rpc.ts";
import { HOUR, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, chargeOf, orderOf, payment, reading } from "./requests.ts";
import { TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);

let tested: TestShard;

beforeEach(() => {
  tested = new TestShard();
});

afterEach(() => {
  tested.close();
});

/** Pays, and waits until the charge is answered. */
async function pay(more: Partial<PayRequest> = {}, orderId = ORDER): Promise<PayResponse> {
  const answered = tested.shard.pay(payment(orderId, more));
  await tested.settle();
  return answered;
}

/** A profile id for which the gateway does something else than pay. */
function profile(profile_id: string, orderId = ORDER): Partial<PayRequest> {
  return { charge: chargeOf(orderId, { profile_id }) };
}

describe("a payment", () => {
  test("is answered once its outcome is known: the merchant gets the whole charge", async () => {
    expect(await pay()).toMatchObject({
      ok: true,
      began: true,
      charge: {
        order_id: ORDER,
        status: "succeeded",
        user_id: "12345",
        attempts: [{ number: 1 }],
        notifications: [{ type: "charge.succeeded" }],
      },
    });
    expect(tested.gateway.totalsOf(ORDER)).toMatchObject({ taken: 1_000, payments: 1 });
    // An open timer keeps an object billed.
    expect(tested.timers.size).toBe(0);
  });

  test("after one that failed is answered once its own outcome is known", async () => {
    await pay(profile("decline-10009"));
    await tested.pass(3 * SECOND);
    expect(await pay({ key: "key-2" })).toMatchObject({ began: true, charge: { status: "succeeded", attempt: 2 } });
  });

  test("shows the shopper nothing of what only the merchant may see", async () => {
    const answer = await pay({ caller: "shopper" });
    expect(answer).toMatchObject({ ok: true, began: true, charge: { status: "succeeded", amount: 10 } });
    expect(Object.keys(answer.ok ? answer.charge : {})).not.toEqual(expect.arrayContaining(["user_id", "attempts", "notifications"]));
  });

  test("that waits 0 seconds is answered while its call is out", async () => {
    tested.holds = () => true;
    expect(await pay({ waitSeconds: 0 })).toMatchObject({ ok: true, began: true, charge: { status: "processing" } });
    expect(tested.calls).toEqual(["gateway.payment.create"]);
  });

  test("is answered after its wait if the outcome is not known by then", async () => {
    tested.holds = () => true;
    let answer: PayResponse | null = null;
    void tested.shard.pay(payment(ORDER, { waitSeconds: 7 })).then((response) => {
      answer = response;
    });
    await tested.pass(7 * SECOND - 1);
    expect(answer).toBeNull();
    await tested.pass(1);
    await tested.settle();
    expect(answer).toMatchObject({ ok: true, began: true, charge: { status: "processing" } });
  });

  test("has the id of its request as the X-Request-Id that the gateway knows", async () => {
    const request = { requestId: "0190fddd-bea7-7f17-b777-10344d5cc816", traceId: null };
    expect(await pay({ request })).toMatchObject({ charge: { attempts: [{ request_id: request.requestId }] } });
    expect(tested.gateway.log.entries[0]?.headers["x-request-id"]).toBe(request.requestId);
  });

  test("is refused under a key that was used with other terms", async () => {
    await pay();
    expect(await pay({ charge: chargeOf(ORDER, { amount: 20 }) })).toEqual({ ok: false, code: "idempotency_key_reused" });
  });

  test("under other terms conflicts with the charge, which is shown", async () => {
    await pay();
    expect(await pay({ key: "key-2", charge: chargeOf(ORDER, { amount: 20 }) })).toMatchObject({
      ok: false,
      code: "charge_conflict",
      charge: { order_id: ORDER, amount: 10, status: "succeeded", payment_page: null },
    });
  });

  test("soon after a failure is told when to ask again, and shows no charge", async () => {
    expect(await pay(profile("decline-10009"))).toMatchObject({ charge: { status: "failed" } });
    expect(await pay({ ...profile("pays"), key: "key-2" })).toEqual({ ok: false, code: "rate_limited", retryAfter: 2 });
  });
});

describe("while the merchant has stopped payments", () => {
  const stopped = { acceptsPayments: false } as const;

  test("none begins", async () => {
    expect(await pay(stopped)).toEqual({
      ok: false,
      code: "unavailable",
      retryAfter: 300,
      detail: "ACCEPT_PAYMENTS is false: no payment begins now",
    });
    expect(tested.calls).toEqual([]);
  });

  test("a key that is known gets its answer", async () => {
    await pay();
    expect(await pay(stopped)).toMatchObject({ ok: true, began: false, charge: { status: "succeeded" } });
  });
});

describe("the payments under way", () => {
  /** Payments of other shards. */
  function add(payments: number): void {
    for (let number = 1; number <= payments; number += 1) tested.openPayments.add(tested.now, new Promise(() => {}));
  }

  test("count a payment until its calls have ended; one that joined, or was answered, does not count", async () => {
    tested.holds = () => true;
    for (let number = 1; number <= 20; number += 1) void tested.shard.pay(payment(ORDER, { key: `key-${number}` }));
    add(254);
    await tested.settle();
    expect(tested.openPayments.isFull(tested.now)).toBe(false);
    add(1);
    expect(tested.openPayments.isFull(tested.now)).toBe(true);
    tested.holds = null;
    for (const letGo of tested.held) letGo();
    await tested.settle();
    await pay({ key: "key-1" });
    expect(tested.openPayments.isFull(tested.now)).toBe(false);
  });

  test("count one that never ends, because its object was reset, for three minutes", () => {
    add(256);
    expect(tested.openPayments.isFull(tested.now + 3 * MINUTE - 1)).toBe(true);
    expect(tested.openPayments.isFull(tested.now + 3 * MINUTE)).toBe(false);
  });

  test("count none that seems to begin later, because the clock was set back", () => {
    add(256);
    expect(tested.openPayments.isFull(tested.now - 1)).toBe(false);
  });

  test("are logged once an hour when they are too many", () => {
    const hours = [0, HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR];
    expect(hours.map((wait) => tested.openPayments.isToBeLogged(tested.now + wait))).toEqual([true, false, true, false, true]);
    expect(tested.openPayments.isToBeLogged(tested.now)).toBe(true);
  });
});

describe("twenty-one POSTs in ten seconds", () => {
  test("the last one has to wait; a key that is known gets its answer", async () => {
    for (let number = 1; number <= 20; number += 1) expect(await pay({ key: `key-${number}` })).toMatchObject({ ok: true });
    tested.skip(3 * SECOND);
    expect(await pay({ key: "key-21" })).toEqual({ ok: false, code: "rate_limited", retryAfter: 7 });
    expect(await pay({ key: "key-20" })).toMatchObject({ ok: true, began: false });
    expect(await pay({}, orderOf(2))).toMatchObject({ ok: true, began: true });
  });
});

describe("a shard that is full", () => {
  const UNAVAILABLE = { ok: false, code: "unavailable" } as const;

  test("refuses new orders, to pay and to close; known orders continue", async () => {
    await pay();
    tested.storage.isFull = true;
    expect(await pay({}, orderOf(2))).toEqual(UNAVAILABLE);
    expect(await tested.shard.close(about(orderOf(3)))).toEqual(UNAVAILABLE);
    expect([tested.rows(orderOf(2)).record, tested.rows(orderOf(3)).record]).toEqual([null, null]);
    expect(await pay({ key: "key-2" })).toMatchObject({ ok: true, began: false });
    expect(await tested.shard.read(reading(ORDER))).toMatchObject({ ok: true });
    expect(await tested.shard.close(about(ORDER))).toMatchObject({ ok: true });
  });

  test("is written to the log once an hour", async () => {
    tested.storage.isFull = true;
    for (const wait of [0, HOUR - 1, 1]) {
      tested.skip(wait);
      await pay();
      await tested.shard.close(about(ORDER));
    }
    expect(tested.lines).toEqual([
      { event: "attention", reason: "storage_full" },
      { event: "attention", reason: "storage_full" },
    ]);
  });

  test("says how much it stores", async () => {
    expect(tested.shard.usedBytes()).toBe(0);
    tested.storage.isFull = true;
    expect(tested.shard.usedBytes()).toBe(0.9 * 10 * 1024 ** 3);
  });
});

describe("the queue of calls", () => {
  test("a payment that waits longer than its window is never sent, and fails", async () => {
    tested.holds = () => true;
    for (let number = 1; number <= 7; number += 1) void tested.shard.pay(payment(orderOf(number)));
    await tested.settle();
    expect(tested.calls).toHaveLength(6);
    tested.skip(2 * MINUTE + 1);
    tested.holds = null;
    for (const letGo of tested.held) letGo();
    await tested.settle();
    expect(tested.gateway.totalsOf(orderOf(7))).toMatchObject({ taken: 0, payments: 0 });
    expect(await tested.shard.read(reading(orderOf(7)))).toMatchObject({ charge: { status: "failed", attempts: [{ sends: [] }] } });
    expect(await tested.shard.read(reading(orderOf(6)))).toMatchObject({ charge: { status: "succeeded" } });
  });

  test("the object stays alive while a call is open, and no longer", async () => {
    tested.holds = () => true;
    const answered = pay();
    await tested.settle();
    expect(tested.keptAlive).toBeGreaterThan(0);
    for (const letGo of tested.held) letGo();
    tested.holds = null;
    await answered;
    await tested.settle();
    expect(tested.keptAlive).toBe(0);
  });
});
