import { describe, expect, test } from "vitest";
import type { Call, Fault, ModelState, Plan } from "../../src/simulator/index.ts";
import { advance, createModel, ledger, payments, placePayment, receive, totalsOf } from "../../src/simulator/index.ts";
import {
  call,
  create,
  createBody,
  freshId,
  json,
  OFFICIAL_EXAMPLE,
  readOrder,
  readPayment,
  readRequest,
  refund,
  SECOND,
  START,
} from "./gateway-calls.ts";

const LATER: Plan = {
  steps: [
    { after: 0, does: "waits" },
    { after: 5 * SECOND, does: "pays" },
  ],
};

const send = (state: ModelState, request: Call, at = START, fault: Fault = {}, plan?: Plan): Record<string, unknown> =>
  json(receive(state, request, at, fault, plan).reply);

describe("create", () => {
  test("a create is accepted as process, with nanoseconds, and is paid when it is read", () => {
    const state = createModel();
    const answer = send(state, create());
    expect(answer).toEqual({
      id: "1000000001",
      status: "process",
      amount: 100,
      created_at: expect.stringMatching(/^2026-11-22T10:00:00\.\d{9}Z$/),
    });
    expect(send(state, readOrder())).toMatchObject({
      id: "1000000001",
      order_id: "1234",
      status: "success",
      amount: 100,
      from: { card: { brand: "visa" } },
      clearing: { cleared: true, amount: 100 },
    });
  });

  test("the official recurrent example is accepted as it is printed, and held because auto_clearing is false", () => {
    const state = createModel();
    expect(send(state, call("gateway.payment.create", OFFICIAL_EXAMPLE))).toMatchObject({ status: "process", amount: 10 });
    expect(send(state, readOrder())).toMatchObject({ status: "approved", clearing: { cleared: false } });
    expect(totalsOf(state, "1234", START)).toEqual({ held: 1000, taken: 0, refunded: 0, payments: 1 });
  });

  test("a declined create writes its amount as a string, as the official sample does", () => {
    const plan: Plan = { steps: [{ after: 0, does: "declines", code: "10045" }] };
    expect(send(createModel(), create(), START, {}, plan)).toMatchObject({ status: "error", amount: "100", error: { code: "10045" } });
  });

  test("amounts are exact to the last digit", () => {
    const state = createModel();
    send(state, create({ amount: 123.42 }));
    expect(payments(state, START)[0]?.taken).toBe(12_342);
    expect(send(state, readOrder())).toMatchObject({ amount: 123.42 });
  });

  test("the headers have the request id, the action and the status", () => {
    const request = create();
    expect(receive(createModel(), request, START).reply?.headers).toEqual({
      "content-type": "application/json",
      "x-request-id": request.requestId,
      "x-request-status": "success",
      "x-datetime": "2026-11-22T10:00:00Z",
      "x-action": "gateway.payment.create",
    });
  });

  const card = { name: "CARD HOLDER", pan: "1234567890123456", cvc: "012", year: 30, month: 1 };

  test.each([
    [
      { type: "card", card, save: true, recurrent: { lifetime: 3 } },
      { recurrent: { profile_expiry_date: "2027-02-22" }, card: { brand: "visa" } },
    ],
    [{ type: "saved", card: { token: "a-token" } }, { card: { token: "a-token" } }],
    [
      {
        type: "tokenized",
        token: { type: "applepay", eci_indicator: "05", online_payment_cryptogram: "AAAA" },
        card: { pan: "5000000000000000", year: 30, month: 1 },
      },
      { card: { brand: "mastercard" } },
    ],
  ])("money may also come from %o", (from, shown) => {
    const state = createModel();
    send(state, call("gateway.payment.create", { ...createBody(), from }));
    expect(send(state, readOrder())).toMatchObject({ status: "success", from: shown });
  });

  test.each([
    ["amount", { amount: "100" }],
    ["amount", { amount: 0 }],
    ["amount", { amount: -1 }],
    ["amount", { amount: 0.001 }],
    ["amount", { amount: 1e21 }],
    ["currency", { currency: "XXX" }],
    ["description", { description: "" }],
    ["order_id", { order_id: 1234 }],
    ["order_id", { order_id: "x".repeat(51) }],
    ["user_id", { user_id: "no spaces" }],
    ["auto_clearing", { auto_clearing: "yes" }],
    ["from", { from: null }],
    ["from.recurrent", { from: { type: "recurrent" } }],
    ["profile_id", { from: { type: "recurrent", recurrent: { profile_id: "" } } }],
    ["type", { from: { type: "cheque" } }],
    ["pan", { from: { type: "card", card: { pan: "4111 1111", cvc: "012" } } }],
    ["from.recurrent.lifetime", { from: { type: "card", card, recurrent: { lifetime: 157 } } }],
    ["device", { device: undefined }],
    ["user_ip", { device: { user_ip: "home" } }],
    ["result_url", { urls: { result_url: "not a url" } }],
  ])("a create with a bad %s is 9403 and makes no payment: %o", (member, change) => {
    const state = createModel();
    const { reply } = receive(state, call("gateway.payment.create", { ...createBody(), ...change }), START);
    expect(reply?.httpStatus).toBe(422);
    expect(json(reply)).toEqual({ error: { code: "9403", description: `Incorrect parameters: ${member}` } });
    expect(payments(state, START)).toEqual([]);
  });

  test.each([
    ["X-Request-Id", call("gateway.payment.create", createBody(), "not-a-uuid")],
    ["X-Action", call("gateway.payment.destroy", createBody())],
    ["X-Action", call("constructor", createBody())],
    ["body", call("gateway.payment.create", "{")],
    ["body", call("gateway.payment.create", "[1]")],
    ["id", call("gateway.payment.status", {})],
    ["amount", call("gateway.payment.clearing", { id: "1", amount: "10" })],
  ])("a bad %s is 9403: %o", (member, request) => {
    expect(send(createModel(), request)).toEqual({ error: { code: "9403", description: `Incorrect parameters: ${member}` } });
  });

  test("9403 can come under HTTP 200", () => {
    expect(receive(createModel({ badParametersStatus: 200 }), create({ amount: 0 }), START).reply?.httpStatus).toBe(200);
  });
});

describe("a repeat", () => {
  test("the same X-Request-Id gets the original response, even with another body or action", () => {
    const state = createModel();
    const first = receive(state, create({ requestId: "019b0000-0000-7000-9000-000000000001" }), START, {}, LATER);
    for (const again of [create({ amount: 7, orderId: "other" }), readOrder()]) {
      const second = receive(state, { ...again, requestId: "019b0000-0000-7000-9000-000000000001" }, START + 60 * SECOND);
      expect(second.reply).toEqual(first.reply);
      expect(second.replayOf).toBe("request");
    }
    expect(payments(state, START + 60 * SECOND)).toHaveLength(1);
  });

  test("the same order_id gets the text of the original answer, other terms or not, and nothing more is taken", () => {
    const state = createModel();
    const first = receive(state, create(), START, {}, LATER);
    const request = create({ amount: 999 });
    const second = receive(state, request, START + 60 * SECOND);
    expect(second.replayOf).toBe("order");
    expect(second.reply?.body).toBe(first.reply?.body);
    expect(second.reply?.headers["x-request-id"]).toBe(request.requestId);
    expect(totalsOf(state, "1234", START + 60 * SECOND)).toEqual({ held: 0, taken: 10_000, refunded: 0, payments: 1 });
  });

  test("a refusal is remembered under its X-Request-Id and leaves the order_id free", () => {
    const state = createModel();
    const request = create();
    const refused = send(state, request, START, { refuses: { code: "11070" } });
    expect(refused).toMatchObject({ error: { code: "11070" } });
    expect(send(state, request)).toEqual(refused);
    expect(send(state, create())).toMatchObject({ status: "process" });
  });

  test("an operation that is sent again under its X-Request-Id is done once", () => {
    const state = createModel();
    send(state, create());
    const request = refund("1000000001", 40);
    expect(send(state, request)).toEqual(send(state, request));
    expect(send(state, refund("1000000001", 10))).toMatchObject({ refund_payment: { amount: -10 } });
    expect(payments(state, START)[0]?.refundsAccepted).toBe(5000);
  });

  test("a forgotten request id still gets the order_id's original answer", () => {
    const state = createModel({ remembersRequestsFor: 600 * SECOND });
    const request = create();
    const original = send(state, request);
    expect(send(state, readRequest(request.requestId), START + 599 * SECOND)).toMatchObject({ response: { id: "1000000001" } });
    expect(send(state, readRequest(request.requestId), START + 600 * SECOND)).toMatchObject({ response: { error: { code: "1202" } } });
    const again = receive(state, request, START + 601 * SECOND);
    expect(again.replayOf).toBe("order");
    expect(json(again.reply)).toEqual(original);
  });
});

describe("reads", () => {
  test("request.status gives the original response, not the current state", () => {
    const state = createModel();
    const request = create();
    const original = send(state, request, START, {}, LATER);
    expect(send(state, readRequest(request.requestId), START + 60 * SECOND)).toEqual({
      id: request.requestId,
      status: "success",
      response: original,
    });
  });

  test("request.status for an id that was never seen is 1202 from the year 1", () => {
    const never = {
      status: "error",
      amount: 0,
      created_at: "0001-01-01T00:00:00Z",
      error: { code: "1202", description: expect.any(String) },
    };
    const id = freshId();
    expect(send(createModel(), readRequest(id))).toEqual({ id, status: "error", response: { id, ...never } });
  });

  test("an order_id that was never seen reads as {}, an unknown payment id as 11068", () => {
    expect(send(createModel(), readOrder())).toEqual({});
    expect(send(createModel(), readPayment("5"))).toMatchObject({ error: { code: "11068" } });
  });

  test("a payment is found by id, by order_id, by both, and not by an id and order_id of different payments", () => {
    const state = createModel();
    send(state, create());
    send(state, create({ orderId: "other" }));
    expect(send(state, readPayment("1000000001"))).toMatchObject({ order_id: "1234" });
    expect(send(state, call("gateway.payment.status", { id: "1000000001", order_id: "1234" }))).toMatchObject({ order_id: "1234" });
    expect(send(state, call("gateway.payment.status", { id: "1000000001", order_id: "other" }))).toEqual({});
  });

  test("a read that lags shows the earlier state of the payment and of the request", () => {
    const state = createModel();
    const request = create();
    send(state, request, START, {}, LATER);
    const at = START + 10 * SECOND;
    expect(send(state, readOrder(), at)).toMatchObject({ status: "success" });
    expect(send(state, readOrder(), at, { lag: 6 * SECOND })).toMatchObject({ status: "process" });
    expect(send(state, readOrder(), at, { lag: 20 * SECOND })).toEqual({});
    expect(send(state, readRequest(request.requestId), at, { lag: 20 * SECOND })).toMatchObject({ response: { error: { code: "1202" } } });
  });

  test("one read can show another status or amount, and the true state does not change", () => {
    const state = createModel();
    send(state, create());
    expect(send(state, readOrder(), START, { shows: { status: "process" } })).toMatchObject({ status: "process" });
    expect(send(state, readOrder(), START, { shows: { amount: "wrong" } })).toMatchObject({ amount: 101 });
    expect(send(state, readOrder(), START, { shows: { amount: "text" } })).toMatchObject({ amount: "100" });
    expect(totalsOf(state, "1234", START).taken).toBe(10_000);
  });
});

describe("faults", () => {
  test("lost before the gateway acts: the gateway does not know the call", () => {
    const state = createModel();
    const request = create();
    const receipt = receive(state, request, START, { acts: false, answer: "lost" });
    expect(receipt).toMatchObject({ actsAt: null, reply: null, callbacks: [] });
    expect(send(state, readOrder())).toEqual({});
    expect(send(state, readRequest(request.requestId))).toMatchObject({ response: { error: { code: "1202" } } });
  });

  test("lost after the gateway acted: the payment exists, and the same request gets its answer", () => {
    const state = createModel();
    const request = create();
    expect(receive(state, request, START, { answer: "lost" })).toMatchObject({ actsAt: START, reply: null });
    expect(totalsOf(state, "1234", START).taken).toBe(10_000);
    expect(send(state, request)).toMatchObject({ id: "1000000001" });
  });

  test("accepted late: no payment until then, then the payment with its callbacks", () => {
    const state = createModel();
    const request = create({ urls: { result_url: "https://shop.example/result" } });
    expect(receive(state, request, START, { actsAfter: 30 * SECOND })).toMatchObject({
      actsAt: START + 30 * SECOND,
      reply: null,
      callbacks: [],
    });
    expect(send(state, readOrder(), START + 29 * SECOND)).toEqual({});
    const callbacks = advance(state, START + 31 * SECOND);
    expect(callbacks).toMatchObject([{ kind: "result", facts: { order_id: "1234", status: "success" } }]);
    expect(payments(state, START + 31 * SECOND)).toMatchObject([{ createdAt: START + 30 * SECOND }]);
  });

  test("accepted late and sent again in between is one payment", () => {
    const state = createModel();
    const request = create();
    receive(state, request, START, { actsAfter: 30 * SECOND });
    send(state, request, START + 10 * SECOND);
    receive(state, create(), START + 12 * SECOND, { actsAfter: 5 * SECOND });
    advance(state, START + 60 * SECOND);
    expect(payments(state, START + 60 * SECOND)).toMatchObject([{ createdAt: START + 10 * SECOND }]);
    expect(ledger(state, START + 60 * SECOND)).toHaveLength(1);
  });

  test.each([
    [10, 30],
    [30, 10],
  ])("of two that are accepted late, after %i and %i seconds, the earlier one is the payment", (...lates) => {
    const state = createModel();
    for (const late of lates) {
      receive(state, create({ amount: late }), START, { actsAfter: late * SECOND });
    }
    advance(state, START + 60 * SECOND);
    expect(payments(state, START + 60 * SECOND)).toMatchObject([{ createdAt: START + 10 * SECOND, taken: 1000 }]);
  });

  test("a late answer has its time, and the gateway acts immediately", () => {
    const state = createModel();
    expect(receive(state, create(), START, { answersAfter: 120 * SECOND })).toMatchObject({
      actsAt: START,
      repliesAt: START + 120 * SECOND,
    });
    expect(totalsOf(state, "1234", START).taken).toBe(10_000);
  });

  test.each<[string, Fault, number, RegExp, boolean]>([
    ["truncated", { answer: "truncated" }, 200, /^\{"id":"1000000001".*[^}]$/, true],
    ["cut", { answer: "cut" }, 200, /^\{"id":"1000000001".*[^}]$/, true],
    ["empty", { answer: "empty" }, 200, /^\{\}$/, true],
    ["html", { acts: false, answer: "html" }, 403, /^<!doctype html>/, false],
    ["an error under 200", { acts: false, answer: { httpStatus: 200, code: "9999" } }, 200, /"code":"9999"/, false],
    ["a 401", { acts: false, answer: { httpStatus: 401, code: "1100" } }, 401, /"code":"1100"/, false],
    ["a 422", { acts: false, answer: { httpStatus: 422, code: "9403" } }, 422, /"code":"9403"/, false],
    ["a 502 after acting", { answer: { httpStatus: 502 } }, 502, /^<!doctype html>/, true],
    ["duplicate", { answer: { httpStatus: 200, code: "9991" } }, 200, /"code":"9991"/, true],
  ])("%s", (_, fault, httpStatus, body, acted) => {
    const state = createModel();
    const { reply } = receive(state, create(), START, fault);
    expect(reply?.httpStatus).toBe(httpStatus);
    expect(reply?.body).toMatch(body);
    expect(reply?.cut).toBe(fault.answer === "cut");
    expect(payments(state, START)).toHaveLength(acted ? 1 : 0);
  });

  test("429 has Retry-After, and a redirect has Location", () => {
    const limited = receive(createModel(), create(), START, { acts: false, answer: { httpStatus: 429, retryAfter: 7 } });
    expect(limited.reply).toMatchObject({ httpStatus: 429, headers: { "retry-after": "7" } });
    const moved = receive(createModel(), create(), START, { acts: false, answer: { httpStatus: 302 } });
    expect(moved.reply?.headers["location"]).toMatch(/^https:/);
  });

  test("in an outage nothing acts; afterwards the state is unchanged", () => {
    const state = createModel();
    state.outages.push(
      { from: START, until: START + 60 * SECOND, answer: "none" },
      { from: START + 60 * SECOND, until: START + 120 * SECOND, answer: 503 },
    );
    expect(receive(state, create(), START)).toMatchObject({ actsAt: null, reply: null });
    expect(receive(state, create(), START + 60 * SECOND)).toMatchObject({ actsAt: null, reply: { httpStatus: 503 } });
    expect(payments(state, START + 119 * SECOND)).toEqual([]);
    expect(send(state, create(), START + 120 * SECOND)).toMatchObject({ status: "process" });
  });

  test("an old payment under the same order_id is returned for the new create", () => {
    const state = createModel();
    placePayment(state, createBody({ amount: 55 }), START - 1e9);
    expect(send(state, create())).toMatchObject({ amount: 55 });
    expect(totalsOf(state, "1234", START).taken).toBe(5500);
    expect(() => placePayment(state, createBody(), START)).toThrow(TypeError);
    expect(() => placePayment(state, { amount: 1 }, START)).toThrow(TypeError);
  });
});

describe("one history, one outcome", () => {
  function history(state: ModelState): readonly unknown[] {
    const one = create({ requestId: "019b0000-0000-7000-9000-000000000007", urls: { result_url: "https://shop.example/r" } });
    return [
      receive(state, one, START, { answer: "lost" }, LATER),
      receive(state, { ...readOrder(), requestId: "019b0000-0000-7000-9000-000000000008" }, START + SECOND, { lag: 500 }),
      receive(state, one, START + 2 * SECOND),
      receive(state, { ...refund("1000000001", 30), requestId: "019b0000-0000-7000-9000-000000000009" }, START + 9 * SECOND),
      ledger(state, START + 60 * SECOND),
    ];
  }

  test("the same calls at the same times give the same answers, to the byte", () => {
    expect(JSON.stringify(history(createModel()))).toBe(JSON.stringify(history(createModel())));
  });

  test("a snapshot continues like the original", () => {
    const state = createModel();
    receive(state, create({ orderId: "before" }), START);
    const snapshot = structuredClone(state);
    expect(JSON.stringify(history(snapshot))).toBe(JSON.stringify(history(state)));
  });
});
