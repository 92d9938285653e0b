import type { Exchange, Party } from "../exchange.ts";
import { observedFetch, withoutSecrets } from "../exchange.ts";
import { texts } from "./language.ts";

/** Receives exchanges, the page's own ones at their start too; null when the page switches to another order. */
type Listener = (exchange: Exchange | null) => void;

const shown = new Map<string, Exchange>();
/** The page's own exchanges whose answers have begun. */
const answering = new Map<string, Exchange>();
const listeners: Listener[] = [];
let events: EventSource | null = null;
let key = "";

/**
 * Adds the page's own requests, the element's included, to the list.
 *
 * @param edge - the edge's origin; requests to other origins are the shop's
 */
export function observeFetch(edge: string | null): void {
  const to = (url: URL): Party => (url.origin === edge ? "edge" : "shop");
  globalThis.fetch = observedFetch(
    globalThis.fetch.bind(globalThis),
    (url) => ({ from: "browser", to: to(url) }),
    (exchange) => {
      answering.delete(startOf(exchange));
      addOwn(exchange);
    },
    (exchange) => {
      if (exchange.answer !== null) answering.set(startOf(exchange), exchange);
      notify(withoutSecrets(exchange));
    },
  );
  // The answer to a press may lead to another page before the rest of it is seen here.
  addEventListener("pagehide", () => answering.forEach(addOwn));
}

/** Adds an exchange of the page's own, which a reload shows again. */
function addOwn(exchange: Exchange): void {
  add(withoutSecrets(exchange));
  sessionStorage.setItem(key, JSON.stringify([...shown.values()].filter(({ from }) => from === "browser").slice(-200)));
}

/** Calls the listener with every exchange from now on. */
export function listen(listener: Listener): void {
  listeners.push(listener);
}

function notify(exchange: Exchange | null): void {
  for (const listener of listeners) listener(exchange);
}

/** Shows the exchanges of an order, and new ones as they happen. */
export function follow(orderId: string): void {
  key = `exchanges of ${orderId}`;
  shown.clear();
  notify(null);
  for (const exchange of JSON.parse(sessionStorage.getItem(key) ?? "[]") as Exchange[]) add(exchange);
  events?.close();
  events = new EventSource(`/orders/${orderId}/exchanges`);
  events.addEventListener("message", ({ data }) => add(JSON.parse(data) as Exchange));
  renderExchanges();
}

function startOf({ at, method, path }: Exchange): string {
  return [at, method, path].join(" ");
}

function nameOf({ at, from, method, path, milliseconds }: Exchange): string {
  return [at, from, method, path, milliseconds].join(" ");
}

function add(exchange: Exchange): void {
  if (shown.has(nameOf(exchange))) return;
  shown.set(nameOf(exchange), exchange);
  notify(exchange);
  renderExchanges();
}

/** Renders the list in the page's language. Open rows stay open. */
export function renderExchanges(): void {
  const list = document.getElementById("exchanges");
  if (list === null) return;
  renderRows(list, [...shown.values()]);
  document.getElementById("exchanges-empty")?.toggleAttribute("hidden", shown.size > 0);
}

/** Renders exchanges into a list, oldest first. @param opened - the row to open if the list was empty */
export function renderRows(list: HTMLElement, exchanges: readonly Exchange[], opened?: Exchange): void {
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.getAttribute("data-name")));
  if (list.childElementCount === 0 && opened !== undefined) open.add(nameOf(opened));
  const focused = document.activeElement?.closest("details")?.getAttribute("data-name");
  const ordered = exchanges.toSorted((one, other) => one.at.localeCompare(other.at));
  const rows = ordered.map((exchange) => row(nameOf(exchange), exchange, open.has(nameOf(exchange))));
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...rows.map((details) => make("li", {}, [details])));
  // The focused row keeps the focus after it is rendered again.
  if (hadFocus)
    rows
      .find((details) => details.dataset["name"] === focused)
      ?.querySelector("summary")
      ?.focus({ preventScroll: true });
}

function row(name: string, exchange: Exchange, open: boolean): HTMLElement {
  const { parties, request, answer, noAnswer, aborted: givenUp } = texts();
  const missing = exchange.aborted ? givenUp : noAnswer;
  const time = new Date(exchange.at).toLocaleTimeString("en-GB", { hour12: false });
  const status = exchange.answer === null ? missing : String(exchange.answer.status);
  const tone = (exchange.answer === null && !exchange.aborted) || (exchange.answer?.status ?? 0) >= 400 ? "fault" : "fine";
  const summary = make("summary", {}, [
    make("time", { datetime: exchange.at }, [time]),
    make("span", { class: "way" }, [`${parties[exchange.from]} → ${parties[exchange.to]}`]),
    make("span", { class: "call" }, [`${exchange.method} ${exchange.path}${actionOf(exchange)}`]),
    make("span", { class: "outcome", "data-tone": tone }, [`${status} · ${exchange.milliseconds} ms`]),
  ]);
  const parts = [
    messagePart(request, [`${exchange.method} ${exchange.path}`, ...lines(exchange.headers)], exchange.body),
    exchange.answer === null
      ? messagePart(answer, [missing], "")
      : messagePart(answer, [String(exchange.answer.status), ...lines(exchange.answer.headers)], exchange.answer.body),
  ];
  const details = make("details", { "data-name": name }, [summary, make("div", { class: "exchange" }, parts)]);
  details.toggleAttribute("open", open);
  return details;
}

/** The gateway has three addresses; the header X-Action names the action. */
function actionOf({ headers }: Exchange): string {
  const action = headers.find(([name]) => name === "x-action")?.[1];
  return action === undefined ? "" : ` · ${action}`;
}

function lines(headers: Exchange["headers"]): string[] {
  return headers.map(([name, value]) => `${name}: ${value}`);
}

function messagePart(title: string, head: readonly string[], body: string): HTMLElement {
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
