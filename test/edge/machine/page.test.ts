/** The rules of a payment page: P4 to P7 of docs/money-rules.md. */
import { describe, expect, test } from "vitest";
import type { Refusal } from "../../../edge/machine/gateway-call.ts";
import { merchantCategoryOf } from "../../../src/merchant-api/refusal.ts";
import type { MerchantChargeView } from "../../../src/edge-api.ts";
import type { ListedCard } from "../../../edge/machine/page-record.ts";
import { chargeView, merchantChargeView } from "../../../edge/machine/view.ts";
import type { Charge } from "../../../src/charge-token.ts";
import { CHARGE, lost, START } from "./order-history.ts";
import { ABSENT, ADDRESS, PageOrder } from "./page-order.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DECLINED = { error: { code: "10009" }, failureCategory: "insufficient_funds" } as const;

function refused(code: string, more: Partial<Refusal> = {}): Refusal {
  const category = merchantCategoryOf("create", code);
  return { kind: "refused", httpStatus: 200, code, description: "refused", category, isSigned: true, isNotIdentified: false, ...more };
}

describe("P4: a page is opened or the attempt ends", () => {
  test("the call has the terms, the time, the addresses and an idempotency key, and its bytes are stored", () => {
    const order = new PageOrder();
    order.saveCardMonths = 12;
    order.press();
    const { call } = order.take("open_page");
    expect(Object.fromEntries(new URLSearchParams(call.body))).toEqual({
      pg_order_id: "1234",
      pg_amount: "10",
      pg_currency: "KZT",
      pg_description: "Test order",
      pg_auto_clearing: "1",
      pg_idempotency_key: "1234/page",
      pg_request_method: "POST",
      pg_check_url: "https://edge.example/check",
      pg_result_url: "https://edge.example/result",
      pg_user_id: "12345",
      pg_user_ip: "192.0.2.1",
      pg_language: "kk",
      pg_lifetime: "1800",
      pg_recurring_start: "1",
      pg_recurring_lifetime: "12",
      pg_success_url: "https://edge.example/paid",
      pg_success_url_method: "GET",
      pg_failure_url: "https://edge.example/failed",
      pg_failure_url_method: "GET",
    });
    expect(order.attempt(1).body).toBe(call.body);
    expect(order.view).toMatchObject({ status: "processing", needs: null, payment_page: null });
  });

  test("an opened page is shown until a minute before it closes", () => {
    const order = new PageOrder();
    order.press();
    order.pass(SECOND);
    order.opened();
    const expires_at = new Date(START + SECOND + 29 * MINUTE).toISOString();
    expect(order.view).toMatchObject({ status: "processing", needs: "payment_page", payment_id: null });
    expect(order.view.payment_page).toEqual({ url: ADDRESS.url, expires_at, last_failure: null });
  });

  test.each([
    ["a lost answer", lost(), "gateway_unavailable"],
    ["an answer that is not verified", { kind: "unknown", reason: "unverified", httpStatus: 200, retryAfter: null }, "gateway_unavailable"],
    ["a refusal that may be of the moment", refused("9999"), "gateway_unavailable"],
    ["a used number", refused("9991"), "gateway_unavailable"],
    ["a service that is not enabled", refused("9992"), "configuration"],
  ] as const)(
    "after %s there is no page: it ends at once, a press is possible again, and takes the next number",
    (_, outcome, category) => {
      const order = new PageOrder();
      order.press();
      order.opened(outcome);
      expect(order.attempt(1).failure).toMatchObject({ by: "no_page", category });
      expect(order.told).toEqual(category === "configuration" ? ["configuration"] : []);
      expect(order.view.failure?.retry).toBe(category === "configuration" ? "none" : "now");
      order.pass(2 * SECOND);
      order.press("key-2");
      order.saw(ABSENT);
      expect(order.attempt(2).gatewayOrderId).toBe("1234--2");
      expect(order.wants("open_page")).toBe(true);
    },
  );

  test("an address that no browser may be sent to is a matter of configuration", () => {
    const order = new PageOrder();
    order.press();
    order.opened(null, null);
    expect(order.attempt(1).failure).toMatchObject({ by: "no_page", category: "configuration" });
    expect(order.view.payment_page).toBeNull();
  });

  test("a host on which pages are not expected is used, and told once", () => {
    const order = new PageOrder();
    order.press();
    order.opened(null, { url: "https://pay.freedompay.kz/1", host: "pay.freedompay.kz", isUsualHost: false });
    expect(order.view.payment_page?.url).toBe("https://pay.freedompay.kz/1");
    expect(order.record.attention).toMatchObject([{ reason: "page_host", detail: "pay.freedompay.kz" }]);
  });

  test("a merchant who was not identified: the call goes once more with the other key, then the attempt ends", () => {
    const order = new PageOrder();
    order.gatewayKeys = 2;
    order.press();
    const notIdentified = refused("1100", { httpStatus: 401, isSigned: false, isNotIdentified: true });
    order.opened(notIdentified);
    expect(order.take("open_page")).toMatchObject({ key: 1, send: 1 });
    order.happen({ type: "page_opened", attempt: 1, send: 1, outcome: notIdentified, leftAt: order.now, address: null });
    expect(order.attempt(1).failure).toMatchObject({ by: "no_page", category: "configuration" });
  });

  test("a call that was cut by a reset ends the attempt, and its late answer is dropped", () => {
    const order = new PageOrder();
    order.press();
    order.fireAlarm();
    expect(order.attempt(1).failure).toMatchObject({ by: "no_page", category: "gateway_unavailable" });
    order.opened();
    expect(order.view).toMatchObject({ status: "failed", payment_page: null });
  });

  test("a `new` under the number of an ended page counts as absent for the next attempt", () => {
    const order = new PageOrder();
    order.press();
    order.opened(lost());
    order.pass(2 * SECOND);
    order.press("key-2");
    order.sawUnpaidPage();
    expect(order.wants("open_page")).toBe(true);
  });

  test("pages that came to nothing have a limit of their own, and after three in a row the pause is longer", () => {
    const order = new PageOrder();
    for (let number = 1; number <= 30; number += 1) {
      expect(order.press(`key-${number}`), `press ${number}`).toMatchObject({ ok: true });
      if (number > 1) order.saw(ABSENT);
      while (order.polls > 0) order.saw(ABSENT);
      order.opened(lost());
      if (number === 3) {
        order.pass(9 * SECOND);
        expect(order.press("early")).toEqual({ ok: false, code: "rate_limited", retryAfter: 1 });
      }
      order.pass(10 * SECOND);
    }
    expect(order.press("key-31")).toEqual({ ok: false, code: "retry_not_allowed" });
    // A stored card has its own limit.
    expect(order.pay("key-32", { profile_id: "60144557" }, Math.floor(order.now / 1000))).toMatchObject({ ok: true });
  });

  test("the longer pause is for pages alone", () => {
    const order = new PageOrder();
    for (const number of [1, 2, 3]) {
      order.press(`key-${number}`);
      while (order.polls > 0) order.saw(ABSENT);
      order.opened(lost());
      order.pass((number === 3 ? 5 : 10) * SECOND);
    }
    expect(order.press("key-4")).toMatchObject({ code: "rate_limited" });
    expect(order.pay("key-5", { profile_id: "60144557" }, Math.floor(order.now / 1000))).toMatchObject({ ok: true });
  });
});

describe("P5: a page is undecided from its opening to its end", () => {
  test("a declined try is shown and decides nothing", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("error", "501", DECLINED));
    expect(order.view).toMatchObject({ status: "processing", needs: "payment_page", payment_id: "501", failure: null });
    expect(order.view.payment_page?.last_failure).toEqual({ category: "insufficient_funds", retry: "later" });
    expect(order.outbox).toEqual([]);
  });

  test("a second try under another id, after a declined one, pays", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("error", "501", DECLINED));
    order.saw(order.try("process", "502"));
    order.saw(order.try("success", "502", { clearing: { cleared: true, amount: 10 } }));
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "502", payment_page: null });
  });

  test("a try that the number does not show is read by its id, and pays", () => {
    const order = new PageOrder();
    order.open();
    order.notified("result", { paymentId: "777" });
    order.saw(order.try("error", "501", DECLINED), { "777": order.try("success", "777", { clearing: { cleared: true, amount: 10 } }) });
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "777" });
  });

  test("other tries of a paid page say nothing more, but a second one that takes money is told", () => {
    const order = new PageOrder();
    order.open();
    order.notified("result", { paymentId: "502" });
    order.saw(order.try("success", "502", { clearing: { cleared: true, amount: 10 } }), { "501": order.try("error", "501", DECLINED) });
    expect([order.status, order.told]).toEqual(["succeeded", []]);
    order.notified("result", { paymentId: "503" });
    order.saw(order.try("success", "502", { clearing: { cleared: true, amount: 10 } }), {
      "501": order.try("new", "501"),
      "503": order.try("success", "503", { clearing: { cleared: true, amount: 10 } }),
    });
    expect(order.record.attention).toMatchObject([{ reason: "second_payment", detail: "503" }]);
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "502" });
  });

  test("at most three ids of tries are kept", () => {
    const order = new PageOrder();
    order.open();
    for (const paymentId of ["502", "503", "504", "505"]) order.notified("result", { paymentId });
    expect(order.page().tries.map(({ id }) => id)).toEqual(["501", "502", "503"]);
  });

  test("a press under its terms joins it", () => {
    const order = new PageOrder();
    order.open();
    order.pass(MINUTE);
    expect(order.press("key-2")).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.view.payment_page?.url).toBe(ADDRESS.url);
  });

  test("saving the card is a term: a press without it does not join a page that saves", () => {
    const order = new PageOrder();
    order.saveCardMonths = 12;
    order.open();
    order.saveCardMonths = null;
    expect(order.press("key-2")).toMatchObject({ ok: false, code: "charge_conflict" });
  });

  test("its address is taken away by a deadline, a minute before it closes, and it stays `processing`", () => {
    const order = new PageOrder();
    order.open();
    order.now = START + 29 * MINUTE;
    order.happen({ type: "alarm" });
    expect(order.view).toMatchObject({ status: "processing", needs: "payment_page", payment_page: null });
    expect(order.press("key-2")).toEqual({ ok: true, began: false, subject: 1 });
  });

  test.each(["new", "incomplete", "error"])("a read later than 45 minutes that says %j ends it, provisionally", (status) => {
    const order = new PageOrder();
    order.open();
    while (order.now <= START + 45 * MINUTE) {
      expect(order.status).toBe("processing");
      order.saw(order.try(status, "501", status === "error" ? DECLINED : {}));
    }
    order.saw(order.try(status, "501", status === "error" ? DECLINED : {}));
    expect(order.attempt(1).failure).toMatchObject({ by: "page_expired", category: "page_expired" });
    expect(order.view.failure).toEqual({ category: "page_expired", retry: "now" });
    expect(order.attempt(1).nextPollAt).not.toBeNull();
  });

  test("an absent payment ends it then, too, and an unreadable answer does not", () => {
    const order = new PageOrder();
    order.open();
    order.now = START + 46 * MINUTE;
    order.happen({ type: "alarm" });
    order.saw(lost());
    expect(order.status).toBe("processing");
    order.saw(ABSENT);
    expect(order.attempt(1).failure).toMatchObject({ by: "page_expired" });
  });

  test("a try that is under way never ends it", () => {
    const order = new PageOrder();
    order.open();
    order.now = START + 3 * 60 * MINUTE;
    order.happen({ type: "alarm" });
    order.saw(order.try("process"));
    expect(order.status).toBe("processing");
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    expect(order.status).toBe("succeeded");
  });

  test("money that is found on an ended page is the order's", () => {
    const order = new PageOrder();
    order.open();
    order.now = START + 46 * MINUTE;
    order.happen({ type: "alarm" });
    order.saw(order.try("new"));
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "501" });
  });

  test("it is polled often after a sign of life, and every 5 minutes without one", () => {
    const order = new PageOrder();
    order.open();
    const pauses: number[] = [];
    for (let polls = 0; polls < 70; polls += 1) {
      const before = order.now;
      order.saw(order.try("new"));
      pauses.push(order.now - before);
    }
    expect(Math.max(...pauses.slice(1, 12))).toBeLessThanOrEqual(5 * SECOND);
    expect(Math.max(...pauses)).toBeGreaterThan(4 * MINUTE);
    order.notified("check");
    expect(order.polls).toBe(1);
  });

  test("a GET brings its read forward once in 20 seconds", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    order.happen({ type: "hint", ticket: null });
    order.saw(order.try("new"));
    order.pass(19 * SECOND);
    const polls = (): number => order.polls;
    order.effects = [];
    order.happen({ type: "hint", ticket: null });
    expect(polls()).toBe(0);
    order.pass(SECOND);
    order.happen({ type: "hint", ticket: null });
    expect(polls()).toBe(1);
  });

  test("warnings to the merchant count from its end", () => {
    const order = new PageOrder();
    order.open();
    order.now = START + 59 * MINUTE;
    order.happen({ type: "alarm" });
    expect(order.told).toEqual([]);
    order.now = START + 60 * MINUTE;
    order.happen({ type: "alarm" });
    expect(order.told).toEqual(["undecided_15_minutes"]);
  });
});

describe("P6: the check is the brake", () => {
  test("a check is ok for the open page, and names its number and amount", () => {
    const order = new PageOrder();
    order.open();
    expect(order.notified("check")).toBe("ok");
    expect(order.notified("check", { orderId: null })).toBe("rejected");
    expect(order.notified("check", { amount: null })).toBe("rejected");
    expect(order.notified("check", { amount: "11" })).toBe("rejected");
    expect(order.notified("check", { orderId: "1234--2" })).toBe("rejected");
  });

  test("a check is rejected once something took money, the order is closed or the page has ended; a result is always ok", () => {
    const paid = new PageOrder();
    paid.open();
    paid.saw(paid.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    const closed = new PageOrder();
    closed.open();
    closed.close();
    for (const order of [paid, closed]) {
      expect(order.notified("check")).toBe("rejected");
      expect(order.notified("result")).toBe("ok");
    }
  });

  test("other terms: the page is read first, and gives way if nothing is being paid", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    order.pass(MINUTE);
    expect(order.press("key-2", { amount: 20 })).toMatchObject({ ok: false, code: "charge_conflict", asksPage: 1 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    expect(order.press("key-2", { amount: 20, askedAt })).toEqual({ ok: true, began: true, subject: 2 });
    expect(order.attempt(1).failure).toMatchObject({ by: "replaced", category: "page_expired" });
    expect(order.notified("check")).toBe("rejected");
    expect(order.outbox).toEqual([]);
    order.sawUnpaidPage();
    expect(order.take("open_page").call.body).toContain("pg_order_id=1234--2");
  });

  test.each([
    ["a try is under way", (order: PageOrder) => order.try("process")],
    ["the number is absent", () => ABSENT],
    ["the read cannot be used", () => lost()],
  ])("other terms while %s are a conflict", (_, seen) => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    order.pass(MINUTE);
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(seen(order));
    expect(order.press("key-2", { amount: 20, askedAt })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("a read that began before the request does not let it go", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    expect(order.press("key-2", { amount: 20, askedAt: order.now + 1 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("a press under a known key changes nothing, though a poll is due that a callback waits for", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    order.notified("check");
    order.pass(6 * SECOND);
    const before = JSON.stringify(order.record);
    order.press();
    expect(JSON.stringify(order.record)).toBe(before);
  });

  test("a try that stays under way is a sign of life once", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("process"));
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBeLessThanOrEqual(5 * SECOND);
    for (const until = order.now + 11 * MINUTE; order.now < until; ) order.saw(order.try("process"));
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBeGreaterThanOrEqual(4 * MINUTE);
  });

  test("it does not give way while a try is under way on an earlier page", () => {
    const order = new PageOrder();
    order.open();
    order.press("key-2", { amount: 20 });
    const first = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt: first });
    order.sawUnpaidPage();
    order.opened();
    order.notified("check", {}, { key: "key-1" });
    const process = order.try("process", "501", { order_id: "1234" });
    for (let polls = 0; polls < 4 && order.attempt(1).state !== "undecided"; polls += 1) {
      order.pass(6 * SECOND);
      order.saw((orderId) => (orderId === "1234" ? process : order.try("new", "601", { order_id: orderId, amount: 20 })));
    }
    expect(order.attempt(1).state).toBe("undecided");
    order.pass(6 * SECOND);
    expect(order.press("key-3", { amount: 30 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("an older token does not make it give way", () => {
    const order = new PageOrder();
    order.open();
    expect(order.press("key-2", { amount: 20, issuedAt: Math.floor(START / 1000) - 1 })).toEqual({ ok: false, code: "charge_conflict" });
    expect(order.polls).toBe(0);
  });

  test("for 15 minutes after a check that was ok it does not give way", () => {
    const order = new PageOrder();
    order.open();
    order.notified("check");
    order.saw(order.try("new"));
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
    order.pass(15 * MINUTE);
    expect(order.press("key-2", { amount: 20 })).toMatchObject({ asksPage: 1 });
  });

  test("a decline of the very try that was checked ends that wait; one that may be an earlier try's does not", () => {
    const order = new PageOrder();
    order.open();
    order.notified("check", { paymentId: "502" });
    order.pass(5 * SECOND);
    order.saw(order.try("error", "501", DECLINED));
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
    order.pass(5 * SECOND);
    order.saw(order.try("error", "502", DECLINED));
    expect(order.press("key-2", { amount: 20 })).toMatchObject({ asksPage: 1 });
  });

  test("a decline that was read before the check says nothing about the try that follows under the same id", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("error", "501", DECLINED));
    order.notified("check", { paymentId: "501" });
    order.pass(5 * SECOND);
    order.saw(order.try("error", "501", DECLINED));
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("without checks it does not give way", () => {
    const order = new PageOrder();
    order.urls = { result_url: "https://edge.example/result" };
    order.open();
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("the same terms join it, but after a return by the failure address they ask it to give way", () => {
    const order = new PageOrder();
    order.open();
    order.returned("paid");
    expect(order.press("key-2")).toEqual({ ok: true, began: false, subject: 1 });
    order.returned("failed");
    order.saw(order.try("error", "501", DECLINED));
    order.pass(MINUTE);
    expect(order.press("key-3")).toMatchObject({ asksPage: 1 });
    const askedAt = order.now;
    order.saw(order.try("error", "501", DECLINED));
    expect(order.press("key-3", { askedAt })).toEqual({ ok: true, began: true, subject: 2 });
  });

  test("money on a page that gave way is a second payment", () => {
    const order = new PageOrder();
    order.open();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt });
    order.sawUnpaidPage();
    order.opened();
    const poll = (attempt: number): void => {
      for (let fired = 0; fired < 100; fired += 1) {
        order.untilPoll();
        const taken = order.takePoll();
        if (taken.attempt !== attempt) continue;
        order.answerPoll(taken, {
          byNumber: order.try("success", `p${attempt}`, { amount: 10 * attempt, order_id: attempt === 1 ? "1234" : "1234--2" }),
        });
        return;
      }
    };
    poll(2);
    poll(1);
    expect(order.told).toContain("second_payment");
  });

  test("close: no check is ok from then on, the address is gone, and the page ends once a read lets it go", () => {
    const order = new PageOrder();
    order.open();
    expect(order.close()).toMatchObject({ ok: true });
    expect(order.view).toMatchObject({ status: "processing", payment_page: null });
    order.saw(order.try("new"));
    expect(order.attempt(1).failure).toMatchObject({ by: "replaced" });
    expect(order.status).toBe("closed");
  });

  test("close while a try is under way: what it comes to counts", () => {
    const order = new PageOrder();
    order.open();
    order.notified("check");
    order.close();
    order.saw(order.try("process"));
    expect(order.status).toBe("processing");
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    expect(order.status).toBe("succeeded");
  });
});

/** A stored card whose charge failed by silence, and then a press for a page. */
function pageAfterSilence(): PageOrder {
  const order = new PageOrder();
  order.pay("card", { profile_id: "60144557" });
  order.answer(lost());
  for (let polls = 0; order.status !== "failed"; polls += 1) {
    if (polls > 100) throw new Error("It does not fail");
    order.saw(ABSENT);
  }
  order.pass(2 * SECOND);
  order.press("key-1");
  order.saw(ABSENT);
  return order;
}

describe("what a reader of these rules found", () => {
  test("a page after a silent charge under the same order_id is the page's own: its `new` reopens nothing", () => {
    const order = pageAfterSilence();
    order.opened();
    order.saw(order.try("new"));
    expect(order.attempt(1).state).toBe("failed");
    expect(order.view).toMatchObject({ status: "processing", attempt: 2, payment_page: { url: ADDRESS.url } });
  });

  test("a used number under a silent charge makes that charge be read again", () => {
    const order = pageAfterSilence();
    order.opened(refused("9991"));
    expect([order.attempt(1).state, order.attempt(2).failure?.by]).toEqual(["undecided", "no_page"]);
    order.saw({ ...order.try("success", "400"), order_id: "1234", clearing: { cleared: true, amount: 10 } });
    expect(order.status).toBe("succeeded");
  });

  test("it fails again by silence only after two reads, as if it was never read before", () => {
    const order = pageAfterSilence();
    order.opened(refused("9991"));
    order.saw(ABSENT);
    expect(order.attempt(1).state).toBe("undecided");
    order.saw(ABSENT);
    expect(order.attempt(1).failure?.by).toBe("silence");
  });

  test("a known try that this poll did not read keeps the page", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("process", "601"));
    order.now = START + 46 * MINUTE;
    order.happen({ type: "alarm" });
    // The number shows another try now, and the first one was not asked about.
    order.saw(order.try("error", "602", DECLINED));
    expect(order.status).toBe("processing");
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("process", "601") });
    expect(order.status).toBe("processing");
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("error", "601", DECLINED) });
    expect(order.attempt(1).failure).toMatchObject({ by: "page_expired" });
  });

  test("a second check does not end the wait after the first", () => {
    const order = new PageOrder();
    order.open();
    order.notified("check", { paymentId: "601" });
    order.notified("check", { paymentId: "602" });
    order.pass(5 * SECOND);
    order.saw(order.try("error", "602", DECLINED));
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("a result that did not fail holds the page as a check does", () => {
    const order = new PageOrder();
    order.open();
    order.notified("result");
    order.saw(order.try("new"));
    expect(order.press("key-2", { amount: 20 })).toEqual({ ok: false, code: "charge_conflict" });
    const failed = new PageOrder();
    failed.open();
    failed.notified("result", {}, { isFailed: true });
    failed.saw(failed.try("error", "501", DECLINED));
    expect(failed.press("key-2", { amount: 20 })).toMatchObject({ asksPage: 1 });
  });

  test("a check is rejected while the page is in doubt, and while another attempt may take money", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("success", "501", { amount: 11 }));
    expect(order.status).toBe("unconfirmed");
    expect(order.notified("check")).toBe("rejected");
  });

  test("a status that is not known binds no try: another one can pay", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("pg:thinking", "601"));
    expect([order.status, order.told]).toEqual(["unconfirmed", ["unknown_word"]]);
    order.saw(order.try("success", "602", { clearing: { cleared: true, amount: 10 } }), { "601": order.try("error", "601", DECLINED) });
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "602" });
  });

  test("a try that was released before it was seen to hold money is a declined one", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("reversed", "601"));
    expect(order.view).toMatchObject({ status: "processing", needs: "payment_page" });
  });

  test("an operator's nothing-taken waits while a check has just been allowed", () => {
    const order = new PageOrder();
    order.open();
    order.notified("check");
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_in_progress" });
    order.pass(15 * MINUTE);
    order.saw(order.try("new"));
    expect(order.resolve(null)).toMatchObject({ ok: true });
    expect(order.attempt(1).failure).toMatchObject({ by: "replaced" });
  });

  test("an operator's nothing-taken waits after a return, and not for a page that nobody can have", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("new"));
    order.returned("paid");
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_in_progress" });
    order.pass(15 * MINUTE);
    expect(order.resolve(null)).toMatchObject({ ok: true });
    order.pass(5 * SECOND);
    order.press("key-2");
    expect(order.attempt(2).sends).toEqual([]);
    expect(order.resolve(null, "resolve-2")).toMatchObject({ ok: true });
  });

  test.each([
    ["while a try is under way", {}, (order: PageOrder) => order.saw(order.try("process"))],
    ["before it was read", {}, () => {}],
    ["without checks", { urls: null }, (order: PageOrder) => order.saw(order.try("new"))],
  ])("an operator's nothing-taken waits %s, until its time is over", (_, changed, before) => {
    const order = Object.assign(new PageOrder(), changed);
    order.open();
    before(order);
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_in_progress" });
    order.now = START + 45 * MINUTE + 1;
    expect(order.resolve(null)).toMatchObject({ ok: true });
  });

  test("a paid page is read once more at its end, by its number too", () => {
    const order = new PageOrder();
    order.open();
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    order.untilPoll();
    expect(order.now).toBe(START + 45 * MINUTE);
    const poll = order.takePoll();
    expect(poll.reads.map((read) => (read.about === "order" ? read.tryId : null))).toEqual([undefined, ""]);
    const again = order.try("success", "777", { clearing: { cleared: true, amount: 10 } });
    order.answerPoll(poll, { byNumber: order.try("success", "501"), tries: { "": again } });
    expect(order.record.attention).toMatchObject([{ reason: "second_payment", detail: "777" }]);
  });

  test("a refund of a paid page that is under way is polled at once, not only at the page's end", () => {
    const order = new PageOrder();
    order.open();
    const paid = order.try("success", "501", { clearing: { cleared: true, amount: 10 } });
    order.saw(paid);
    order.operate("refund");
    order.seeOperation({ ...order.payment("success"), ...paid });
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "501" } });
    order.seeOperation({ ...order.payment("success"), ...paid, refund_payments: [{ id: "601", amount: -10, status: "process" }] });
    expect(order.operation(1).state).toBe("done");
    order.untilPoll();
    expect(order.now - START).toBeLessThan(MINUTE);
    order.saw({ ...paid, refund_payments: [{ id: "601", amount: -10, status: "success" }] });
    expect(order.view.status).toBe("refunded");
  });

  test("the address is shown under its own terms alone", () => {
    const order = new PageOrder();
    order.open();
    const { profile_id: _, ...terms } = CHARGE;
    const page = { return_url: "https://shop.example/" };
    const shown = (charge: Charge): unknown => chargeView(order.record, charge).payment_page;
    expect(shown({ ...terms, payment_page: page })).not.toBeNull();
    expect(shown({ ...terms, payment_page: { ...page, save_card_months: 12 } })).toBeNull();
    expect(shown({ ...terms, user_id: "somebody-else", payment_page: page })).toBeNull();
    expect(shown(CHARGE)).toBeNull();
  });

  test("a page that gave way, and came back with a payment that failed, gives way again", () => {
    const order = new PageOrder();
    order.open();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt });
    order.saw((orderId) => (orderId === "1234" ? order.try("process", "501", { order_id: "1234" }) : ABSENT));
    expect([order.attempt(1).state, order.attempt(2).failure?.by]).toEqual(["undecided", "other_attempt"]);
    order.saw((orderId) => order.try("error", "501", { ...DECLINED, order_id: orderId }));
    expect(order.attempt(1).failure).toMatchObject({ by: "replaced" });
  });
});

describe("P7: the return proves nothing", () => {
  test("it hides the page until a poll that began after it has ended", () => {
    const order = new PageOrder();
    order.open();
    order.untilPoll();
    const earlier = order.takePoll();
    order.pass(SECOND);
    order.returned("paid");
    expect(order.view).toMatchObject({ status: "processing", needs: "payment_page", payment_page: null });
    order.answerPoll(earlier, { byNumber: order.try("new") });
    expect(order.view.payment_page).toBeNull();
    order.saw(order.try("new"));
    expect(order.view.payment_page?.url).toBe(ADDRESS.url);
  });

  test("is hidden while a verified result says that it is paid, though reads do not show it yet", () => {
    const order = new PageOrder();
    order.open();
    order.notified("result", {}, { isPaid: true });
    order.returned("paid");
    for (let polls = 0; polls < 2; polls += 1) {
      order.pass(6 * SECOND);
      order.saw(order.try("new"));
      expect(order.view).toMatchObject({ status: "processing", needs: "payment_page", payment_page: null });
    }
    order.pass(20 * SECOND);
    order.saw(order.try("error", "501", { error: { code: "10009" } }));
    expect(order.view.payment_page?.url).toBe(ADDRESS.url);
  });

  test("an unknown ticket changes nothing", () => {
    const order = new PageOrder();
    order.open();
    const { record } = order;
    order.returned("paid", "key-9");
    expect(order.record).toEqual(record);
  });

  test("the code is given to the first return as paid", () => {
    const order = new PageOrder();
    order.saveCardMonths = 3;
    order.open();
    order.returned("failed");
    expect(order.page()).toMatchObject({ returnCode: "code-key-1", isCodeGiven: false });
    order.returned("paid");
    expect(order.page().isCodeGiven).toBe(true);
  });
});

describe("P9: the profile that a page made", () => {
  const OFFER = {
    paymentId: "501",
    profileId: "60144557.AAAAAAAAAAAAAAAA",
    expiresAt: START,
    brand: "visa",
    last4: "4242",
    cardDigest: "digest-1",
  };
  const PAID = { clearing: { cleared: true, amount: 10 }, cardDigest: "digest-1" };

  function saving(): PageOrder {
    const order = new PageOrder();
    order.saveCardMonths = 12;
    order.open();
    return order;
  }

  function profile(order: PageOrder): MerchantChargeView["profile"] {
    return merchantChargeView(order.record).profile;
  }

  /** What was asked of the list of cards. */
  function list(order: PageOrder, cards: readonly ListedCard[] | null): void {
    const { attempt } = order.take("list_cards");
    order.happen({ type: "cards_listed", attempt, cards });
  }

  test("a verified result names it, and a read shows its payment: it is handed out with the code, and told", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    expect(profile(order)).toBeNull();
    order.saw(order.try("success", "501", PAID));
    const expires_at = new Date(START).toISOString();
    const card = { brand: "visa", last4: "4242" };
    expect(profile(order)).toEqual({ profile_id: OFFER.profileId, expires_at, card, return_code: "code-key-1" });
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.succeeded", "charge.profile_created"]);
  });

  test("the result may come after the read", () => {
    const order = saving();
    order.saw(order.try("success", "501", PAID));
    order.notified("result", {}, { offer: OFFER });
    expect(profile(order)?.profile_id).toBe(OFFER.profileId);
  });

  test("of a held payment, too", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    order.saw(order.try("approved", "501", { cardDigest: "digest-1" }));
    expect(order.status).toBe("authorized");
    expect(profile(order)?.profile_id).toBe(OFFER.profileId);
  });

  test.each([
    ["another try's", { ...OFFER, paymentId: "502" }],
    ["another card's", { ...OFFER, cardDigest: "digest-2" }],
  ])("%s is not taken", (_, offer) => {
    const order = saving();
    order.notified("result", {}, { offer });
    order.saw(order.try("success", "501", PAID));
    expect(profile(order)).toBeNull();
  });

  test("without a card token on one side the payment's id is enough", () => {
    const order = saving();
    order.notified("result", {}, { offer: { ...OFFER, cardDigest: null } });
    order.saw(order.try("success", "501", PAID));
    expect(profile(order)?.profile_id).toBe(OFFER.profileId);
  });

  test("of a page that was not to save the card nothing is kept", () => {
    const order = new PageOrder();
    order.open();
    order.notified("result", {}, { offer: OFFER });
    order.saw(order.try("success", "501", PAID));
    expect(profile(order)).toBeNull();
    expect(order.page().offers).toEqual([]);
    order.now = START + 2 * 24 * 60 * MINUTE;
    order.happen({ type: "alarm" });
    expect(order.wants("list_cards")).toBe(false);
  });

  test("a notification of another amount names none", () => {
    const order = saving();
    order.notified("result", { amount: "11" }, { offer: OFFER });
    order.notified("result", { amount: null }, { offer: OFFER });
    expect(order.page().offers).toEqual([]);
  });

  test("the first stands, and another one is told; a repeat under another key is the same one", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    order.saw(order.try("success", "501", PAID));
    order.notified("result", {}, { offer: { ...OFFER, profileId: "60144557.BBBBBBBBBBBBBBBB" } });
    expect(order.told).toEqual([]);
    order.notified("result", {}, { offer: { ...OFFER, profileId: "777.CCCCCCCCCCCCCCCC" } });
    expect(order.told).toEqual(["profile_differs"]);
    expect(profile(order)?.profile_id).toBe(OFFER.profileId);
  });

  test("without a result the list of cards is asked 2 and 10 minutes, an hour and a day after; then it is told", () => {
    const order = saving();
    order.saw(order.try("success", "501", PAID));
    const paidAt = order.now;
    for (const after of [2 * MINUTE, 10 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE]) {
      order.fireAlarm();
      // At the page's end it is read once more.
      if (order.polls > 0) {
        order.saw(order.try("success", "501", PAID));
        order.fireAlarm();
      }
      expect(order.now - paidAt).toBe(after);
      list(order, after === 2 * MINUTE ? null : []);
      expect(order.told).toEqual([]);
    }
    order.fireAlarm();
    expect(order.told).toEqual(["profile_missing"]);
    expect(order.wants("list_cards")).toBe(false);
  });

  test("the list names it: one row with the status' card that is newer than the send", () => {
    const row: ListedCard = { profileId: OFFER.profileId, cardDigest: "digest-1", last4: "4242", createdAt: START };
    const cases: readonly (readonly [string, readonly ListedCard[], string | null])[] = [
      ["two rows", [row, { ...row, profileId: "778.AAAAAAAAAAAAAAAA" }], null],
      ["an older one", [{ ...row, createdAt: START - SECOND }], null],
      ["one without a time", [{ ...row, createdAt: null }], null],
      ["another card", [{ ...row, cardDigest: "digest-2" }], null],
      ["a card without a token", [{ ...row, cardDigest: null }], null],
      ["no profile", [{ ...row, profileId: null }], null],
      ["the one", [{ ...row, cardDigest: "digest-2" }, row], OFFER.profileId],
    ];
    for (const [name, cards, expected] of cases) {
      const order = saving();
      order.saw(order.try("success", "501", PAID));
      order.fireAlarm();
      list(order, cards);
      expect(profile(order)?.profile_id ?? null, name).toBe(expected);
    }
  });

  test("a status without a card token finds no row", () => {
    const order = saving();
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    order.fireAlarm();
    list(order, [{ profileId: OFFER.profileId, cardDigest: null, last4: "4242", createdAt: START }]);
    expect(profile(order)).toBeNull();
  });

  test("a notification by GET names none, and the merchant is told once", () => {
    const order = saving();
    order.notified("result", {}, { isByGet: true });
    order.notified("result", {}, { isByGet: true });
    expect(order.told).toEqual(["notification_by_get"]);
  });

  test("it goes with the order after the retention", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    order.saw(order.try("success", "501", PAID));
    order.now = START + 401 * 24 * 60 * MINUTE;
    order.happen({ type: "alarm" });
    expect(order.record.redactedAt).not.toBeNull();
    expect(JSON.stringify(order.record)).not.toMatch(/60144557|code-key-1|4242|customer\.freedompay|shop\.example/);
  });
});
