/** Answers to a GET, over SQLite and the simulated gateway. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PayRequest, ReadRequest, ReadResponse } from "../../../edge/rpc.ts";
import { MAX_WAITERS_OF_ORDER } from "../../../edge/shard/waiters.ts";
import { MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, chargeOf, orderOf, payment, paymentOnPage, reading } from "./requests.ts";
import { TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);

let tested: TestShard;

beforeEach(() => {
  tested = new TestShard();
});

afterEach(() => {
  tested.close();
});

async function pay(more: Partial<PayRequest> = {}, orderId = ORDER): Promise<void> {
  const answered = tested.shard.pay(payment(orderId, { waitSeconds: 0, ...more }));
  await tested.settle();
  await answered;
}

/** A charge whose calls stay open. */
async function payHeld(orderId = ORDER): Promise<void> {
  tested.holds = () => true;
  await pay({}, orderId);
}

function read(more: Partial<ReadRequest> = {}, orderId = ORDER): Promise<ReadResponse> {
  return tested.shard.read(reading(orderId, more));
}

async function etagOf(more: Partial<ReadRequest> = {}, orderId = ORDER): Promise<string> {
  const answer = await read(more, orderId);
  if (!answer.ok) throw new Error("The order is not there");
  return answer.etag;
}

/** The answer to a GET as soon as there is one. */
function waited(more: Partial<ReadRequest>): { answer: ReadResponse | null; at: number | null } {
  const seen: { answer: ReadResponse | null; at: number | null } = { answer: null, at: null };
  void read(more).then((answer) => {
    seen.answer = answer;
    seen.at = tested.now;
  });
  return seen;
}

/** A shopper's GET: with the charge of their token. */
function shopper(more: Partial<ReturnType<typeof chargeOf>> = {}): Partial<ReadRequest> {
  return { caller: "shopper", charge: chargeOf(ORDER, more) };
}

describe("an order that was never charged", () => {
  test("is not found for the merchant", async () => {
    expect(await read()).toEqual({ ok: false, code: "charge_not_found" });
    expect(tested.rows(ORDER).record).toBeNull();
  });

  test("is ready for the shopper, as the token says, and nothing is stored", async () => {
    expect(await read(shopper())).toMatchObject({ ok: true, charge: { status: "ready", amount: 10, attempt: 0 } });
    expect(tested.rows(ORDER).record).toBeNull();
  });
});

describe("a charge", () => {
  test("is shown to the merchant with its attempts and notifications, under a weak tag", async () => {
    await pay();
    expect(await read()).toEqual({
      ok: true,
      etag: expect.stringMatching(/^W\/"[0-9a-z]+"$/) as string,
      charge: expect.objectContaining({
        status: "succeeded",
        attempts: [expect.objectContaining({ state: "paid" })],
        notifications: [expect.objectContaining({ type: "charge.succeeded" })],
        payment_page: null,
      }) as unknown,
    });
  });

  test("is shown to the shopper without them, under a strong tag", async () => {
    await pay();
    const answer = await read(shopper());
    expect(answer).toMatchObject({ ok: true, etag: expect.stringMatching(/^"[0-9a-z]+"$/) as string, charge: { status: "succeeded" } });
    expect(answer).not.toHaveProperty("charge.attempts");
    expect(answer).not.toHaveProperty("charge.notifications");
  });

  test("is not shown to a shopper whose token is about another amount: the conflict shows the charge without a page", async () => {
    await pay();
    expect(await read(shopper({ amount: 20 }))).toEqual({
      ok: false,
      code: "charge_conflict",
      charge: expect.objectContaining({ amount: 10, status: "succeeded", payment_page: null }) as unknown,
    });
  });

  test("on a page that is open has its address for both, and in a conflict for nobody", async () => {
    await pay(paymentOnPage(ORDER));
    const page = {
      charge: { status: "processing", needs: "payment_page", payment_page: { url: expect.stringMatching(/^https:/) as string } },
    };
    const requested = paymentOnPage(ORDER).charge;
    expect(await read()).toMatchObject(page);
    expect(await read({ caller: "shopper", charge: requested })).toMatchObject(page);
    expect(await read({ caller: "shopper", charge: { ...requested, amount: 20 } })).toMatchObject({
      code: "charge_conflict",
      charge: { needs: "payment_page", payment_page: null },
    });
  });
});

describe("a GET whose caller knows the state", () => {
  test("is answered that nothing was modified, at once without a wait", async () => {
    await pay();
    const etag = await etagOf();
    expect(await read({ ifNoneMatch: etag })).toEqual({ ok: true, etag, notModified: true });
    expect(await read({ ifNoneMatch: '"another"' })).toMatchObject({ ok: true, etag, charge: { status: "succeeded" } });
  });

  test("waits until its time is over", async () => {
    await payHeld();
    const etag = await etagOf();
    const seen = waited({ ifNoneMatch: etag, waitSeconds: 7 });
    const since = tested.now;
    await tested.pass(20 * SECOND);
    expect(seen).toEqual({ answer: { ok: true, etag, notModified: true }, at: since + 7 * SECOND });
  });

  test("is answered with the next change", async () => {
    await payHeld();
    const etag = await etagOf();
    const seen = waited({ ifNoneMatch: etag, waitSeconds: 25 });
    await tested.pass(2 * SECOND);
    expect(seen.answer).toBeNull();
    await tested.shard.close(about(ORDER));
    await tested.settle();
    expect(seen).toMatchObject({ answer: { ok: true, charge: { closed: true } }, at: tested.now });
    expect(seen.answer).not.toHaveProperty("etag", etag);
  });

  test("is not woken by a change of another order", async () => {
    await payHeld();
    await payHeld(orderOf(2));
    const seen = waited({ ifNoneMatch: await etagOf(), waitSeconds: 25 });
    await tested.shard.close(about(orderOf(2)));
    await tested.settle();
    expect(seen.answer).toBeNull();
  });

  test("is not answered by a delivery, because the merchant's tag is that of the charge alone", async () => {
    tested.deliver = async () => ({ end: "delivered", status: 204 });
    tested.open();
    await tested.shard.close(about(ORDER));
    const etag = await etagOf();
    await tested.settle();
    expect(await read()).toMatchObject({ charge: { notifications: [{ ended: "delivered" }] } });
    expect(await read({ ifNoneMatch: etag })).toEqual({ ok: true, etag, notModified: true });
  });
});

describe("a caller who finds no place to wait", () => {
  async function fillPlaces(): Promise<string> {
    await payHeld();
    const etag = await etagOf();
    for (let caller = 0; caller < MAX_WAITERS_OF_ORDER; caller += 1) void read({ ifNoneMatch: etag, waitSeconds: 25 });
    return etag;
  }

  test("is answered at once, and told when to ask again", async () => {
    const etag = await fillPlaces();
    expect(await read({ ifNoneMatch: etag, waitSeconds: 25 })).toEqual({ ok: true, etag, notModified: true, retryAfter: 3 });
    expect(await read({ waitSeconds: 25 })).toMatchObject({ charge: { status: "processing" }, retryAfter: 3 });
  });

  test("is not told so if they did not want to wait", async () => {
    const etag = await fillPlaces();
    expect(await read({ ifNoneMatch: etag })).toEqual({ ok: true, etag, notModified: true });
    expect(await read()).not.toHaveProperty("retryAfter");
  });

  test("gets a payment that was begun before as far as it is known", async () => {
    await fillPlaces();
    const answered = tested.shard.pay(payment(ORDER));
    await tested.settle();
    expect(tested.timers.size).toBe(MAX_WAITERS_OF_ORDER);
    expect(await answered).toMatchObject({ ok: true, began: false, charge: { status: "processing" } });
  });
});

describe("a GET", () => {
  /** The calls to the gateway that a GET causes. */
  async function callsOfRead(): Promise<readonly string[]> {
    const before = tested.calls.length;
    await read();
    await tested.settle();
    return tested.calls.slice(before);
  }

  test("of a charge that is not decided starts a poll early", async () => {
    await pay({ charge: chargeOf(ORDER, { profile_id: "later-600" }) });
    await tested.pass(2 * MINUTE + SECOND);
    expect(await callsOfRead()).toContain("gateway.payment.status");
    expect(await callsOfRead()).toEqual([]);
  });

  test("of a charge with an operation that is not decided does too", async () => {
    await pay({ charge: chargeOf(ORDER, { profile_id: "edit-lost-before" }) });
    void tested.shard.operate({ ...about(ORDER), kind: "refund", amount: null });
    await tested.settle();
    tested.skip(100);
    expect(await callsOfRead()).toContain("gateway.payment.status");
  });

  test("of a charge whose second attempt is not decided does too", async () => {
    await pay({ charge: chargeOf(ORDER, { profile_id: "decline-10009" }) });
    await tested.pass(3 * SECOND);
    await pay({ key: "key-2", charge: chargeOf(ORDER, { profile_id: "later-600" }) });
    await tested.pass(2 * MINUTE + SECOND);
    expect(await callsOfRead()).toContain("gateway.payment.status");
  });

  test("of a charge whose second operation is not decided does too", async () => {
    await pay();
    void tested.shard.operate({ ...about(ORDER), kind: "refund", amount: 4 });
    await tested.pass(5 * SECOND);
    tested.gateway.startOutage(100);
    void tested.shard.operate({ ...about(ORDER, "key-3"), kind: "refund", amount: 2 });
    await tested.settle();
    tested.skip(200);
    expect(await callsOfRead()).toContain("gateway.payment.status");
  });

  test.each([
    ["paid", true],
    ["held", false],
  ])("of a charge that is %s asks the gateway nothing", async (_, auto_clearing) => {
    await pay({ charge: chargeOf(ORDER, { auto_clearing }) });
    await tested.pass(10 * SECOND);
    expect(await callsOfRead()).toEqual([]);
  });
});
