import { describe, expect, test } from "vitest";
import type { Moment } from "./gateway.ts";
import type { TestServer } from "./test-server.ts";
import {
  AMOUNT,
  chargeOf,
  click,
  clickWithoutWaiting,
  expectPaidOnce,
  expectCleanOutput,
  waitForOwnCall,
  startTestServer,
  statusOf,
  refund,
  SECRETS,
  until,
} from "./test-server.ts";
import { repeatedTest } from "../repeated-test.ts";

/** How often the edge is killed at a random time. */
const RANDOM_KILLS = 100;

/** Number of pending orders at each random kill. */
const ORDERS_A_KILL = 3;

/** Maximum milliseconds from the clicks to the kill. On a fast machine all orders are decided by then. */
const LATEST_KILL = 60;

/** The gateway's scenarios at a random kill. All of them end paid. */
const PROFILES = ["pays", "later-1", "lost-after", "lost-before", "late-1", "truncated", "cut", "html-after", "http-503-after", "lag-2"];

/** A paid order with a pending part refund when the edge is killed. */
async function killInRefund(testServer: TestServer, profile: string, moment: Moment): Promise<void> {
  await click(testServer, "order-1", profile);
  await statusOf(testServer, "order-1", "succeeded");
  const killed = testServer.gateway.next(moment, "payment.refund", testServer.edge.kill);
  const [answer] = await Promise.all([refund(testServer, "order-1", 1000), killed]);
  expect(answer).toBeNull();
}

async function expectRefundedOnce(testServer: TestServer): Promise<void> {
  const { simulator } = testServer.gateway;
  const charge = await until("the refund is done, and settled at the gateway", async () => {
    const now = await chargeOf(testServer, "order-1");
    return now.operations[0]?.state === "done" && simulator.totalsOf("order-1").refunded > 0 ? now : null;
  });
  expect(charge).toMatchObject({ status: "succeeded", refunded_amount: 1000, operations: [{ amount: 1000 }] });
  expect(simulator.totalsOf("order-1")).toMatchObject({ taken: AMOUNT * 100, refunded: 1000 * 100 });
  const refunds = testServer.gateway.calls("payment.refund").map(({ headers, body }) => `${headers["x-request-id"]} ${body}`);
  expect(new Set(refunds).size).toBe(1);
}

describe.concurrent("kill -9", () => {
  test("between claim and answer: a charge that the gateway took is found, without anybody asking", async (context) => {
    const testServer = await startTestServer(context);
    clickWithoutWaiting(testServer, "order-1");
    await testServer.gateway.next("received", "payment.create", testServer.edge.kill);
    await testServer.edge.start();
    await waitForOwnCall(testServer, "payment.status", Date.now());
    await expectPaidOnce(testServer, "order-1");
    expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
    expectCleanOutput(testServer);
  });

  test("between claim and answer: what the gateway never saw is sent again, the same bytes under the same id", async (context) => {
    const testServer = await startTestServer(context);
    clickWithoutWaiting(testServer, "order-1", "lost-before");
    await testServer.gateway.next("received", "payment.create", testServer.edge.kill);
    await testServer.edge.start();
    await waitForOwnCall(testServer, "payment.create", Date.now());
    await expectPaidOnce(testServer, "order-1");
    expect(testServer.gateway.calls("payment.create")).toHaveLength(2);
    expectCleanOutput(testServer);
  });

  repeatedTest("between claim and answer, again and again: one create, and its payment", async (context) => {
    const testServer = await startTestServer(context);
    clickWithoutWaiting(testServer, "order-1", "late-5");
    await testServer.gateway.next("received", "payment.create", testServer.edge.kill);
    for (let again = 0; again < 5; again += 1) {
      await testServer.edge.start();
      const { status, attempt } = await chargeOf(testServer, "order-1");
      // On a slow machine the charge may be decided by now.
      expect(["processing", "succeeded"]).toContain(status);
      expect(attempt).toBe(1);
      await testServer.edge.kill();
    }
    await testServer.edge.start();
    await expectPaidOnce(testServer, "order-1");
    expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
    expectCleanOutput(testServer);
  });

  repeatedTest("between answer and store: the whole answer was there, and nobody had read it", async (context) => {
    const testServer = await startTestServer(context);
    clickWithoutWaiting(testServer, "order-1");
    await testServer.gateway.next("acted", "payment.create", testServer.edge.freeze);
    await testServer.gateway.next("answered", "payment.create", testServer.edge.kill);
    await testServer.edge.start();
    await expectPaidOnce(testServer, "order-1");
    // The answer was not stored, so the send counts as lost.
    const charge = await chargeOf(testServer, "order-1");
    expect(charge.attempts[0]?.sends).toMatchObject([{ ended: "not_known" }]);
    expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
    expectCleanOutput(testServer);
  });

  repeatedTest("between the read that decides and its store", async (context) => {
    const testServer = await startTestServer(context);
    clickWithoutWaiting(testServer, "order-1");
    await testServer.gateway.next("acted", "payment.status", testServer.edge.freeze);
    await testServer.gateway.next("answered", "payment.status", testServer.edge.kill);
    await testServer.edge.start();
    await expectPaidOnce(testServer, "order-1");
    // The answer of the create and the read that follows it share a commit, so neither was stored, and a second read decided.
    expect(testServer.gateway.calls("payment.status").length).toBeGreaterThan(1);
    expectCleanOutput(testServer);
  });

  repeatedTest(
    `${RANDOM_KILLS} times at random, ${ORDERS_A_KILL} pending orders at each: every order is paid exactly once`,
    async (context) => {
      const testServer = await startTestServer(context);
      const clicks: Promise<unknown>[] = [];
      const orders: string[] = [];
      for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
        for (let one = 0; one < ORDERS_A_KILL; one += 1) {
          const order = `order-${orders.length + 1}`;
          orders.push(order);
          clicks.push(click(testServer, order, PROFILES[orders.length % PROFILES.length]));
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * LATEST_KILL));
        await testServer.edge.kill();
        await testServer.edge.start();
      }
      await Promise.all(clicks);
      for (const order of orders) await expectPaidOnce(testServer, order);
      expect(testServer.gateway.simulator.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(orders.length);
      expectCleanOutput(testServer);
    },
  );

  repeatedTest("with a refund sent, which the gateway made: it is found done, once", async (context) => {
    const testServer = await startTestServer(context);
    await killInRefund(testServer, "pays", "acted");
    await testServer.edge.start();
    await expectRefundedOnce(testServer);
    expect(testServer.gateway.calls("payment.refund")).toHaveLength(1);
    expectCleanOutput(testServer);
  });

  test("with a refund sent, which the gateway never saw: a deployment with other keys sends it again, once", async (context) => {
    const testServer = await startTestServer(context);
    await killInRefund(testServer, "edit-lost-before", "received");
    const { FREEDOM_PAY_SECRET_KEY, CALLBACK_KEY } = SECRETS;
    await testServer.edge.start({
      // Both keys are being rotated. The gateway does not accept the new one yet.
      FREEDOM_PAY_SECRET_KEY: `test-secret-of-tomorrow ${FREEDOM_PAY_SECRET_KEY}`,
      CALLBACK_KEY: `test-secret-callback-key-of-tomorrow-0123 ${CALLBACK_KEY}`,
    });
    await expectRefundedOnce(testServer);
    expectCleanOutput(testServer);
  });
});
