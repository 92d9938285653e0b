import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import type { Answer } from "./crowd.ts";
import { crowd } from "./crowd.ts";
import { AMOUNT, expectPaidOnce, expectQuiet, openStand, tokenFor } from "./stand.ts";

const LONG = process.env["TEST_LENGTH"] === "long";

const CLICKS = LONG ? 1000 : 200;
const KEYS = LONG ? 100 : 20;
const ORDERS = LONG ? 200 : 50;

/** A POST is answered with the outcome, or after 10 s, as a slow machine may need, with the state so far. */
function expectOneCharge({ body }: Answer): void {
  const charge = JSON.parse(body) as ChargeView;
  expect(charge).toMatchObject({ attempt: 1, cleared_amount: charge.status === "processing" ? 0 : AMOUNT });
  expect(["processing", "succeeded"]).toContain(charge.status);
}

describe("a crowd", () => {
  test(`${CLICKS} clicks at once on one order, under ${KEYS} keys: one create, and everybody is answered`, async (context) => {
    const stand = await openStand(context);
    const { post, leave } = crowd(stand);
    context.onTestFinished(leave);
    const token = await tokenFor("order-1");
    const answers = await Promise.all(Array.from({ length: CLICKS }, (_, index) => post(token, `key-${index % KEYS}`)));
    const told = (status: number): Answer[] => answers.filter((answer) => answer.status === status);
    expect(told(200).length + told(201).length + told(429).length).toBe(CLICKS);
    expect(told(201)).toHaveLength(1);
    for (const answer of [...told(200), ...told(201)]) expectOneCharge(answer);
    for (const { retryAfter } of told(429)) expect(retryAfter).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 10);
    expect(stand.gateway.calls("payment.create")).toHaveLength(1);
    await expectPaidOnce(stand, "order-1");
    expectQuiet(stand);
  });

  test(`${ORDERS} orders at once: as many creates, all paid; and they are there after a restart`, async (context) => {
    const stand = await openStand(context);
    const { post, leave } = crowd(stand);
    context.onTestFinished(leave);
    const orders = Array.from({ length: ORDERS }, (_, index) => `order-${index + 1}`);
    const tokens = await Promise.all(orders.map((order) => tokenFor(order)));
    const answers = await Promise.all(tokens.map((token, index) => post(token, `key-${index}`)));
    for (const { status, body } of answers) expect(status, body).toBe(201);
    expect(stand.gateway.calls("payment.create")).toHaveLength(ORDERS);
    expectQuiet(stand);

    await stand.edge.kill();
    await stand.edge.start();
    expect((await fetch(`${stand.edge.origin}/healthz`)).status).toBe(200);
    for (const order of orders) await expectPaidOnce(stand, order);
    expect(stand.gateway.simulator.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(ORDERS);
  });
});
