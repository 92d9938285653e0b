import { afterEach, describe, expect, test, vi } from "vitest";
import type { ErrorReason } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { STORAGE_KEY } from "../../widget/attempt-key.ts";
import { chargeOf, failedCharge, problemOf } from "./charges.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import { activate, button, isFilled, listen, look, pressAnew, put, setStage, settle, token } from "./stage.ts";

const stage = setStage();

afterEach(() => void vi.useRealTimers());

/** The errors in the console, without the element's name. */
const consoleErrors = (): readonly string[] =>
  vi.mocked(console.error).mock.calls.map(([text]) => String(text).replace("<freedom-pay-charge>: ", ""));

/** The reasons of the error events from now on. */
function errorsOf(element: FreedomPayCharge): (ErrorReason | null)[] {
  const reasons: (ErrorReason | null)[] = [];
  element.addEventListener("freedom-pay-error", ({ detail }) => reasons.push(detail.reason));
  return reasons;
}

type Request = LockManager["request"];
type Grant = (lock: Lock | null) => Promise<unknown>;

/** A promise that never settles, whatever the given one does. */
const endless = (_given: Promise<unknown>): Promise<never> => new Promise(() => {});

/** Broken lock managers, and the milliseconds after which a press is sent anyway. */
const BROKEN_LOCKS: readonly (readonly [how: string, within: number, request: (grant: Grant) => unknown])[] = [
  ["never answers", 2000, () => new Promise(() => {})],
  [
    "answers after a minute",
    2000,
    (grant) => new Promise((resolve) => setTimeout(resolve, 60_000)).then(() => grant({ name: "", mode: "exclusive" })),
  ],
  ["refuses", 0, () => Promise.reject(new DOMException("not here", "SecurityError"))],
  [
    "throws",
    0,
    () => {
      throw new TypeError("Illegal invocation");
    },
  ],
  ["ends without granting the lock", 0, () => Promise.resolve()],
  ["returns no promise", 0, () => undefined],
  ["grants the lock and never ends", 0, (grant) => endless(grant({ name: "", mode: "exclusive" }))],
  ["always answers that another page has it", 2000, (grant) => grant(null)],
  ["answers that another page has it and never ends", 2000, (grant) => endless(grant(null))],
];

function breakLocks(request: (grant: Grant) => unknown): void {
  vi.spyOn(navigator.locks, "request").mockImplementation(((_name: string, _options: unknown, grant: Grant) => request(grant)) as Request);
}

describe("a press is sent within a bounded time in spite of", () => {
  test.each(BROKEN_LOCKS)("a lock that %s", async (_how, within, request) => {
    vi.useFakeTimers();
    breakLocks(request);
    const element = await put();
    button(element).click();
    const said = new Set<string>();
    for (let passed = 0; passed < within; passed += 500) {
      expect(stage.edge.posts).toEqual([]);
      await settle(element);
      said.add(look(element).said);
      await vi.advanceTimersByTimeAsync(500);
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(stage.edge.posts).toHaveLength(1);
    // The text must not mention the bank before anything was sent.
    expect([...said].join()).not.toContain("again");
    await vi.advanceTimersByTimeAsync(120_000);
    await settle(element);
    expect(look(element).said).toBe("Payment successful / Payment no. 77");
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("a missing lock manager", async () => {
    const own = Object.getOwnPropertyDescriptor(navigator, "locks");
    Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
    try {
      const element = await put();
      button(element).click();
      await vi.waitFor(() => expect(element.status).toBe("succeeded"));
    } finally {
      if (own) Object.defineProperty(navigator, "locks", own);
      else Reflect.deleteProperty(navigator, "locks");
    }
  });

  test("another page that stopped while it had the lock: the press is sent under the key of both", async () => {
    vi.useFakeTimers();
    breakLocks((grant) => grant(null));
    localStorage.setItem(STORAGE_KEY, JSON.stringify([["1234", "key-of-the-other-page", Date.now(), 0]]));
    const element = await put();
    button(element).click();
    await vi.advanceTimersByTimeAsync(2000);
    expect(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(["key-of-the-other-page"]);
  });

  test("another page whose attempt the edge has meanwhile: nothing more is sent", async () => {
    vi.useFakeTimers();
    breakLocks((grant) => grant(null));
    const element = await put();
    button(element).click();
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    await settle(element);
    expect([element.status, stage.edge.posts.length]).toEqual(["processing", 0]);
  });

  test("a read without an answer while another page has the lock", async () => {
    vi.useFakeTimers();
    breakLocks((grant) => grant(null));
    const element = await put();
    stage.edge.onGet = () => new Promise(() => {});
    button(element).click();
    await vi.advanceTimersByTimeAsync(2000);
    expect(stage.edge.posts).toHaveLength(1);
  });
});

describe("the shopper, the page and the console are told every time that a press is not carried out:", () => {
  const NOT_HEARD = "nothing is paid without a press of the last two minutes.";

  test("a press that the element did not receive", async () => {
    activate(false);
    const element = await put();
    const errors = errorsOf(element);
    const heard = listen(element);
    for (let times = 1; times <= 3; times += 1) {
      if (times === 2) expect(await element.charge()).toMatchObject({ status: "ready", reason: "press_required" });
      else button(element).click();
      await settle(element);
      expect(look(element)).toMatchObject({ status: "ready", said: "Press once more to pay", button: "Pay ₸1,234.50" });
      expect(errors).toEqual(Array(times).fill("press_required"));
      expect(consoleErrors()).toEqual(Array(times).fill(NOT_HEARD));
    }
    expect(heard.filter((event) => !event.startsWith("error"))).toEqual([]);
    expect(stage.edge.posts).toEqual([]);
    await pressAnew();
    button(element).click();
    await settle(element);
    expect(look(element).said).toBe("Payment successful / Payment no. 77");
  });

  test("a press that has already paid, after a decline", async () => {
    stage.edge.onPost = () => jsonResponse((stage.edge.charge = failedCharge("declined", "other_card")), 201);
    const element = await put();
    await element.charge();
    const errors = errorsOf(element);
    await element.charge();
    await settle(element);
    expect([errors, consoleErrors(), look(element).said]).toEqual([["press_required"], [NOT_HEARD], "Press once more to pay"]);
  });

  test("a press that `confirm` asked for and that the element did not receive", async () => {
    const element = await put({ confirm: true });
    button(element).click();
    await settle(element);
    const errors = errorsOf(element);
    expect(element.status).toBe("confirming");
    // Not as the second half of a double click, which belongs to the first press.
    const { now } = performance;
    vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) + 1000);
    button(element).click();
    await settle(element);
    expect([element.status, look(element).said, errors]).toEqual(["confirming", "Press once more to pay", ["press_required"]]);
    expect(stage.edge.posts).toEqual([]);
  });

  test.each<[string, (element: FreedomPayCharge) => void]>([
    ["token", (element) => (element.token = token({ amount: 99 }))],
    ["endpoint", (element) => (element.endpoint = "https://other-edge.example")],
  ])("a press during which the page changes the %s", async (_what, exchange) => {
    const element = await put();
    const errors = errorsOf(element);
    element.addEventListener("freedom-pay-submit", () => exchange(element), { once: true });
    button(element).click();
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", said: "Press once more to pay" });
    expect(errors).toEqual(["terms_changed"]);
    expect(consoleErrors()).toEqual(["nothing is paid under a newer token."]);
    expect(stage.edge.posts).toEqual([]);
  });

  test("charge() with a token that is changed while it waits", async () => {
    stage.edge.onGet = () => new Promise(() => {});
    const element = await put();
    const errors = errorsOf(element);
    const outcome = element.charge();
    await settle(element);
    stage.edge.onGet = null;
    element.token = token({ amount: 99 });
    expect(await outcome).toMatchObject({ status: "ready", reason: "terms_changed" });
    await settle(element);
    expect(errors).toEqual(["terms_changed"]);
    expect(look(element).said).toBe("Press once more to pay");
    expect(stage.edge.posts).toEqual([]);
  });

  test("charge() while the element is disabled, which the shopper sees on the button", async () => {
    const element = await put({ disabled: true });
    const errors = errorsOf(element);
    expect(await element.charge()).toMatchObject({ status: "ready", reason: "disabled" });
    await settle(element);
    expect([errors, consoleErrors()]).toEqual([["disabled"], ["nothing is paid while disabled."]]);
    expect([button(element).disabled, look(element).said]).toEqual([true, ""]);
    element.disabled = false;
    await settle(element);
    expect(look(element).said).toBe("Press once more to pay");
  });

  test("charge() in a state in which nothing can be paid: the event of that state is sent again", async () => {
    stage.edge.onGet = () => jsonResponse(problemOf(401, "token_expired"), 401);
    const element = await put();
    const errors = errorsOf(element);
    await element.charge();
    await element.charge();
    expect(errors).toEqual(["token_expired", "token_expired"]);
    expect(look(element).said).toBe("This page is out of date / Reload the page");
  });

  test("a press that the edge refuses", async () => {
    stage.edge.onPost = () => jsonResponse(problemOf(422, "idempotency_key_reused"), 422);
    const element = await put();
    const errors = errorsOf(element);
    for (let times = 1; times <= 2; times += 1) {
      button(element).click();
      await settle(element);
      expect(look(element)).toMatchObject({ status: "ready", said: "Server error. Please try later", button: "Pay ₸1,234.50" });
      expect(errors).toEqual(Array(times).fill("idempotency_key_reused"));
      expect(consoleErrors().filter((text) => text.startsWith("idempotency_key_reused")).length).toBeGreaterThanOrEqual(times);
      if (times === 1) await pressAnew();
    }
  });

  test("a press without an answer for two minutes", async () => {
    vi.useFakeTimers();
    stage.edge.onPost = networkFails;
    const element = await put();
    button(element).click();
    await vi.advanceTimersByTimeAsync(125_000);
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", said: "Connection error. Try again", button: "Pay ₸1,234.50" });
    expect(consoleErrors()).toContain("no answer for two minutes.");
  });

  test("a press that the edge defers for longer than it is repeated, as while payments are stopped", async () => {
    stage.edge.onPost = () => jsonResponse(problemOf(503, "unavailable"), 503, { "Retry-After": "300" });
    const element = await put();
    const errors = errorsOf(element);
    button(element).click();
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", said: "Server error. Please try later", button: "Pay ₸1,234.50" });
    expect(isFilled(element)).toBe(false);
    expect(errors).toEqual(["no_answer"]);
    expect(consoleErrors().join()).toContain("a press was not sent");
  });
});

test("a press on Check again is visible, also if the answer changes nothing", async () => {
  stage.edge.onGet = networkFails;
  const element = await put();
  let answer = (): void => {};
  stage.edge.onGet = () => new Promise((_resolve, reject) => (answer = () => reject(new TypeError("Failed to fetch"))));
  button(element).click();
  await settle(element);
  expect(look(element)).toMatchObject({ status: "unreachable", said: "Connection error. Try again", button: "(Check again)" });
  answer();
  await settle(element);
  expect(look(element)).toMatchObject({ status: "unreachable", said: "Connection error. Try again", button: "Check again" });
});
