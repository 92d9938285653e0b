/**
 * Whether a callback is a notification of the Merchant API that verifies, and what it says then. The answer to a check depends on it (P6),
 * whether a payment is shown as a test (P12), and which profile a page made (P9). Of a page its try is read, and it may hold the page (P6).
 * No money is decided by it, and nothing else of it is stored (P11).
 */
import { gatewayTime } from "../../../src/lib/gateway-time.ts";
import { cardDigest } from "../../../src/merchant-api/card-digest.ts";
import type { ResultNotice } from "../../../src/merchant-api/notification.ts";
import { readNotification } from "../../../src/merchant-api/notification.ts";
import type { ProfileOffer } from "../../machine/page-record.ts";

/** A callback, with its body read already. */
export interface RawCallback {
  readonly kind: "check" | "result";
  readonly request: Pick<Request, "url" | "method">;
  readonly body: Uint8Array;
}

/** What a verified notification says; of any other it says nothing. */
export interface VerifiedCallback {
  readonly isVerified: boolean;
  /** That its payment is a test. Never of a GET: its address, which is logged on the way, holds the fields and their signature. */
  readonly isTest: boolean;
  readonly isByGet: boolean;
  /** That its payment failed. */
  readonly isFailed: boolean;
  /** That its payment took or holds money. Never of a GET. */
  readonly isPaid: boolean;
  /** The profile that a result names, with the gateway's own number. Never of a GET. */
  readonly profile: ProfileOffer | null;
}

const UNVERIFIED: VerifiedCallback = { isVerified: false, isTest: false, isByGet: false, isFailed: false, isPaid: false, profile: null };

/**
 * Whether one of the keys signed the notification, over the last segment of our address, and each field that is used is there once in its
 * form.
 *
 * @param secretKeys the values of FREEDOM_PAY_SECRET_KEY
 */
export async function verifyCallback({ kind, request, body }: RawCallback, secretKeys: readonly string[]): Promise<VerifiedCallback> {
  const { url, method } = request;
  if (method !== "GET" && method !== "POST") return UNVERIFIED;
  const copy = new Request(url, method === "GET" ? { method } : { method, body: new Uint8Array(body) });
  const read = await readNotification(copy, { kind, secretKeys });
  if (read.kind !== "verified") return UNVERIFIED;
  const { notice, isHintOnly } = read;
  return {
    isVerified: true,
    isTest: !isHintOnly && notice.isTest,
    isByGet: isHintOnly,
    isFailed: notice.kind === "result" && notice.result === "failed",
    isPaid: !isHintOnly && notice.kind === "result" && notice.result === "paid",
    profile: isHintOnly || notice.kind === "check" ? null : profileIn(notice),
  };
}

/** The profile that a paid result names. Of the card only what a shopper recognises it by is kept (P11). */
function profileIn({ result, profileId, paymentId, profileExpiryDate, card, cardToken }: ResultNotice): ProfileOffer | null {
  if (result !== "paid" || profileId === null || paymentId === null) return null;
  return {
    paymentId,
    profileId,
    expiresAt: expiryOf(profileExpiryDate),
    brand: card.brand,
    last4: card.last4,
    cardDigest: cardToken === null ? null : cardDigest(cardToken),
  };
}

/** The instant of a date of Almaty, which may have spaces inside: `2025-12-03 00: 00: 00`. */
function expiryOf(date: string | null): number | null {
  const text = date?.replaceAll(/:\s+/g, ":").trim();
  const at = gatewayTime(text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text);
  return Number.isNaN(at) ? null : at;
}
