import { describe, expect, test } from "vitest";
import { logLinesOf } from "../../../edge/machine/decision-log.ts";
import type { ChargeEvent, Decision } from "../../../edge/machine/event.ts";
import type { LogLine } from "../../../edge/log.ts";
import { formatLine } from "../../../edge/log.ts";
import { PageOrder } from "./page-order.ts";
import { created, lost, notFound, OrderHistory, refusal, requestKnown } from "./order-history.ts";

/** A history that keeps the lines that the log would contain. */
class ToldHistory extends OrderHistory {
  readonly lines: LogLine[] = [];

  override happen(event: ChargeEvent): Decision | null {
    const before = this.record;
    const decision = super.happen(event);
    this.lines.push(...logLinesOf({ event, before, after: this.record, now: this.now, request: null }));
    return decision;
  }

  /** The lines since the last call, as text. */
  read(): string[] {
    return this.lines.splice(0).map(({ event, what, from, to, order_from, order_to, why, reason }) => {
      const order = order_to === null ? "" : `, order: ${order_from} → ${order_to}`;
      return event === "attention" ? `! ${reason}` : `${what}: ${from ?? "-"} → ${to}${order} (${why})`;
    });
  }
}

describe("the log lines of a whole history", () => {
  test("a create that the gateway never saw is sent again, and pays", () => {
    const order = new ToldHistory();
    order.pay();
    order.answer(lost());
    order.pass(10_000);
    order.untilSendOrDecision();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.read()).toEqual([
      "attempt 1: - → sent, order: ready → processing (pay, shopper)",
      "attempt 1: sent → unconfirmed, order: processing → unconfirmed (create: network)",
      "attempt 1: unconfirmed → sent again (request.status: refused 1202, payment.status: nothing)",
      "attempt 1: sent again → accepted, order: unconfirmed → processing (create: process)",
      "attempt 1: accepted → paid, order: processing → succeeded (payment.status: success)",
    ]);
  });

  test("after a refused signature the create is sent with the other key, under another id", () => {
    const order = new ToldHistory();
    order.gatewayKeys = 2;
    order.pay();
    const [first] = order.lines;
    order.answer(refusal("1100", "configuration", 401));
    const second = order.lines.at(-1);
    expect(second).toMatchObject({ what: "attempt 1", from: "sent", to: "sent again", why: "create: refused 1100" });
    expect(second?.gateway_request_id).not.toBe(first?.gateway_request_id);
    expect(second?.gateway_request_id).toBe(order.attempt(1).requestId);
  });

  test("a later attempt waits for its reads, and attention is raised for a mismatch", () => {
    const order = new ToldHistory();
    order.declined();
    order.read();
    order.pay("key-2");
    order.see({ payment: (orderId) => (orderId === "1234" ? order.payment("success", { order_id: "1234", amount: 11 }) : {}) });
    expect(order.read()).toEqual([
      "attempt 2: - → waiting, order: failed → processing (pay, shopper)",
      "attempt 2: waiting → terms_differ, order: processing → unconfirmed (payment.status: success, payment.status: nothing)",
      "! amount_differs",
    ]);
  });

  test("a firewall's page instead of an answer, a send lost at its deadline, and an operator's resolve", () => {
    const order = new ToldHistory();
    order.pay();
    order.answer(lost("server_error"));
    expect(order.read().slice(1)).toEqual([
      "attempt 1: sent → unconfirmed, order: processing → unconfirmed (create: server_error, HTTP 502)",
    ]);
    order.pass(16 * 60_000);
    order.happen({ type: "alarm" });
    expect(order.read()).toEqual(["! undecided_15_minutes"]);
    order.see({ request: notFound });
    order.resolve("p9");
    order.resolve(null, "resolve-2");
    expect(order.read()).toEqual([
      "resolution 1: - → reading (resolve)",
      "attempt 1: unconfirmed → failed, order: unconfirmed → failed (resolve)",
    ]);
  });

  test("an order that is closed while it is undecided, and an order that was never attempted", () => {
    const order = new ToldHistory();
    order.pay();
    order.read();
    order.close();
    expect(order.read()).toEqual(["order: processing → closing (close)"]);
    const never = new ToldHistory();
    never.close();
    expect(never.read()).toEqual(["order: ready → closed (close)"]);
  });

  test("a refused operation is logged with our code and the gateway's", () => {
    const order = new ToldHistory();
    order.hold();
    order.read();
    order.operate("reverse");
    order.seeOperation(order.payment("approved"));
    order.edited(refusal("11017", "operation_refused"));
    expect(order.lines.at(-1)).toMatchObject({
      what: "operation 1",
      to: "refused",
      why: "reverse: refused 11017",
      category: "operation_not_allowed",
      gateway_code: "11017",
    });
    expect(order.read()).toEqual([
      "operation 1: - → waiting (reverse)",
      "operation 1: waiting → sent (payment.status: approved)",
      "operation 1: sent → refused (reverse: refused 11017)",
    ]);
  });
});

describe("the log lines of a payment page", () => {
  /** A page's history, with the lines that the log would contain. */
  function told(order: PageOrder): () => string[] {
    const history = new ToldHistory();
    const happen = order.happen.bind(order);
    order.happen = (event): Decision | null => {
      const before = order.record;
      const decision = happen(event);
      history.lines.push(...logLinesOf({ event, before, after: order.record, now: order.now, request: null }));
      return decision;
    };
    return () => history.read();
  }

  const OFFER = { paymentId: "501", profileId: "60144557.AAAAAAAAAAAAAAAA", expiresAt: null, brand: null, last4: "4242", cardDigest: null };

  test("it is opened, a try is declined, it is paid after a return, and its profile is known", () => {
    const order = new PageOrder();
    order.saveCardMonths = 12;
    const read = told(order);
    order.open();
    order.saw(order.try("error", "501", { error: { code: "10009" } }));
    order.returned("paid");
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    order.notified("result", {}, { offer: OFFER });
    expect(read()).toEqual([
      "attempt 1: - → sent, order: ready → processing (pay, shopper)",
      "attempt 1: sent → page open (page: opened)",
      "attempt 1: page open → paid, order: processing → succeeded (payment.status: success)",
      "profile 1: - → created (callback)",
    ]);
  });

  test("its time is over, and a read ends it", () => {
    const order = new PageOrder();
    const read = told(order);
    order.open();
    order.saw(order.try("new"));
    read();
    order.now += 29 * 60_000;
    order.happen({ type: "alarm" });
    order.now += 17 * 60_000;
    order.happen({ type: "alarm" });
    order.saw(order.try("new"));
    order.saw(order.try("new"));
    expect(read()).toEqual([
      "attempt 1: page open → page closed (deadline)",
      "attempt 1: page closed → failed, order: processing → failed (payment.status: new)",
    ]);
  });

  test("it gives way to another one", () => {
    const order = new PageOrder();
    const read = told(order);
    order.open();
    read();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt });
    expect(read()).toEqual(["attempt 1: page open → failed (pay, shopper)", "attempt 2: - → waiting (pay, shopper)"]);
  });

  test("without an address it is failed, with the reason", () => {
    const order = new PageOrder();
    const read = told(order);
    order.press();
    order.opened(null, null);
    expect(read().slice(1)).toEqual(["attempt 1: sent → failed, order: processing → failed (page: opened)", "! configuration"]);
  });
});

describe("a log line", () => {
  test("contains the time since the click, the gateway's request id, and the category and code of the failure", () => {
    const order = new ToldHistory();
    order.pay();
    order.pass(1_234);
    order.answer(created("error", { error: { code: "10009", description: "test-secret text" } }));
    const failed = order.lines.at(-1);
    const gateway_request_id = order.attempt(1).requestId;
    expect(failed).toEqual({
      event: "decision",
      request_id: null,
      trace_id: null,
      order_id: "1234",
      what: "attempt 1",
      gateway_request_id,
      from: "sent",
      to: "failed",
      order_from: "processing",
      order_to: "failed",
      why: "create: error 10009",
      category: "insufficient_funds",
      gateway_code: "10009",
      milliseconds: 1_234,
    });
  });

  test("contains the id and the trace of the request that caused it", () => {
    const order = new OrderHistory();
    const before = order.record;
    order.pay();
    const event = { type: "hint", ticket: null } as const;
    const request = { requestId: "0190fddd-bea7-7f17-b777-10344d5cc816", traceId: "0af7651916cd43dd8448eb211c80319c" };
    const [line] = logLinesOf({ event, before, after: order.record, now: order.now, request });
    expect(line).toMatchObject({ request_id: request.requestId, trace_id: request.traceId });
  });

  test("contains no text of the gateway's that is not a word", () => {
    const order = new ToldHistory();
    order.pay();
    order.answer(created("process", { status: "paid by test-secret person <x>" }));
    order.untilPoll();
    order.see({ payment: order.payment("test-secret person, of Almaty") });
    const refused = new ToldHistory();
    refused.pay();
    refused.answer(refusal("test-secret person", "declined"));
    const text = [...order.lines, ...refused.lines].map(formatLine).join("\n");
    expect(text).not.toContain("test-secret");
    expect(text).toContain("create: (no word)");
  });

  test("is not written if no state changed", () => {
    const order = new ToldHistory();
    order.succeed();
    order.read();
    order.pay("key-2");
    order.happen({ type: "hint", ticket: null });
    expect(order.read()).toEqual([]);
  });

  test("of a known request contains the result of both reads", () => {
    const order = new ToldHistory();
    order.pay();
    order.answer(lost("timeout"));
    order.untilPoll();
    order.read();
    order.see({ request: requestKnown({ id: "p1", status: "process", amount: 10 }), payment: order.payment("process") });
    expect(order.read()).toEqual([
      "attempt 1: unconfirmed → accepted, order: unconfirmed → processing (request.status: process, payment.status: process)",
    ]);
  });
});
