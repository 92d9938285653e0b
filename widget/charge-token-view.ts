import type { ChargeInput } from "../src/charge.ts";
import type { CardHint } from "../src/edge-api.ts";

/** What a charge token says, for display until the edge has answered. Nothing here is verified; unreadable parts are null. */
export interface ChargeTokenView {
  readonly order_id: string;
  /** Major units. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly description: string | null;
  readonly card: CardHint | null;
  /** It is paid on Freedom Pay's page. */
  readonly isForPage: boolean;
  /** The page saves the card. */
  readonly savesCard: boolean;
  /** When it was issued, epoch seconds. */
  readonly iat: number | null;
}

/**
 * Reads the payload of a charge token (a JWT, RFC 7519) **without verifying it**: only the edge has the key.
 *
 * @param token - as the storefront's back end issued it
 * @returns null when no order can be read from it, for then there is nothing to show and nothing to ask the edge
 */
export function readChargeToken(token: string): ChargeTokenView | null {
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const number = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null);
  try {
    const base64 = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const { charge, iat } = JSON.parse(new TextDecoder().decode(bytes)) as { charge: Record<keyof ChargeInput, unknown>; iat: unknown };
    const { brand, last4 } = Object(charge.card) as Partial<CardHint>;
    const { payment_page: page } = charge as Partial<ChargeInput>;
    const orderId = text(charge.order_id);
    if (!orderId) return null;
    return {
      order_id: orderId,
      amount: number(charge.amount),
      currency: text(charge.currency),
      description: text(charge.description),
      card: text(brand) !== null && text(last4) !== null ? ({ brand, last4 } as CardHint) : null,
      isForPage: page != null,
      savesCard: page?.save_card_months != null,
      iat: number(iat),
    };
  } catch {
    return null;
  }
}
