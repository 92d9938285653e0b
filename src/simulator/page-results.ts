/** The results of a try on a page, and the profile that it creates. */

import type { PlannedCallback } from "./callbacks.ts";
import { resultsOf } from "./callbacks.ts";
import { cardFields, profileExpiry } from "./merchant-answers.ts";
import type { SimulatedPage } from "./page.ts";
import type { Plan } from "./plan.ts";
import { endsAfter } from "./plan.ts";
import type { ModelState } from "./state.ts";
import type { Payment } from "./timeline.ts";

/** The profile that differs from the payment's own. */
const otherProfile = (profileId: string): string => `7${profileId.slice(1)}`;

/** Whether the plan takes or holds the money. */
const takesMoney = (plan: Plan): boolean => plan.steps.some(({ does }) => does === "pays" || does === "holds");

/** Stores the card of a try that pays, if the shop asked for a profile. It is listed from the outcome on. */
export function keepCard(state: ModelState, page: SimulatedPage, payment: Payment, plan: Plan, now: number): void {
  const { shown = "everywhere", rows = 1 } = plan.profile ?? {};
  if (payment.profileId === null || payment.cardToken === null || shown === "none" || !takesMoney(plan)) {
    return;
  }
  const { userId } = page.parsed.create;
  const row = { userId, token: payment.cardToken, mask: payment.cardMask, createdAt: now + (endsAfter(plan) ?? 0) };
  const profiles = [payment.profileId, otherProfile(payment.profileId)].slice(0, rows);
  state.cards.push(...profiles.map((profileId) => ({ ...row, profileId })));
}

function profileFields(payment: Payment, plan: Plan, profileId: string | null): Readonly<Record<string, string>> {
  const { shown = "everywhere", ofDecline = false, shortName = false } = plan.profile ?? {};
  if (profileId === null || shown !== "everywhere" || !(takesMoney(plan) || ofDecline)) {
    return {};
  }
  return {
    [shortName ? "pg_recurring_profile" : "pg_recurring_profile_id"]: profileId,
    pg_recurring_profile_expiry_date: profileExpiry(payment),
  };
}

/**
 * The results of a try: with the card, the shop's own fields, and the profile if one was created.
 *
 * @param now - when the plan begins, epoch ms.
 */
export function resultsOfTry(page: SimulatedPage, payment: Payment, plan: Plan, now: number): readonly PlannedCallback[] {
  const { own, format, create } = page.parsed;
  const resultsWith = (profileId: string | null): readonly PlannedCallback[] => {
    const more = { ...own, ...cardFields(payment), ...profileFields(payment, plan, profileId) };
    return resultsOf(payment, plan, create.resultUrl, { more, from: now });
  };
  const genuine = resultsWith(payment.profileId);
  const differs = plan.profile?.differs === true && payment.profileId !== null;
  const others = differs ? resultsWith(otherProfile(payment.profileId)).slice(-1) : [];
  return [...genuine, ...others].map((result) => ({ ...result, format: result.format ?? format }));
}
