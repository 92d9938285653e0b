/** The terms of a charge by the text of the rules (M2, P5.2): what must be equal for two requests to mean the same payment. */
import type { Charge } from "../../src/charge-token.ts";
import type { Terms } from "../../edge/machine/record.ts";

export function termsOf({ amount, currency, user_id, profile_id = "", payment_page, auto_clearing }: Charge): Terms {
  return {
    amount: Math.round(amount * 100),
    currency,
    user_id,
    pay_with: payment_page === undefined ? "profile" : "payment_page",
    profile_id,
    save_card_months: payment_page?.save_card_months ?? null,
    auto_clearing,
  };
}

export function sameTerms(one: Terms, other: Terms): boolean {
  return (
    one.amount === other.amount &&
    one.currency === other.currency &&
    one.user_id === other.user_id &&
    one.pay_with === other.pay_with &&
    one.profile_id === other.profile_id &&
    one.save_card_months === other.save_card_months &&
    one.auto_clearing === other.auto_clearing
  );
}
