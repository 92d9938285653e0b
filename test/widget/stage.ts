import { afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { userEvent } from "vitest/browser";
import "../../widget/define.ts";
import type { FreedomPayEvent } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { LOCALES } from "../../widget/locale.ts";
import { localizeOnDemand } from "../../widget/locales/on-demand.ts";
import { ENDPOINT, FakeEdge } from "./fake-edge.ts";
import { tokenOf } from "./tokens.ts";

/** The events' names, without their prefix. */
export const EVENTS = ["submit", "ready", "processing", "redirect", "unconfirmed", "success", "failure", "error", "change"] as const;
/** The content that a shopper sees. */
export interface Look {
  readonly status: string | null;
  readonly amount: string;
  readonly said: string;
  /** Null: there is no button. `(…)`: pressing it does nothing. */
  readonly button: string | null;
}

/** A token. A test can override its claims and its charge. */
export function token(charge: Readonly<Record<string, unknown>> = {}, claims: Readonly<Record<string, unknown>> = {}): string {
  return tokenOf({
    aud: "freedom-pay-charge",
    iat: 1_700_000_000,
    exp: 1_700_001_800,
    ...claims,
    charge: {
      order_id: "1234",
      amount: 1234.5,
      currency: "KZT",
      description: "Month of tea",
      user_id: "12345",
      profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
      card: { brand: "visa", last4: "4242" },
      ...charge,
    },
  });
}

/** A token for a payment page that saves the card. */
export function pageToken(charge: Readonly<Record<string, unknown>> = {}): string {
  const payment_page = { return_url: "https://shop.example/orders/1234", save_card_months: 12 };
  return token({ profile_id: null, card: null, payment_page, ...charge });
}

/** The addresses to which an element goes, and whether the page is hidden, as the element sees it. */
export interface Top {
  readonly gone: string[];
  hidden: boolean;
}

/** Lets an element be in a document on top, which a shopper's page is and a test's is not. What it goes to is written down. */
export function putOnTop(element: FreedomPayCharge): Top {
  const top: Top = { gone: [], hidden: false };
  const view = { location: { assign: (url: string) => void top.gone.push(url) } };
  Object.assign(view, { top: view });
  const seen = new Proxy(document, {
    get: (target, key) => (key === "defaultView" ? view : key === "hidden" ? top.hidden : (Reflect.get(target, key) as unknown)),
  });
  Object.defineProperty(element, "ownerDocument", { get: () => seen, configurable: true });
  return top;
}

/** Waits until every answer is applied and rendered. */
export async function settle(element: FreedomPayCharge): Promise<void> {
  for (let round = 0; round < 50; round += 1) await Promise.resolve();
  await element.updateComplete;
}

/** Adds an element to the page, and waits until it has read its charge. */
export async function put(properties: Partial<FreedomPayCharge> = {}): Promise<FreedomPayCharge> {
  const element = document.createElement("freedom-pay-charge");
  Object.assign(element, { endpoint: ENDPOINT, token: token(), locale: "en", ...properties });
  document.body.append(element);
  await element.updateComplete;
  await settle(element);
  return element;
}

/** The part with this name. */
export const part = (element: FreedomPayCharge, name: string): HTMLElement =>
  element.shadowRoot?.querySelector<HTMLElement>(`[part=${name}]`) ?? expect.fail(`no part ${name}`);

/** Whether the button is filled with the accent, as the one thing to do, and not only outlined. */
export const isFilled = (element: FreedomPayCharge): boolean => getComputedStyle(button(element)).backgroundColor !== "rgba(0, 0, 0, 0)";

export const button = (element: FreedomPayCharge): HTMLButtonElement => part(element, "button") as HTMLButtonElement;
export const isSeen = (node: HTMLElement): boolean => node.checkVisibility();
/** The visible text, with plain spaces. */
export const text = (node: HTMLElement): string => (isSeen(node) ? (node.textContent ?? "").replaceAll("\u00a0", " ") : "");

/** The content that a shopper sees now. */
export function look(element: FreedomPayCharge): Look {
  const press = button(element);
  return {
    status: element.getAttribute("status"),
    amount: text(part(element, "amount")),
    said: [text(part(element, "title")), text(part(element, "note"))].filter(Boolean).join(" / "),
    button: !isSeen(press) ? null : press.getAttribute("aria-disabled") === "true" ? `(${text(press)})` : text(press),
  };
}

/** Every event from now on: its name without the prefix, and its status. */
export function listen(element: FreedomPayCharge): string[] {
  const heard: string[] = [];
  for (const name of EVENTS)
    element.addEventListener(`freedom-pay-${name}`, (event: FreedomPayEvent) => heard.push(`${name}:${event.detail.status}`));
  return heard;
}

/** Sets whether elements that are added from now on have a press of the shopper, which pays once. */
export function activate(isActive: boolean): void {
  Object.defineProperty(navigator, "userActivation", { value: { isActive }, configurable: true });
}

/** The shopper waits for a second and does something else on the page, so that the next click may pay again. */
export async function pressAnew(): Promise<void> {
  const { now } = performance;
  vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) + 1000);
  await userEvent.keyboard("{Shift}");
}

/** Stops the monotonic clock that separates presses, so that the speed of the machine does not matter. @returns a function that advances it */
export function stopTheClock(): (milliseconds: number) => void {
  let moment = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => moment);
  return (milliseconds) => {
    moment += milliseconds;
  };
}

/** The environment of a test's elements, new for each test. */
export interface Stage {
  edge: FakeEdge;
}

/** Locks that are granted within a turn of the event loop, so that a test only has to await promises. */
function giveLocksAtOnce(): void {
  const held = new Set<string>();
  const request = async (name: string, _options: unknown, run: (lock: Lock | null) => unknown): Promise<unknown> => {
    if (held.has(name)) return run(null);
    held.add(name);
    try {
      return await run({ name, mode: "exclusive" });
    } finally {
      held.delete(name);
    }
  };
  vi.spyOn(navigator.locks, "request").mockImplementation(request as LockManager["request"]);
}

/** Loads all words, so that a test only has to await promises. */
async function loadWords(): Promise<void> {
  for (const locale of LOCALES) await vi.waitFor(() => expect(localizeOnDemand(locale, null, () => {}).lang).toBe(locale));
}

/** Gives every test of a file an edge behind `fetch`, an empty storage, a press of the shopper for each element, and a spy on the console. */
export function setStage({ realLocks = false }: { readonly realLocks?: boolean } = {}): Stage {
  const { fetch } = globalThis;
  const stage: Stage = { edge: new FakeEdge() };

  beforeAll(loadWords);

  beforeEach(() => {
    stage.edge = new FakeEdge();
    globalThis.fetch = stage.edge.fetch;
    localStorage.clear();
    activate(true);
    if (!realLocks) giveLocksAtOnce();
    vi.spyOn(console, "error").mockImplementation(() => {});
  });

  afterEach(() => {
    document.body.replaceChildren();
    document.documentElement.lang = "";
    globalThis.fetch = fetch;
    Reflect.deleteProperty(navigator, "userActivation");
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  return stage;
}
