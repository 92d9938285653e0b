import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { make } from "./exchanges.ts";
import type { Terms } from "./gallery-edge.ts";
import { answerAs, changesLater, GALLERY, isOnPage, tokenFor } from "./gallery-edge.ts";
import { language, onLanguageChange, texts } from "./language.ts";
import type { Language } from "./texts.ts";
import { LANGUAGES, TEXTS } from "./texts.ts";

const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** Where the elements of the gallery ask; answered by this page itself. */
const EDGES = `${location.origin}/gallery/edge/`;

/** What the address picks: `?show=kk&theme=dark&states=ready,failed`; all of what it does not name. */
const query = new URL(location.href).searchParams;
const pickedStates = query.get("states")?.split(",") ?? null;
const picked = { show: query.get("show") ?? "", theme: query.get("theme") ?? "" };

const wired = globalThis.fetch.bind(globalThis);
globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  if (!request.url.startsWith(EDGES)) return wired(input, init);
  const [number, state = "", tag = "en"] = request.url.slice(EDGES.length).split("/").map(decodeURIComponent);
  const before = reads.get(number) ?? 0;
  reads.set(number, before + 1);
  return answerAs(state, termsOf(state, tag as Language, Number(number)), {
    waits: request.headers.has("Prefer"),
    before,
    isPress: request.method === "POST",
    here: location.href,
  });
};

/** How many elements there were, and how often each of them has read. */
let exhibited = 0;
const reads = new Map<string | undefined, number>();

/** The order of one element. No two have the same: a press on one of two elements of an order would be a press on both. */
function termsOf(state: string, tag: Language, number: number): Terms {
  const description = TEXTS[tag].product;
  const card = isOnPage(state) ? null : { brand: "visa", last4: "0101" };
  return { order_id: `A-${100_000 + number}`, amount: 4990, currency: "KZT", description, card };
}

// Nobody has pressed anything here, and yet some elements are to show what a press does. Nothing is charged: no edge is asked.
Object.defineProperty(navigator, "userActivation", { value: { isActive: true } });

/** How many of its pauses an element has behind it while its charge is at work: it pauses 5 seconds, then 25. */
const PAUSES: Readonly<Record<string, number>> = {
  "processing: after 5 s": 1,
  "processing: after 30 s": 2,
  "processing: after 30 s without connection": 2,
  "processing: payment page closed": 1,
};

type Timer = ReturnType<typeof setTimeout>;

/** The pause that was begun last. */
let pause: { readonly timer: Timer | undefined; readonly end: () => void } = { timer: undefined, end: () => {} };
const wait = globalThis.setTimeout.bind(globalThis);
globalThis.setTimeout = ((end: () => void, milliseconds?: number): Timer => {
  const timer = wait(end, milliseconds);
  if (milliseconds === 5000 || milliseconds === 25_000) pause = { timer, end };
  return timer;
}) as typeof setTimeout;

/** Lets an element that has just begun a pause have so many at once, and no more: it is to stay as it is. */
function hadPauses(times: number): void {
  clearTimeout(pause.timer);
  if (times === 0) return;
  pause.end();
  hadPauses(times - 1);
}

/** Whether the element that is drawn right now is the one that is off line. */
let drawnOffLine = false;
Object.defineProperty(navigator, "onLine", { get: () => !drawnOffLine });

/** Lets one element find the browser off line. */
async function takeOffLine(element: HTMLElement): Promise<void> {
  await customElements.whenDefined("freedom-pay-charge");
  const drawn = element as HTMLElement & { update(changed: unknown): void; requestUpdate(): void };
  const update = drawn.update.bind(drawn);
  drawn.update = (changed) => {
    drawnOffLine = true;
    update(changed);
    drawnOffLine = false;
  };
  drawn.requestUpdate();
}

/** What a state needs besides the edge's answer, before the element begins. */
const PREPARE: Readonly<Record<string, (element: HTMLElement, tag: Language) => void>> = {
  "ready: own label": (element, tag) => element.append(make("span", { slot: "label", lang: tag }, [TEXTS[tag].ownLabel])),
  "ready: disabled": (element) => element.setAttribute("disabled", ""),
  confirming: (element) => {
    element.setAttribute("confirm", "");
    element.addEventListener("freedom-pay-ready", () => void (element as FreedomPayCharge).charge());
  },
  redirecting: (element) => {
    element.addEventListener("freedom-pay-ready", () => void (element as FreedomPayCharge).charge());
    // It stays as it is, although the browser does not leave.
    element.addEventListener("freedom-pay-redirect", () => hadPauses(0));
  },
  "unreachable: off line": (element) => void takeOffLine(element),
};

/** One element in one state, language and theme, and what it is. */
function exhibit(state: string, tag: Language, theme: Theme): HTMLElement {
  exhibited += 1;
  const terms = termsOf(state, tag, exhibited);
  const element = make(
    "freedom-pay-charge",
    {
      endpoint: [`${EDGES}${exhibited}`, encodeURIComponent(state), tag].join("/"),
      token: tokenFor(terms),
      locale: tag,
      theme,
    },
    [make("div", { slot: "receipt", lang: tag }, [TEXTS[tag].order(terms.order_id)])],
  );
  // What a later read brings about is brought about at once.
  const readAgain = (): void => void (changesLater(state) && (element as FreedomPayCharge).refresh());
  element.addEventListener("freedom-pay-processing", () => hadPauses(PAUSES[state] ?? 0));
  element.addEventListener("freedom-pay-processing", readAgain);
  element.addEventListener("freedom-pay-unconfirmed", readAgain);
  PREPARE[state]?.(element, tag);
  const label = make("figcaption", {}, [make("span", { lang: tag }, [LANGUAGES[tag]])]);
  return make("figure", { "data-theme": theme, "data-language": tag, "data-exhibit": `${state} ${tag} ${theme}` }, [label, element]);
}

/** The page before the script has run: the same style, under a name that nobody ever defines. */
async function styleBefore(): Promise<void> {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync((await (await fetch("/page/element.css")).text()).replaceAll("freedom-pay-charge", "element-to-come"));
  document.adoptedStyleSheets.push(sheet);
}

function renderBefore(): void {
  const before = document.getElementById("before");
  if (before) before.hidden = pickedStates !== null && !pickedStates.includes("not yet defined");
  for (const figure of before?.querySelectorAll("figure") ?? []) {
    const theme = figure.dataset["theme"] as Theme;
    figure.hidden = picked.theme !== "" && theme !== picked.theme;
    figure.querySelector("figcaption")?.replaceChildren(texts().themes[theme]);
  }
}

function renderStates(): void {
  renderBefore();
  const tags = (Object.keys(LANGUAGES) as Language[]).filter((tag) => picked.show === "" || tag === picked.show);
  const themes = THEMES.filter((theme) => picked.theme === "" || theme === picked.theme);
  const states = [...GALLERY.keys()].filter((state) => pickedStates === null || pickedStates.includes(state));
  const sections = states.map((state) =>
    make("section", {}, [
      make("h2", {}, [make("code", {}, [state])]),
      make(
        "div",
        { class: "exhibits" },
        themes.flatMap((theme) => tags.map((tag) => exhibit(state, tag, theme))),
      ),
    ]),
  );
  const place = document.getElementById("states");
  place?.setAttribute("data-columns", String(tags.length));
  place?.setAttribute("data-each", String(tags.length * themes.length));
  place?.replaceChildren(...sections);
}

/** One filter: all, or one of the values. */
function renderFilter(id: string, key: keyof typeof picked, values: Readonly<Record<string, string>>): void {
  const fieldset = document.getElementById(id);
  const focused = fieldset?.contains(document.activeElement) === true;
  for (const old of fieldset?.querySelectorAll("label") ?? []) old.remove();
  const choices = Object.entries({ "": texts().all, ...values }).map(([value, name]) => {
    const radio = make("input", { type: "radio", name: key, value }, []) as HTMLInputElement;
    radio.checked = picked[key] === value;
    radio.addEventListener("change", () => {
      picked[key] = value;
      const address = new URL(location.href);
      if (value === "") address.searchParams.delete(key);
      else address.searchParams.set(key, value);
      history.replaceState(null, "", address);
      renderStates();
    });
    return make("label", {}, [radio, name]);
  });
  fieldset?.append(...choices);
  if (focused) fieldset?.querySelector<HTMLElement>("input:checked")?.focus();
}

onLanguageChange(() => {
  document.title = texts().gallery;
  document.documentElement.lang = language();
  renderFilter("by-language", "show", LANGUAGES);
  renderFilter("by-theme", "theme", texts().themes);
  renderBefore();
});
renderStates();
await styleBefore();
