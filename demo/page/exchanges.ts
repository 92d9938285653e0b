import type { Exchange, Party } from "../exchange.ts";
import { observed, withoutSecrets } from "../exchange.ts";
import { words } from "./language.ts";

const shown = new Map<string, Exchange>();
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
  );
}

/** Shows what happened to an order so far and, as it happens, what comes. */
export function follow(orderId: string): void {
  key = `exchanges of ${orderId}`;
  shown.clear();
  for (const exchange of JSON.parse(sessionStorage.getItem(key) ?? "[]") as Exchange[]) shown.set(nameOf(exchange), exchange);
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
  renderExchanges();
}

/** Writes the list anew, in the page's language; what was open stays open. */
export function renderExchanges(): void {
  const list = document.getElementById("journal");
  if (list === null) return;
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.getAttribute("data-name")));
  const ordered = [...shown].sort(([, one], [, other]) => one.at.localeCompare(other.at));
  list.replaceChildren(...ordered.map(([name, exchange]) => make("li", {}, [row(name, exchange, open.has(name))])));
  document.getElementById("journal-empty")?.toggleAttribute("hidden", ordered.length > 0);
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
  return make("section", {}, [make("h3", {}, [title]), make("pre", {}, [text.join("\n")])]);
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function make(name: string, attributes: Readonly<Record<string, string>>, children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}
