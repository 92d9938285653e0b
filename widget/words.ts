import type { FailureCategory, Retry } from "../src/edge-api.ts";
import type { ElementStatus } from "./events.ts";
import type { Locale } from "./locale.ts";

/** What there is to say. Statuses and categories are said under their own names. */
type Phrase =
  | Exclude<ElementStatus, "loading" | "ready">
  | FailureCategory
  | `retry_${Retry}`
  /** The button: `{amount}`. */
  | "pay"
  | "try_again"
  | "check_again"
  /** The button beside `pay` while it is asked to be pressed once more. */
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
  /** The gateway's number of it: `{n}` */
  | "payment"
  /** What went back: `{amount}`. */
  | "returned"
  | "reload"
  | "server_error";

/**
 * What the shopper reads, in one language. Whole phrases with placeholders in braces, for Kazakh puts the verb last.
 * No phrase ends in a full stop: where two stand in one line they are parted by {@link both}.
 */
export type Words = Readonly<Record<Phrase, string>>;

/** Words and the language they are in, which is another than was wanted when that one could not be loaded; none while there are no words. */
export type Spoken = readonly [lang: Locale | "", words: Words];

/**
 * Puts a value where the phrase has its placeholder.
 *
 * @param phrase - a phrase of {@link Words} with at most one placeholder
 * @param value - put in as it is, a `$` too
 */
export function fill(phrase: string, value: string): string {
  return phrase.replace(/\{\w+\}/, () => value);
}

/** Two phrases in one line, or the one that there is. */
export function both(first: string, second: string): string {
  return first && second ? `${first}. ${second}.` : first || second;
}
