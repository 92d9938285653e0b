import { describe, expect, test } from "vitest";
import type { RecurrentPaymentInput, UnsignedCall } from "../../src/payment.ts";
import { ACTIONS, clearing, createRecurrentPayment, otherCall, paymentStatus, refund, requestStatus, reverse } from "../../src/payment.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";

/** The official recurrent example (Async API, create payment recurrent), in the member order of the page. */
const OFFICIAL =
  '{"amount":10,"currency":"KZT","description":"description","order_id":"1234","user_id":"12345","auto_clearing":false,' +
  '"from":{"type":"recurrent","recurrent":{"profile_id":"0190fddd-bea7-7f17-b777-10344d5cc816"}},' +
  '"device":{"user_ip":"84.252.158.239"},' +
  '"urls":{"check_url":"https://shop.example/check","result_url":"https://shop.example/result"}}';

const INPUT: RecurrentPaymentInput = {
  // In another order than the page's, because the function sets the order.
  urls: { result_url: "https://shop.example/result", check_url: "https://shop.example/check" },
  user_ip: "84.252.158.239",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  auto_clearing: false,
  user_id: "12345",
  order_id: "1234",
  description: "description",
  currency: "KZT",
  amount: 10,
};

/** The error of a function. */
function refusalOf(build: () => unknown): unknown {
  try {
    build();
  } catch (error) {
    return error;
  }
  return "no error was thrown";
}

describe("createRecurrentPayment", () => {
  test("writes the official example byte for byte", () => {
    expect(createRecurrentPayment(INPUT, ID)).toEqual({ action: ACTIONS.create, requestId: ID, body: OFFICIAL });
  });

  test("leaves urls out when none is given, and accepts either one alone", () => {
    const { urls: _, ...withoutUrls } = INPUT;
    const bare = OFFICIAL.replace(/,"urls".*/, "}");
    expect(createRecurrentPayment(withoutUrls, ID).body).toBe(bare);
    expect(createRecurrentPayment({ ...INPUT, urls: {} }, ID).body).toBe(bare);
    expect(createRecurrentPayment({ ...INPUT, urls: undefined }, ID).body).toBe(bare);
    const resultOnly = { result_url: "https://shop.example/result" };
    expect(JSON.parse(createRecurrentPayment({ ...INPUT, urls: resultOnly }, ID).body)).toMatchObject({ urls: resultOnly });
    const checkOnly = { check_url: "https://shop.example/check" };
    expect(JSON.parse(createRecurrentPayment({ ...INPUT, urls: checkOnly }, ID).body)).toMatchObject({ urls: checkOnly });
  });

  test.each([
    [10, "10"],
    [10.0, "10"],
    [123.42, "123.42"],
    [0.1, "0.1"],
    [99_999_999, "99999999"],
  ])("writes the amount %o as %s", (amount, json) => {
    expect(createRecurrentPayment({ ...INPUT, amount }, ID).body.startsWith(`{"amount":${json},`)).toBe(true);
  });

  test.each([
    { order_id: "1234--2" },
    { order_id: "x".repeat(50) },
    { profile_id: "123456789" },
    { user_ip: "2001:db8::1" },
    { user_ip: "::ffff:84.252.158.239" },
    { description: "Тапсырыс №1234" },
    { auto_clearing: true },
    { currency: "UZS" as const },
    { urls: { check_url: "http://127.0.0.1:8787/v1/callbacks/check/x" } },
  ])("accepts %j", (change) => {
    expect(() => createRecurrentPayment({ ...INPUT, ...change }, ID)).not.toThrow();
  });

  test.each([
    ["amount", 0],
    ["amount", 10.005],
    ["amount", "10"],
    ["amount", 100_000_000],
    ["currency", "GBP"],
    ["description", ""],
    ["description", "a\tb"],
    ["order_id", ""],
    ["order_id", "x".repeat(51)],
    ["order_id", 1234],
    ["user_id", "a b"],
    ["user_id", undefined],
    ["auto_clearing", undefined],
    ["auto_clearing", "false"],
    ["profile_id", "a/b"],
    ["user_ip", "84.252.158"],
    ["user_ip", "84.252.158.256"],
    ["user_ip", "localhost"],
    ["user_ip", "84.252.158.239, 10.0.0.1"],
    ["user_ip", "fe80::1%eth0"],
    ["user_ip", undefined],
    ["urls", "https://shop.example"],
    ["urls.check_url", { check_url: "shop.example/check" }],
    ["urls.result_url", { result_url: "javascript:alert(1)" }],
    ["urls.result_url", { result_url: "https://" }],
    ["urls.check_url", { check_url: `https://shop.example/${"x".repeat(2048)}` }],
    ["urls.checkUrl", { checkUrl: "https://shop.example" }],
    ["from", { type: "card" }],
  ])("refuses %s: %j, and names it", (member, value) => {
    const [name = ""] = member.split(".");
    const error = refusalOf(() => createRecurrentPayment({ ...INPUT, [name]: value } as RecurrentPaymentInput, ID));
    expect(error).toMatchObject({ name: "FreedomPayError", code: "input_invalid" });
    expect(String(error)).toContain(`: ${member} `);
  });
});

describe("The other calls write", () => {
  const calls: readonly (readonly [string, UnsignedCall<unknown>, keyof typeof ACTIONS, string])[] = [
    ["a payment's status by id", paymentStatus({ id: "77" }, ID), "paymentStatus", '{"id":"77"}'],
    ["a payment's status by order_id", paymentStatus({ order_id: "1234" }, ID), "paymentStatus", '{"order_id":"1234"}'],
    ["a payment's status by both", paymentStatus({ order_id: "1234", id: "77" }, ID), "paymentStatus", '{"id":"77","order_id":"1234"}'],
    [
      "a request's status",
      requestStatus({ id: "828cf71d-a447-4a67-a149-c1df8bc197ca" }, ID),
      "requestStatus",
      '{"id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}',
    ],
    ["a clearing", clearing({ amount: 9.5, id: "77" }, ID), "clearing", '{"id":"77","amount":9.5}'],
    ["a reversal", reverse({ id: "77" }, ID), "reverse", '{"id":"77"}'],
    ["a refund", refund({ amount: 100, id: "77" }, ID), "refund", '{"id":"77","amount":100}'],
  ];

  test.each(calls)("%s", (_, call, action, body) => {
    expect(call).toEqual({ action: ACTIONS[action], requestId: ID, body });
  });
});

describe("The other calls refuse", () => {
  const builds: readonly (readonly [string, () => unknown])[] = [
    ["a payment's status without an id", () => paymentStatus({}, ID)],
    ["a payment's status of undefined", () => paymentStatus({ id: undefined }, ID)],
    ["an empty payment id", () => paymentStatus({ id: "" }, ID)],
    ["a payment id with a space", () => reverse({ id: "7 7" }, ID)],
    ["a payment id that is a number", () => reverse({ id: 77 as unknown as string }, ID)],
    ["a request id that is not a UUID", () => requestStatus({ id: "77" }, ID)],
    ["a request id that is a list", () => requestStatus({ id: [ID] as unknown as string }, ID)],
    ["a clearing of 0", () => clearing({ id: "77", amount: 0 }, ID)],
    ["a negative refund", () => refund({ id: "77", amount: -5 }, ID)],
    ["a refund with a third decimal", () => refund({ id: "77", amount: 5.005 }, ID)],
    ["a refund without an amount", () => refund({ id: "77" } as { id: string; amount: number }, ID)],
    ["a reversal with an amount", () => reverse({ id: "77", amount: 5 } as { id: string }, ID)],
    ["an X-Request-Id that is not a UUID", () => reverse({ id: "77" }, "77")],
    ["an X-Request-Id with a line end", () => reverse({ id: "77" }, `${ID}\r\nX-Other: 1`)],
  ];

  test.each(builds)("%s", (_, build) => {
    expect(refusalOf(build)).toMatchObject({ name: "FreedomPayError", code: "input_invalid" });
  });
});

describe("otherCall", () => {
  test("writes the body unchanged, for any v5 endpoint, with or without an action", () => {
    const body = { request_id: "828cf71d-a447-4a67-a149-c1df8bc197ca", b: undefined, a: [1, { c: "ы" }] };
    const call = otherCall({ endpoint: "/v5/card-api/request/status", body }, ID);
    expect(call.body).toBe('{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","a":[1,{"c":"ы"}]}');
    expect(call.action).toMatchObject({ endpoint: "/v5/card-api/request/status", name: "" });
    expect(otherCall({ endpoint: "/v5/g2g/read", action: "gateway.other.thing", body: {} }, ID).action.name).toBe("gateway.other.thing");
  });

  test.each([
    "v5/g2g/read",
    "/v4/g2g/read",
    "/v5",
    "/v5/",
    "/v5/g2g/",
    "/v5/g2g//read",
    "/v5/../v4/read",
    "/v5/./read",
    "/v5/g2g/read?x=1",
    "/v5/g2g/read#x",
    "/v5/g2g/%2e%2e",
    "https://shop.example/v5/g2g/read",
    "//shop.example/v5/x",
    "/v5/g2g/read\n",
  ])("refuses the endpoint %j", (endpoint) => {
    expect(refusalOf(() => otherCall({ endpoint, body: {} }, ID))).toMatchObject({ code: "input_invalid" });
  });

  test.each(["", "a b", "a\r\nb", "ы"])("refuses the action %j", (action) => {
    expect(refusalOf(() => otherCall({ endpoint: "/v5/g2g/read", action, body: {} }, ID))).toMatchObject({ code: "input_invalid" });
  });

  test("refuses a body that is not an object or that JSON.stringify refuses", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (const body of [circle, { big: 10n }, [], null, "{}"]) {
      const build = (): unknown => otherCall({ endpoint: "/v5/g2g/read", body: body as Record<string, unknown> }, ID);
      expect(refusalOf(build)).toMatchObject({ code: "input_invalid" });
    }
  });
});

test("The table of actions is the contract's", () => {
  const rows = Object.values(ACTIONS).map(({ endpoint, name, kind, mayBeEmpty }) => [endpoint, name, kind, mayBeEmpty]);
  expect(rows).toEqual([
    ["/v5/g2g/create", "gateway.payment.create", "create", false],
    ["/v5/g2g/read", "gateway.payment.status", "read", true],
    ["/v5/g2g/read", "gateway.request.status", "read", false],
    ["/v5/g2g/edit", "gateway.payment.clearing", "edit", false],
    ["/v5/g2g/edit", "gateway.payment.reverse", "edit", false],
    ["/v5/g2g/edit", "gateway.payment.refund", "edit", false],
  ]);
});

describe("The error text of invalid input", () => {
  const say = (build: () => unknown): string => String(refusalOf(build));

  test("for a query, a path, a name, a body", () => {
    expect(say(() => paymentStatus({}, ID))).toBe("FreedomPayError: the input must name an id or an order_id");
    expect(say(() => requestStatus({ id: "x" }, ID))).toBe("FreedomPayError: id must be a UUID");
    expect(say(() => otherCall({ endpoint: 5 as unknown as string, body: {} }, ID))).toContain("endpoint must be a v5 path");
    expect(say(() => otherCall({ endpoint: "/x", body: {} }, ID))).toBe(
      "FreedomPayError: endpoint must be a v5 path such as /v5/g2g/read, without a query",
    );
    expect(say(() => otherCall({ endpoint: "/v5/x", action: 5 as unknown as string, body: {} }, ID))).toContain("action must be a name");
    expect(say(() => otherCall({ endpoint: "/v5/x", action: "a b", body: {} }, ID))).toBe(
      "FreedomPayError: action must be a name such as gateway.payment.status",
    );
    expect(say(() => otherCall({ endpoint: "/v5/x", body: [] as unknown as Record<string, unknown> }, ID))).toBe(
      "FreedomPayError: body must be an object",
    );
  });

  test("for a body that JSON.stringify refuses, with its cause", () => {
    const error = refusalOf(() => otherCall({ endpoint: "/v5/x", body: { amount: 10n } }, ID));
    expect(error).toMatchObject({ code: "input_invalid", message: "body cannot be written as JSON" });
    expect(error).toHaveProperty("cause.name", "TypeError");
  });
});
