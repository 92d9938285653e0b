import type { FailureCategory, Retry } from "../src/edge-api.ts";
import type { ElementStatus } from "./events.ts";
import type { Locale } from "./locale.ts";

/** The names of the phrases. Statuses and most categories have phrases of their own names. */
type Phrase =
  | Exclude<ElementStatus, "loading" | "ready">
  | Exclude<FailureCategory, "amount_invalid" | "configuration">
  | `retry_${Retry}`
  /** The button: `{amount}`. */
  | "pay"
  | "try_again"
  | "check_again"
  /** The link to Freedom Pay's page. */
  | "continue"
  /** Above the button that opens a page. */
  | "card_entry"
  | "card_saved"
  /** Its time is over, and it is not known yet whether it was paid. */
  | "page_closed"
  /** The second button while the shopper is asked to press once more. */
  | "cancel"
  /** `{last4}` */
  | "card"
  /** `{n}` */
  | "order"
  /** Instead of `processing` after 5 seconds. */
  | "processing_5s"
  | "pay_once"
  /** While the charge is undecided and the edge cannot be reached. */
  | "no_connection"
  /** The gateway's payment id: `{n}` */
  | "payment"
  /** The refunded amount: `{amount}` */
  | "returned"
  | "reload"
  | "server_error";

/**
 * The phrases of one language. They are whole phrases with placeholders in braces, because Kazakh puts the verb last. No phrase ends in a
 * full stop: {@link joinSentences} puts them where two phrases share a line.
 */
export type Words = Readonly<Record<Phrase, string>>;

/** Words and their language. It is another one than was wanted when that could not be loaded, and none while there are no words. */
export interface Localized {
  readonly lang: Locale | "";
  readonly words: Words;
}

/**
 * The words to show now.
 *
 * @param locale - the language that is wanted
 * @param before - what was shown last; null at first
 * @param onLoad - called once better words are there
 */
export type Localize = (locale: Locale, before: Localized | null, onLoad: () => void) => Localized;

/**
 * Puts a value where the phrase has its placeholder.
 *
 * @param phrase - a phrase of {@link Words} with at most one placeholder
 * @param value - put in as it is, a `$` too
 */
export function interpolate(phrase: string, value: string): string {
  return phrase.replace(/\{\w+\}/, () => value);
}

/** Two phrases in one line, or the one of them that is not empty. */
export function joinSentences(first: string, second: string): string {
  return first && second ? `${first}. ${second}.` : first || second;
}
