import type { Locale } from "../locale.ts";
import type { Spoken, Words } from "../words.ts";
import { en } from "./en.ts";
import { kk } from "./kk.ts";
import { ru } from "./ru.ts";

/** The words of each language. */
export const WORDS: Readonly<Record<Locale, Words>> = { kk, ru, en };

/** As its namesake in `on-demand.ts`, where all words are there: the script-tag file takes this module in its place (scripts/element.ts). */
export function wordsIn(locale: Locale): Spoken {
  return [locale, WORDS[locale]];
}
