import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { AnswerSchema } from "../../src/payment-answer.ts";
import {
  anyAnswer,
  createdPayment,
  editedPayment,
  isNamed,
  paymentState,
  readGatewayError,
  requestState,
} from "../../src/payment-answer.ts";

const read = <Answer>(schema: AnswerSchema<Answer>, json: unknown): Answer | null => {
  const result = v.safeParse(schema, json);
  return result.success ? result.output : null;
};

/** A payment with every member of the contract ("read: a payment"). */
const PAYMENT = {
  id: "77",
  order_id: "1234",
  parent_id: "76",
  status: "success",
  amount: 100,
  currency: "KZT",
  created_at: "2025-06-20T07:13:31.068188524Z",
  "3ds": { flow_type: "F", acs_url: "https://acs.example" },
  from: { recurrent: { profile_id: "0190fddd", profile_expiry_date: "2027-01-01" }, card: { token: "t", brand: "VISA" } },
  clearing: { cleared: true, amount: "100.00" },
  additional: { approval_code: "123456", reference: "r", intreference: "i" },
  refund_payments: [{ id: "78", amount: -50, status: "success" }],
  reverse_payments: [],
  error: { code: "10045", description: "text" },
};

describe("A created payment", () => {
  test.each([
    { id: "77", status: "process", amount: 100, created_at: "2025-06-20T07:13:31.068188524Z" },
    { id: "77", status: "error", amount: "100", created_at: "2025-06-20T07:13:31Z", error: { code: "10045", description: "text" } },
    { id: "77", status: "an unknown status", news: { deep: [null] } },
  ])("is read unchanged: %j", (answer) => {
    expect(read(createdPayment, answer)).toEqual(answer);
  });

  test("has its id as text even where the gateway wrote a number", () => {
    expect(read(createdPayment, { id: 77, status: "process" })?.id).toBe("77");
  });

  test.each([
    {},
    { id: "77" },
    { status: "process" },
    { id: null, status: "process" },
    { id: "", status: "process" },
    { id: 0, status: "process" },
    { id: "77", status: null },
    { id: "77", status: "" },
    { id: "77", status: 1 },
    { id: 7.5, status: "process" },
    { id: 2 ** 53, status: "process" },
    { id: true, status: "process" },
    { id: {}, status: "process" },
    { id: ["77"], status: "process" },
    { error: { code: "9403" } },
  ])("is not read from %j", (answer) => {
    expect(read(createdPayment, answer)).toBeNull();
  });
});

describe("A payment's state", () => {
  test("is read unchanged, with every member of the contract", () => {
    expect(read(paymentState, PAYMENT)).toEqual(PAYMENT);
  });

  test("may be {}", () => {
    expect(read(paymentState, {})).toEqual({});
  });

  test.each(Object.keys(PAYMENT))("may be without %s, or have null for it", (member) => {
    const { [member as keyof typeof PAYMENT]: _, ...rest } = PAYMENT;
    expect(read(paymentState, rest)).toEqual(rest);
    expect(read(paymentState, { ...PAYMENT, [member]: null })?.[member as keyof typeof PAYMENT]).toBeUndefined();
  });

  test("keeps unknown members and unknown statuses", () => {
    const answer = { id: "77", status: "frozen", currency: "KZT", extra: { a: 1 }, clearing: { cleared: false, fee: 2 } };
    expect(read(paymentState, answer)).toEqual(answer);
  });

  test("returns numeric ids as text", () => {
    const answer = { id: 77, order_id: 1234, parent_id: 76, refund_payments: [{ id: 78, amount: "-50", status: "success" }] };
    expect(read(paymentState, answer)).toMatchObject({
      id: "77",
      order_id: "1234",
      parent_id: "76",
      refund_payments: [{ id: "78", amount: "-50", status: "success" }],
    });
  });

  test.each([
    ["id", {}],
    ["id", true],
    ["id", 1.5],
    ["status", 5],
    ["status", ["success"]],
    ["order_id", { a: 1 }],
    ["order_id", false],
  ])("is not read when the deciding member %s is %j", (member, value) => {
    expect(read(paymentState, { ...PAYMENT, [member]: value })).toBeNull();
  });

  test.each([
    ["parent_id", {}],
    ["created_at", []],
    ["currency", {}],
    ["3ds", "F"],
    ["from", "recurrent"],
    ["clearing", true],
    ["additional", 5],
    ["refund_payments", {}],
    ["refund_payments", "none"],
    ["reverse_payments", 1],
    ["error", []],
    ["error", "text"],
    ["error", {}],
    ["error", { code: "" }],
    ["error", { code: 0 }],
    ["error", { code: {} }],
  ] as const)("is read without the other member %s when that is %j", (member, value) => {
    const { [member]: _, ...rest } = PAYMENT;
    const state = read(paymentState, { ...PAYMENT, [member]: value });
    expect(state).toEqual(rest);
    expect(state?.[member]).toBeUndefined();
  });

  test("accepts only true and false for cleared", () => {
    for (const cleared of ["true", 1, {}]) {
      expect(read(paymentState, { ...PAYMENT, clearing: { cleared, amount: 100 } })?.clearing?.cleared).toBeUndefined();
    }
    expect(read(paymentState, { ...PAYMENT, clearing: { cleared: false } })?.clearing?.cleared).toBe(false);
  });

  test.each([
    [{ value: 100 }, '{"value":100}'],
    [[100], "[100]"],
    [true, "true"],
  ])("keeps an amount of an unexpected type as its JSON text: %j", (amount, text) => {
    expect(read(paymentState, { ...PAYMENT, amount })?.amount).toBe(text);
    expect(read(paymentState, { ...PAYMENT, clearing: { cleared: true, amount } })?.clearing?.amount).toBe(text);
  });

  test("leaves out rows that are not objects, and keeps the others", () => {
    const refund_payments = [null, "x", { id: "78", amount: -5 }, { status: "success" }];
    expect(read(paymentState, { ...PAYMENT, refund_payments })?.refund_payments).toEqual([{ id: "78", amount: -5 }, { status: "success" }]);
  });

  test.each([
    { message: "maintenance" },
    { error: { code: "11068" } },
    { status: "error", error: { code: "11068" } },
    { error: "x" },
    { id: null },
    { id: "", order_id: "", status: "", amount: 0 },
  ])("is not read from %j, which differs from {}", (answer) => {
    expect(read(paymentState, answer)).toBeNull();
  });

  test("is not read from a value that is not an object", () => {
    for (const answer of [null, "x", 5, true]) expect(read(paymentState, answer)).toBeNull();
  });

  test("cannot be forged by __proto__", () => {
    const answer = JSON.parse('{"id":"77","__proto__":{"status":"success","clearing":{"cleared":true}}}') as unknown;
    expect(read(paymentState, answer)?.status).toBeUndefined();
    expect(read(paymentState, answer)?.clearing).toBeUndefined();
  });
});

describe("A request's state", () => {
  const UNSEEN = { status: "error", response: { status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", error: { code: "1202" } } };

  test.each([
    {
      id: "0190fddd-bea7-7f17-b777-10344d5cc816",
      status: "success",
      response: { id: "77", status: "process", amount: 100, created_at: "2025-06-20T07:13:31Z" },
    },
    { status: "success", response: { id: "77", status: "error", error: { code: "10045" } } },
    { id: "x", status: "process" },
    { response: { error: { code: "9403", description: "text" } } },
    UNSEEN,
  ])("is read unchanged: %j", (answer) => {
    expect(read(requestState, answer)).toEqual(answer);
  });

  test("has the payment id as text", () => {
    expect(read(requestState, { status: "success", response: { id: 77, status: "process" } })?.response?.id).toBe("77");
    expect(read(requestState, { status: "error", response: { ...UNSEEN.response, id: "" } })?.response?.id).toBeUndefined();
  });

  test.each([
    {},
    { message: "maintenance" },
    { response: {} },
    { status: "success", response: {} },
    { status: "success", response: "x" },
    { status: "success", response: { id: {}, status: "process" } },
    { status: "success", response: { id: "77", status: 5 } },
    { status: 1, response: { id: "77" } },
    { error: { code: "1202" } },
    { status: "error", error: { code: "1202" } },
  ])("is not read from %j", (answer) => {
    expect(read(requestState, answer)).toBeNull();
  });
});

describe("An edited payment", () => {
  test.each([
    { id: "77", status: "process_clearing", amount: 100, created_at: "2025-06-20T07:13:31Z", clearing: { amount: 50 } },
    { id: "77", amount: 100, reverse_payment: { id: "78", status: "process" } },
    { id: "77", amount: 100, refund_payment: { id: "78", status: "process", amount: -50 } },
    { id: "77", status: "error", error: { code: "11017", description: "text" } },
  ])("is read unchanged: %j", (answer) => {
    expect(read(editedPayment, answer)).toEqual(answer);
  });

  test.each([{}, { status: "process_clearing" }, { id: "" }, { id: {} }, { id: "77", status: 5 }, { error: { code: "11017" } }])(
    "is not read from %j",
    (answer) => {
      expect(read(editedPayment, answer)).toBeNull();
    },
  );
});

describe("Any other answer", () => {
  test.each([{}, { a: 1 }, { error: null }, { error: {} }, { id: "1", error: { code: "5" } }])("is read unchanged: %j", (answer) => {
    expect(read(anyAnswer, answer)).toEqual(answer);
  });

  test("is not read from an error alone", () => {
    expect(read(anyAnswer, { error: { code: "9403" } })).toBeNull();
  });
});

describe("readGatewayError", () => {
  test.each([
    [{ code: "9403" }, { code: "9403" }],
    [
      { code: 9403, description: "text" },
      { code: "9403", description: "text" },
    ],
    [
      { code: "1100", description: { en: "text" } },
      { code: "1100", description: undefined },
    ],
    [
      { code: "1100", description: null },
      { code: "1100", description: undefined },
    ],
  ])("reads %j", (member, error) => {
    expect(readGatewayError(member)).toEqual(error);
  });

  test.each([
    undefined,
    null,
    "9403",
    9403,
    [],
    {},
    { code: "" },
    { code: null },
    { code: "0" },
    { code: 0 },
    { code: 1.5 },
    { code: ["9403"] },
    { description: "text" },
  ])("finds no error in %j", (member) => {
    expect(readGatewayError(member)).toBeNull();
  });
});

describe("isNamed", () => {
  test.each([undefined, null, "", 0])("says no to %j", (member) => {
    expect(isNamed(member)).toBe(false);
  });

  test.each(["77", 77, {}, [], true, 1.5])("says yes to %j", (member) => {
    expect(isNamed(member)).toBe(true);
  });
});

describe("Nested members", () => {
  test("have numbers as text, and only they are left out when they have a wrong type", () => {
    const state = read(paymentState, {
      ...PAYMENT,
      "3ds": { flow_type: 5, acs_url: {} },
      from: { recurrent: { profile_id: 5, profile_expiry_date: [] }, card: { token: true, brand: 7 } },
      additional: { approval_code: 123456, reference: [], intreference: 8 },
    });
    expect(state?.["3ds"]).toEqual({ flow_type: "5" });
    expect(state?.from).toEqual({ recurrent: { profile_id: "5" }, card: { brand: "7" } });
    expect(state?.additional).toEqual({ approval_code: "123456", intreference: "8" });
    expect(read(paymentState, { ...PAYMENT, from: { recurrent: "x", card: { brand: "VISA" } } })?.from).toEqual({
      card: { brand: "VISA" },
    });
    expect(read(editedPayment, { id: "77", clearing: { amount: { value: 1 } } })?.clearing).toEqual({ amount: '{"value":1}' });
  });

  test.each([{ status: "process" }, { order_id: "1234" }, { id: "77" }])("a payment's state may be %j alone", (answer) => {
    expect(read(paymentState, answer)).toEqual(answer);
  });

  test.each([{ id: "x" }, { status: "process" }, { response: { id: "77" } }, { response: { status: "process" } }])(
    "a request's state may be %j alone",
    (answer) => {
      expect(read(requestState, answer)).toEqual(answer);
    },
  );
});

test.each([
  ["a created payment", createdPayment, { status: "process" }, "has no payment"],
  ["a payment's state", paymentState, { message: "maintenance" }, "has no payment"],
  ["a request's state", requestState, { message: "maintenance" }, "has no state of a request"],
  ["an edited payment", editedPayment, { status: "process" }, "has no payment"],
  ["any other answer", anyAnswer, { error: { code: "9403" } }, "is an error"],
] as readonly (readonly [string, AnswerSchema<unknown>, unknown, string])[])(
  "The error for an unreadable %s says why",
  (_, schema, json, message) => {
    expect(v.safeParse(schema, json).issues).toMatchObject([{ message }]);
  },
);
