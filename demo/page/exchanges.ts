import type { Exchange, Party } from "../exchange.ts";
import { observed, withoutSecrets } from "../exchange.ts";
import { words } from "./language.ts";

/** Is told what happens, the page's own requests also when they begin; null when another order is followed from now on. */
type Listener = (exchange: Exchange | null) => void;

const shown = new Map<string, Exchange>();
const listeners: Listener[] = [];
let following: EventSource | null = null;
let key = "";

/**
 * Lets this page tell its own requests: from now on every fetch, the element's too, is in the list.
 *
 * @param edge - the edge's origin; all else that is asked is the shop
 */
export function observeFetch(edge: string | null): void {
  const to = (url: URL): Party => (url.origin === edge ? "edge" : "shop");
  globalThis.fetch = observed(
    globalThis.fetch.bind(globalThis),
    (url) => ({ from: "browser", to: to(url) }),
    (exchange) => {
      add(withoutSecrets(exchange));
      sessionStorage.setItem(key, JSON.stringify([...shown.values()].filter(({ from }) => from === "browser").slice(-200)));
    },
    (exchange) => tell(withoutSecrets(exchange)),
  );
}

/** Tells all that is shown, from now on. */
export function listen(listener: Listener): void {
  listeners.push(listener);
}

function tell(exchange: Exchange | null): void {
  for (const listener of listeners) listener(exchange);
}

/** Shows what happened to an order so far and, as it happens, what comes. */
export function follow(orderId: string): void {
  key = `exchanges of ${orderId}`;
  shown.clear();
  tell(null);
  for (const exchange of JSON.parse(sessionStorage.getItem(key) ?? "[]") as Exchange[]) add(exchange);
  following?.close();
  following = new EventSource(`/orders/${orderId}/exchanges`);
  following.addEventListener("message", ({ data }) => add(JSON.parse(data) as Exchange));
  renderExchanges();
}

function nameOf({ at, from, method, path, milliseconds }: Exchange): string {
  return [at, from, method, path, milliseconds].join(" ");
}

function add(exchange: Exchange): void {
  if (shown.has(nameOf(exchange))) return;
  shown.set(nameOf(exchange), exchange);
  tell(exchange);
  renderExchanges();
}

/** Writes the list anew, in the page's language; what was open stays open. */
export function renderExchanges(): void {
  const list = document.getElementById("journal");
  if (list === null) return;
  renderRows(list, [...shown.values()]);
  document.getElementById("journal-empty")?.toggleAttribute("hidden", shown.size > 0);
}

/** Writes exchanges into a list, oldest first. @param opened - the one that is open when nothing was there before */
export function renderRows(list: HTMLElement, exchanges: readonly Exchange[], opened?: Exchange): void {
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.getAttribute("data-name")));
  if (list.childElementCount === 0 && opened !== undefined) open.add(nameOf(opened));
  const focused = document.activeElement?.closest("details")?.getAttribute("data-name");
  const ordered = exchanges.toSorted((one, other) => one.at.localeCompare(other.at));
  const rows = ordered.map((exchange) => row(nameOf(exchange), exchange, open.has(nameOf(exchange))));
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...rows.map((details) => make("li", {}, [details])));
  // Written anew under somebody's fingers, the same line keeps the focus.
  if (hadFocus)
    rows
      .find((details) => details.dataset["name"] === focused)
      ?.querySelector("summary")
      ?.focus({ preventScroll: true });
}

function row(name: string, exchange: Exchange, open: boolean): HTMLElement {
  const { parties, request, answer, noAnswer, givenUp } = words();
  const none = exchange.givenUp ? givenUp : noAnswer;
  const time = new Date(exchange.at).toLocaleTimeString("en-GB", { hour12: false });
  const status = exchange.answer === null ? none : String(exchange.answer.status);
  const tone = (exchange.answer === null && !exchange.givenUp) || (exchange.answer?.status ?? 0) >= 400 ? "fault" : "fine";
  const summary = make("summary", {}, [
    make("time", { datetime: exchange.at }, [time]),
    make("span", { class: "way" }, [`${parties[exchange.from]} → ${parties[exchange.to]}`]),
    make("span", { class: "call" }, [`${exchange.method} ${exchange.path}${actionOf(exchange)}`]),
    make("span", { class: "outcome", "data-tone": tone }, [`${status} · ${exchange.milliseconds} ms`]),
  ]);
  const halves = [
    half(request, [`${exchange.method} ${exchange.path}`, ...lines(exchange.headers)], exchange.body),
    exchange.answer === null
      ? half(answer, [none], "")
      : half(answer, [String(exchange.answer.status), ...lines(exchange.answer.headers)], exchange.answer.body),
  ];
  const details = make("details", { "data-name": name }, [summary, make("div", { class: "exchange" }, halves)]);
  details.toggleAttribute("open", open);
  return details;
}

/** The gateway has three addresses and says by a header what is asked. */
function actionOf({ headers }: Exchange): string {
  const action = headers.find(([name]) => name === "x-action")?.[1];
  return action === undefined ? "" : ` · ${action}`;
}

function lines(headers: Exchange["headers"]): string[] {
  return headers.map(([name, value]) => `${name}: ${value}`);
}

function half(title: string, head: readonly string[], body: string): HTMLElement {
  const text = body === "" ? head : [...head, "", pretty(body)];
  return make("section", {}, [make("p", { class: "half" }, [title]), make("pre", {}, [text.join("\n")])]);
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** An element with attributes and children. */
export function make(name: string, attributes: Readonly<Record<string, string>>, children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}
