import { timingSafeEqual } from "node:crypto";
import type { ChargeStatus, ChargeView, CreatedProfile, MerchantChargeView } from "../src/edge-api.ts";
import { issueChargeToken, takenAmount, toMinorUnits, verifyNotification } from "../src/index.ts";
import type { StoredCard } from "./stored-cards.ts";

/** Settings of the merchant's back end. */
export interface ShopSettings {
  /** The shop's origin. Its tokens are only valid on its pages. */
  readonly origin: string;
  readonly edge: string;
  /** Shared with the edge: makes tokens. */
  readonly chargeTokenKey: string;
  /** Shared with the edge: gives this server access to every order. */
  readonly edgeApiKey: string;
  /** Shared with the edge: signs notifications. */
  readonly notifySecret: string;
}

/** An order in the shop's records. No page can change its price. */
export interface Order {
  readonly id: string;
  /** Tenge. */
  readonly amount: number;
  readonly userId: string;
}

/** The newest notified status of an order. */
export interface OrderStatus {
  /** Of two notifications the one with the larger sequence is newer. */
  readonly sequence: number;
  readonly status: ChargeStatus;
  /** The time when the goods were released, ISO 8601; null before. */
  readonly releasedAt: string | null;
}

/** Every price of this shop. */
const CURRENCY = "KZT";

/** What the shopper reads, and in which language. */
export interface Wording {
  /** Shown with the amount. */
  readonly description: string;
  readonly language: "kk" | "ru" | "en";
}

// All the code that a merchant needs begins here.
/**
 * Makes the charge token of an order, for the element.
 *
 * @param card - the stored card that the customer has chosen; null for a new one, which is entered on Freedom Pay's page and saved
 */
export function chargeToken(shop: ShopSettings, order: Order, card: StoredCard | null, wording: Wording): Promise<string> {
  const { description, language } = wording;
  const payment_page = { return_url: `${shop.origin}/?order=${order.id}`, save_card_months: 12, language };
  return issueChargeToken(
    {
      order_id: order.id,
      amount: order.amount,
      currency: CURRENCY,
      description,
      user_id: order.userId,
      ...(card ? { profile_id: card.profileId, card: { brand: card.brand, last4: card.last4 } } : { payment_page }),
    },
    { key: shop.chargeTokenKey, issuer: "demo-shop", origin: shop.origin },
  );
}

/** Whether an order is paid: its price was taken and not refunded. The charge's `amount` is only the requested amount. */
export function isPaid(order: Order | undefined, charge: ChargeView): boolean {
  if (order === undefined || charge.status !== "succeeded" || charge.currency !== CURRENCY) return false;
  return takenAmount(charge) === toMinorUnits(order.amount);
}

/**
 * Handles a notification of the edge. The first notification of a paid order releases the goods; repeats do not.
 *
 * @param orders - the shop's own orders by number, with their prices
 * @param statuses - the newest statuses by order; it is changed
 */
export async function receiveNotification(
  shop: ShopSettings,
  request: Request,
  orders: ReadonlyMap<string, Order>,
  statuses: Map<string, OrderStatus>,
): Promise<Response> {
  const notification = await verifyNotification(request, shop.notifySecret).catch(() => null);
  if (notification === null) return new Response(null, { status: 400 });
  const { order_id, sequence, status } = notification.data;
  const previous = statuses.get(order_id);
  const releasedAt = previous?.releasedAt ?? (isPaid(orders.get(order_id), notification.data) ? new Date().toISOString() : null);
  if (previous === undefined || sequence > previous.sequence) statuses.set(order_id, { sequence, status, releasedAt });
  return new Response(null, { status: 204 });
}

/** Reads the charge of an order from the edge, with the merchant's key; null when it does not exist. */
export async function chargeOf(shop: ShopSettings, order: Order, fetchEdge: typeof fetch = fetch): Promise<MerchantChargeView | null> {
  const response = await fetchEdge(`${shop.edge}/v1/charges/${order.id}`, { headers: { Authorization: `Bearer ${shop.edgeApiKey}` } });
  if (response.ok) return (await response.json()) as MerchantChargeView;
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw new Error(`The edge answered ${response.status}`);
}

/**
 * The profile to attach to the account of this session, or null: as in docs/first-payment.md. The person who paid may not be the person who
 * opened the page, so that it takes both, the account's session and the code that the return brought.
 */
export function profileToAttach(userId: string, code: unknown, { user_id, profile }: MerchantChargeView): CreatedProfile | null {
  if (user_id !== userId) return null;
  if (!profile?.return_code || typeof code !== "string") return null;
  const [given, expected] = [Buffer.from(code), Buffer.from(profile.return_code)];
  return given.length === expected.length && timingSafeEqual(given, expected) ? profile : null;
}

/** Refunds an order. The key makes two presses one refund. @returns whether the edge has taken it on */
export async function refund(shop: ShopSettings, order: Order, fetchEdge: typeof fetch = fetch): Promise<boolean> {
  const response = await fetchEdge(`${shop.edge}/v1/charges/${order.id}/refund`, {
    method: "POST",
    headers: { Authorization: `Bearer ${shop.edgeApiKey}`, "Content-Type": "application/json", "Idempotency-Key": `refund-${order.id}` },
    body: "{}",
  });
  await response.body?.cancel();
  return response.ok;
}
