import type { CardHint } from "../src/edge-api.ts";

/** What a charge token says, for display until the edge has answered. Nothing here is verified; unreadable parts are null. */
export interface ChargeTokenView {
  readonly order_id: string;
  /** Major units. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly description: string | null;
  readonly card: CardHint | null;
  /** When it was issued, epoch seconds. */
  readonly iat: number | null;
}

/** What has no members has none of those that are looked for. */
function members(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value) as Record<string, unknown>;
}

/**
 * Reads the payload of a charge token (a JWT, RFC 7519) **without verifying it**: only the edge has the key.
 *
 * @param token - as the storefront's back end issued it
 * @returns null when no order can be read from it, for then there is nothing to show and nothing to ask the edge
 */
export function readChargeToken(token: string): ChargeTokenView | null {
  try {
    const bytes = Uint8Array.from(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
    const claims = members(JSON.parse(new TextDecoder().decode(bytes)));
    const charge = members(claims["charge"]);
    const card = members(charge["card"]);
    const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
    const number = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null);
    const orderId = text(charge["order_id"]);
    const brand = text(card["brand"]);
    const last4 = text(card["last4"]);
    return orderId
      ? {
          order_id: orderId,
          amount: number(charge["amount"]),
          currency: text(charge["currency"]),
          description: text(charge["description"]),
          card: brand !== null && last4 !== null ? { brand, last4 } : null,
          iat: number(claims["iat"]),
        }
      : null;
  } catch {
    return null;
  }
}
