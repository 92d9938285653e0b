import type { Spoken } from "./words.ts";

/** Signs that common fonts have; any other currency is named by its code. */
const SIGNS = new Map([
  ["KZT", "₸"],
  ["USD", "$"],
  ["EUR", "€"],
  ["RUB", "₽"],
]);

/**
 * An amount as a shopper reads it: `1 234,50 ₸`, whole tenge without decimals, all with no-break spaces. Written by hand: the first
 * `Intl.NumberFormat` of a page takes longer than all else that the element does, and Chromium has no Kazakh formats.
 *
 * @param amount - major units, at most 2 decimals
 * @param currency - ISO 4217
 */
export function moneyText(amount: number, currency: string, lang: Spoken[0]): string {
  const isEnglish = lang === "en";
  const sign = SIGNS.get(currency);
  const [whole = "", cents = ""] = amount.toFixed(2).split(".");
  const number =
    whole.replace(/\B(?=(\d{3})+$)/g, isEnglish ? "," : "\u00a0") + (sign === "₸" && cents === "00" ? "" : (isEnglish ? "." : ",") + cents);
  return isEnglish ? (sign ?? `${currency}\u00a0`) + number : `${number}\u00a0${sign ?? currency}`;
}
