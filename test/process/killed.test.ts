import { describe, expect, test } from "vitest";
import type { Moment } from "./gateway.ts";
import type { Stand } from "./stand.ts";
import {
  AMOUNT,
  chargeOf,
  click,
  clickAndLeave,
  expectPaidOnce,
  expectQuiet,
  heardByItself,
  openStand,
  refund,
  SECRETS,
  until,
} from "./stand.ts";

/** How often the edge is killed at a moment that nobody chose. */
const RANDOM_KILLS = process.env["TEST_LENGTH"] === "long" ? 100 : 10;

/** Orders that are under way at each of these. */
const ORDERS_A_KILL = 3;

/** Milliseconds from the clicks to the kill, at most: by then everything is over where nothing is slow. */
const LATEST_KILL = 60;

/** What the gateway does with an order that is under way at a random kill: every one of them ends paid. */
const PROFILES = ["pays", "later-1", "lost-after", "lost-before", "late-1", "truncated", "cut", "html-after", "http-503-after", "lag-2"];

/** An order that is paid, and a refund of a part of it that is under way when the edge is killed. */
async function killInRefund(stand: Stand, profile: string, moment: Moment): Promise<void> {
  expect(await click(stand, "order-1", profile)).toMatchObject({ status: "succeeded" });
  const killed = stand.gateway.next(moment, "payment.refund", stand.edge.kill);
  const [answer] = await Promise.all([refund(stand, "order-1", 1000), killed]);
  expect(answer).toBeNull();
}

async function expectRefundedOnce(stand: Stand): Promise<void> {
  const { simulator } = stand.gateway;
  const charge = await until("the refund is done, and settled at the gateway", async () => {
    const now = await chargeOf(stand, "order-1");
    return now.operations[0]?.state === "done" && simulator.totalsOf("order-1").refunded > 0 ? now : null;
  });
  expect(charge).toMatchObject({ status: "succeeded", refunded_amount: 1000, operations: [{ amount: 1000 }] });
  expect(simulator.totalsOf("order-1")).toMatchObject({ taken: AMOUNT * 100, refunded: 1000 * 100 });
  const refunds = stand.gateway.calls("payment.refund").map(({ headers, body }) => `${headers["x-request-id"]} ${body}`);
  expect(new Set(refunds).size).toBe(1);
}

describe.concurrent("kill -9", () => {
  test("between claim and answer: a charge that the gateway took is found, without anybody asking", async (context) => {
    const stand = await openStand(context);
    clickAndLeave(stand, "order-1");
    await stand.gateway.next("heard", "payment.create", stand.edge.kill);
    await stand.edge.start();
    await heardByItself(stand, "payment.status", Date.now());
    await expectPaidOnce(stand, "order-1");
    expect(stand.gateway.calls("payment.create")).toHaveLength(1);
    expectQuiet(stand);
  });

  test("between claim and answer: what the gateway never saw is sent again, the same bytes under the same id", async (context) => {
    const stand = await openStand(context);
    clickAndLeave(stand, "order-1", "lost-before");
    await stand.gateway.next("heard", "payment.create", stand.edge.kill);
    await stand.edge.start();
    await heardByItself(stand, "payment.create", Date.now());
    await expectPaidOnce(stand, "order-1");
    expect(stand.gateway.calls("payment.create")).toHaveLength(2);
    expectQuiet(stand);
  });

  test("between claim and answer, again and again: one create, and its payment", async (context) => {
    const stand = await openStand(context);
    clickAndLeave(stand, "order-1", "late-5");
    await stand.gateway.next("heard", "payment.create", stand.edge.kill);
    for (let again = 0; again < 5; again += 1) {
      await stand.edge.start();
      const { status, attempt } = await chargeOf(stand, "order-1");
      // A slow machine may have found it out by now.
      expect(["processing", "succeeded"]).toContain(status);
      expect(attempt).toBe(1);
      await stand.edge.kill();
    }
    await stand.edge.start();
    await expectPaidOnce(stand, "order-1");
    expect(stand.gateway.calls("payment.create")).toHaveLength(1);
    expectQuiet(stand);
  });

  test("between answer and store: the whole answer was there, and nobody had read it", async (context) => {
    const stand = await openStand(context);
    clickAndLeave(stand, "order-1");
    await stand.gateway.next("acted", "payment.create", stand.edge.freeze);
    await stand.gateway.next("answered", "payment.create", stand.edge.kill);
    await stand.edge.start();
    const charge = await chargeOf(stand, "order-1");
    expect(charge).toMatchObject({ status: "processing", payment_id: null });
    expect(charge.attempts[0]?.sends).toMatchObject([{ ended: null }]);
    await expectPaidOnce(stand, "order-1");
    expect(stand.gateway.calls("payment.create")).toHaveLength(1);
    expectQuiet(stand);
  });

  test("between the read that decides and its store", async (context) => {
    const stand = await openStand(context);
    clickAndLeave(stand, "order-1");
    await stand.gateway.next("acted", "payment.status", stand.edge.freeze);
    await stand.gateway.next("answered", "payment.status", stand.edge.kill);
    await stand.edge.start();
    expect(await chargeOf(stand, "order-1")).toMatchObject({ status: "processing", payment_id: expect.stringMatching(/^\d+$/) });
    await expectPaidOnce(stand, "order-1");
    expectQuiet(stand);
  });

  test(`${RANDOM_KILLS} times at random, ${ORDERS_A_KILL} orders under way at each: every one is paid exactly once`, async (context) => {
    const stand = await openStand(context);
    const clicks: Promise<unknown>[] = [];
    const orders: string[] = [];
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      for (let one = 0; one < ORDERS_A_KILL; one += 1) {
        const order = `order-${orders.length + 1}`;
        orders.push(order);
        clicks.push(click(stand, order, PROFILES[orders.length % PROFILES.length]));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LATEST_KILL));
      await stand.edge.kill();
      await stand.edge.start();
    }
    await Promise.all(clicks);
    for (const order of orders) await expectPaidOnce(stand, order);
    expect(stand.gateway.simulator.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(orders.length);
    expectQuiet(stand);
  });

  test("with a refund sent, which the gateway made: it is found done, once", async (context) => {
    const stand = await openStand(context);
    await killInRefund(stand, "pays", "acted");
    await stand.edge.start();
    await expectRefundedOnce(stand);
    expect(stand.gateway.calls("payment.refund")).toHaveLength(1);
    expectQuiet(stand);
  });

  test("with a refund sent, which the gateway never saw: a deployment with other keys sends it again, once", async (context) => {
    const stand = await openStand(context);
    await killInRefund(stand, "edit-lost-before", "heard");
    const { FREEDOM_PAY_SECRET_KEY, CALLBACK_KEY } = SECRETS;
    await stand.edge.start({
      // Both are being rotated; the gateway does not take the new one yet.
      FREEDOM_PAY_SECRET_KEY: `test-secret-of-tomorrow ${FREEDOM_PAY_SECRET_KEY}`,
      CALLBACK_KEY: `test-secret-callback-key-of-tomorrow-0123 ${CALLBACK_KEY}`,
    });
    await expectRefundedOnce(stand);
    expectQuiet(stand);
  });
});
