import type { Language } from "./texts.ts";
import { LANGUAGES, TEXTS } from "./texts.ts";

/**
 * Locales for Intl. Plain `ru` would print KZT instead of the currency sign. Kazakh uses the Russian formats, because not every
 * browser supports Kazakh.
 */
const INTL_LOCALES: Readonly<Record<Language, string>> = { kk: "ru-KZ", ru: "ru-KZ", en: "en-GB" };

function isLanguage(tag: string | null | undefined): tag is Language {
  return tag != null && tag in LANGUAGES;
}

function preferred(): Language {
  const requested = new URL(location.href).searchParams.get("lang") ?? sessionStorage.getItem("language");
  if (isLanguage(requested)) return requested;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

let current = preferred();
sessionStorage.setItem("language", current);

/** The page's language. */
export function language(): Language {
  return current;
}

/** The texts in the page's language. */
export function texts(): (typeof TEXTS)[Language] {
  return TEXTS[current];
}

/** An amount in the format of Kazakhstan: `4 990 ₸`. @param amount - major units */
export function money(amount: number, currency: string): string {
  const options = { style: "currency", currency, currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" } as const;
  return new Intl.NumberFormat(INTL_LOCALES[current], options).format(amount);
}

/** A date and time in the page's format. @param iso - ISO 8601 */
export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(INTL_LOCALES[current], { dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
}

/**
 * Fills the page with texts, now and after every change of language.
 *
 * @param render - renders the rest of the page
 */
export function onLanguageChange(render: () => void): void {
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
    for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
      const text = texts()[element.dataset["text"] as keyof (typeof TEXTS)[Language]];
      if (typeof text === "string") element.textContent = text;
    }
    switches?.setAttribute("aria-label", texts().language);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === current));
    render();
  }
  show();
}
