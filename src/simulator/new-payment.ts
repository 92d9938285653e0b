/** Makes the record of a payment, whichever call asks for it. */

import type { ParsedCreate, Source } from "./parsed-create.ts";
import type { Plan } from "./plan.ts";
import { stepsOf } from "./plan.ts";
import type { ModelState } from "./state.ts";
import { enqueue, takeId } from "./state.ts";
import type { Payment } from "./timeline.ts";

const BRANDS: Readonly<Record<string, string>> = { "2": "mir", "3": "amex", "4": "visa", "5": "mastercard" };

/** The day on which a profile expires. */
function expiryOf(createdAt: number, months: number): string {
  const day = new Date(createdAt);
  day.setUTCMonth(day.getUTCMonth() + months);
  return day.toISOString().slice(0, 10);
}

/** The first six and the last four digits of the simulated cards, by the first digit. No real card has them. */
const MASKS: Readonly<Record<string, string>> = {
  "3": "3782-82XX-XXXX-0005",
  "4": "4111-11XX-XXXX-1111",
  "5": "5555-55XX-XXXX-4444",
};

/** The mask of a card with this first digit. */
export const maskOf = (firstDigit: string): string => MASKS[firstDigit] ?? "4111-11XX-XXXX-1111";

/** The id of the profile that a payment begins. The Merchant API's are digits. */
export const newProfileId = (paymentId: string, type: Source["type"]): string =>
  type === "page" ? `6${paymentId}` : `simulated-profile-${paymentId}`;

/**
 * Makes a payment under an order_id, as a call, a late call or a try on a page asks for it.
 *
 * @param id - its id (default: the next one).
 */
export function makePayment(state: ModelState, parsed: ParsedCreate, plan: Plan, now: number, id: string = takeId(state)): Payment {
  const { source } = parsed;
  const began = source.lifetime === null ? null : newProfileId(id, source.type);
  const stored = source.profileId === null ? undefined : state.cards.findLast(({ profileId }) => profileId === source.profileId);
  const firstDigit = source.firstDigit ?? stored?.mask.slice(0, 1) ?? "4";
  const profileId = source.profileId ?? began;
  const payment: Payment = {
    id,
    orderId: parsed.orderId,
    minor: parsed.minor + (plan.takesMore ?? 0),
    currency: parsed.currency,
    description: parsed.description,
    userId: parsed.userId,
    autoClearing: parsed.autoClearing,
    profileId,
    profileExpiryDate: profileId === null ? null : expiryOf(now, source.lifetime ?? 12),
    beganProfile: began !== null && began === profileId,
    cardToken: source.cardToken ?? stored?.token ?? (source.save ? `simulated-card-${id}` : null),
    brand: BRANDS[firstDigit] ?? "visa",
    cardMask: stored?.mask ?? maskOf(firstDigit),
    isTest: parsed.isTest ?? true,
    createdAt: now,
    steps: stepsOf(plan, now, parsed.autoClearing),
    holdsFor: state.options.holdsFor,
    shows: plan.shows ?? {},
    settlesAfter: plan.edits?.settleAfter ?? state.options.settlesAfter,
    editsEnd: plan.edits?.end ?? "success",
    edits: [],
  };
  state.payments.set(id, payment);
  for (const planned of plan.cabinet ?? []) {
    enqueue(state, { at: now + planned.after, kind: "edit", paymentId: id, edit: planned.kind, minor: planned.minor, by: "cabinet" });
  }
  return payment;
}
