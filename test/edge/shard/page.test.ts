/** A charge that is paid on a payment page: requests to pay again, notifications and returns, over SQLite and the simulated gateway. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallbackRequest, CallbackResponse, PayRequest, PayResponse, ReturnResponse } from "../../../edge/rpc.ts";
import { openProfile } from "../../../src/merchant-api/bound-profile.ts";
import { DAY, MINUTE, SECOND } from "../../../src/lib/time.ts";
import { pay as payOn } from "../../simulator/page-shopper.ts";
import { chargeOf, orderOf, payment, paymentOnPage, reading, REQUEST } from "./requests.ts";
import { answerToCheck, readNotification } from "./gateway-notifications.ts";
import { CALLBACK_KEYS, TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);
const TICKET = `ticket-${ORDER}`;

let tested: TestShard;
/** The results that the gateway has sent. They do not arrive before a test takes them to the shard. */
let results: CallbackRequest[];

beforeEach(() => {
  results = [];
  tested = new TestShard({
    callbackRepeats: [],
    fetch: async (input, init) => {
      const call = await readNotification(new Request(input, init), { orderId: ORDER, ticket: TICKET });
      if (call.kind === "check") return answerToCheck(await tested.shard.callback(call));
      results.push(call);
      return new Response(null, { status: 503 });
    },
  });
});

afterEach(() => {
  tested.close();
});

async function press(more: Partial<PayRequest> = {}): Promise<PayResponse> {
  const answered = tested.shard.pay(paymentOnPage(ORDER, more));
  await tested.settle();
  return answered;
}

/** The address of the page that is open. */
async function address(): Promise<string> {
  const answer = await tested.shard.read(reading(ORDER));
  const url = answer.ok && "charge" in answer ? answer.charge.payment_page?.url : undefined;
  if (url === undefined) throw new Error("No page is open");
  return url;
}

/** The id under which the gateway knows the payment of the page. */
function paymentId(): string {
  return [...tested.gateway.state.pages.values()][0]?.id ?? "";
}

async function notified(kind: "check" | "result", more: Partial<CallbackRequest> = {}): Promise<CallbackResponse> {
  const content = { orderId: ORDER, paymentId: paymentId(), amount: "10", currency: "KZT" };
  const answer = await tested.shard.callback({
    request: REQUEST,
    orderId: ORDER,
    kind,
    ticket: TICKET,
    content,
    isVerified: true,
    ...more,
  });
  await tested.settle();
  return answer;
}

async function returned(by: "paid" | "failed", ticket = `return-${ORDER}`): Promise<ReturnResponse> {
  const answer = await tested.shard.returned({ request: REQUEST, orderId: ORDER, ticket, by });
  await tested.settle();
  return answer;
}

/** The order, as the merchant sees it. */
async function charge(): Promise<unknown> {
  const answer = await tested.shard.read(reading(ORDER));
  return answer.ok && "charge" in answer ? answer.charge : answer;
}

/** The order is redacted. */
async function redact(): Promise<void> {
  tested.skip(402 * DAY);
  tested.fireAlarm();
  await tested.settle();
}

const OTHER_TERMS = { key: "key-2", ticket: "ticket-2", charge: { ...paymentOnPage(ORDER).charge, amount: 20 } } as const;

describe("a press for a page", () => {
  test("is answered as soon as the page can be opened, and does not wait for the payment", async () => {
    const since = tested.now;
    expect(await press()).toMatchObject({
      ok: true,
      began: true,
      charge: { status: "processing", needs: "payment_page", payment_page: { url: await address() } },
    });
    expect(tested.now).toBe(since);
  });

  test("with a key that is known, of other terms than the page that is open now, gets the charge without the address", async () => {
    await press();
    await press(OTHER_TERMS);
    expect(await press(OTHER_TERMS)).toMatchObject({ ok: true, charge: { amount: 20, payment_page: { url: await address() } } });
    const again = await press();
    expect(again).toMatchObject({ ok: true, began: false, charge: { amount: 20, needs: "payment_page", payment_page: null } });
    expect(again).toHaveProperty("charge.notifications");
  });
});

describe("a request to pay under other terms while a page is open", () => {
  test("first has the page read; it gives way when nothing is being paid on it", async () => {
    await press();
    const calls = tested.calls.length;
    expect(await press(OTHER_TERMS)).toMatchObject({ ok: true, began: true, charge: { amount: 20, attempt: 2 } });
    expect(tested.calls.slice(calls, calls + 2)).toEqual(["getStatus", expect.any(String)]);
  });

  test("that comes twice under one key while the page is read begins one attempt", async () => {
    await press();
    const answers = await Promise.all([press(OTHER_TERMS), press(OTHER_TERMS)]);
    expect(answers.map((answer) => answer.ok && answer.began).sort()).toEqual([false, true]);
    expect(answers.map((answer) => (answer.ok ? answer.charge.attempt : null))).toEqual([2, 2]);
    expect(tested.gateway.state.pages.size).toBe(2);
  });

  test("conflicts when the read says that somebody is paying on it", async () => {
    await press();
    await payOn(tested.gateway, await address(), "page-3ds");
    tested.skip(16 * MINUTE);
    const calls = tested.calls.length;
    expect(await press(OTHER_TERMS)).toMatchObject({ ok: false, code: "charge_conflict", charge: { amount: 10, payment_page: null } });
    expect(tested.calls.length).toBeGreaterThan(calls);
  });

  test("conflicts when the page was not read within ten seconds", async () => {
    await press();
    tested.holds = () => true;
    const since = tested.now;
    let ended: { answer: PayResponse; after: number } | null = null;
    void tested.shard.pay(paymentOnPage(ORDER, OTHER_TERMS)).then((answer) => {
      ended = { answer, after: tested.now - since };
    });
    await tested.pass(15 * SECOND);
    expect(ended).toMatchObject({ answer: { ok: false, code: "charge_conflict" }, after: 10 * SECOND });
  });

  test("is not decided by a read that was under way already, because that may show an older state, but by the next one", async () => {
    await press();
    tested.holds = () => true;
    tested.skip(20 * SECOND);
    await tested.shard.read(reading(ORDER));
    await tested.settle();
    tested.skip(1);
    const answered = tested.shard.pay(paymentOnPage(ORDER, OTHER_TERMS));
    await tested.settle();
    tested.holds = null;
    for (const letGo of tested.held) letGo();
    await tested.pass(10 * SECOND);
    expect(await answered).toMatchObject({ ok: true, began: true, charge: { amount: 20 } });
  });

  test("conflicts when the read says that it was paid", async () => {
    await press();
    await payOn(tested.gateway, await address());
    tested.skip(16 * MINUTE);
    expect(await press(OTHER_TERMS)).toMatchObject({ ok: false, code: "charge_conflict", charge: { status: "succeeded" } });
  });

  test("of another order's page asks nothing", async () => {
    await press();
    const other = tested.shard.pay(payment(orderOf(2), { charge: chargeOf(orderOf(2)) }));
    await tested.settle();
    expect(await other).toMatchObject({ ok: true, charge: { status: "succeeded" } });
    expect(await charge()).toMatchObject({ attempts: [{ state: "undecided" }] });
  });
});

describe("a check", () => {
  test("of the page is allowed, and from then on the page does not give way", async () => {
    await press();
    expect(await notified("check")).toEqual({ ok: true, answer: "ok" });
    expect(await press(OTHER_TERMS)).toMatchObject({ ok: false, code: "charge_conflict" });
  });

  test("that names another amount is rejected", async () => {
    await press();
    const content = { orderId: ORDER, paymentId: paymentId(), amount: "11", currency: "KZT" };
    expect(await notified("check", { content })).toEqual({ ok: true, answer: "rejected" });
    await tested.pass(SECOND);
    const answered = press(OTHER_TERMS);
    await tested.pass(10 * SECOND);
    expect(await answered).toMatchObject({ ok: true, began: true });
  });

  test("of an order that is not stored is rejected, and nothing is stored", async () => {
    expect(await notified("check")).toEqual({ ok: true, answer: "rejected" });
    expect([tested.rows(ORDER).record, tested.calls]).toEqual([null, []]);
  });
});

describe("a result", () => {
  const offer = { paymentId: "1", profileId: "60144557", expiresAt: null, brand: "VISA", last4: "1111", cardDigest: null };

  test("is always answered ok, and the payment is read before anything is believed", async () => {
    await press();
    expect(await notified("result", { isPaid: true })).toEqual({ ok: true, answer: "ok" });
    expect(await charge()).toMatchObject({ status: "processing", payment_page: null });
    expect(tested.calls).toContain("getStatus");
  });

  test("names a profile, which is bound to the user of its attempt", async () => {
    await press();
    await payOn(tested.gateway, await address());
    await notified("result", { isPaid: true, profile: { ...offer, paymentId: paymentId() } });
    await tested.pass(MINUTE);
    const paid = (await charge()) as { readonly profile: { readonly profile_id: string } | null };
    expect(paid).toMatchObject({ status: "succeeded", profile: { card: { brand: "VISA", last4: "1111" } } });
    expect(await openProfile(paid.profile?.profile_id ?? "", "12345", CALLBACK_KEYS)).toEqual({ profileId: "60144557", isBare: false });
    expect(await openProfile(paid.profile?.profile_id ?? "", "somebody-else", CALLBACK_KEYS)).toBeNull();
  });

  test("that does not verify brings no profile", async () => {
    await press();
    await payOn(tested.gateway, await address());
    await notified("result", { isVerified: false, profile: { ...offer, paymentId: paymentId() } });
    await tested.pass(MINUTE);
    expect(await charge()).toMatchObject({ status: "succeeded", profile: null });
  });

  test("under a ticket that is not the attempt's brings no profile, and asks nothing", async () => {
    await press();
    const calls = tested.calls.length;
    const wrong = { ticket: "another-ticket", profile: { ...offer, profileId: "not a number" } };
    expect(await notified("result", wrong)).toEqual({ ok: true, answer: "ok" });
    expect(tested.calls).toHaveLength(calls);
  });

  test("of a charge with a stored card brings no profile", async () => {
    const answered = tested.shard.pay(payment(ORDER));
    await tested.settle();
    await answered;
    expect(await notified("result", { profile: { ...offer, profileId: "not a number" } })).toEqual({ ok: true, answer: "ok" });
  });

  test("of an order that is redacted brings no profile", async () => {
    await press();
    await payOn(tested.gateway, await address());
    await notified("result");
    await tested.pass(MINUTE);
    await redact();
    const before = tested.rows(ORDER).record;
    expect(JSON.parse(before ?? "")).toMatchObject({ redactedAt: tested.now });
    expect(await notified("result", { profile: { ...offer, profileId: "not a number" } })).toEqual({ ok: true, answer: "ok" });
    expect(tested.rows(ORDER).record).toBe(before);
  });

  test("that says that its payment is a test raises attention", async () => {
    await press();
    await notified("result", { isTest: true });
    expect(await charge()).toMatchObject({ test: true });
  });
});

describe("a return", () => {
  test("as paid gets the code once; the next one only the address", async () => {
    await press();
    expect(await returned("paid")).toEqual({ ok: true, returnUrl: "https://shop.example/orders/1", code: `code-${ORDER}` });
    expect(await returned("paid")).toEqual({ ok: true, returnUrl: "https://shop.example/orders/1", code: null });
  });

  test("as failed gets no code, and does not use it up", async () => {
    await press();
    expect(await returned("failed")).toEqual({ ok: true, returnUrl: "https://shop.example/orders/1", code: null });
    expect(await returned("paid")).toMatchObject({ code: `code-${ORDER}` });
  });

  test("has the page read", async () => {
    await press();
    await payOn(tested.gateway, await address());
    await tested.pass(SECOND);
    const calls = tested.calls.length;
    await returned("paid");
    await tested.pass(5 * SECOND);
    expect(tested.calls.slice(calls)).toContain("getStatus");
    expect(await charge()).toMatchObject({ status: "succeeded" });
  });

  test.each([
    ["an order that is not stored", false, `return-${ORDER}`],
    ["a ticket that is not the page's", true, "another-ticket"],
  ])("of %s is not found", async (_, isStored, ticket) => {
    if (isStored) await press();
    const before = tested.rows(ORDER).record;
    expect(await returned("paid", ticket)).toEqual({ ok: false, code: "charge_not_found" });
    expect(tested.rows(ORDER).record).toBe(before);
  });

  test("of an attempt without a page is not found", async () => {
    const answered = tested.shard.pay(payment(ORDER));
    await tested.settle();
    await answered;
    expect(await returned("paid")).toEqual({ ok: false, code: "charge_not_found" });
  });

  test("to an order that is redacted is gone", async () => {
    await press();
    await payOn(tested.gateway, await address());
    await returned("paid");
    await tested.pass(6 * SECOND);
    await redact();
    expect(await returned("paid")).toEqual({ ok: true, gone: true });
    expect(await returned("paid", "another-ticket")).toEqual({ ok: true, gone: true });
  });
});
