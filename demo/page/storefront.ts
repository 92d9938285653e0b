import type { ElementStatus } from "../../widget/events.ts";
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
let status: ElementStatus = "loading";
/** The cards that this order was tried with, the last one last. */
let tried: readonly string[] = [];

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
  tried = JSON.parse(sessionStorage.getItem(`tried for ${order.order_id}`) ?? "[]") as string[];
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
  renderStatus();
}

/** Whether the failure is the picked card's. The element shows no failure of another card. */
function hasFailed(): boolean {
  return status === "failed" && picked === tried.at(-1);
}

/** The stored card to offer after a failure; null if there was none, or every card was tried. */
function otherCard(): Card | null {
  return hasFailed() ? (order?.cards.find(({ name }) => !tried.includes(name)) ?? null) : null;
}

/** Shows the state that the element shows, and offers another card after a failure. */
function renderStatus(): void {
  picture.showStatus(status === "failed" && !hasFailed() ? "ready" : status);
  const card = otherCard();
  const button = byId("other-card");
  button.hidden = card === null;
  button.textContent = card === null ? "" : texts().otherCard(nameOf(card));
}

/** Shows every stored card, or on a narrow page only the picked one. */
function showAllCards(all: boolean): void {
  cards.classList.toggle("all", all);
}

function render(): void {
  charge.setAttribute("locale", language());
  picture.render();
  if (order === null) return;
  byId("price").textContent = money(order.amount, order.currency);
  (byId("order-link") as HTMLAnchorElement).href = `/order?id=${order.order_id}`;
  for (const old of cards.querySelectorAll("label")) old.remove();
  cards.append(...order.cards.map(cardRow));
  renderStatus();
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
  const number = Object.assign(document.createElement("span"), { className: "number", textContent: nameOf(card) });
  const scenario = Object.assign(document.createElement("span"), {
    className: "scenario",
    textContent: texts().scenarios[card.name] ?? "",
  });
  const label = Object.assign(document.createElement("label"), { className: "card" });
  label.append(radio, number, scenario);
  return label;
}

/** A card as the element shows it: `Visa •••• 4242`. */
function nameOf({ brand, last4 }: Card): string {
  return `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${last4}`;
}

charge.addEventListener("freedom-pay-submit", () => {
  if (order === null || picked === null) return;
  tried = [...tried, picked];
  sessionStorage.setItem(`tried for ${order.order_id}`, JSON.stringify(tried));
});
charge.addEventListener("freedom-pay-change", ({ detail }) => {
  cards.disabled = LOCKED_STATUSES.includes(detail.status);
  status = detail.status;
  renderStatus();
});
byId("other-card").addEventListener("click", () => {
  const card = otherCard();
  if (card === null) return;
  void withErrorMessage(async () => {
    await pick(card.name);
    render();
    // The pressed button is gone.
    cards.querySelector<HTMLInputElement>("input:checked")?.focus();
  });
});
byId("change-card").addEventListener("click", () => {
  showAllCards(true);
  cards.querySelector<HTMLInputElement>("input:checked")?.focus();
});
// A press on a card closes the list. The arrow keys, whose clicks have no detail, go through it.
cards.addEventListener("click", ({ target, detail }) => {
  if (detail > 0 && (target as Element).closest("label") !== null) showAllCards(false);
});
byId("new-order").addEventListener("click", () => void withErrorMessage(() => begin(null)));
onLanguageChange(render);
// A reload continues with the same order, unless the shop was restarted.
await withErrorMessage(() => begin(JSON.parse(sessionStorage.getItem("order") ?? "null") as Order | null).catch(() => begin(null)));
