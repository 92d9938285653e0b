import type { Message, Situation } from "./message.ts";
import { moneyText } from "./money-text.ts";
import type { Shown } from "./shadow-tree.ts";
import type { Spoken } from "./words.ts";
import { fill } from "./words.ts";

/** What the page has set and is seen. */
export interface Settings {
  readonly theme: string | null;
  readonly disabled: boolean;
}

/** Everything that is seen in a situation, and what is said about it. */
export function shownOf(
  { status, charge, token }: Situation,
  { tone, title, note, action }: Message,
  [lang, words]: Spoken,
  { theme, disabled }: Settings,
): Shown {
  // What a click would pay is in the token; what was paid is in the charge.
  const sources = action === "pay" || status === "failed" ? [token, charge] : [charge, token];
  const terms = sources.find((source) => source?.amount != null);
  const card = sources.find((source) => source?.card)?.card;
  const amount = terms ? moneyText(terms.amount ?? 0, terms.currency ?? "", lang) : "";
  return {
    lang,
    theme: theme ?? "",
    amount,
    description: sources.find((source) => source?.description)?.description ?? "",
    order: token ? fill(words.order, token.order_id) : "",
    card: card ? `${card.brand} •••• ${card.last4}` : "",
    cardInWords: card ? fill(words.card, card.last4) : "",
    tone,
    title,
    note,
    label: action ? fill(words[action], amount).trim() : "",
    cancel: status === "confirming" ? words.cancel : "",
    atWork: tone === "busy",
    disabled,
    canPay: action !== null && action !== "check_again",
    isFirst: action === "pay",
  };
}
