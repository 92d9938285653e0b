import { expect, test } from "vitest";
import type { ShopSettings, Told } from "../../demo/shop.ts";
import { takeNotification } from "../../demo/shop.ts";
import { signNotification } from "../../src/index.ts";

const SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;
const SHOP: ShopSettings = {
  origin: "https://shop.example",
  edge: "https://edge.example",
  chargeTokenKey: "test-secret-charge-token-key-0123456789abcdef",
  edgeApiKey: "test-secret-edge-api-key-0123456789abcdef",
  notifySecret: SECRET,
};

async function notification(sequence: number, status: string, secret = SECRET): Promise<Request> {
  const data = { order_id: "A-111111", sequence, status };
  const body = JSON.stringify({ type: `charge.${status}`, timestamp: "2026-11-22T10:00:00.000Z", data });
  const headers = await signNotification(body, { id: `msg_${sequence}`, secret });
  return new Request("https://shop.example/notifications", { method: "POST", headers, body });
}

test("goods are released by the first notification that says paid, and once however often it comes", async () => {
  const told = new Map<string, Told>();
  expect((await takeNotification(SHOP, await notification(1, "failed"), told)).status).toBe(204);
  expect(told.get("A-111111")).toEqual({ sequence: 1, status: "failed", releasedAt: null });
  expect((await takeNotification(SHOP, await notification(2, "succeeded"), told)).status).toBe(204);
  const released = told.get("A-111111");
  expect(released).toEqual({ sequence: 2, status: "succeeded", releasedAt: expect.any(String) });
  expect((await takeNotification(SHOP, await notification(2, "succeeded"), told)).status).toBe(204);
  expect(told.get("A-111111")).toBe(released);
});

test("an older notification that comes late changes nothing, a newer one keeps what was released", async () => {
  const told = new Map<string, Told>();
  await takeNotification(SHOP, await notification(3, "refunded"), told);
  await takeNotification(SHOP, await notification(2, "succeeded"), told);
  expect(told.get("A-111111")).toEqual({ sequence: 3, status: "refunded", releasedAt: null });
  await takeNotification(SHOP, await notification(4, "succeeded"), told);
  const releasedAt = told.get("A-111111")?.releasedAt;
  await takeNotification(SHOP, await notification(5, "refunded"), told);
  expect(told.get("A-111111")).toEqual({ sequence: 5, status: "refunded", releasedAt });
});

test("what somebody else signed is refused, and releases nothing", async () => {
  const told = new Map<string, Told>();
  const secret = `whsec_${Buffer.from("test-secret-of-somebody-else").toString("base64")}`;
  expect((await takeNotification(SHOP, await notification(1, "succeeded", secret), told)).status).toBe(400);
  expect(told.size).toBe(0);
});
