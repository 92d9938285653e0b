import type { Locale } from "../locale.ts";
import type { Localized, Words } from "../words.ts";
import { en } from "./en.ts";
import { kk } from "./kk.ts";
import { ru } from "./ru.ts";

/** The words of each language. */
export const WORDS: Readonly<Record<Locale, Words>> = { kk, ru, en };

/** Gives the words of a language at once: the script-tag file holds all three. */
export function localizeAtOnce(locale: Locale): Localized {
  return { lang: locale, words: WORDS[locale] };
}
