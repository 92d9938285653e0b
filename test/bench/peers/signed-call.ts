/** A signed call of the gateway, with jose and the raw secret. */
import { FlattenedSign } from "jose";

/** The settings of a peer. */
export interface PeerSettings {
  readonly GATEWAY_URL: string;
  readonly MERCHANT_ID: string;
  readonly SECRET_KEY: string;
  readonly CHARGE_TOKEN_KEY: string;
}

/** The charge of a token. */
export interface PeerCharge {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly user_id: string;
  readonly profile_id: string;
}

/** What the page gets. */
export interface ChargeAnswer {
  readonly order_id: string;
  readonly status: string;
  readonly payment_id: string;
}

/** An answer of the gateway. */
export interface GatewayAnswer {
  readonly id: string;
  readonly status: string;
}

const ACTIONS = {
  create: { uri: "/v5/g2g/create", name: "gateway.payment.create" },
  read: { uri: "/v5/g2g/read", name: "gateway.payment.status" },
} as const;

/** Signs and sends one call. */
export async function signedCall(settings: PeerSettings, action: keyof typeof ACTIONS, body: unknown): Promise<GatewayAnswer> {
  const { uri, name } = ACTIONS[action];
  const encoder = new TextEncoder();
  const bytes = encoder.encode(JSON.stringify(body));
  const header = { uri, auth_id: settings.MERCHANT_ID, method: "POST", params: "", alg: "HS256" };
  const { protected: head, signature } = await new FlattenedSign(bytes)
    .setProtectedHeader(header)
    .sign(encoder.encode(settings.SECRET_KEY));
  const headers = {
    "X-JWS-Signature": `${head}..${signature}`,
    "X-Request-Id": crypto.randomUUID(),
    "X-Action": name,
    "Content-Type": "application/json",
  };
  const response = await fetch(settings.GATEWAY_URL + uri, { method: "POST", headers, body: bytes });
  return response.json();
}

/** The body of a charge's create. */
export function createBody({ profile_id, ...charge }: PeerCharge): unknown {
  return { ...charge, auto_clearing: true, from: { type: "recurrent", recurrent: { profile_id } }, device: { user_ip: "192.0.2.1" } };
}
