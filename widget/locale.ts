/** The languages of the element. */
export type Locale = "kk" | "ru" | "en";

/** Their tags. */
export const LOCALES: readonly Locale[] = ["kk", "ru", "en"];

/**
 * The first language that the element speaks, of what it is asked for; Russian when there is none.
 *
 * @param wishes - language tags in the order of preference, such as `kk`, `ru-RU`, `kz` (seen in the wild for `kk`);
 *   empty ones and unknown ones are passed over
 */
export function chooseLocale(wishes: readonly (string | null | undefined)[]): Locale {
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split(/[-_]/)[0] ?? "";
    const locale = (language === "kz" ? "kk" : language) as Locale;
    if (LOCALES.includes(locale)) return locale;
  }
  return "ru";
}
