import type { Localized } from "./words.ts";

/** Signs that common fonts have; any other currency is named by its code. */
const SIGNS = new Map([
  ["KZT", "₸"],
  ["USD", "$"],
  ["EUR", "€"],
  ["RUB", "₽"],
]);

/**
 * An amount as a shopper reads it: `1 234,50 ₸`, whole tenge without decimals, all with no-break spaces. It does not use
 * `Intl.NumberFormat`: the first one of a page takes longer than everything else that the element does, and Chromium has no Kazakh formats.
 *
 * @param amount - major units, at most 2 decimals
 * @param currency - ISO 4217
 */
export function moneyText(amount: number, currency: string, lang: Localized["lang"]): string {
  const isEnglish = lang === "en";
  const sign = SIGNS.get(currency);
  const [whole = "", cents = ""] = amount.toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, isEnglish ? "," : "\u00a0");
  const isWhole = sign === "₸" && cents === "00";
  const number = isWhole ? grouped : `${grouped}${isEnglish ? "." : ","}${cents}`;
  return isEnglish ? `${sign ?? `${currency}\u00a0`}${number}` : `${number}\u00a0${sign ?? currency}`;
}
