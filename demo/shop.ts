import type { ChargeStatus, ChargeView, MerchantChargeView } from "../src/edge-api.ts";
import { issueChargeToken, takenAmount, toMinorUnits, verifyNotification } from "../src/index.ts";
import type { StoredCard } from "./stored-cards.ts";

/** What this merchant's back end is told by its environment. */
export interface ShopSettings {
  /** The shop's own origin: its tokens work on no other page. */
  readonly origin: string;
  readonly edge: string;
  /** Shared with the edge: makes tokens. */
  readonly chargeTokenKey: string;
  /** Shared with the edge: this server may ask about any order. */
  readonly edgeApiKey: string;
  /** Shared with the edge: what it tells this server is signed with it. */
  readonly notifySecret: string;
}

/** An order as the shop keeps it. The price is the shop's: no page can change it. */
export interface Order {
  readonly id: string;
  /** Tenge. */
  readonly amount: number;
  readonly userId: string;
}

/** What the edge has told of an order. */
export interface Told {
  /** Of two notifications the one with the larger is the newer. */
  readonly sequence: number;
  readonly status: ChargeStatus;
  /** ISO 8601: when the goods were released; null as long as they are not. */
  readonly releasedAt: string | null;
}

/** Every price of this shop. */
const CURRENCY = "KZT";

// All that a merchant writes. The customer chose one of her stored cards; this answers what the element needs.
/** The charge token of an order and a card. @param description - what the shopper reads beside the amount */
export function chargeToken(shop: ShopSettings, order: Order, card: StoredCard, description: string): Promise<string> {
  return issueChargeToken(
    {
      order_id: order.id,
      amount: order.amount,
      currency: CURRENCY,
      description,
      user_id: order.userId,
      profile_id: card.profileId,
      card: { brand: card.brand, last4: card.last4 },
    },
    { key: shop.chargeTokenKey, issuer: "demo-shop", origin: shop.origin },
  );
}

/** Whether an order is paid: its price was taken, and not given back. The charge's `amount` is only what was asked for. */
export function isPaid(order: Order | undefined, charge: ChargeView): boolean {
  if (order === undefined || charge.status !== "succeeded" || charge.currency !== CURRENCY) return false;
  return takenAmount(charge) === toMinorUnits(order.amount);
}

/**
 * Takes a notification of the edge: goods are released by the first that says paid, and by no other, however often it comes.
 *
 * @param orders - the shop's own, by number: their price is the one that counts
 * @param told - what is known so far, by order
 */
export async function takeNotification(
  shop: ShopSettings,
  request: Request,
  orders: ReadonlyMap<string, Order>,
  told: Map<string, Told>,
): Promise<Response> {
  const notification = await verifyNotification(request, shop.notifySecret).catch(() => null);
  if (notification === null) return new Response(null, { status: 400 });
  const { order_id, sequence, status } = notification.data;
  const known = told.get(order_id);
  const releasedAt = known?.releasedAt ?? (isPaid(orders.get(order_id), notification.data) ? new Date().toISOString() : null);
  if (known === undefined || sequence > known.sequence) told.set(order_id, { sequence, status, releasedAt });
  return new Response(null, { status: 204 });
}

/** The charge of an order as the edge knows it, asked with the merchant's key; null when it was never begun. */
export async function chargeOf(shop: ShopSettings, order: Order, fetchEdge: typeof fetch = fetch): Promise<MerchantChargeView | null> {
  const response = await fetchEdge(`${shop.edge}/v1/charges/${order.id}`, { headers: { Authorization: `Bearer ${shop.edgeApiKey}` } });
  if (response.ok) return (await response.json()) as MerchantChargeView;
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw new Error(`The edge answered ${response.status}`);
}
