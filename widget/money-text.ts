import type { Locale } from "./locale.ts";

/**
 * The region matters: plain `ru` prints the code KZT. Amounts are written alike in Kazakh and Russian; Chromium has no Kazakh
 * formats, says that it has, and writes `₸ 1,234.50`. So both go by the Russian one.
 */
const FORMATS: Readonly<Record<Locale, string>> = { kk: "ru-KZ", ru: "ru-KZ", en: "en-KZ" };

/**
 * An amount as a shopper reads it: `1 234,50 ₸`, whole tenge without decimals, all with no-break spaces.
 * The narrow sign is right for the tenge only: for others it gives signs that few fonts have.
 *
 * @param amount - major units
 * @param currency - ISO 4217; of anything else amount and text are put side by side
 */
export function moneyText(amount: number, currency: string, locale: Locale): string {
  try {
    return new Intl.NumberFormat(FORMATS[locale], {
      style: "currency",
      currency,
      ...(currency === "KZT" && { currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" }),
    }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}
