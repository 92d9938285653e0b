import { randomUUID } from "node:crypto";
import type { MerchantChargeView } from "freedom-pay-charge";
import { issueChargeToken, takenAmount, toMinorUnits } from "freedom-pay-charge";

const { CHARGE_TOKEN_KEY = "", EDGE = "", EDGE_API_KEY = "" } = process.env;
const PRICE = { amount: 4990, currency: "KZT" } as const;

export function tokenFor(order_id: string): Promise<string> {
  const profile_id = "0190fddd-bea7-7f17-b777-10344d5cc816";
  const charge = { order_id, ...PRICE, description: "Aport apples, 5 kg", user_id: "12345", profile_id };
  return issueChargeToken(charge, { key: CHARGE_TOKEN_KEY, issuer: "shop.example" });
}

/** What the element does at a press. */
export async function press(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": randomUUID() };
  const response = await fetch(`${EDGE}/v1/charges`, { method: "POST", headers });
  await response.body?.cancel();
  return response.status;
}

export async function isPaid(order_id: string): Promise<boolean> {
  const response = await fetch(`${EDGE}/v1/charges/${order_id}`, { headers: { Authorization: `Bearer ${EDGE_API_KEY}` } });
  const charge = (await response.json()) as MerchantChargeView;
  return charge.status === "succeeded" && charge.currency === PRICE.currency && takenAmount(charge) === toMinorUnits(PRICE.amount);
}
