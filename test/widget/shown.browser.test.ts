import { describe, expect, test, vi } from "vitest";
import type { ChargeView, FailureCategory, ProblemCode, Retry } from "../../src/edge-api.ts";
import { chargeOf, failedCharge, problemOf } from "./charges.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import type { Look } from "./stage.ts";
import { button, isFilled, look, part, put, setStage, settle, text, token } from "./stage.ts";
import { tokenOf } from "./tokens.ts";

const stage = setStage();

describe("the element shows", () => {
  test("the terms of the token before the edge has answered", async () => {
    stage.edge.onGet = () => new Promise(() => {});
    const element = await put();
    expect(look(element)).toEqual({ status: "loading", amount: "₸1,234.50", said: "", button: "(Pay ₸1,234.50)" });
    expect(text(part(element, "description"))).toBe("Month of tea");
    expect(text(part(element, "order"))).toBe("Order no. 1234");
    expect(text(part(element, "card"))).toContain("Card ending in 4242");
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toEqual([]);
  });

  const AMOUNT = "₸1,234.50";
  test.each<[string, ChargeView, Partial<Look>]>([
    ["ready", chargeOf(), { said: "", button: `Pay ${AMOUNT}` }],
    ["processing", chargeOf({ status: "processing", attempt: 1 }), { said: "Processing payment…", button: `(Pay ${AMOUNT})` }],
    [
      "processing",
      chargeOf({ status: "processing", attempt: 1, needs: "bank_confirmation" }),
      { said: "Bank confirmation needed / Do not pay again", button: `(Pay ${AMOUNT})` },
    ],
    [
      "unconfirmed",
      chargeOf({ status: "unconfirmed", attempt: 1 }),
      { said: "We are checking with the bank / Do not pay again", button: `(Pay ${AMOUNT})` },
    ],
    ["authorized", chargeOf({ status: "authorized", attempt: 1 }), { said: "The amount is held on the card", button: null }],
    ["succeeded", chargeOf({ status: "succeeded", attempt: 1 }), { said: "Payment successful", button: null }],
    [
      "succeeded",
      chargeOf({ status: "succeeded", attempt: 1, refunded_amount: 200.5 }),
      { said: "Payment successful / Returned: ₸200.50", button: null },
    ],
    [
      "failed",
      failedCharge("insufficient_funds", "later"),
      { said: "Payment failed / Insufficient funds. Please try later.", button: "Try again" },
    ],
    [
      "failed",
      failedCharge("profile_dead", "new_profile"),
      { said: "Payment failed / The saved card no longer works. Save the card again.", button: null },
    ],
    ["closed", chargeOf({ status: "closed" }), { said: "The order is closed / Contact the shop", button: null }],
    ["reversed", chargeOf({ status: "reversed", attempt: 1 }), { said: "The amount on the card was released", button: null }],
    ["refunded", chargeOf({ status: "refunded", attempt: 1 }), { said: "Money returned", button: null }],
  ])("the status %s of the edge", async (status, charge, expected) => {
    stage.edge.charge = charge;
    const element = await put();
    expect(look(element)).toEqual({ status, amount: AMOUNT, ...expected });
    expect(element.status).toBe(status);
    expect(element.matches(`:state(${status})`)).toBe(true);
  });

  test.each<[FailureCategory, Retry, boolean]>([
    ["insufficient_funds", "later", false],
    ["declined", "other_card", false],
    ["authentication_required", "bank", false],
    ["gateway_unavailable", "later", false],
    ["gateway_unavailable", "now", true],
  ])("after %s with the advice %s a button that tries again; filled: %s", async (category, retry, filled) => {
    stage.edge.charge = failedCharge(category, retry);
    const element = await put();
    expect([look(element).button, isFilled(element)]).toEqual(["Try again", filled]);
  });

  test("the terms of the token for an order that was closed before its first attempt", async () => {
    stage.edge.charge = chargeOf({ status: "closed", amount: null, currency: null, description: null, card: null });
    const element = await put();
    expect(look(element).amount).toBe("₸1,234.50");
  });

  test("the paid terms instead of the token's, and the token's terms instead of those of a failed attempt", async () => {
    stage.edge.charge = chargeOf({ status: "succeeded", amount: 10, card: { brand: "mastercard", last4: "1111" } });
    const paid = await put();
    expect(look(paid).amount).toBe("₸10");
    expect(text(part(paid, "card"))).toContain("1111");
    stage.edge.charge = failedCharge("declined", "other_card", { amount: 10, card: { brand: "mastercard", last4: "1111" } });
    const failed = await put();
    expect(look(failed)).toMatchObject({ amount: "₸1,234.50", button: "Pay ₸1,234.50" });
    expect(text(part(failed, "card"))).toContain("4242");
  });

  test.each<[ProblemCode, number, Partial<Look>]>([
    ["token_expired", 401, { status: "expired", said: "This page is out of date / Reload the page", button: null }],
    [
      "charge_conflict",
      409,
      { status: "conflict", said: "The order is being paid or is already paid / Reload the page", button: "Check again" },
    ],
    ["token_invalid", 401, { status: "misconfigured", said: "Payment is not available here now / Contact the shop", button: null }],
    ["origin_not_allowed", 403, { status: "misconfigured", button: null }],
    ["unavailable", 503, { status: "unreachable", said: "Server error. Please try later", button: "Check again" }],
  ])("a read refused with %s", async (code, status, expected) => {
    stage.edge.onGet = () => jsonResponse(problemOf(status, code), status);
    const element = await put();
    expect(look(element)).toMatchObject(expected);
  });

  test("an unreachable edge, until a new read is answered", async () => {
    stage.edge.onGet = networkFails;
    const element = await put();
    expect(look(element)).toMatchObject({ status: "unreachable", said: "Connection error. Try again", button: "Check again" });
    stage.edge.onGet = null;
    button(element).click();
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", said: "", button: "Pay ₸1,234.50" });
    expect(stage.edge.posts).toEqual([]);
  });

  test("other texts after 5 and after 30 seconds", async () => {
    vi.useFakeTimers();
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    const element = await put();
    const said: string[] = [look(element).said];
    for (const milliseconds of [4999, 1, 24_999, 1]) {
      await vi.advanceTimersByTimeAsync(milliseconds);
      await settle(element);
      said.push(look(element).said);
    }
    expect(said).toEqual([
      "Processing payment…",
      "Processing payment…",
      "Payment is still being processed",
      "Payment is still being processed",
      "Payment is still being processed / Do not pay again",
    ]);
  });

  test.each([
    ["kk", "1 234,50 ₸ төлеу", "Тапсырыс №1234"],
    ["kz", "1 234,50 ₸ төлеу", "Тапсырыс №1234"],
    ["ru", "Оплатить 1 234,50 ₸", "Заказ №1234"],
    ["en", "Pay ₸1,234.50", "Order no. 1234"],
  ])("its texts in %s", async (locale, label, order) => {
    const element = await put({ locale });
    expect([look(element).button, text(part(element, "order"))]).toEqual([label, order]);
    expect(part(element, "base").lang).toBe(locale === "kz" ? "kk" : locale);
  });

  test("another language when it is changed, without a read", async () => {
    const element = await put({ locale: "en" });
    element.setAttribute("locale", "kk");
    await settle(element);
    expect(look(element).button).toBe("1 234,50 ₸ төлеу");
    expect(stage.edge.calls).toHaveLength(1);
  });

  test("the language of the surrounding page if none is set", async () => {
    document.documentElement.lang = "kk-KZ";
    expect(look(await put({ locale: null })).button).toBe("1 234,50 ₸ төлеу");
    const around = document.createElement("div");
    around.lang = "ru";
    document.body.append(around);
    const element = await put({ locale: null });
    around.append(element);
    element.requestUpdate();
    await settle(element);
    expect(look(element).button).toBe("Оплатить 1 234,50 ₸");
  });

  test("text of the token as plain text", async () => {
    const element = await put({ token: token({ description: "<img src=x onerror=alert(1)>" }) });
    expect(text(part(element, "description"))).toBe("<img src=x onerror=alert(1)>");
    expect(element.shadowRoot?.querySelector("img")).toBeNull();
  });
});

describe("a page with a wrong configuration", () => {
  const error = (): readonly unknown[] => vi.mocked(console.error).mock.calls.map(([said]) => said);

  test("without an endpoint: a calm message for the shopper, and the fix in the console, once", async () => {
    const element = await put({ endpoint: null });
    expect(look(element)).toMatchObject({
      status: "misconfigured",
      said: "Payment is not available here now / Contact the shop",
      button: null,
    });
    await put({ endpoint: "" });
    expect(error()).toEqual(["<freedom-pay-charge>: set endpoint to the https address of your edge."]);
    expect(stage.edge.calls).toEqual([]);
  });

  test.each(["pay.shop.example", "localhost:8787", "ftp://pay.shop.example"])("with the endpoint %s, which is no URL", async (endpoint) => {
    expect(look(await put({ endpoint }))).toMatchObject({ status: "misconfigured", button: null });
    expect(stage.edge.calls).toEqual([]);
  });

  test("with an unknown language or theme: the element works, and the console lists the known ones", async () => {
    expect(look(await put({ locale: "fr", theme: "purple" as "dark" }))).toMatchObject({ status: "ready" });
    expect(error()).toEqual([
      "<freedom-pay-charge>: locale is none of kk,ru,en.",
      "<freedom-pay-charge>: theme is none of auto,light,dark.",
    ]);
    await put({ locale: "kz", theme: "auto" });
    await put({ locale: "", theme: null });
    expect(error()).toHaveLength(2);
  });

  test("without a token: the element waits for one a little, and uses it whenever it comes", async () => {
    vi.useFakeTimers();
    const element = await put({ token: null });
    expect(element.status).toBe("loading");
    await vi.advanceTimersByTimeAsync(3000);
    await settle(element);
    expect(element.status).toBe("misconfigured");
    expect(error()).toEqual(["<freedom-pay-charge>: set token to what issueChargeToken() gave."]);
    element.token = token();
    await element.updateComplete;
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", button: "Pay ₸1,234.50" });
  });

  test("over plain http: nothing is sent", async () => {
    const secure = Object.getOwnPropertyDescriptor(globalThis, "isSecureContext") ?? expect.fail("no isSecureContext");
    Object.defineProperty(globalThis, "isSecureContext", { value: false, configurable: true });
    try {
      expect(look(await put())).toMatchObject({ status: "misconfigured", button: null });
      expect(error()).toEqual(["<freedom-pay-charge>: serve the page over https."]);
      expect(stage.edge.calls).toEqual([]);
    } finally {
      Object.defineProperty(globalThis, "isSecureContext", secure);
    }
  });

  test("with an invalid token", async () => {
    const element = await put({ token: "abc" });
    expect(look(element)).toMatchObject({ status: "misconfigured", amount: "", button: null });
    expect(error()).toHaveLength(1);
    expect(stage.edge.calls).toEqual([]);
  });

  test("with a token of which only the order can be read: the edge decides", async () => {
    stage.edge.charge = chargeOf({ amount: null, currency: null, description: null, card: null });
    const element = await put({ token: tokenOf({ charge: { order_id: "1234" } }) });
    expect(look(element)).toEqual({ status: "ready", amount: "", said: "", button: "Pay" });
  });
});
