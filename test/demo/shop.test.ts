import { expect, test } from "vitest";
import type { Order, ShopSettings, OrderStatus } from "../../demo/shop.ts";
import { chargeToken, profileToAttach, receiveNotification, refund } from "../../demo/shop.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
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

const ORDER: Order = { id: "A-111111", amount: 4990.1, userId: "customer-1" };

/** The charge that a token is for. */
async function chargeIn(token: Promise<string>): Promise<unknown> {
  const { charge } = JSON.parse(Buffer.from((await token).split(".")[1] ?? "", "base64url").toString()) as { charge: unknown };
  return charge;
}

test("a token is for a stored card, or for a page that saves the new one and leads back to the order", async () => {
  const wording = { description: "Aport apples, 5 kg", language: "kk" } as const;
  const terms = { order_id: "A-111111", amount: 4990.1, currency: "KZT", user_id: "customer-1", description: "Aport apples, 5 kg" };
  const stored = { name: "at_once", profileId: "demo-1.pays", brand: "visa", last4: "0101" };
  expect(await chargeIn(chargeToken(SHOP, ORDER, stored, wording))).toMatchObject({
    ...terms,
    profile_id: "demo-1.pays",
    card: { brand: "visa", last4: "0101" },
  });
  expect(await chargeIn(chargeToken(SHOP, ORDER, null, wording))).toMatchObject({
    ...terms,
    payment_page: { return_url: "https://shop.example/?order=A-111111", save_card_months: 12, language: "kk" },
  });
});

test.each<[string, string, unknown, string | null, boolean]>([
  ["the account's session and the code of the return", "customer-1", "code-1", "code-1", true],
  ["another account's session", "customer-2", "code-1", "code-1", false],
  ["another code", "customer-1", "code-2", "code-1", false],
  ["a longer code", "customer-1", "code-11", "code-1", false],
  ["no code", "customer-1", undefined, "code-1", false],
  ["no code, where none was made", "customer-1", undefined, null, false],
  ["a code that is a list", "customer-1", ["code-1"], "code-1", false],
])("a card is attached only by session and code: %s", (_, userId, code, return_code, isAttached) => {
  const profile = { profile_id: "60144557.0123456789abcdef", expires_at: null, card: { brand: "visa", last4: "1111" }, return_code };
  const charge = { user_id: "customer-1", profile } as MerchantChargeView;
  expect(profileToAttach(userId, code, charge)).toEqual(isAttached ? profile : null);
  expect(profileToAttach(userId, code, { ...charge, profile: null })).toBeNull();
});

test("a refund goes to the edge with the server's key, under one key for the order", async () => {
  const calls: Request[] = [];
  const edge = (status: number): typeof fetch => {
    return async (input, init) => {
      calls.push(new Request(input, init));
      return Response.json({}, { status });
    };
  };
  expect([await refund(SHOP, ORDER, edge(200)), await refund(SHOP, ORDER, edge(409))]).toEqual([true, false]);
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(2).fill("POST https://edge.example/v1/charges/A-111111/refund"));
  expect(new Set(calls.map(({ headers }) => headers.get("idempotency-key")))).toEqual(new Set(["refund-A-111111"]));
  expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${SHOP.edgeApiKey}`);
});
