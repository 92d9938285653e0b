/** The frame of every payment page: HTML without script, readable without its style. */

import type { Reply } from "./state.ts";
import type { PageLanguage } from "./page-words.ts";
import { WORDS } from "./page-words.ts";

/** A text in HTML, or in an attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const STYLE = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.375rem; line-height: 1.2; }
.simulated { padding: 0.75rem 1rem; border: 2px solid; border-radius: 8px; font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(5rem, auto) 1fr; gap: 0.25rem 1rem; }
dd { margin: 0; }
fieldset { margin: 1rem 0; border: 1px solid; border-radius: 8px; }
fieldset label { display: flex; gap: 0.5rem; padding: 0.375rem 0; }
input[type="text"] { box-sizing: border-box; width: 100%; font: inherit; padding: 0.5rem; }
button, .button { display: inline-block; box-sizing: border-box; min-height: 2.75rem; padding: 0.5rem 1.25rem; border: 2px solid;
  border-radius: 8px; background: none; color: inherit; font: inherit; text-decoration: none; cursor: pointer; }
button.first { background: light-dark(#055532, #86d8ab); border-color: transparent; color: light-dark(#fff, #0e1411); font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
`;

/**
 * The headers of every page. The address of a page lets anybody pay it, so no other site gets it. `form-action` is left out on purpose: it
 * would also forbid the return to the shop.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
};

/** A page. It says first that it is a simulator's. */
export function pageReply(httpStatus: number, language: PageLanguage, content: string): Reply {
  const { title, simulated } = WORDS[language].labels;
  const body = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="simulated">${simulated}</p>
${content}
</main>
</body>
</html>
`;
  return { httpStatus, headers: PAGE_HEADERS, body, cut: false };
}
