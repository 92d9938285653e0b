import { STORAGE_KEY } from "./attempt-key.ts";
import type { LastPress } from "./last-press.ts";
import { PRESSES } from "./last-press.ts";
import type { Locale } from "./locale.ts";
import { chooseLocale, LOCALES } from "./locale.ts";

/** After these what is shown may be old: back online, back from the back/forward cache, back in view, a press in another tab. */
const REFRESH_EVENTS: readonly string[] = ["online", "pageshow", "visibilitychange", "storage"];

/** What an element is told of its page. */
export interface SurroundingsHandlers {
  /** What is shown may be old. */
  readonly onStale: () => void;
  /** The page went to the background. */
  readonly onHidden: () => void;
  /** The language around the element, or the browser's, may be another one. */
  readonly onLanguage: () => void;
  /** Escape is pressed where it may be meant for the element. @returns whether the element has used it */
  readonly onEscape: () => boolean;
}

/** An element and all that it is in, out of shadow roots, up to the document. */
function lineage(element: Element): readonly (Node & Partial<Pick<Element, "hasAttribute" | "matches">>)[] {
  const nodes: Node[] = [];
  for (let node: Node | null | undefined = element; node; node = node.parentNode ?? (node as Partial<ShadowRoot>).host) nodes.push(node);
  return nodes;
}

/**
 * Whether Escape is meant for a question that an element asks: the focus is in the element, on something around it, or anywhere in a dialog
 * that the element is in. Elsewhere Escape belongs to something else.
 */
function isEscapeFor(event: KeyboardEvent, element: Element): boolean {
  const path = event.composedPath();
  return (
    event.key === "Escape" &&
    lineage(element).some(
      (node) => node === path[0] || (path.includes(node) && (node === element || node.matches?.("dialog,[popover],[role*=dialog]"))),
    )
  );
}

/**
 * Listens to the page around an element: to the window of the document that it is in, which may be an iframe's, and to every `lang` up to
 * that document, out of shadow roots.
 *
 * @returns what ends it
 */
export function observeSurroundings(element: Element, lastPress: LastPress, handlers: SurroundingsHandlers): () => void {
  const { onStale, onHidden, onLanguage, onEscape } = handlers;
  const owner = element.ownerDocument;
  const ending = new AbortController();
  const listen = (types: readonly string[], listener: EventListenerOrEventListenerObject): void => {
    for (const type of types) owner.defaultView?.addEventListener(type, listener, { capture: true, signal: ending.signal });
  };
  listen(PRESSES, lastPress as EventListenerObject);
  listen(["languagechange"], onLanguage);
  listen(REFRESH_EVENTS, ({ type, persisted, key = STORAGE_KEY }: Event & Partial<PageTransitionEvent & StorageEvent>) => {
    // What was pressed before the page was left leads nowhere when it is back.
    if (persisted) lastPress.forget();
    if (owner.hidden) {
      if (type === "visibilitychange") onHidden();
      // Nothing is old where the page was just loaded, or another tab stored something of its own.
    } else if (persisted !== false && key === STORAGE_KEY) onStale();
  });
  listen(["keydown"], (event) => {
    if (!isEscapeFor(event as KeyboardEvent, element) || !onEscape()) return;
    // A dialog around closes at the next Escape.
    event.preventDefault();
    event.stopPropagation();
  });
  const languages = new MutationObserver(onLanguage);
  for (const root of lineage(element))
    if (!root.parentNode) languages.observe(root, { attributes: true, attributeFilter: ["lang"], subtree: true });
  return () => {
    ending.abort();
    languages.disconnect();
  };
}

/**
 * The tag of the element's languages that `:lang()` finds around an element, `Content-Language` included. It looks out of shadow roots by
 * itself, because Firefox's `:lang()` does not.
 */
function languageOf(element: Element): string | undefined {
  const speaker = lineage(element).find((node) => node.hasAttribute?.("lang")) ?? element.ownerDocument.documentElement;
  return [...LOCALES, "kz"].find((tag) => speaker.matches?.(`:lang(${tag})`));
}

/** The language of an element: its own wish, then what is around it, then the document's, then the browser's. */
export function localeAround(element: Element & { readonly locale: string | null }): Locale {
  const { documentElement } = element.ownerDocument;
  return chooseLocale([element.locale, languageOf(element), languageOf(documentElement), ...(navigator.languages ?? [])]);
}
