import type { Language } from "./words.ts";
import { LANGUAGES, WORDS } from "./words.ts";

/**
 * Where Intl finds Kazakhstan's money and dates: plain `ru` would print KZT instead of the sign. Kazakh writes them as Russian
 * does, and not every browser knows Kazakh.
 */
const PLACES: Readonly<Record<Language, string>> = { kk: "ru-KZ", ru: "ru-KZ", en: "en-GB" };

function isLanguage(tag: string | null | undefined): tag is Language {
  return tag != null && tag in LANGUAGES;
}

function preferred(): Language {
  const asked = new URL(location.href).searchParams.get("lang") ?? sessionStorage.getItem("language");
  if (isLanguage(asked)) return asked;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

let current = preferred();
sessionStorage.setItem("language", current);

/** The language that the page is in. */
export function language(): Language {
  return current;
}

/** The words of the page's language. */
export function words(): (typeof WORDS)[Language] {
  return WORDS[current];
}

/** Money as a shopper in Kazakhstan reads it: `4 990 ₸`. @param amount - major units */
export function money(amount: number, currency: string): string {
  const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" } as const;
  return new Intl.NumberFormat(PLACES[current], options).format(amount);
}

/** A moment as a shopper reads it. @param iso - ISO 8601 */
export function moment(iso: string): string {
  return new Intl.DateTimeFormat(PLACES[current], { dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
}

/**
 * Fills the page with words, now and whenever the shopper picks another language.
 *
 * @param render - what else the page shows in words
 */
export function speak(render: () => void): void {
  const switches = document.getElementById("languages");
  const buttons = Object.entries(LANGUAGES).map(([tag, name]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: name, lang: tag });
    button.addEventListener("click", () => {
      current = tag as Language;
      sessionStorage.setItem("language", tag);
      show();
    });
    return button;
  });
  switches?.replaceChildren(...buttons);

  function show(): void {
    document.documentElement.lang = current;
    for (const element of document.querySelectorAll<HTMLElement>("[data-word]")) {
      const word = words()[element.dataset["word"] as keyof (typeof WORDS)[Language]];
      if (typeof word === "string") element.textContent = word;
    }
    switches?.setAttribute("aria-label", words().language);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === current));
    render();
  }
  show();
}
