/** The languages of the element. */
export type Locale = "kk" | "ru" | "en";

/** Their tags. */
export const LOCALES: readonly Locale[] = ["kk", "ru", "en"];

/** The language of a tag such as `kk`, `ru-RU` or `kz` (seen in the wild for `kk`); undefined where the element does not speak it. */
export function localeOf(tag: string | null | undefined): Locale | undefined {
  const language = tag?.toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((locale) => locale === (language === "kz" ? "kk" : language));
}

/**
 * The first language that the element speaks, of what it is asked for; Russian when there is none.
 *
 * @param wishes - language tags in the order of preference; empty ones and unknown ones are passed over
 */
export function chooseLocale(wishes: readonly (string | null | undefined)[]): Locale {
  return wishes.map(localeOf).find(Boolean) ?? "ru";
}
