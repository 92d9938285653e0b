import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Locale } from "../../widget/locale.ts";
import { WORDS } from "../../widget/locales/at-once.ts";
import { createLocalizer, localizeOnDemand } from "../../widget/locales/on-demand.ts";
import type { Localize, Localized } from "../../widget/words.ts";

const fails = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

/** Words whose imports fail for some languages, with the order of the imports. */
function words(...failing: Locale[]): { localize: Localize; imported: Locale[]; failing: Set<Locale> } {
  const imported: Locale[] = [];
  const bad = new Set(failing);
  const of = (locale: Locale) => () => {
    imported.push(locale);
    return bad.has(locale) ? fails() : Promise.resolve(WORDS[locale]);
  };
  return { localize: createLocalizer({ kk: of("kk"), ru: of("ru"), en: of("en") }), imported, failing: bad };
}

/** Requests words, waits until better ones are loaded, and requests them again. */
async function spoken(ask: Localize, locale: Locale, before: Localized | null = null): Promise<Localized> {
  await new Promise<void>((resolve) => {
    ask(locale, before, resolve);
    setTimeout(resolve, 50);
  });
  return ask(locale, before, () => {});
}

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

test("nothing is imported before a language is requested, and then only that language, once", async () => {
  const { localize: ask, imported } = words();
  expect(imported).toEqual([]);
  const loaded = vi.fn();
  ask("kk", null, loaded);
  ask("kk", null, loaded);
  expect(await spoken(ask, "kk")).toEqual({ lang: "kk", words: WORDS.kk });
  expect(imported).toEqual(["kk"]);
  expect(loaded).toHaveBeenCalledTimes(2);
  expect(console.warn).not.toHaveBeenCalled();
});

test("before the first words are loaded the texts are empty; later the earlier language stays until the new one is loaded", async () => {
  const { localize: ask } = words();
  const { lang, words: blank } = ask("en", null, () => {});
  expect([lang, blank.pay, blank.failed, Reflect.get(blank, "ready")]).toEqual(["", "\u200b", "\u200b", ""]);
  const english = await spoken(ask, "en");
  expect(ask("kk", english, () => {})).toBe(english);
  expect(await spoken(ask, "kk", english)).toEqual({ lang: "kk", words: WORDS.kk });
});

test("if a language cannot be loaded, a loaded one is used, and the console reports it", async () => {
  const { localize: ask, imported } = words("kk");
  await spoken(ask, "en");
  expect(await spoken(ask, "kk")).toEqual({ lang: "en", words: WORDS.en });
  expect(imported).toEqual(["en", "kk"]);
  expect(console.warn).toHaveBeenCalledExactlyOnceWith("<freedom-pay-charge>: the words of kk could not be loaded.", expect.any(TypeError));
});

test("if no language is loaded yet, Russian is tried, then any other", async () => {
  expect((await spoken(words("kk").localize, "kk")).lang).toBe("ru");
  expect((await spoken(words("kk", "ru").localize, "kk")).lang).toBe("en");
});

test("if none can be loaded the texts stay empty without repeated imports, and the next request tries again", async () => {
  const { localize: ask, imported, failing } = words("kk", "ru", "en");
  const loaded = vi.fn();
  expect(ask("ru", null, loaded).lang).toBe("");
  await vi.waitFor(() => expect(imported).toEqual(["ru", "kk", "en"]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(loaded).not.toHaveBeenCalled();
  failing.clear();
  expect((await spoken(ask, "ru")).lang).toBe("ru");
});

test("each language of the package is a module that is loaded by itself", async () => {
  for (const locale of ["kk", "ru", "en"] as const)
    expect(await spoken(localizeOnDemand, locale)).toEqual({ lang: locale, words: WORDS[locale] });
});
