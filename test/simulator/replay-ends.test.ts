import { describe, expect, test } from "vitest";
import type { Call, ModelState } from "../../src/simulator/index.ts";
import { checkBefore, createModel, receive, totalsOf } from "../../src/simulator/index.ts";
import { create, json, readOrder, readPayment, SECOND, START } from "./gateway-calls.ts";

const send = (state: ModelState, request: Call, at = START): Record<string, unknown> => json(receive(state, request, at).reply);

describe("a gateway whose replay of an order_id ends", () => {
  const ENDS = { replaysOrdersFor: 600 * SECOND };
  const both = create({ urls: { check_url: "https://shop.example/check", result_url: "https://shop.example/result" } });

  test("makes a second payment for the same order_id, to the millisecond", () => {
    const state = createModel(ENDS);
    expect(send(state, create())).toMatchObject({ id: "1000000001" });
    expect(send(state, create(), START + 600 * SECOND - 1)).toMatchObject({ id: "1000000001" });
    const second = receive(state, create({ amount: 7 }), START + 600 * SECOND);
    expect(second.replayOf).toBeNull();
    expect(json(second.reply)).toMatchObject({ id: "1000000002", amount: 7 });
    expect(totalsOf(state, "1234", START + 600 * SECOND)).toEqual({ held: 0, taken: 10_700, refunded: 0, payments: 2 });
  });

  test("reads the newer payment by the order_id, and both by their own ids", () => {
    const state = createModel(ENDS);
    for (const at of [START, START + 600 * SECOND]) send(state, create(), at);
    const at = START + 600 * SECOND;
    expect(send(state, readOrder(), at)).toMatchObject({ id: "1000000002" });
    for (const id of ["1000000001", "1000000002"]) expect(send(state, readPayment(id), at)).toMatchObject({ id, order_id: "1234" });
  });

  test("replays the second create from its own time on", () => {
    const state = createModel(ENDS);
    for (const at of [0, 600, 1199]) send(state, create(), START + at * SECOND);
    expect(state.payments.size).toBe(2);
  });

  test("still replays an X-Request-Id that it remembers", () => {
    const state = createModel(ENDS);
    const request = create();
    const first = receive(state, request, START);
    expect(receive(state, request, START + 601 * SECOND)).toMatchObject({ reply: first.reply, replayOf: "request" });
    expect(state.payments.size).toBe(1);
  });

  test("calls check_url and result_url again for the second payment", () => {
    const state = createModel({ ...ENDS, remembersRequestsFor: 600 * SECOND });
    for (const [at, made] of [
      [0, true],
      [599, false],
      [600, true],
    ] as const) {
      expect(checkBefore(state, both, START + at * SECOND) === null).toBe(!made);
      expect(receive(state, both, START + at * SECOND).callbacks).toHaveLength(made ? 1 : 0);
    }
  });

  test("by default it never ends", () => {
    const state = createModel();
    for (const at of [START, START + 4000 * 86_400 * SECOND]) send(state, create(), at);
    expect(state.payments.size).toBe(1);
  });
});
