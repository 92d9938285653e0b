import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { DayList, MerchantChargeView } from "../../src/edge-api.ts";
import type { Receiver } from "./receiver.ts";
import { openReceiver } from "./receiver.ts";
import type { TestServer } from "./test-server.ts";
import { AMOUNT, chargeOf, click, expectPaidOnce, expectCleanOutput, startTestServer, SECRETS, until } from "./test-server.ts";

const NOTIFY_SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;

/** How often the edge is killed at a random time, and the number of pending orders at each kill. */
const RANDOM_KILLS = 50;
const ORDERS_A_KILL = 4;

async function startServerWithReceiver(context: TestContext): Promise<{ testServer: TestServer; receiver: Receiver }> {
  const receiver = await openReceiver(NOTIFY_SECRET);
  context.onTestFinished(() => receiver.close());
  const testServer = await startTestServer(context, { settings: { NOTIFY_URL: receiver.url, NOTIFY_SECRET } });
  return { testServer, receiver };
}

/** The day in Almaty, as on the merchant's server. */
function dayOf(at: number): string {
  return new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Almaty" });
}

/** The entries of these days' lists, from all pages. */
async function listed({ edge }: TestServer, days: Iterable<string>): Promise<ReadonlyMap<string, MerchantChargeView>> {
  const found = new Map<string, MerchantChargeView>();
  for (const day of days) {
    for (let after = ""; ; ) {
      const answer = await fetch(`${edge.origin}/v1/charges?day=${day}${after}`, {
        headers: { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` },
      });
      expect(answer.status).toBe(200);
      const { charges, next } = (await answer.json()) as DayList;
      for (const charge of charges) found.set(charge.order_id, charge);
      if (next === null) break;
      after = `&after=${next}`;
    }
  }
  return found;
}

describe.concurrent("kill -9 and what is owed", () => {
  test("a notification that was under way is sent again under its id, without anybody asking", async (context) => {
    const { testServer, receiver } = await startServerWithReceiver(context);
    const killed = receiver.next(testServer.edge.kill);
    await Promise.all([click(testServer, "order-1").catch(() => null), killed]);
    await testServer.edge.start();
    await until("it is received again", () => (receiver.received.length > 1 ? true : null));
    const [first, second] = receiver.received;
    expect(second).toEqual(first);
    expect(first).toMatchObject({ type: "charge.succeeded", data: { order_id: "order-1", status: "succeeded", cleared_amount: AMOUNT } });
    const charge = await until("it is stored as delivered", async () => {
      const now = await chargeOf(testServer, "order-1");
      return now.notifications[0]?.ended === "delivered" ? now : null;
    });
    expect(charge.notifications).toMatchObject([{ id: first?.id, tries: 2 }]);
    expectCleanOutput(testServer);
  });

  test(`${RANDOM_KILLS} times at random, ${ORDERS_A_KILL} pending orders at each: every order is notified, and in the day's list`, async (context) => {
    const { testServer, receiver } = await startServerWithReceiver(context);
    const began = Date.now();
    const clicks: Promise<unknown>[] = [];
    const orders: string[] = [];
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      for (let one = 0; one < ORDERS_A_KILL; one += 1) {
        orders.push(`order-${orders.length + 1}`);
        clicks.push(click(testServer, orders.at(-1) ?? ""));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      await testServer.edge.kill();
      await testServer.edge.start();
    }
    await Promise.all(clicks);
    for (const order of orders) await expectPaidOnce(testServer, order);
    await until("every order is notified", () => {
      const notified = new Set(receiver.received.filter(({ type }) => type === "charge.succeeded").map(({ data }) => data.order_id));
      return orders.every((order) => notified.has(order)) ? true : null;
    });
    const days = new Set([dayOf(began), dayOf(Date.now())]);
    await until("every order is in the list as paid", async () => {
      const charges = await listed(testServer, days);
      return orders.every((order) => charges.get(order)?.status === "succeeded") ? true : null;
    });
    // Repeats of a notification have the same id.
    const ids = new Map(receiver.received.map(({ id, data }) => [`${data.order_id} ${data.sequence}`, id]));
    for (const { id, data } of receiver.received) expect(id).toBe(ids.get(`${data.order_id} ${data.sequence}`));
    expectCleanOutput(testServer);
  });
});
