import { afterEach, describe, expect, test, vi } from "vitest";
import { STORAGE_KEY } from "../../widget/attempt-key.ts";
import type { ChargeDetail } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { chargeOf, failedCharge, PAGE_URL, pagedCharge } from "./charges.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import type { Top } from "./stage.ts";
import {
  activate,
  button,
  isFilled,
  isSeen,
  listen,
  look,
  pageToken,
  part,
  pressAnew,
  put,
  putOnTop,
  setStage,
  settle,
  text,
} from "./stage.ts";

const stage = setStage();

afterEach(() => void vi.useRealTimers());

const link = (element: FreedomPayCharge): HTMLAnchorElement => part(element, "continue") as HTMLAnchorElement;

/** An element that has read its order, which a press pays on a page, in a document on top. */
async function open(): Promise<{ readonly element: FreedomPayCharge; readonly top: Top }> {
  stage.edge.charge = chargeOf({ card: null });
  stage.edge.onPost = () => jsonResponse((stage.edge.charge = pagedCharge()), 201);
  const element = await put({ token: pageToken() });
  return { element, top: putOnTop(element) };
}

/** A press of the shopper's, and all that follows at once. */
async function press(element: FreedomPayCharge): Promise<void> {
  button(element).click();
  await settle(element);
}

/** The edge's answer to a press is held back until it is let go. */
function holdAnswer(): () => void {
  let letGo = (): void => {};
  stage.edge.onPost = () => {
    stage.edge.charge = pagedCharge();
    return new Promise((resolve) => {
      letGo = () => resolve(jsonResponse(pagedCharge(), 201));
    });
  };
  return () => letGo();
}

describe("before a press", () => {
  test("the shopper reads where the card is entered, and that it is saved", async () => {
    const { element } = await open();
    expect(look(element)).toMatchObject({ status: "ready", said: "", button: "Pay ₸1,234.50" });
    expect(text(part(element, "page"))).toBe("Card details are entered on Freedom Pay's page. Your card will be saved for later payments.");
    expect([isSeen(part(element, "card")), isSeen(link(element))]).toEqual([false, false]);
  });

  test("a card that is not saved is not mentioned", async () => {
    const element = await put({ token: pageToken({ payment_page: { return_url: "https://shop.example/" } }) });
    expect(text(part(element, "page"))).toBe("Card details are entered on Freedom Pay's page");
  });

  test("nothing of it is said beside a stored card, or where nothing can be paid", async () => {
    expect(isSeen(part(await put(), "page"))).toBe(false);
    stage.edge.charge = chargeOf({ status: "succeeded", card: null });
    expect(isSeen(part(await put({ token: pageToken() }), "page"))).toBe(false);
    stage.edge.onGet = networkFails;
    expect(isSeen(part(await put({ token: pageToken() }), "page"))).toBe(false);
  });
});

describe("the answer to a press", () => {
  test("leads to the page, once, and the page around it is told before", async () => {
    const { element, top } = await open();
    const heard = listen(element);
    const details: ChargeDetail[] = [];
    element.addEventListener("freedom-pay-redirect", ({ detail, cancelable }) => {
      expect([cancelable, top.gone]).toEqual([true, []]);
      details.push(detail);
    });
    await press(element);
    expect(top.gone).toEqual([PAGE_URL]);
    expect(heard).toEqual([
      ...["submit:ready", "processing:processing", "change:processing"],
      ...["redirect:redirecting", "change:redirecting"],
    ]);
    expect(details).toEqual([{ order_id: "1234", status: "redirecting", payment_id: null, category: null, reason: null, url: PAGE_URL }]);
    expect(look(element)).toEqual({
      status: "redirecting",
      amount: "₸1,234.50",
      said: "Opening Freedom Pay's page…",
      button: "(Pay ₸1,234.50)",
    });
    await press(element);
    await element.refresh();
    expect([stage.edge.posts.length, top.gone.length]).toEqual([1, 1]);
  });

  test("shows a link after 5 seconds, which has the focus of the button", async () => {
    vi.useFakeTimers();
    const { element, top } = await open();
    button(element).focus();
    await press(element);
    await vi.advanceTimersByTimeAsync(4999);
    await settle(element);
    expect([element.status, isSeen(link(element))]).toEqual(["redirecting", false]);
    await vi.advanceTimersByTimeAsync(1);
    await settle(element);
    expect(look(element)).toMatchObject({ status: "processing", said: "", button: null });
    expect(text(link(element))).toBe("Continue to payment");
    expect([link(element).href, link(element).target, link(element).rel]).toEqual([PAGE_URL, "_top", "noreferrer"]);
    expect(element.shadowRoot?.activeElement).toBe(link(element));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(top.gone).toHaveLength(1);
  });

  test("leads nowhere when the page prevents it: there is a link", async () => {
    const { element, top } = await open();
    element.addEventListener("freedom-pay-redirect", (event) => event.preventDefault());
    const heard = listen(element);
    await press(element);
    expect([look(element).status, top.gone, isSeen(link(element))]).toEqual(["processing", [], true]);
    expect(heard.slice(-2)).toEqual(["processing:processing", "change:processing"]);
  });

  test.each<[string, (element: FreedomPayCharge, top: Top) => unknown]>([
    ["is hidden", (_, top) => (top.hidden = true)],
    ["was left and came back", () => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))],
    ["is two minutes older than the press", () => vi.spyOn(performance, "now").mockReturnValue(performance.now() + 120_001)],
  ])("leads nowhere when the page %s meanwhile: there is a link", async (_, happens) => {
    const { element, top } = await open();
    const answer = holdAnswer();
    await press(element);
    happens(element, top);
    answer();
    await vi.waitFor(() => expect(isSeen(link(element))).toBe(true));
    expect([element.status, top.gone]).toEqual(["processing", []]);
  });

  test.each<[string, (element: FreedomPayCharge) => unknown]>([
    ["was taken out", (element) => element.remove()],
    ["has another token", (element) => (element.token = pageToken({ description: "Another" }))],
    ["has another endpoint", (element) => (element.endpoint = "https://other.example")],
  ])("leads nowhere when the element %s, before it or while the page is told", async (_, happens) => {
    for (const isTold of [false, true]) {
      const { element, top } = await open();
      const answer = holdAnswer();
      await press(element);
      if (isTold) element.addEventListener("freedom-pay-redirect", () => happens(element));
      else happens(element);
      answer();
      await settle(element);
      await settle(element);
      expect(top.gone).toEqual([]);
      element.remove();
      localStorage.clear();
      stage.edge.charge = chargeOf();
    }
  });

  test("leads nowhere in a frame: there is a link at once", async () => {
    stage.edge.onPost = () => jsonResponse((stage.edge.charge = pagedCharge()), 201);
    const element = await put({ token: pageToken() });
    const heard = listen(element);
    await press(element);
    expect([look(element).status, isSeen(link(element)), heard.join()]).toEqual([
      "processing",
      true,
      expect.not.stringContaining("redirect"),
    ]);
    expect(location.href).not.toContain("freedompay");
  });

  test("that shows no page leads nowhere, and a read that shows it later neither", async () => {
    const { element, top } = await open();
    stage.edge.onPost = () => jsonResponse((stage.edge.charge = pagedCharge(null, { needs: null })), 201);
    await press(element);
    expect(look(element)).toMatchObject({ status: "processing", said: "Processing payment…" });
    stage.edge.charge = pagedCharge();
    await element.refresh();
    await settle(element);
    expect([isSeen(link(element)), top.gone]).toEqual([true, []]);
  });

  test("in another tab leads nowhere here: there is a link", async () => {
    const { element, top } = await open();
    stage.edge.charge = pagedCharge();
    dispatchEvent(new StorageEvent("storage", { key: STORAGE_KEY }));
    await vi.waitFor(() => expect(isSeen(link(element))).toBe(true));
    expect([stage.edge.posts, top.gone]).toEqual([[], []]);
  });

  test("is followed to the end by charge(), which pays on the page's own press", async () => {
    const { element, top } = await open();
    const ended = element.charge();
    await vi.waitFor(() => expect(top.gone).toEqual([PAGE_URL]));
    stage.edge.charge = chargeOf({ status: "succeeded", attempt: 1, payment_id: "77", card: null });
    expect(await ended).toMatchObject({ status: "succeeded", url: null });
  });
});

describe("a hostile page or edge", () => {
  test.each(["javascript:document.title='taken'", "http://attacker.example/", "data:text/html,x", "//attacker.example", "/pay", ""])(
    "cannot lead the element to %j, by an answer or by a read",
    async (url) => {
      const { element, top } = await open();
      stage.edge.onPost = () => jsonResponse((stage.edge.charge = pagedCharge({ url })), 201);
      const heard = listen(element);
      await press(element);
      await element.refresh();
      await settle(element);
      expect([top.gone, isSeen(link(element)), link(element).getAttribute("href")]).toEqual([[], false, null]);
      expect(heard.join()).not.toContain("redirect");
      expect(look(element)).toMatchObject({ status: "processing", said: "We are checking with the bank / Do not pay again" });
    },
  );

  test("leads nowhere without a press of the shopper's", async () => {
    activate(false);
    const { element, top } = await open();
    button(element).click();
    button(element).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
    await element.charge();
    dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    await element.charge();
    expect([stage.edge.posts, top.gone]).toEqual([[], []]);
    // Nor by a page that somebody else has opened.
    stage.edge.charge = pagedCharge();
    await element.refresh();
    element.dispatchEvent(new Event("freedom-pay-redirect", { bubbles: true }));
    await settle(element);
    expect([isSeen(link(element)), top.gone]).toEqual([true, []]);
  });

  test("cannot pay by a press from before the page was left", async () => {
    const { element, top } = await open();
    await pressAnew();
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    expect(await element.charge()).toMatchObject({ status: "ready", reason: "press_required" });
    expect([stage.edge.posts, top.gone]).toEqual([[], []]);
  });
});

describe("a page that is open already", () => {
  test("is a link away, filled, at every visit", async () => {
    stage.edge.charge = pagedCharge();
    const element = await put({ token: pageToken() });
    expect(look(element)).toEqual({ status: "processing", amount: "₸1,234.50", said: "", button: null });
    expect(text(link(element))).toBe("Continue to payment");
    expect(getComputedStyle(link(element)).backgroundColor).toBe("rgb(5, 85, 50)");
    expect(text(part(element, "page"))).toContain("Card details");
  });

  test("says why the last try failed", async () => {
    stage.edge.charge = pagedCharge({ last_failure: { category: "insufficient_funds", retry: "later" } });
    const element = await put({ token: pageToken() });
    expect([look(element).said, isSeen(link(element))]).toEqual(["Payment failed / Insufficient funds", true]);
  });

  test("is no link while the element is disabled", async () => {
    stage.edge.charge = pagedCharge();
    const element = await put({ token: pageToken(), disabled: true });
    expect([look(element).button, isSeen(link(element)), link(element).hasAttribute("href")]).toEqual([null, false, false]);
  });

  test("is no link for a token of a stored card", async () => {
    stage.edge.charge = pagedCharge(null);
    const element = await put();
    expect(look(element)).toMatchObject({ said: "Processing payment… / Do not pay again", button: "(Pay ₸1,234.50)" });
  });

  test("is checked after a return, and shown again if nothing was paid", async () => {
    stage.edge.charge = pagedCharge(null);
    const element = await put({ token: pageToken() });
    expect(look(element)).toMatchObject({ said: "We are checking with the bank / Do not pay again", button: "(Pay ₸1,234.50)" });
    stage.edge.charge = pagedCharge({ last_failure: { category: "declined", retry: "other_card" } });
    await vi.waitFor(() => expect(look(element).said).toBe("Payment failed / The bank declined the payment"));
    stage.edge.charge = chargeOf({ status: "succeeded", attempt: 1, card: { brand: "visa", last4: "1111" } });
    await vi.waitFor(() => expect(look(element)).toMatchObject({ said: "Payment successful", button: null }));
    expect(text(part(element, "card"))).toContain("1111");
  });

  test("closes: it is checked whether it was paid, without a button; then it may be paid again", async () => {
    vi.useFakeTimers();
    vi.setSystemTime("2026-11-22T10:00:00Z");
    stage.edge.charge = pagedCharge({ expires_at: "2026-11-22T10:29:00Z" });
    const element = await put({ token: pageToken() });
    await vi.advanceTimersByTimeAsync(60_000);
    // Somebody has returned in another tab.
    stage.edge.charge = pagedCharge(null);
    await vi.advanceTimersByTimeAsync(30_000);
    await settle(element);
    expect(look(element)).toMatchObject({ said: "We are checking with the bank / Do not pay again" });
    vi.setSystemTime("2026-11-22T10:29:01Z");
    await element.refresh();
    await settle(element);
    expect(look(element)).toMatchObject({ said: "The payment page has closed. Checking whether it was paid", button: null });
    stage.edge.charge = failedCharge("page_expired", "now", { card: null });
    await element.refresh();
    await settle(element);
    expect(look(element)).toMatchObject({ said: "Payment failed / The payment page has closed. Try again.", button: "Try again" });
    expect(isFilled(element)).toBe(true);
  });

  test("that closed before the visit is told after 5 seconds", async () => {
    vi.useFakeTimers();
    stage.edge.charge = pagedCharge(null);
    const element = await put({ token: pageToken() });
    await vi.advanceTimersByTimeAsync(5000);
    await settle(element);
    expect(look(element)).toMatchObject({ said: "The payment page has closed. Checking whether it was paid", button: null });
  });

  test("is read when the page is shown again", async () => {
    stage.edge.charge = pagedCharge();
    const element = await put({ token: pageToken() });
    const { length } = stage.edge.gets;
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    await settle(element);
    expect(stage.edge.gets.length).toBeGreaterThanOrEqual(length + 2);
  });
});

test("restored while the browser was leaving, the element shows the link at once", async () => {
  const { element, top } = await open();
  await press(element);
  expect(element.status).toBe("redirecting");
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  await settle(element);
  expect([element.status, isSeen(link(element)), top.gone.length]).toEqual(["processing", true, 1]);
});
