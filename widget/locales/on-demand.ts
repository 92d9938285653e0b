import type { Locale } from "../locale.ts";
import { LOCALES } from "../locale.ts";
import type { Spoken, Words } from "../words.ts";

/** Loads the words of each language, one module a language. */
export type WordImports = Readonly<Record<Locale, () => Promise<Words>>>;

/** Takes the space of a line and is not seen. */
const BLANK = "\u200b";

/**
 * What is said while no words are there: nothing, in the space that the first ones will take. Its language is none, and so the element
 * hides it. Where all is well there is no message, and so none here.
 */
const SILENCE: Spoken = ["", new Proxy({} as Words, { get: (_words, name) => (name === "loading" || name === "ready" ? "" : BLANK) })];

/**
 * Words that are loaded when their language is known. A language that cannot be loaded is spoken in one whose words are there, else in
 * Russian, else in whichever can be loaded. When none can, it stays silent, says so in the console, and tries again when it is next asked.
 */
export function createWordsOnDemand(imports: WordImports): typeof wordsIn {
  const known = new Map<Locale, Spoken>();
  const loading = new Map<Locale, Promise<boolean>>();

  const load = async (locale: Locale): Promise<boolean> => {
    for (const choice of new Set([locale, ...known.keys(), "ru" as const, ...LOCALES])) {
      try {
        known.set(locale, known.get(choice) ?? [choice, await imports[choice]()]);
        return true;
      } catch (error) {
        console.warn(`<freedom-pay-charge>: the words of ${choice} could not be loaded.`, error);
      }
    }
    return false;
  };

  return (locale, before, loaded) => {
    const spoken = known.get(locale);
    if (spoken) return spoken;
    const attempt = loading.get(locale) ?? load(locale).finally(() => loading.delete(locale));
    loading.set(locale, attempt);
    void attempt.then((isThere) => isThere && loaded());
    return before ?? SILENCE;
  };
}

const onDemand = createWordsOnDemand({
  kk: async () => (await import("./kk.ts")).kk,
  ru: async () => (await import("./ru.ts")).ru,
  en: async () => (await import("./en.ts")).en,
});

/**
 * The words to speak now. The package's modules load a language when it is known; what is shown until then is what was shown before.
 *
 * @param locale - the language that is wanted
 * @param before - what was spoken last; null at first
 * @param loaded - called once there is something better to ask for
 */
export function wordsIn(locale: Locale, before: Spoken | null, loaded: () => void): Spoken {
  return onDemand(locale, before, loaded);
}
