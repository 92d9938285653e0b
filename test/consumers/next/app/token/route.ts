import { mkdirSync, writeFileSync } from "node:fs";
import { issueChargeToken, toMinorUnits } from "freedom-pay-charge";

const { CHARGE_TOKEN_KEY = "", EDGE, ORDER_ID = "" } = process.env;

export async function POST(): Promise<Response> {
  // In a shop: the open order of the customer who is signed in, and the card that they chose.
  const charge = {
    order_id: ORDER_ID,
    amount: 4990,
    currency: "KZT",
    description: "Aport apples, 5 kg",
    user_id: "12345",
    profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  } as const;
  mkdirSync("shop/orders", { recursive: true });
  writeFileSync(`shop/orders/${charge.order_id}.json`, JSON.stringify({ price: toMinorUnits(charge.amount), currency: charge.currency }));
  return Response.json({ endpoint: EDGE, token: await issueChargeToken(charge, { key: CHARGE_TOKEN_KEY, issuer: "shop.example" }) });
}
