/** The simulator's answers have the shapes of the official samples: exactly their members, with the same types. */
import { describe, expect, test } from "vitest";
import type { Call, Fault, ModelOptions, ModelState, Plan } from "../../src/simulator/index.ts";
import { createModel, receive } from "../../src/simulator/index.ts";
import { OFFICIAL_SAMPLES, sampleNamed, sampleText, shapeOf } from "../samples/official-samples.ts";
import {
  clearing,
  create,
  freshId,
  http,
  json,
  readOrder,
  readPayment,
  readRequest,
  refund,
  reverse,
  SECOND,
  START,
} from "./gateway-calls.ts";
import { simulator } from "./simulated-gateway.ts";

const ID = "1000000001";
const WAITS: Plan = { steps: [{ after: 0, does: "waits" }] };
const DECLINES: Plan = { steps: [{ after: 0, does: "declines", code: "10045" }] };

const send = (state: ModelState, request: Call, at = START, fault: Fault = {}, plan?: Plan): Record<string, unknown> =>
  json(receive(state, request, at, fault, plan).reply);

interface Answer {
  readonly httpStatus: number;
  readonly body: unknown;
}

/** The answer to the last of these calls, which are a minute apart. */
function answerTo(calls: readonly Call[], plan?: Plan, options: ModelOptions = {}): Answer {
  const state: ModelState = createModel(options);
  const replies = calls.map((request, index) => receive(state, request, START + index * 60 * SECOND, {}, plan).reply);
  const last = replies.at(-1) ?? null;
  return { httpStatus: last?.httpStatus ?? 0, body: json(last) };
}

const held = create({ autoClearing: false });
const requestId = freshId();

/** The calls whose answer has the shape of the sample with that name. */
const ANSWERS: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
  "create: process": () => answerTo([create()]),
  "create: error": () => answerTo([create()], DECLINES),
  "create: a bare error under 422": () => answerTo([create({ amount: 0 })]),
  "create: a bare error under 200": () => answerTo([create({ amount: 0 })], undefined, { badParametersStatus: 200 }),
  "create: nothing": () => {
    const { reply } = receive(createModel(), create(), START, { answer: "empty" });
    return { httpStatus: reply?.httpStatus ?? 0, body: json(reply) };
  },
  "create: a wrong signature": async () => {
    const response = await simulator().gateway.fetch(http(create(), "test-secret-another"));
    return { httpStatus: response.status, body: await response.json() };
  },
  "read: process": () => answerTo([create(), readOrder()], WAITS),
  "read: approved": () => answerTo([held, readOrder()]),
  "read: success": () => answerTo([create(), refund(ID, 100), readOrder()]),
  "read: reversed": () => answerTo([held, reverse(ID), readOrder()]),
  "read: error": () => answerTo([create(), readOrder()], DECLINES),
  "read: waiting_3ds": () => answerTo([create(), readOrder()], { steps: [{ after: 0, does: "waits", status: "waiting_3ds" }] }),
  "read: nothing": () => answerTo([readOrder()]),
  "request: approved": () => answerTo([create({ requestId }), readRequest(requestId)]),
  "request: process": () => answerTo([create({ requestId }), readRequest(requestId)]),
  "request: success": () => answerTo([create({ requestId }), readRequest(requestId)]),
  "request: never seen": () => answerTo([readRequest(requestId)]),
  clearing: () => answerTo([held, clearing(ID, 100)]),
  reverse: () => answerTo([held, reverse(ID)]),
  refund: () => answerTo([create(), refund(ID, 100)]),
};

describe("by default the simulator's answers have the shape of the official sample", () => {
  test("of every call and every status", () => {
    expect(Object.keys(ANSWERS)).toEqual(OFFICIAL_SAMPLES.map(({ name }) => name));
  });

  test.each(OFFICIAL_SAMPLES)("$name ($source)", async (sample) => {
    const answer = await ANSWERS[sample.name]?.();
    expect(answer?.httpStatus).toBe(sample.httpStatus);
    expect(shapeOf(answer?.body)).toEqual(shapeOf(JSON.parse(sampleText(sample))));
  });

  test("a decline that is read by its id has no order_id either", () => {
    const { body } = answerTo([create(), readPayment(ID)], DECLINES);
    expect(shapeOf(body)).toEqual(shapeOf(sampleNamed("read: error").body));
  });

  test("never seen is the official sample byte for byte, with the requested id as both ids", () => {
    const { body } = answerTo([readRequest(requestId)]);
    const values = { payment_id: "", order_id: "", row_id: "", created_at: "", request_id: requestId };
    expect(JSON.stringify(body)).toBe(sampleText(sampleNamed("request: never seen"), values));
  });
});

describe("a read that differs from the samples", () => {
  test("a read can have every member that the contract names, of a decline too", () => {
    const full = { shows: { full: true } };
    const recurrent = { profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816", profile_expiry_date: "2027-11-22" };
    const from = { recurrent, card: { brand: "visa", token: expect.any(String) } };
    const lists = { refund_payments: [], reverse_payments: [] };
    const paid = createModel();
    send(paid, create());
    expect(send(paid, readOrder(), START, full)).toMatchObject({ order_id: "1234", currency: "KZT", from, ...lists });
    const declined = createModel();
    send(declined, create(), START, {}, { steps: [{ after: 0, does: "declines", code: "10009" }] });
    expect(send(declined, readOrder(), START, full)).toMatchObject({
      order_id: "1234",
      amount: "100",
      currency: "KZT",
      from,
      clearing: { cleared: false },
      error: { code: "10009" },
      ...lists,
    });
  });

  test.each([
    ["process", { status: "process" }, "process"],
    ["an unpublished status", { status: "settling" }, "success"],
  ])("a payment that is shown as %s has the members of the matching sample", (_, shows, sample) => {
    const state = createModel();
    send(state, create());
    const { refund_payments: __, ...members } = sampleNamed(`read: ${sample}`).body;
    expect(Object.keys(send(state, readOrder(), START, { shows })).sort()).toEqual(Object.keys(members).sort());
  });
});

describe("a sample", () => {
  test("names its source, and has a unique name", () => {
    for (const { source } of OFFICIAL_SAMPLES) expect(source).toMatch(/^contract: /);
    expect(new Set(OFFICIAL_SAMPLES.map(({ name }) => name)).size).toBe(OFFICIAL_SAMPLES.length);
  });

  test("is filled in by its names in braces, and does not change otherwise", () => {
    const filled = OFFICIAL_SAMPLES.map((sample) => sampleText(sample));
    expect(filled.filter((text) => /[{]\w+[}]/.test(text))).toEqual([]);
    expect(JSON.parse(sampleText(sampleNamed("read: error")))).toEqual({
      id: "0197b0c1-7d2e-7c34-9a55-2f1f0c6f8a10",
      status: "error",
      amount: "100",
      created_at: "2025-06-20T07:13:31.068188524Z",
      error: { code: "10045", description: "Declined by the bank" },
    });
  });
});
