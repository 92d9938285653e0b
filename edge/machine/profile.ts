/**
 * The profile that a payment page made (P9). The functions change the attempt they are given; it is the copy that transition.ts made.
 */
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import { listCards } from "../../src/merchant-api/calls.ts";
import { MAX_TRIES, CALL_LOST_AFTER } from "./schedule.ts";
import type { ListedCard, NamedProfile, Page, ProfileOffer } from "./page-record.ts";
import type { Attempt } from "./record.ts";
import { isSameId } from "./record.ts";
import type { TransitionContext } from "./state.ts";
import { raiseAttention } from "./state.ts";

/** When the gateway's list of cards is asked, after the payment was first seen. */
const LOOKUPS: readonly number[] = [2 * MINUTE, 10 * MINUTE, HOUR, DAY];

/** Keeps the profile that a verified result named, until a read shows that payment held or paid. */
export function noteOffer(context: TransitionContext, attempt: Attempt, page: Page, offer: ProfileOffer): void {
  // A card is not kept without the shopper's consent, whatever the shop's settings at the gateway say.
  if (attempt.terms.save_card_months === null) return;
  // Before a read shows the payment, the first offer for it stands.
  const paid = page.profile === null ? null : { ...page.profile, paymentId: attempt.paymentId };
  const first = paid ?? page.offers.find(({ paymentId }) => isSameId(paymentId, offer.paymentId));
  if (first === undefined) {
    if (page.offers.length < MAX_TRIES) page.offers.push(offer);
  } else if (isSameId(offer.paymentId, first.paymentId) && numberOf(offer) !== numberOf(first))
    raiseAttention(context, "profile_differs", attempt, numberOf(offer));
}

/**
 * Takes the profile of an attempt that a read has shown held or paid: the one that a verified result named for this very payment. Without it
 * the list of cards is asked, 2 minutes, 10 minutes, an hour and a day later.
 */
export function settleProfile(attempt: Attempt): void {
  const { page, terms, state, decidedAt } = attempt;
  if (page === null || page.profile !== null || terms.save_card_months === null) return;
  if ((state !== "held" && state !== "paid") || decidedAt === null) return;
  const offer = page.offers.find((one) => isSameId(one.paymentId, attempt.paymentId) && isSameCard(one, page));
  if (offer !== undefined) {
    const { profileId, expiresAt, brand, last4 } = offer;
    take(page, { profileId, expiresAt, brand, last4 });
  } else page.lookupsFrom ??= decidedAt;
}

/**
 * When the list of cards is asked next, or when the last answer counts as lost; null: not at all. Where one was late, the pauses after it
 * stay, so that overdue ones do not go at once.
 */
export function nextLookup({ profile, lookupsFrom, lookups, lookedUpAt }: Page): number | null {
  if (profile !== null || lookupsFrom === null || lookups > LOOKUPS.length) return null;
  const after = LOOKUPS[lookups];
  if (lookedUpAt === null || after === undefined) return (lookedUpAt ?? lookupsFrom) + (after ?? CALL_LOST_AFTER);
  return Math.max(lookupsFrom + after, lookedUpAt + after - (LOOKUPS[lookups - 1] ?? 0));
}

/** The deadline of a look-up has passed: the list is asked, or after the last one the merchant is told. */
export function onLookupDue(context: TransitionContext, attempt: Attempt, page: Page): void {
  page.lookups += 1;
  page.lookedUpAt = context.now;
  if (page.lookups > LOOKUPS.length) {
    raiseAttention(context, "profile_missing", attempt, null);
    return;
  }
  const call = listCards({ user_id: attempt.terms.user_id }, context.random.requestId());
  context.effects.push({ kind: "list_cards", attempt: attempt.number, userId: attempt.terms.user_id, call });
}

/** The list of cards was read: exactly one row has the status' card token and is newer than the send. */
export function onCardsListed(attempt: Attempt, page: Page, cards: readonly ListedCard[]): void {
  if (page.profile !== null) return;
  const sentAt = attempt.sends[0]?.at ?? attempt.createdAt;
  // The list's times have whole seconds.
  const isNew = ({ createdAt }: ListedCard): boolean => createdAt !== null && createdAt + SECOND > sentAt;
  const rows = cards.filter((card) => page.cardDigest !== null && card.cardDigest === page.cardDigest && isNew(card));
  const [row] = rows;
  if (row === undefined || rows.length !== 1 || row.profileId === null) return;
  take(page, { profileId: row.profileId, expiresAt: null, brand: attempt.ledger?.brand ?? null, last4: row.last4 });
}

function take(page: Page, profile: NamedProfile): void {
  page.profile = profile;
  page.offers = [];
}

/** Whether the card tokens are the same, where both are known. */
function isSameCard({ cardDigest }: ProfileOffer, page: Page): boolean {
  return cardDigest === null || page.cardDigest === null || cardDigest === page.cardDigest;
}

/** The gateway's own number, without the part that binds it: another key makes another part. */
function numberOf({ profileId }: Pick<NamedProfile, "profileId">): string {
  return profileId.split(".", 1)[0] ?? profileId;
}
