/** The first payment on the gateway's page, over HTTP: the edge, the simulator's page, and the shopper's browser. */
import { exports } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ChargeInput } from "../../src/charge-token.ts";
import type { ChargeView, MerchantChargeView, Problem } from "../../src/edge-api.ts";
import { pay as payOn, press, visit } from "../simulator/page-shopper.ts";
import { apiKey, gateway, get, object, operate, order, post, token } from "./with-gateway.ts";

const RETURN_URL = "https://shop.example/orders/1?from=cart#done";

function pageToken(more: Partial<ChargeInput> = {}, page: Partial<ChargeInput["payment_page"]> = {}): Promise<string> {
  return token({ profile_id: null, payment_page: { return_url: RETURN_URL, language: "en", ...page }, ...more });
}

async function open(key = "key-1", page: Partial<ChargeInput["payment_page"]> = {}): Promise<ChargeView> {
  const response = await post(await pageToken({}, page), key);
  return response.json();
}

async function merchantView(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
}

function urlOf({ payment_page }: ChargeView): string {
  if (payment_page === null) throw new Error("No page is shown");
  return payment_page.url;
}

async function until(condition: (charge: MerchantChargeView) => boolean): Promise<MerchantChargeView> {
  for (let runs = 0; runs < 100; runs += 1) {
    const now = await merchantView();
    if (condition(now)) return now;
    await runDurableObjectAlarm(object());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It did not come about: ${JSON.stringify(await merchantView())}`);
}

/** Follows the gateway's redirect to the edge. */
function comeBack(location: string | null, method = "GET", headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(location ?? "about:blank", { method, redirect: "manual", headers });
}

describe("the first payment", () => {
  test("its whole life: a decline, a payment, the profile, a charge of it, a refund", async () => {
    const opened = await post(await pageToken({}, { save_card_months: 12 }), "key-1");
    expect(opened.status).toBe(201);
    const charge = (await opened.json()) as ChargeView;
    expect(charge).toMatchObject({ status: "processing", needs: "payment_page", payment_page: { last_failure: null } });
    const url = urlOf(charge);
    await payOn(gateway, url, "decline-10009");
    const declined = await until(({ payment_page }) => payment_page?.last_failure != null);
    expect(declined).toMatchObject({
      status: "processing",
      failure: null,
      payment_page: { url, last_failure: { category: "insufficient_funds" } },
    });
    const returned = await payOn(gateway, url);
    const back = await comeBack(returned.location);
    expect(back.status).toBe(303);
    expect(back.headers.get("Referrer-Policy")).toBe("no-referrer");
    const shop = new URL(back.headers.get("Location") ?? "about:blank");
    const paid = await until(({ status, profile }) => status === "succeeded" && profile !== null);
    expect(paid).toMatchObject({ pay_with: "payment_page", profile_id: null, cleared_amount: 10, payment_page: null, needs: null });
    expect(shop.origin + shop.pathname + shop.hash).toBe("https://shop.example/orders/1#done");
    expect([...shop.searchParams.keys()]).toEqual(["from", "freedom_pay_return"]);
    expect(shop.searchParams.get("freedom_pay_return")).toBe(paid.profile?.return_code);
    expect(paid.profile).toMatchObject({
      profile_id: expect.stringMatching(/^\d+\.[A-Za-z0-9_-]{16}$/) as string,
      card: { last4: "1111" },
    });
    expect((await comeBack(returned.location)).headers.get("Location")).toBe(RETURN_URL);
    await (await operate("refund", "refund-1")).body?.cancel();
    expect(await until(({ status }) => status === "refunded")).toMatchObject({ refunded_amount: 10 });
    const next = await token({ order_id: `${order}-next`, profile_id: paid.profile?.profile_id ?? null });
    expect(await (await post(next, "key-1")).json()).toMatchObject({ status: "succeeded" });
    const others = await token({ order_id: `${order}-other`, profile_id: paid.profile?.profile_id ?? null, user_id: "somebody-else" });
    expect((await post(others, "key-1")).status).toBe(401);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, refunded: 1000, payments: 1 });
  });

  test("two tabs press: one page, and both get the same address", async () => {
    const [one, other] = await Promise.all([open("key-1"), open("key-2")]);
    const shown = [one, other].map(({ payment_page }) => payment_page?.url).filter((url) => url !== undefined);
    expect(new Set(shown).size).toBe(1);
    expect(urlOf(await open("key-3"))).toBe(shown[0]);
    expect(gateway.state.pages.size).toBe(1);
  });

  test("without save_card_months no profile is kept, and the return has no code", async () => {
    const returned = await payOn(gateway, urlOf(await open()));
    expect((await comeBack(returned.location)).headers.get("Location")).toBe(RETURN_URL);
    const paid = await until(({ status }) => status === "succeeded");
    expect(paid.profile).toBeNull();
  });

  test("other terms: the page gives way after a read, and its checks are refused from then on", async () => {
    const url = urlOf(await open());
    const changed = await post(await pageToken({ amount: 20 }), "key-2");
    expect(changed.status).toBe(201);
    expect((await changed.json()) as ChargeView).toMatchObject({ amount: 20, attempt: 2, status: "processing" });
    await payOn(gateway, url);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 0 });
    const view = await until(({ payment_page }) => payment_page !== null);
    await payOn(gateway, urlOf(view));
    await until(({ status }) => status === "succeeded");
    expect(gateway.totalsOf(`${order}--2`)).toMatchObject({ taken: 2000 });
  });

  test("other terms while a payment is under way are a conflict", async () => {
    const url = urlOf(await open());
    const { html } = await visit(gateway, url);
    await press(gateway, url, html, { step: "pay", card: "visa", outcome: "", keywords: "page-3ds" });
    const changed = await post(await pageToken({ amount: 20 }), "key-2");
    expect(changed.status).toBe(409);
    expect((await changed.json()) as Problem).toMatchObject({ code: "charge_conflict", charge: { amount: 10 } });
  });

  test("a known key of other terms gets the charge without the address", async () => {
    const charge = { order_id: order, amount: 10, currency: "KZT", description: "Test order", user_id: "12345" };
    const payment_page = { return_url: RETURN_URL };
    await (await post(apiKey, "key-1", { ...charge, payment_page })).body?.cancel();
    expect((await post(apiKey, "key-2", { ...charge, amount: 20, payment_page })).status).toBe(201);
    const url = urlOf(await until((view) => view.payment_page !== null));
    const again = await post(apiKey, "key-1", { ...charge, payment_page });
    expect([again.status, await again.json()]).toEqual([
      200,
      expect.objectContaining({ amount: 20, needs: "payment_page", payment_page: null }),
    ]);
    const joined = await post(apiKey, "key-2", { ...charge, amount: 20, payment_page });
    expect(urlOf(await joined.json())).toBe(url);
  });

  test("close: nothing is paid on the page any more", async () => {
    const url = urlOf(await open());
    expect((await operate("close", "close-1")).status).toBe(200);
    await payOn(gateway, url);
    expect(await until(({ status }) => status === "closed")).toMatchObject({ payment_page: null });
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 0 });
  });

  test("a lost answer of init_payment ends the attempt, and the next one opens a page under the next number", async () => {
    const lost = await post(await pageToken({ user_id: "page-lost" }), "key-1");
    expect((await lost.json()) as ChargeView).toMatchObject({
      status: "failed",
      failure: { category: "gateway_unavailable", retry: "now" },
    });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const again = (await (await post(await pageToken(), "key-2")).json()) as ChargeView;
    expect(again.payment_page?.url ?? (await until(({ payment_page }) => payment_page !== null)).payment_page?.url).toBeTypeOf("string");
    expect(await merchantView()).toMatchObject({
      attempts: [{ failure: { category: "gateway_unavailable" } }, { gateway_order_id: `${order}--2` }],
    });
  });

  test("an address that is not the gateway's is never shown", async () => {
    const charge = (await (await post(await pageToken({ user_id: "page-foreign" }), "key-1")).json()) as ChargeView;
    expect(charge).toMatchObject({ status: "failed", failure: { category: "configuration", retry: "none" }, payment_page: null });
  });
});

describe("what is asked for wrongly", () => {
  test.each([
    ["another origin", "https://other.example/orders/1"],
    ["a subdomain of an allowed one", "https://www.shop.example/"],
    ["another port", "https://shop.example:8443/"],
  ])("a return to %s is refused: nothing is sent", async (_name, return_url) => {
    const response = await post(await pageToken({}, { return_url }), "key-1");
    expect(response.status).toBe(401);
    expect((await response.json()) as Problem).toMatchObject({
      code: "token_invalid",
      detail: "payment_page.return_url is not on one of ALLOWED_ORIGINS",
    });
    expect(gateway.state.pages.size).toBe(0);
  });

  test("a server's call needs no user_ip, and its mistakes are body_invalid", async () => {
    const charge = { order_id: order, amount: 10, currency: "KZT", description: "Test order", user_id: "12345" };
    const opened = await post(apiKey, "key-1", { ...charge, payment_page: { return_url: RETURN_URL } });
    expect(opened.status).toBe(201);
    for (const wrong of [
      charge,
      { ...charge, profile_id: "pays", payment_page: { return_url: RETURN_URL }, user_ip: "192.0.2.1" },
      { ...charge, payment_page: { return_url: "https://other.example/" } },
      { ...charge, payment_page: { return_url: RETURN_URL, save_card_months: 13 } },
      { ...charge, payment_page: { return_url: RETURN_URL }, user_ip: "somewhere" },
    ]) {
      const refused = await post(apiKey, "key-2", wrong);
      expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([400, "body_invalid"]);
    }
  });

  test("a page for a closed or a paid order", async () => {
    await (await operate("close", "close-1")).body?.cancel();
    const closed = await post(await pageToken(), "key-1");
    expect(((await closed.json()) as Problem).code).toBe("charge_closed");
    const other = `${order}-paid`;
    await (await post(await token({ order_id: other }), "key-1")).body?.cancel();
    const paid = await post(await pageToken({ order_id: other }), "key-2");
    expect([paid.status, ((await paid.json()) as ChargeView).status]).toEqual([200, "succeeded"]);
    expect(gateway.state.pages.size).toBe(0);
  });
});

describe("a return", () => {
  test("by a ticket that is wrong, foreign or a callback's is a small page in the shopper's language", async () => {
    const returned = await payOn(gateway, urlOf(await open()));
    const right = new URL(returned.location ?? "about:blank");
    const [, , , ticket = ""] = right.pathname.split("/");
    for (const wrong of [`${ticket}x`, ticket.replace(/.$/, (last) => (last === "A" ? "B" : "A")), "x", "a.b.c"]) {
      const response = await comeBack(`https://edge.example/v1/returns/${wrong}/paid`, "GET", { "Accept-Language": "ru-RU,ru;q=0.9" });
      expect(response.status).toBe(404);
      expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
      expect(await response.text()).toContain('<html lang="ru">');
    }
    const callback = await exports.default.fetch(`https://edge.example/v1/callbacks/result/${ticket}`, { method: "POST" });
    expect(callback.status).toBe(404);
    expect((await comeBack(`https://edge.example/v1/returns/${ticket}/other`)).status).toBe(404);
  });

  test("by POST is one too, and nothing that the gateway added goes on", async () => {
    const returned = await payOn(gateway, urlOf(await open()));
    const response = await comeBack(returned.location, "POST");
    expect([response.status, response.headers.get("Location")]).toEqual([303, RETURN_URL]);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });
});
