import type { ElementStatus } from "../../widget/events.ts";
import { follow, observeFetch, renderExchanges } from "./exchanges.ts";
import { language, money, onLanguageChange, texts } from "./language.ts";
import { createPicture } from "./picture.ts";

interface Order {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
}

/** What an order can be paid with, as the shop sends it to its page: a stored card, or a new one, of which nothing is known. */
interface Card {
  readonly name: string;
  readonly brand?: string;
  readonly last4?: string;
}

/** Statuses in which the shopper cannot choose another card. */
const LOCKED_STATUSES = ["processing", "redirecting", "unconfirmed", "authorized", "succeeded", "reversed", "refunded", "closed"];

/** How often the shop is asked for the card that was saved, once a second. */
const SAVE_ROUNDS = 30;

const charge = byId("charge");
const cards = byId("cards") as HTMLFieldSetElement;
const script = document.querySelector<HTMLScriptElement>('script[src$="/v1/freedom-pay-charge.js"]');

observeFetch(script === null ? null : new URL(script.src).origin);

const picture = createPicture();

let order: Order | null = null;
let choices: readonly Card[] = [];
let picked: string | null = null;
let status: ElementStatus = "loading";
/** The card that was saved just now. */
let saved: Card | null = null;
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
  choices = await callShop<readonly Card[]>("/cards");
  sessionStorage.setItem("order", JSON.stringify(order));
  follow(order.order_id);
  tried = JSON.parse(sessionStorage.getItem(`tried for ${order.order_id}`) ?? "[]") as string[];
  await pick(sessionStorage.getItem(`card of ${order.order_id}`) ?? choices[0]?.name ?? "");
  render();
}

/** Gets a token for the order and the chosen card from the shop's back end, and sets it on the element. */
async function pick(name: string): Promise<void> {
  if (order === null) return;
  picked = name;
  sessionStorage.setItem(`card of ${order.order_id}`, name);
  const { token } = await callShop<{ token: string }>(`/orders/${order.order_id}/token`, { card: name, language: language() });
  charge.setAttribute("token", token);
  picture.showPage(choices.some((card) => card.name === name && card.last4 === undefined));
  renderStatus();
}

/** Whether the failure is the picked card's. The element shows no failure of another card. */
function hasFailed(): boolean {
  return status === "failed" && picked === tried.at(-1);
}

/** The stored card to offer after a failure; null if there was none, or every card was tried. */
function otherCard(): Card | null {
  return hasFailed() ? (choices.find(({ name, last4 }) => last4 !== undefined && !tried.includes(name)) ?? null) : null;
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
  byId("saved").textContent = saved === null ? "" : texts().saved(saved.last4 ?? "");
  charge.setAttribute("locale", language());
  picture.render();
  if (order === null) return;
  byId("price").textContent = money(order.amount, order.currency);
  (byId("order-link") as HTMLAnchorElement).href = `/order?id=${order.order_id}`;
  for (const old of cards.querySelectorAll("label")) old.remove();
  cards.append(...choices.map(cardRow));
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
    textContent: texts().scenarios[card.name] ?? texts().savedCard,
  });
  const label = Object.assign(document.createElement("label"), { className: "card" });
  label.append(radio, number, scenario);
  return label;
}

/** A card as the element shows it: `Visa •••• 4242`. */
function nameOf({ brand, last4 }: Card): string {
  if (brand === undefined || last4 === undefined) return texts().newCard;
  return `${brand.charAt(0).toUpperCase()}${brand.slice(1)} •••• ${last4}`;
}

/** The order that the browser comes back to from the payment page, and what it brings. */
const { searchParams: query } = new URL(location.href);

/** The order to go on with: of the return, or of before the reload. */
async function goOn(): Promise<Order | null> {
  const id = query.get("order");
  if (id !== null) return callShop<Order>(`/orders/${encodeURIComponent(id)}`);
  return JSON.parse(sessionStorage.getItem("order") ?? "null") as Order | null;
}

/** Has the shop attach the card of a return to this session's account. The profile is known a moment after the payment. */
async function saveCard(id: string, code: string): Promise<void> {
  for (let round = 0; saved === null && round < SAVE_ROUNDS; round += 1) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, 1_000));
    ({ card: saved } = await callShop<{ card: Card | null }>(`/orders/${id}/card`, { code }));
  }
  if (saved === null) return;
  // The code is used.
  history.replaceState(null, "", "/");
  choices = await callShop<readonly Card[]>("/cards");
  render();
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
byId("new-order").addEventListener("click", () => {
  saved = null;
  history.replaceState(null, "", "/");
  void withErrorMessage(() => begin(null));
});
onLanguageChange(render);
// A reload continues with the same order, unless the shop was restarted.
await withErrorMessage(() =>
  goOn()
    .then(begin)
    .catch(() => begin(null)),
);
const code = query.get("freedom_pay_return");
// Where it is another customer's order, nothing is saved.
if (code !== null) saveCard(query.get("order") ?? "", code).catch(() => {});
