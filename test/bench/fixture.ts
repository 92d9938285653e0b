/** The merchant of the benches, and the charge that every request is about. No secret here is used anywhere else. */
import { createHmac } from "node:crypto";

export const MERCHANT = {
  merchantId: "999999",
  secretKey: "bench-secret-of-the-gateway",
  tokenKey: "bench-charge-token-key-0123456789abcdef0123",
  apiKey: "bench-edge-api-key-0123456789abcdef01234567",
  callbackKey: "bench-callback-key-0123456789abcdef01234567",
  notifySecret: `whsec_${Buffer.from("bench-notify-secret-0123456789ab").toString("base64")}`,
} as const;

/** Major units of every order. */
export const AMOUNT = 4990;

/** Seconds for which a token is valid. */
const LIFETIME = 3600;

const HEADER = encode({ alg: "HS256", typ: "JWT" });

/** The charge of an order, as in its token. */
export function chargeOf(orderId: string): Readonly<Record<string, unknown>> {
  return {
    order_id: orderId,
    amount: AMOUNT,
    currency: "KZT",
    description: "Order of the bench",
    user_id: "12345",
    profile_id: "profile-12345",
  };
}

/** The charge token of an order. Signed with node:crypto, because that is the cheapest for the process that makes the load. */
export function tokenFor(orderId: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: "shop.example", aud: "freedom-pay-charge", iat, exp: iat + LIFETIME, charge: chargeOf(orderId) };
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", MERCHANT.tokenKey).update(signed).digest("base64url")}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
