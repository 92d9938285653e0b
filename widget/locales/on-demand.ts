import type { Locale } from "../locale.ts";
import { LOCALES } from "../locale.ts";
import type { Localize, Localized, Words } from "../words.ts";

/** Loads the words of each language, one module a language. */
export type WordImports = Readonly<Record<Locale, () => Promise<Words>>>;

/** Takes the space of a line and is not seen. */
const BLANK = "\u200b";

/**
 * Shown while no words are there: nothing, in the space that the first words will take. An element without a language is hidden. A charge
 * that is loading or ready has no message, and so none here.
 */
const placeholder: Localized = {
  lang: "",
  words: new Proxy({} as Words, { get: (_words, name) => (name === "loading" || name === "ready" ? "" : BLANK) }),
};

/**
 * Loads words when their language is known. For a language that cannot be loaded it takes one whose words are there, else Russian, else
 * any that can be loaded. When none can, it shows nothing, says so in the console, and tries again when it is next asked.
 */
export function createLocalizer(imports: WordImports): Localize {
  const known = new Map<Locale, Localized>();
  const loading = new Map<Locale, Promise<boolean>>();

  const load = async (locale: Locale): Promise<boolean> => {
    for (const choice of new Set([locale, ...known.keys(), "ru" as const, ...LOCALES])) {
      try {
        known.set(locale, known.get(choice) ?? { lang: choice, words: await imports[choice]() });
        return true;
      } catch (error) {
        console.warn(`<freedom-pay-charge>: the words of ${choice} could not be loaded.`, error);
      }
    }
    return false;
  };

  return (locale, before, onLoad) => {
    const localized = known.get(locale);
    if (localized) return localized;
    const attempt = loading.get(locale) ?? load(locale).finally(() => loading.delete(locale));
    loading.set(locale, attempt);
    void attempt.then((isThere) => isThere && onLoad());
    return before ?? placeholder;
  };
}

/** The words of the package's modules: each language is a module that is loaded when it is wanted. */
export const localizeOnDemand: Localize = createLocalizer({
  kk: async () => (await import("./kk.ts")).kk,
  ru: async () => (await import("./ru.ts")).ru,
  en: async () => (await import("./en.ts")).en,
});
