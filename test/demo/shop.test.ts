import { expect, test } from "vitest";
import type { Order, ShopSettings, OrderStatus } from "../../demo/shop.ts";
import { receiveNotification } from "../../demo/shop.ts";
import { signNotification } from "../../src/index.ts";

const SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;
const SHOP: ShopSettings = {
  origin: "https://shop.example",
  edge: "https://edge.example",
  chargeTokenKey: "test-secret-charge-token-key-0123456789abcdef",
  edgeApiKey: "test-secret-edge-api-key-0123456789abcdef",
  notifySecret: SECRET,
};

const ORDERS: ReadonlyMap<string, Order> = new Map([["A-111111", { id: "A-111111", amount: 4990.1, userId: "demo-shopper" }]]);

/** A notification. By default the price was taken. */
async function notification(sequence: number, status: string, { secret = SECRET, ...charge }: Readonly<Record<string, unknown>> = {}) {
  const taken = { amount: 4990.1, currency: "KZT", cleared_amount: 4990.1, refunded_amount: 0 };
  const data = { order_id: "A-111111", sequence, status, ...taken, ...charge };
  const body = JSON.stringify({ type: `charge.${status}`, timestamp: "2026-11-22T10:00:00.000Z", data });
  const headers = await signNotification(body, { id: `msg_${sequence}`, secret: String(secret) });
  return new Request("https://shop.example/notifications", { method: "POST", headers, body });
}

test("the first notification of a paid order releases the goods, and repeats do not", async () => {
  const statuses = new Map<string, OrderStatus>();
  expect((await receiveNotification(SHOP, await notification(1, "failed"), ORDERS, statuses)).status).toBe(204);
  expect(statuses.get("A-111111")).toEqual({ sequence: 1, status: "failed", releasedAt: null });
  expect((await receiveNotification(SHOP, await notification(2, "succeeded"), ORDERS, statuses)).status).toBe(204);
  const released = statuses.get("A-111111");
  expect(released).toEqual({ sequence: 2, status: "succeeded", releasedAt: expect.any(String) });
  expect((await receiveNotification(SHOP, await notification(2, "succeeded"), ORDERS, statuses)).status).toBe(204);
  expect(statuses.get("A-111111")).toBe(released);
});

test.each([
  ["that is only held", "authorized", { cleared_amount: 0 }],
  ["that was cleared in part", "succeeded", { cleared_amount: 4000 }],
  ["that was refunded in part", "succeeded", { refunded_amount: 0.01 }],
  ["with a pending complete refund", "succeeded", { refunded_amount: 4990.1 }],
  ["that was paid in another currency", "succeeded", { currency: "UZS" }],
  ["that was paid under another price", "succeeded", { amount: 1, cleared_amount: 1 }],
  ["that the shop does not know", "succeeded", { order_id: "A-222222" }],
])("goods of an order %s are not released, with any amount", async (_, status, charge) => {
  const statuses = new Map<string, OrderStatus>();
  expect((await receiveNotification(SHOP, await notification(1, status, charge), ORDERS, statuses)).status).toBe(204);
  expect([...statuses.values()].map(({ releasedAt }) => releasedAt)).toEqual([null]);
});

test("the taken and not refunded amount is compared exactly", async () => {
  const statuses = new Map<string, OrderStatus>();
  const charge = { amount: 5000.1, cleared_amount: 4990.4, refunded_amount: 0.3 };
  await receiveNotification(SHOP, await notification(1, "succeeded", charge), ORDERS, statuses);
  expect(statuses.get("A-111111")?.releasedAt).toEqual(expect.any(String));
});

test("an older notification changes nothing, and a newer one keeps the release", async () => {
  const statuses = new Map<string, OrderStatus>();
  await receiveNotification(SHOP, await notification(3, "refunded"), ORDERS, statuses);
  await receiveNotification(SHOP, await notification(2, "succeeded"), ORDERS, statuses);
  expect(statuses.get("A-111111")).toEqual({ sequence: 3, status: "refunded", releasedAt: null });
  await receiveNotification(SHOP, await notification(4, "succeeded"), ORDERS, statuses);
  const releasedAt = statuses.get("A-111111")?.releasedAt;
  await receiveNotification(SHOP, await notification(5, "refunded"), ORDERS, statuses);
  expect(statuses.get("A-111111")).toEqual({ sequence: 5, status: "refunded", releasedAt });
});

test("a notification with another signature is refused, and releases nothing", async () => {
  const statuses = new Map<string, OrderStatus>();
  const secret = `whsec_${Buffer.from("test-secret-of-somebody-else").toString("base64")}`;
  expect((await receiveNotification(SHOP, await notification(1, "succeeded", { secret }), ORDERS, statuses)).status).toBe(400);
  expect(statuses.size).toBe(0);
});
