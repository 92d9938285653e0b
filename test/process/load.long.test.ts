import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import type { Answer } from "./load.ts";
import { createLoadClient } from "./load.ts";
import { AMOUNT, expectPaidOnce, expectCleanOutput, startTestServer, tokenFor } from "./test-server.ts";

const CLICKS = 1000;
const KEYS = 100;
const ORDERS = 200;

/** The answer to a POST is the outcome, or on a slow machine the state after 10 s. */
function expectOneCharge({ body }: Answer): void {
  const charge = JSON.parse(body) as ChargeView;
  expect(charge).toMatchObject({ attempt: 1, cleared_amount: charge.status === "processing" ? 0 : AMOUNT });
  expect(["processing", "succeeded"]).toContain(charge.status);
}

describe("load", () => {
  test(`${CLICKS} clicks at the same time on one order, under ${KEYS} keys: one create, and every click is answered`, async (context) => {
    const testServer = await startTestServer(context);
    const { post, close } = createLoadClient(testServer);
    context.onTestFinished(close);
    const token = await tokenFor("order-1");
    const answers = await Promise.all(Array.from({ length: CLICKS }, (_, index) => post(token, `key-${index % KEYS}`)));
    const withStatus = (status: number): Answer[] => answers.filter((answer) => answer.status === status);
    expect(withStatus(200).length + withStatus(201).length + withStatus(429).length).toBe(CLICKS);
    expect(withStatus(201)).toHaveLength(1);
    for (const answer of [...withStatus(200), ...withStatus(201)]) expectOneCharge(answer);
    for (const { retryAfter } of withStatus(429)) expect(retryAfter).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 10);
    expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
    await expectPaidOnce(testServer, "order-1");
    expectCleanOutput(testServer);
  });

  test(`${ORDERS} orders at the same time: one create each, all paid, also after a restart`, async (context) => {
    const testServer = await startTestServer(context);
    const { post, close } = createLoadClient(testServer);
    context.onTestFinished(close);
    const orders = Array.from({ length: ORDERS }, (_, index) => `order-${index + 1}`);
    const tokens = await Promise.all(orders.map((order) => tokenFor(order)));
    const answers = await Promise.all(tokens.map((token, index) => post(token, `key-${index}`)));
    for (const { status, body } of answers) expect(status, body).toBe(201);
    expect(testServer.gateway.calls("payment.create")).toHaveLength(ORDERS);
    expectCleanOutput(testServer);

    await testServer.edge.kill();
    await testServer.edge.start();
    expect((await fetch(`${testServer.edge.origin}/healthz`)).status).toBe(200);
    for (const order of orders) await expectPaidOnce(testServer, order);
    expect(testServer.gateway.simulator.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(ORDERS);
  });
});
