import type { Action, Situation, Tone } from "./message.ts";
import { messageOf } from "./message.ts";
import { moneyText } from "./money-text.ts";
import type { Localized } from "./words.ts";
import { interpolate, joinSentences } from "./words.ts";

/** Everything that the template shows, as text. Where a text is empty its part is hidden. */
export interface ViewModel {
  /** The language of the words. While it is empty the element takes its space and is not seen. */
  readonly lang: string;
  /** `light` or `dark`; with anything else the page's `color-scheme` decides. */
  readonly theme: string;
  readonly amount: string;
  readonly description: string;
  readonly order: string;
  /** The card for the eye. */
  readonly card: string;
  /** The card for a screen reader. */
  readonly cardInWords: string;
  /** Where the card is entered, and whether it is saved, before it is paid on a page. */
  readonly page: string;
  readonly tone: Tone;
  readonly title: string;
  readonly note: string;
  /** The button's; empty when there is nothing to press. */
  readonly label: string;
  /** Where the link in the button's place leads; empty without one. */
  readonly link: string;
  /** The second button's, which withdraws the first press. */
  readonly cancel: string;
  /** What the button does. */
  readonly action: Action | null;
  /** The button is filled. It is only outlined where the message advises something else, such as to try later. */
  readonly isMain: boolean;
  /** The button is there and does nothing. */
  readonly isBusy: boolean;
  readonly isDisabled: boolean;
}

/** The attributes that the look depends on. */
export interface ViewSettings {
  readonly theme: string | null;
  readonly disabled: boolean;
}

/** The texts of a charge's terms. What a press would pay is in the token; what was paid is in the charge. */
function termsOf(
  { charge, token, status }: Situation,
  action: Action | null,
  { lang, words }: Localized,
): Pick<ViewModel, "amount" | "description" | "order" | "card" | "cardInWords"> {
  const sources = action === "pay" || status === "failed" ? [token, charge] : [charge, token];
  const terms = sources.find((source) => source?.amount != null);
  const card = sources.find((source) => source?.card)?.card;
  return {
    amount: terms ? moneyText(terms.amount ?? 0, terms.currency ?? "", lang) : "",
    description: sources.find((source) => source?.description)?.description ?? "",
    order: token ? interpolate(words.order, token.order_id) : "",
    card: card ? `${card.brand} •••• ${card.last4}` : "",
    cardInWords: card ? interpolate(words.card, card.last4) : "",
  };
}

/** Everything that is shown in a situation. */
export function viewModelOf(situation: Situation, localized: Localized, { theme, disabled }: ViewSettings): ViewModel {
  const { lang, words } = localized;
  // Nobody is asked to press what cannot be pressed.
  const { tone, title, note, action } = messageOf(disabled ? { ...situation, pressError: null } : situation, localized);
  const terms = termsOf(situation, action, localized);
  return {
    ...terms,
    lang,
    theme: theme ?? "",
    tone,
    title,
    note,
    page:
      situation.token?.isForPage && action && action !== "check_again"
        ? joinSentences(words.card_entry, situation.token.savesCard ? words.card_saved : "")
        : "",
    link: action === "continue" && !disabled ? situation.pageAddress : "",
    label: action ? interpolate(words[action], terms.amount).trim() : "",
    cancel: situation.status === "confirming" ? words.cancel : "",
    action,
    isMain: title !== words.server_error && (action === "pay" || situation.charge?.failure?.retry === "now"),
    isBusy: tone === "busy" || situation.isChecking,
    isDisabled: disabled,
  };
}
