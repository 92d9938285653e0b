import type {} from "../../widget/events.ts";
import { follow, observeFetch, renderExchanges } from "./exchanges.ts";
import { language, money, speak, words } from "./language.ts";
import { createPicture } from "./picture.ts";

interface Order {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly cards: readonly Card[];
}

/** A stored card, as the shop tells its page. */
interface Card {
  readonly name: string;
  readonly brand: string;
  readonly last4: string;
}

/** Statuses of a charge that leave nothing to choose: the cards rest until it is decided, or for good. */
const AT_REST = ["processing", "unconfirmed", "authorized", "succeeded", "reversed", "refunded", "closed"];

const charge = byId("charge");
const cards = byId("cards") as HTMLFieldSetElement;
const script = document.querySelector<HTMLScriptElement>('script[src$="/v1/freedom-pay-charge.js"]');

observeFetch(script === null ? null : new URL(script.src).origin);

const picture = createPicture();

let order: Order | null = null;
let picked: string | null = null;

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}

async function askShop<Answer>(path: string, body?: unknown): Promise<Answer> {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`The shop answered ${response.status}`);
  return (await response.json()) as Answer;
}

/** Says so when the shop cannot be asked. */
async function attempt(deed: () => Promise<void>): Promise<void> {
  const fault = byId("fault");
  fault.hidden = true;
  try {
    await deed();
  } catch {
    fault.textContent = words().shopUnreachable;
    fault.hidden = false;
  }
}

async function begin(known: Order | null): Promise<void> {
  order = known ?? (await askShop<Order>("/orders", {}));
  sessionStorage.setItem("order", JSON.stringify(order));
  follow(order.order_id);
  await pick(sessionStorage.getItem(`card of ${order.order_id}`) ?? order.cards[0]?.name ?? "");
  render();
}

/** A card was chosen: the shop's back end makes a token for this order and that card, the element takes it. */
async function pick(name: string): Promise<void> {
  if (order === null) return;
  picked = name;
  sessionStorage.setItem(`card of ${order.order_id}`, name);
  const { token } = await askShop<{ token: string }>(`/orders/${order.order_id}/token`, { card: name, language: language() });
  charge.setAttribute("token", token);
}

function render(): void {
  charge.setAttribute("locale", language());
  picture.render();
  if (order === null) return;
  byId("price").textContent = money(order.amount, order.currency);
  (byId("order-link") as HTMLAnchorElement).href = `/order?id=${order.order_id}`;
  for (const old of cards.querySelectorAll("label")) old.remove();
  cards.append(...order.cards.map(cardRow));
  renderExchanges();
}

function cardRow(card: Card): HTMLElement {
  const radio = Object.assign(document.createElement("input"), {
    type: "radio",
    name: "card",
    value: card.name,
    checked: card.name === picked,
  });
  radio.addEventListener("change", () => void attempt(() => pick(card.name)));
  const number = Object.assign(document.createElement("span"), { className: "number", textContent: `${brandOf(card)} •••• ${card.last4}` });
  const plays = Object.assign(document.createElement("span"), { className: "plays", textContent: words().plays[card.name] ?? "" });
  const label = Object.assign(document.createElement("label"), { className: "card" });
  label.append(radio, number, plays);
  return label;
}

function brandOf({ brand }: Card): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1);
}

charge.addEventListener("freedom-pay-change", ({ detail }) => {
  cards.disabled = AT_REST.includes(detail.status);
});
byId("new-order").addEventListener("click", () => void attempt(() => begin(null)));
speak(render);
// A reload goes on with the same order, unless the shop forgot it.
await attempt(() => begin(JSON.parse(sessionStorage.getItem("order") ?? "null") as Order | null).catch(() => begin(null)));
