import { describe, expect, test, vi } from "vitest";
import { page, userEvent } from "vitest/browser";
import type { ChargeDetail } from "../../widget/events.ts";
import { chargeOf, failedCharge, problemOf } from "./charges.ts";
import { ENDPOINT, jsonResponse, networkFails, textResponse } from "./fake-edge.ts";
import { activate, button, listen, look, part, pressAnew, put, setStage, settle, stopTheClock, token } from "./stage.ts";

const stage = setStage();

describe("a click", () => {
  test("by the shopper sends one POST with a key, with the token as bearer, and shows the outcome", async () => {
    activate(false);
    const element = await put();
    const heard = listen(element);
    await userEvent.click(page.elementLocator(button(element)));
    await settle(element);
    expect(stage.edge.posts.map(({ url }) => url)).toEqual([`${ENDPOINT}/v1/charges`]);
    expect(stage.edge.posts[0]?.headers.get("Authorization")).toBe(`Bearer ${element.token}`);
    expect(stage.edge.posts[0]?.headers.get("Idempotency-Key")).toMatch(/^\d+(-\d+){3}$/);
    expect(look(element)).toMatchObject({ status: "succeeded", said: "Payment successful / Payment no. 77", button: null });
    expect(heard).toEqual(["submit:ready", "processing:processing", "change:processing", "success:succeeded", "change:succeeded"]);
  });

  test("twice is one payment, and repeated Enter too", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const element = await put();
    await userEvent.dblClick(page.elementLocator(button(element)));
    await userEvent.keyboard("{Enter>5/}");
    await settle(element);
    expect(stage.edge.posts).toHaveLength(1);
    expect(look(element).button).toBe("(Pay ₸1,234.50)");
    expect(button(element).disabled).toBe(false);
  });

  test.each(["held", "pressed twice"])("is one attempt if Enter is %s and the bank declines at once", async (how) => {
    activate(false);
    stage.edge.onPost = () => {
      stage.edge.charge = failedCharge("insufficient_funds", "later", { attempt: stage.edge.posts.length });
      return jsonResponse(stage.edge.charge, 201);
    };
    const element = await put();
    const pass = stopTheClock();
    button(element).focus();
    await userEvent.keyboard(how === "held" ? "{Enter>30/}" : "{Enter}{Enter}");
    await settle(element);
    expect(look(element)).toMatchObject({ status: "failed", button: "Try again" });
    expect(stage.edge.posts).toHaveLength(1);
    // A new press is another attempt.
    pass(600);
    await userEvent.keyboard("{Enter}");
    await settle(element);
    expect(stage.edge.posts).toHaveLength(2);
  });

  test("counts only if it is the shopper's: a script's click does nothing", async () => {
    activate(false);
    const element = await put();
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toEqual([]);
  });

  test.each(["processing", "unconfirmed"] as const)("while the charge is %s does nothing", async (status) => {
    stage.edge.charge = chargeOf({ status, attempt: 1 });
    const element = await put();
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toEqual([]);
    expect(button(element).getAttribute("aria-disabled")).toBe("true");
    expect(button(element).disabled).toBe(false);
  });

  test("keeps the focus on the busy button, and moves it to the message when the button is removed", async () => {
    let answer: (response: Response) => void = () => {};
    stage.edge.onPost = () => new Promise((resolve) => (answer = resolve));
    const element = await put();
    button(element).focus();
    button(element).click();
    await settle(element);
    expect(element.shadowRoot?.activeElement).toBe(button(element));
    answer(jsonResponse(chargeOf({ status: "succeeded", attempt: 1 })));
    await vi.waitFor(() => expect(element.status).toBe("succeeded"));
    await settle(element);
    expect(element.shadowRoot?.activeElement).toBe(part(element, "message"));
  });

  test("is not sent if the page cancels the event", async () => {
    const element = await put();
    const heard = listen(element);
    element.addEventListener("freedom-pay-submit", (event) => event.preventDefault());
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toEqual([]);
    expect(heard).toEqual(["submit:ready"]);
    expect(localStorage.length).toBe(0);
  });

  test("is not sent if the page changes the token in the event handler", async () => {
    const element = await put();
    element.addEventListener("freedom-pay-submit", () => {
      element.token = token({ amount: 99 });
    });
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toEqual([]);
    expect(look(element)).toMatchObject({ status: "ready", amount: "₸99", button: "Pay ₸99" });
  });

  test("does nothing while the element is disabled", async () => {
    const element = await put({ disabled: true });
    expect(element.hasAttribute("disabled")).toBe(true);
    button(element).click();
    expect(await element.charge()).toMatchObject({ status: "ready" });
    expect(stage.edge.posts).toEqual([]);
    element.disabled = false;
    await settle(element);
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("after a decline is a new attempt under a new key", async () => {
    stage.edge.onPost = () => {
      stage.edge.charge = failedCharge("insufficient_funds", "later", { attempt: stage.edge.posts.length });
      return jsonResponse(stage.edge.charge, 201);
    };
    const element = await put();
    const heard = listen(element);
    let category: ChargeDetail["category"] = null;
    element.addEventListener("freedom-pay-failure", ({ detail }) => {
      category = detail.category;
    });
    button(element).click();
    await settle(element);
    expect(look(element)).toMatchObject({ said: "Payment failed / Insufficient funds. Please try later.", button: "Try again" });
    expect(category).toBe("insufficient_funds");
    await pressAnew();
    button(element).click();
    await settle(element);
    const keys = stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(2);
    expect(heard.filter((name) => name.startsWith("failure"))).toHaveLength(2);
  });

  test.each<[string, () => Response]>([
    ["the network fails", networkFails],
    ["the edge is unavailable", () => jsonResponse(problemOf(503, "unavailable"), 503)],
    ["the answer is no JSON", () => textResponse("<html>")],
  ])("is repeated under the same key if %s", async (_, fail) => {
    vi.useFakeTimers();
    const element = await put();
    const succeed = stage.edge.onPost;
    stage.edge.onPost = (call) => (stage.edge.posts.length < 3 ? fail() : succeed(call));
    button(element).click();
    await vi.advanceTimersByTimeAsync(0);
    expect(look(element).said).toBe("Processing payment… / No connection. We keep checking");
    await vi.advanceTimersByTimeAsync(15_000);
    await settle(element);
    expect(stage.edge.posts).toHaveLength(3);
    expect(new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
    expect(element.status).toBe("succeeded");
  });

  test("is not repeated after two minutes: from then on the charge is only read", async () => {
    vi.useFakeTimers();
    const element = await put();
    stage.edge.onPost = networkFails;
    stage.edge.onGet = networkFails;
    button(element).click();
    await vi.advanceTimersByTimeAsync(120_000);
    const { length } = stage.edge.posts;
    expect(length).toBeGreaterThan(10);
    await vi.advanceTimersByTimeAsync(600_000);
    await settle(element);
    expect(stage.edge.posts).toHaveLength(length);
    expect(stage.edge.gets.length).toBeGreaterThan(10);
    expect(look(element)).toMatchObject({
      status: "unconfirmed",
      said: "No connection. We keep checking / Do not pay again",
      button: "(Pay ₸1,234.50)",
    });
  });

  test("is only read after a reload, and a new click uses its key", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const before = await put();
    button(before).click();
    await settle(before);
    before.remove();
    await settle(before);
    const posted = stage.edge.posts.length;

    const element = await put();
    await settle(element);
    expect(stage.edge.posts).toHaveLength(posted);
    expect(look(element)).toMatchObject({ status: "ready", button: "Pay ₸1,234.50" });
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toHaveLength(posted + 1);
    expect(new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  });

  test("that is refused because the token has expired shows that, and the order's charge", async () => {
    stage.edge.onPost = () => jsonResponse(problemOf(401, "token_expired"), 401);
    const element = await put();
    const heard = listen(element);
    button(element).click();
    await vi.waitFor(() => expect(stage.edge.gets).toHaveLength(2));
    await settle(element);
    expect(look(element)).toMatchObject({ status: "expired", said: "This page is out of date / Reload the page", button: null });
    expect(stage.edge.posts).toHaveLength(1);
    expect(heard).toEqual(["submit:ready", "processing:processing", "change:processing", "error:expired", "change:expired"]);
  });

  test("stores only its key in the browser, until it is answered", async () => {
    const element = await put();
    let stored: string[] = [];
    const succeed = stage.edge.onPost;
    stage.edge.onPost = (call) => {
      stored = Object.keys(localStorage);
      return succeed(call);
    };
    button(element).click();
    await settle(element);
    expect(stored).toEqual(["freedom-pay-charge"]);
    expect(localStorage.length).toBe(0);
    expect(sessionStorage.length).toBe(0);
    expect(document.cookie).toBe("");
  });
});
