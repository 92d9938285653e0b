import { LOCALES, localeOf } from "./locale.ts";

/** What is wrong with the page's markup so that nothing can be paid, and the fix. */
export const FAULTS = {
  insecure_page: "serve the page over https.",
  no_token: "set token to what issueChargeToken() gave.",
  token_unreadable: "token is unreadable. Set token to what issueChargeToken() gave.",
  no_endpoint: "set endpoint to the https address of your edge.",
} as const;

/** One of {@link FAULTS}. */
export type Fault = keyof typeof FAULTS;

const THEMES: readonly string[] = ["auto", "light", "dark"];

const told = new Set<string>();

/** Tells the developer, in English and once a page. */
export function tell(text: string): void {
  if (told.has(text)) return;
  told.add(text);
  console.error(`<freedom-pay-charge>: ${text}`);
}

/** Whether it is an address with its scheme, or one on the page's own origin. */
export function isAddress(endpoint: string | null): boolean {
  return /^(https?:\/)?\//.test(endpoint ?? "");
}

/** Tells the developer of a language or a theme that there is not; the element goes on without it. */
export function tellOfWishes(locale: string | null, theme: string | null): void {
  if (locale && !localeOf(locale)) tell(`locale is none of ${LOCALES}.`);
  if (theme && !THEMES.includes(theme)) tell(`theme is none of ${THEMES}.`);
}
