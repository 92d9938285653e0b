import type { Tone } from "./message.ts";

/** Everything that is seen, as text; an empty one is not there. */
export interface Shown {
  /** The language of its words; while that is none nothing is seen, but the space is taken. */
  readonly lang: string;
  /** `light` or `dark`; anything else is the page's. */
  readonly theme: string;
  readonly amount: string;
  readonly description: string;
  readonly order: string;
  /** The card as it is seen, and as it is heard. */
  readonly card: string;
  readonly cardInWords: string;
  readonly tone: Tone;
  readonly title: string;
  readonly note: string;
  /** The button's; empty when there is nothing to press. */
  readonly label: string;
  /** The second button's: take the question back. */
  readonly cancel: string;
  /** The button is there, and pressing it does nothing. */
  readonly atWork: boolean;
  readonly disabled: boolean;
  readonly canPay: boolean;
  /** The button pays for the first time: the page may have words of its own for that. */
  readonly isFirst: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const CIRCLE = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0m";
const ICONS: Readonly<Record<Tone, string>> = {
  busy: `${CIRCLE}9-5v5l3 2`,
  good: `${CIRCLE}5 0l3 3l5-6`,
  bad: `${CIRCLE}9-5v6m0 3.5v.1`,
  calm: `${CIRCLE}9 4.5v-5m0-4v.1`,
};

/** An element that is a part by this name. */
function part<Name extends keyof HTMLElementTagNameMap>(name: Name, as: string, ...inside: Node[]): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (as) element.setAttribute("part", as);
  element.append(...inside);
  return element;
}

function pressable(as: string, press: () => void, ...inside: Node[]): HTMLButtonElement {
  const button = part("button", as, ...inside);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}

function slot(name: string): HTMLSlotElement {
  const element = document.createElement("slot");
  element.name = name;
  return element;
}

/** Writes only what is new, so that the live region is not read out twice. */
function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

/**
 * Builds what is inside the element, once, and gives the function that brings it up to date. Nodes stay the same for good:
 * the live region is one that assistive technology knows, and the button keeps the focus. Made of DOM calls and not of
 * lit-html's templates: half the bytes, and no Trusted Types policy to be allowed.
 */
export function buildTree(root: ShadowRoot, press: () => void, cancel: () => void): (shown: Shown) => void {
  const amount = part("p", "amount");
  const description = part("p", "description");
  const order = part("p", "order");
  const cardSeen = part("span", "");
  const cardHeard = part("span", "");
  const card = part("p", "card", cardSeen, cardHeard);
  const path = document.createElementNS(SVG, "path");
  const icon = document.createElementNS(SVG, "svg");
  const title = part("p", "title");
  const note = part("p", "note");
  const said = part("div", "", icon, part("div", "", title, note));
  const message = part("div", "message", said);
  const receipt = slot("receipt");
  const consent = slot("consent");
  const help = slot("help");
  const spinner = part("span", "spinner");
  const label = slot("label");
  const button = pressable("button", press, spinner, part("span", "label", label));
  const back = pressable("cancel", cancel);
  const base = part(
    "div",
    "base",
    order,
    amount,
    description,
    slot("details"),
    card,
    message,
    receipt,
    consent,
    button,
    back,
    help,
    slot("logos"),
  );

  icon.append(path);
  icon.setAttribute("part", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  cardSeen.setAttribute("aria-hidden", "true");
  cardHeard.className = "heard";
  message.setAttribute("role", "status");
  message.tabIndex = -1;
  back.className = "second";
  root.append(base);

  return (shown) => {
    const focused = root.activeElement as HTMLElement | null;
    base.lang = shown.lang;
    base.className = shown.theme;
    put(amount, shown.amount);
    put(description, shown.description);
    put(order, shown.order);
    put(cardSeen, shown.card);
    put(cardHeard, shown.cardInWords);
    card.hidden = !shown.card;
    path.setAttribute("d", ICONS[shown.tone]);
    said.className = shown.tone;
    put(title, shown.title);
    put(note, shown.note);
    said.hidden = !shown.title;
    put(label, shown.label);
    label.name = shown.isFirst ? "label" : "none";
    put(back, shown.cancel);
    spinner.hidden = !shown.atWork || !shown.title;
    button.hidden = !shown.label;
    button.className = shown.canPay ? "" : "second";
    button.disabled = shown.disabled;
    button.setAttribute("aria-disabled", String(shown.atWork));
    receipt.hidden = shown.tone !== "good";
    consent.hidden = !shown.canPay;
    help.hidden = !shown.title || shown.tone === "good";
    // The button that had the focus is gone: the other one is next, or the message.
    if (focused?.hidden) (button.hidden ? message : button).focus();
  };
}
