import { afterEach, describe, expect, test, vi } from "vitest";
import { failedCharge } from "./charges.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import { button, look, pressAnew, put, setStage, settle } from "./stage.ts";

const stage = setStage();

/** Restores what a test removed. */
let repairs: (() => void)[] = [];

afterEach(() => {
  for (const repair of repairs.splice(0)) repair();
  repairs = [];
});

/** Gives a property another value, or another getter, for the rest of the test. */
function replace(target: object, name: string, descriptor: PropertyDescriptor): void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { configurable: true, ...descriptor });
  repairs.push(() => {
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  });
}

const absent = (target: object, name: string) => (): void => replace(target, name, { value: undefined });
const throwing = (target: object, name: string) => (): void =>
  replace(target, name, {
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });

/** APIs that a browser may lack or block, each with a function that removes it. */
const LACKS: readonly (readonly [what: string, takeAway: () => void])[] = [
  ["crypto.randomUUID", absent(crypto, "randomUUID")],
  ["crypto.getRandomValues", absent(crypto, "getRandomValues")],
  ["crypto", absent(globalThis, "crypto")],
  ["navigator.languages", absent(navigator, "languages")],
  ["navigator.onLine", absent(navigator, "onLine")],
  ["navigator.userActivation", absent(navigator, "userActivation")],
  ["navigator.locks", absent(navigator, "locks")],
  ["the right to navigator.locks", throwing(navigator, "locks")],
  ["localStorage", absent(globalThis, "localStorage")],
  ["the right to localStorage", throwing(globalThis, "localStorage")],
  ["attachInternals", absent(HTMLElement.prototype, "attachInternals")],
  ["the states of ElementInternals", absent(ElementInternals.prototype, "states")],
  ["isSecureContext", absent(globalThis, "isSecureContext")],
];

describe("without", () => {
  test.each(LACKS)("%s the element renders and pays", async (what, takeAway) => {
    takeAway();
    const element = await put({ locale: what === "navigator.languages" ? null : "en" });
    if (what === "navigator.languages") expect(look(element).button).toBe("Оплатить 1 234,50 ₸");
    // Without userActivation the element has to receive the press itself.
    if (what === "navigator.userActivation") await pressAnew();
    button(element).click();
    await vi.waitFor(() => expect(element.status).toBe("succeeded"));
    expect(stage.edge.posts[0]?.headers.get("Idempotency-Key")).toMatch(/^[\x21-\x7e]{7,255}$/);
  });

  test("navigator.onLine no missing connection is shown for that reason alone", async () => {
    absent(navigator, "onLine")();
    stage.edge.onGet = networkFails;
    expect(look(await put()).said).toBe("Connection error. Try again");
  });

  test("any of them two presses of two attempts have two keys", async () => {
    for (const [, takeAway] of LACKS.slice(0, 3)) takeAway();
    stage.edge.onPost = () =>
      jsonResponse((stage.edge.charge = failedCharge("declined", "other_card", { attempt: stage.edge.posts.length })), 201);
    const element = await put();
    await element.charge();
    await pressAnew();
    await element.charge();
    expect(new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(2);
  });
});

/** Storages that return their content and accept no more writes. */
const READ_ONLY: readonly (readonly [how: string, setItem: (name: string, value: string) => void])[] = [
  [
    "is full",
    () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  ],
  ["ignores writes", () => {}],
];

test.each(READ_ONLY)("with a storage that %s a press whose answer was lost, and the next one, have one key", async (_how, setItem) => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(setItem);
  stage.edge.onPost = () => new Promise(() => {});
  const first = await put();
  button(first).click();
  await settle(first);
  first.remove();
  await settle(first);
  const second = await put();
  button(second).click();
  await settle(second);
  const keys = stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"));
  expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
});
