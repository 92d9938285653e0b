import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { make } from "./exchanges.ts";
import type { Terms } from "./gallery-edge.ts";
import { answerAs, GALLERY, tokenFor } from "./gallery-edge.ts";
import { language, speak, words } from "./language.ts";
import type { Language } from "./words.ts";
import { LANGUAGES, WORDS } from "./words.ts";

const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** Where the elements of the gallery ask; answered by this page itself. */
const EDGES = `${location.origin}/gallery/edge/`;

/** What the address picks: `?show=kk&theme=dark&states=ready,failed`; all of what it does not name. */
const asked = new URL(location.href).searchParams;
const pickedStates = asked.get("states")?.split(",") ?? null;
const picked = { show: asked.get("show") ?? "", theme: asked.get("theme") ?? "" };

const wired = globalThis.fetch.bind(globalThis);
globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  if (!request.url.startsWith(EDGES)) return wired(input, init);
  const [state = "", tag = "en"] = request.url.slice(EDGES.length).split("/").map(decodeURIComponent);
  return answerAs(state, termsOf(state, tag as Language), request.headers.has("Prefer"), request.signal);
};

/** The order of one element: its number says which state it is in. */
function termsOf(state: string, tag: Language): Terms {
  const number = 100_001 + [...GALLERY.keys()].indexOf(state);
  const description = WORDS[tag].product;
  return { order_id: `A-${number}`, amount: 4990, currency: "KZT", description, card: { brand: "visa", last4: "0101" } };
}

// Nobody has pressed anything here, and yet some elements are to show what a press does. Nothing is charged: no edge is asked.
Object.defineProperty(navigator, "userActivation", { value: { isActive: true } });

/** One element in one state, language and theme, and what it is. */
function exhibit(state: string, tag: Language, theme: Theme): HTMLElement {
  const element = make(
    "freedom-pay-charge",
    {
      endpoint: `${EDGES}${encodeURIComponent(state)}/${tag}`,
      token: tokenFor(termsOf(state, tag)),
      locale: tag,
      theme,
    },
    [make("div", { slot: "receipt", lang: tag }, [WORDS[tag].order(termsOf(state, tag).order_id)])],
  );
  if (state === "confirming") {
    element.setAttribute("confirm", "");
    element.addEventListener("freedom-pay-ready", () => void (element as FreedomPayCharge).charge());
  }
  const label = make("figcaption", {}, [make("span", { lang: tag }, [LANGUAGES[tag]])]);
  return make("figure", { "data-theme": theme, "data-language": tag, "data-exhibit": `${state} ${tag} ${theme}` }, [label, element]);
}

function renderStates(): void {
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
  const choices = Object.entries({ "": words().all, ...values }).map(([value, name]) => {
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

speak(() => {
  document.title = words().gallery;
  document.documentElement.lang = language();
  renderFilter("by-language", "show", LANGUAGES);
  renderFilter("by-theme", "theme", words().themes);
});
renderStates();
