import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { DayList, MerchantChargeView } from "../../src/edge-api.ts";
import type { Receiver } from "./receiver.ts";
import { openReceiver } from "./receiver.ts";
import type { Stand } from "./stand.ts";
import { AMOUNT, chargeOf, click, expectPaidOnce, expectQuiet, openStand, SECRETS, until } from "./stand.ts";

const NOTIFY_SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;

/** How often the edge is killed at a moment that nobody chose, and how many orders are under way at each. */
const RANDOM_KILLS = process.env["TEST_LENGTH"] === "long" ? 50 : 6;
const ORDERS_A_KILL = 4;

async function openNotifiedStand(context: TestContext): Promise<{ stand: Stand; receiver: Receiver }> {
  const receiver = await openReceiver(NOTIFY_SECRET);
  context.onTestFinished(() => receiver.close());
  const stand = await openStand(context, { settings: { NOTIFY_URL: receiver.url, NOTIFY_SECRET } });
  return { stand, receiver };
}

/** The day in Almaty, as the merchant's server has it. */
function dayOf(at: number): string {
  return new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Almaty" });
}

/** All that the lists of these days have, page by page. */
async function listed({ edge }: Stand, days: Iterable<string>): Promise<ReadonlyMap<string, MerchantChargeView>> {
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
    const { stand, receiver } = await openNotifiedStand(context);
    const killed = receiver.next(stand.edge.kill);
    await Promise.all([click(stand, "order-1").catch(() => null), killed]);
    await stand.edge.start();
    await until("it is heard again", () => (receiver.heard.length > 1 ? true : null));
    const [first, second] = receiver.heard;
    expect(second).toEqual(first);
    expect(first).toMatchObject({ type: "charge.succeeded", data: { order_id: "order-1", status: "succeeded", cleared_amount: AMOUNT } });
    const charge = await until("it is written down as delivered", async () => {
      const now = await chargeOf(stand, "order-1");
      return now.notifications[0]?.ended === "delivered" ? now : null;
    });
    expect(charge.notifications).toMatchObject([{ id: first?.id, tries: 2 }]);
    expectQuiet(stand);
  });

  test(`${RANDOM_KILLS} times at random, ${ORDERS_A_KILL} orders under way at each: every one is told, and stands on the day's list`, async (context) => {
    const { stand, receiver } = await openNotifiedStand(context);
    const began = Date.now();
    const clicks: Promise<unknown>[] = [];
    const orders: string[] = [];
    for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
      for (let one = 0; one < ORDERS_A_KILL; one += 1) {
        orders.push(`order-${orders.length + 1}`);
        clicks.push(click(stand, orders.at(-1) ?? ""));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      await stand.edge.kill();
      await stand.edge.start();
    }
    await Promise.all(clicks);
    for (const order of orders) await expectPaidOnce(stand, order);
    await until("every one is told", () => {
      const told = new Set(receiver.heard.filter(({ type }) => type === "charge.succeeded").map(({ data }) => data.order_id));
      return orders.every((order) => told.has(order)) ? true : null;
    });
    const days = new Set([dayOf(began), dayOf(Date.now())]);
    await until("every one stands on the list as paid", async () => {
      const charges = await listed(stand, days);
      return orders.every((order) => charges.get(order)?.status === "succeeded") ? true : null;
    });
    // However often a notification came, its id tells that it is the same one.
    const ids = new Map(receiver.heard.map(({ id, data }) => [`${data.order_id} ${data.sequence}`, id]));
    for (const { id, data } of receiver.heard) expect(id).toBe(ids.get(`${data.order_id} ${data.sequence}`));
    expectQuiet(stand);
  });
});
