import type {} from "../../widget/events.ts";
import { follow, observeFetch, renderExchanges } from "./exchanges.ts";
import { language, money, onLanguageChange, texts } from "./language.ts";
import { createPicture } from "./picture.ts";

interface Order {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly cards: readonly Card[];
}

/** A stored card, as the shop sends it to its page. */
interface Card {
  readonly name: string;
  readonly brand: string;
  readonly last4: string;
}

/** Statuses in which the shopper cannot choose another card. */
const LOCKED_STATUSES = ["processing", "unconfirmed", "authorized", "succeeded", "reversed", "refunded", "closed"];

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

async function callShop<Answer>(path: string, body?: unknown): Promise<Answer> {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`The shop answered ${response.status}`);
  return (await response.json()) as Answer;
}

/** Shows a message when the shop cannot be reached. */
async function withErrorMessage(action: () => Promise<void>): Promise<void> {
  const message = byId("fault");
  message.hidden = true;
  try {
    await action();
  } catch {
    message.textContent = texts().shopUnreachable;
    message.hidden = false;
  }
}

async function begin(storedOrder: Order | null): Promise<void> {
  order = storedOrder ?? (await callShop<Order>("/orders", {}));
  sessionStorage.setItem("order", JSON.stringify(order));
  follow(order.order_id);
  await pick(sessionStorage.getItem(`card of ${order.order_id}`) ?? order.cards[0]?.name ?? "");
  render();
}

/** Gets a token for the order and the chosen card from the shop's back end, and sets it on the element. */
async function pick(name: string): Promise<void> {
  if (order === null) return;
  picked = name;
  sessionStorage.setItem(`card of ${order.order_id}`, name);
  const { token } = await callShop<{ token: string }>(`/orders/${order.order_id}/token`, { card: name, language: language() });
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
  radio.addEventListener("change", () => void withErrorMessage(() => pick(card.name)));
  const number = Object.assign(document.createElement("span"), { className: "number", textContent: `${brandOf(card)} •••• ${card.last4}` });
  const scenario = Object.assign(document.createElement("span"), {
    className: "scenario",
    textContent: texts().scenarios[card.name] ?? "",
  });
  const label = Object.assign(document.createElement("label"), { className: "card" });
  label.append(radio, number, scenario);
  return label;
}

function brandOf({ brand }: Card): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1);
}

charge.addEventListener("freedom-pay-change", ({ detail }) => {
  cards.disabled = LOCKED_STATUSES.includes(detail.status);
});
byId("new-order").addEventListener("click", () => void withErrorMessage(() => begin(null)));
onLanguageChange(render);
// A reload continues with the same order, unless the shop was restarted.
await withErrorMessage(() => begin(JSON.parse(sessionStorage.getItem("order") ?? "null") as Order | null).catch(() => begin(null)));
