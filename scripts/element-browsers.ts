/** The oldest browsers that the element supports, of 2021 and 2022. Their JavaScript is what the script-tag file is built for. */
export const SUPPORTED_BROWSERS = { chrome: "98", edge: "98", firefox: "93", safari: "16" } as const;

/** The same as a bundler's targets. */
export const ELEMENT_TARGETS: readonly string[] = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);

/** Interfaces by the object that has them. */
export type Apis = Readonly<Record<string, readonly string[]>>;

/** What some of these browsers do not have, or a page may bar; each comes and goes as a whole. The element goes on without. */
export const YOUNGER_APIS: readonly Apis[] = [
  { navigator: ["locks"] },
  { navigator: ["userActivation"] },
  { navigator: ["languages"] },
  { navigator: ["onLine"] },
  { crypto: ["randomUUID"] },
  { crypto: ["getRandomValues"] },
  { globalThis: ["localStorage"] },
  { "HTMLElement.prototype": ["attachInternals"] },
  { "ElementInternals.prototype": ["states"] },
  { "HTMLElement.prototype": ["popover"] },
  {
    "Document.prototype": ["adoptedStyleSheets"],
    "ShadowRoot.prototype": ["adoptedStyleSheets"],
    "CSSStyleSheet.prototype": ["replace", "replaceSync"],
  },
];
