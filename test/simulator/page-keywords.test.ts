/** The keywords about payment pages, and the faults of a page's calls. */
import { describe, expect, test } from "vitest";
import * as calls from "../../src/merchant-api/calls.ts";
import { pageAddress } from "../../src/merchant-api/page-address.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { KEYWORDS } from "../../src/simulator/index.ts";
import { DAY, freshId, SECOND } from "./gateway-calls.ts";
import { call, settle, shopServer, stateOf, URLS } from "./merchant-shop.ts";
import { initWith, openPage, PAGE, pay, press, RETURNS, visit } from "./page-shopper.ts";
import { simulator } from "./simulated-gateway.ts";
import type { VirtualTime } from "./virtual-time.ts";

interface Shop {
  readonly gateway: Simulator;
  readonly time: VirtualTime;
  readonly server: ReturnType<typeof shopServer>;
}

/** A simulator in which the pages of customer-1 have these keywords, and a shop that accepts everything. */
function shopWith(keywords: string): Shop {
  const server = shopServer(() => "ok");
  return { server, ...simulator({ merchantPages: { "customer-1": keywords }, fetch: server.fetch }) };
}

const init = (gateway: Simulator, more: Partial<calls.InitPaymentInput> = {}) =>
  call(gateway, calls.initPayment({ ...PAGE, ...more }, freshId()));

async function listed(gateway: Simulator): Promise<readonly (string | null)[]> {
  const outcome = await call(gateway, calls.listCards({ user_id: "customer-1" }, freshId()));
  return outcome.kind === "answered" ? outcome.answer.map(({ profileId }) => profileId) : [];
}

const statusOf = async (gateway: Simulator, payment_id: string): Promise<unknown> => {
  const outcome = await call(gateway, calls.getStatus({ payment_id }, freshId()));
  return outcome.kind === "answered" ? outcome.answer.status : outcome;
};

/** The profiles that the shop's results named. */
const told = ({ server }: Shop): readonly unknown[] =>
  server.received
    .map(({ notification }) => (notification.kind === "verified" ? notification.notice : null))
    .map((notice) => (notice?.kind === "result" ? notice.profileId : undefined));

const PROFILE = "61000000001";
const OTHER = "71000000001";

/** Pays once on a page that saves the card, and lets every notification arrive. */
async function paySaving(shop: Shop): Promise<void> {
  const { url } = await openPage(shop.gateway, { save_card_months: 12, result_url: URLS.result_url });
  await pay(shop.gateway, url);
  await settle(shop.gateway, shop.time);
}

const EXPECTATIONS: Readonly<Record<string, (shop: Shop) => Promise<void>>> = {
  "page-declines-1": async ({ gateway }) => {
    const { url } = await openPage(gateway);
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10009" } });
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  },
  "page-3ds": async ({ gateway }) => {
    const { url } = await openPage(gateway);
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "waiting" });
    await press(gateway, url, (await visit(gateway, url)).html, { step: "confirm" });
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  },
  "page-unseen-10": async ({ gateway, time }) => {
    const { url } = await openPage(gateway);
    expect((await pay(gateway, url)).location).toContain("/paid?");
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    await time.pass(10 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  },
  "page-returns-late-5": async ({ gateway, time, server }) => {
    const { url } = await openPage(gateway, { result_url: URLS.result_url });
    let isBack = false;
    const paying = pay(gateway, url).then(() => {
      isBack = true;
    });
    await time.until(() => gateway.state.pages.get("1000000001")?.tries.length === 1);
    await time.pass(0);
    await time.until(() => server.received.length === 1);
    await time.pass(5 * SECOND - 1);
    expect(isBack).toBe(false);
    await time.pass(1);
    await paying;
    expect(server.received).toHaveLength(1);
  },
  "page-ids": async ({ gateway, server, time }) => {
    const { paymentId, url } = await openPage(gateway, URLS);
    await pay(gateway, url, "decline-10009");
    await settle(gateway, time);
    const first = await stateOf(gateway);
    await pay(gateway, url, "pays");
    await settle(gateway, time);
    const second = await stateOf(gateway);
    expect([first.id, first.status, second.id, second.status]).toEqual(["1000000002", "error", "1000000003", "success"]);
    expect(await statusOf(gateway, paymentId)).toBe("new");
    expect(await statusOf(gateway, "1000000002")).toBe("error");
    const named = server.received.map(({ notification }) => (notification.kind === "verified" ? notification.notice.paymentId : null));
    expect(named).toEqual(["1000000002", "1000000002", "1000000003", "1000000003"]);
    await time.pass(1800 * SECOND);
    expect(await statusOf(gateway, paymentId)).toBe("incomplete");
  },
  "page-one-try": async ({ gateway }) => {
    const { url } = await openPage(gateway);
    const shown = await pay(gateway, url, "decline-10009");
    expect(shown.location).toContain(RETURNS.failure_url);
    expect(await visit(gateway, url)).toMatchObject({ status: 410, html: expect.stringContaining("This page has closed.") });
    expect(await stateOf(gateway)).toMatchObject({ status: "error" });
  },
  "page-pays-twice": async ({ gateway }) => {
    const { paymentId, url } = await openPage(gateway);
    const tabs = [await visit(gateway, url), await visit(gateway, url)];
    for (const { html } of tabs) expect((await press(gateway, url, html, { step: "pay" })).status).toBe(303);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 20_000, payments: 2 });
    expect(await stateOf(gateway)).toMatchObject({ id: "1000000002", status: "success" });
    expect(await statusOf(gateway, paymentId)).toBe("success");
  },
  "page-ends-incomplete": async ({ gateway, time }) => {
    const { url } = await openPage(gateway);
    await pay(gateway, url, "decline-10009");
    await time.pass(1800 * SECOND - 1);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "error" });
    await time.pass(1);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "incomplete" });
    expect((await visit(gateway, url)).status).toBe(410);
  },
  "page-address-foreign": async ({ gateway }) => {
    const outcome = await init(gateway);
    const redirectUrl = outcome.kind === "answered" ? outcome.answer.redirectUrl : "";
    expect(redirectUrl).toMatch(/^https:\/\/pages\.example\//);
    expect(pageAddress(redirectUrl, "http://127.0.0.1:8080")).toBeNull();
    expect(pageAddress(redirectUrl, "https://api.freedompay.kz")).toBeNull();
  },
  "page-address-none": async ({ gateway }) => {
    expect(await init(gateway)).toMatchObject({ kind: "unknown" });
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
  },
  "profile-list": async (shop) => {
    await paySaving(shop);
    expect(told(shop)).toEqual([null]);
    expect(await listed(shop.gateway)).toEqual([PROFILE]);
  },
  "profile-none": async (shop) => {
    await paySaving(shop);
    expect(told(shop)).toEqual([null]);
    expect(await listed(shop.gateway)).toEqual([]);
  },
  "profile-rows-2": async (shop) => {
    await paySaving(shop);
    expect(told(shop)).toEqual([PROFILE]);
    expect(await listed(shop.gateway)).toEqual([PROFILE, OTHER]);
    expect(new Set(shop.gateway.state.cards.map(({ token }) => token)).size).toBe(1);
  },
  "profile-differs": async (shop) => {
    await paySaving(shop);
    expect(told(shop)).toEqual([PROFILE, OTHER]);
    expect(await listed(shop.gateway)).toEqual([PROFILE]);
  },
  "profile-declined": async (shop) => {
    const { url } = await openPage(shop.gateway, { save_card_months: 12, result_url: URLS.result_url });
    await pay(shop.gateway, url, "decline-10009");
    await settle(shop.gateway, shop.time);
    expect(shop.server.received[0]?.notification).toMatchObject({ notice: { result: "failed", profileId: PROFILE } });
    expect(await listed(shop.gateway)).toEqual([]);
  },
  "profile-short-name": async (shop) => {
    await paySaving(shop);
    const names = [...new URLSearchParams(shop.server.received[0]?.text)].map(([name]) => name);
    expect(names).toContain("pg_recurring_profile");
    expect(names).not.toContain("pg_recurring_profile_id");
    expect(told(shop)).toEqual([PROFILE]);
  },
};

describe("every keyword about pages", () => {
  const examples = KEYWORDS.filter(({ about }) => about === "page").flatMap((keyword) => keyword.examples);

  test("has exactly one test", () => {
    expect(Object.keys(EXPECTATIONS).sort()).toEqual([...examples].sort());
  });

  test.each(examples)("%s", async (example) => {
    await EXPECTATIONS[example]?.(shopWith(example));
  });
});

describe("the keywords of a user", () => {
  test("are on the page, and the shopper's choice counts more", async () => {
    const { gateway } = shopWith("decline-10017.callbacks-none");
    const { url } = await openPage(gateway);
    const { html } = await visit(gateway, url);
    expect(html).toContain("What the shop's keywords say: <code>decline-10017.callbacks-none</code>");
    expect([...html.matchAll(/name="outcome" value="([^"]*)" checked/g)].map(([, value]) => value)).toEqual([""]);
    await press(gateway, url, html, { step: "pay", outcome: "" });
    expect(await stateOf(gateway)).toMatchObject({ error: { code: "10017" } });
    await press(gateway, url, html, { step: "pay", outcome: "pays" });
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("of one try do not count for the next one", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    await pay(gateway, url, "decline-10017.page-ids");
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ id: "1000000001", status: "success" });
  });

  test("with an error are refused, so that a typing error is noticed", async () => {
    const { gateway } = shopWith("customer.page-declnes-1");
    expect(await init(gateway)).toMatchObject({ kind: "refused", code: "9403" });
  });

  test.each(["__proto__", "constructor"])("are none for a user named %s", async (user_id) => {
    const { gateway } = shopWith("page-address-none");
    expect(await init(gateway, { user_id })).toMatchObject({ kind: "answered" });
  });

  test("are not those of another user", async () => {
    const { gateway } = shopWith("page-address-none");
    expect(await init(gateway, { user_id: "customer-2" })).toMatchObject({ kind: "answered" });
  });

  test("run as fast as the simulator, and so does the page's life", async () => {
    const { gateway, time } = simulator({ speed: 60 });
    const { url } = await openPage(gateway);
    await pay(gateway, url, "page-unseen-60");
    await time.pass(SECOND - 1);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    await time.pass(1);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
    const other = await openPage(gateway, { order_id: "1235" });
    await time.pass(30 * SECOND);
    expect((await visit(gateway, other.url)).status).toBe(410);
  });

  test("lag shows a page late", async () => {
    const { gateway, time } = shopWith("lag-10");
    const { paymentId } = await openPage(gateway);
    expect(await statusOf(gateway, paymentId)).toMatchObject({ kind: "refused", category: "not_found" });
    await time.pass(10 * SECOND);
    expect(await statusOf(gateway, paymentId)).toBe("new");
  });
});

describe("a fault of init_payment", () => {
  test.each([
    ["lost-before", { kind: "unknown", reason: "network" }, 0],
    ["lost-after", { kind: "unknown", reason: "network" }, 1],
    ["error-9999-before", { kind: "refused", code: "9999", isSigned: true }, 0],
    ["error-9999-after", { kind: "refused", code: "9999", isSigned: true }, 1],
    ["duplicate", { kind: "refused", code: "9991", isSigned: true }, 1],
    ["refuse-9992", { kind: "refused", code: "9992", isSigned: true }, 0],
    ["http-401", { kind: "refused", httpStatus: 401, code: "1100", isSigned: false, isNotIdentified: true }, 0],
    ["http-401-after", { kind: "refused", httpStatus: 401, code: "1100", isSigned: false, isNotIdentified: true }, 1],
    ["http-503-after", { kind: "unknown", reason: "server_error" }, 1],
    ["truncated", { kind: "unknown", reason: "not_xml" }, 1],
  ])("%s: the page is open or not, whatever the answer says", async (keywords, outcome, pages) => {
    const { gateway } = shopWith(keywords);
    expect(await init(gateway)).toMatchObject(outcome);
    expect(gateway.state.pages.size).toBe(pages);
    const read = await call(gateway, calls.getStatus({ order_id: "1234" }, freshId()));
    expect(read).toMatchObject(pages === 1 ? { answer: { status: "new" } } : { kind: "refused", category: "not_found" });
  });

  test("accepted-late-20: the page opens later, unless its order_id was used meanwhile", async () => {
    const { gateway, time } = shopWith("accepted-late-20");
    expect(await init(gateway)).toMatchObject({ kind: "unknown", reason: "network" });
    await time.pass(20 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    const other = shopWith("every-accepted-late-20");
    for (let send = 0; send < 2; send += 1) await init(other.gateway);
    await other.time.pass(60 * SECOND);
    expect(other.gateway.state.pages.size).toBe(1);
  });

  test("old-paid: the order_id has a payment already", async () => {
    const { gateway } = shopWith("old-paid");
    expect(await init(gateway)).toMatchObject({ kind: "refused", code: "9991" });
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });
});

describe("a fault of a page's notifications", () => {
  const kindsAfter = async (keywords: string, more: Partial<calls.InitPaymentInput> = {}): Promise<Shop> => {
    const shop = shopWith(keywords);
    const { url } = await openPage(shop.gateway, { result_url: URLS.result_url, ...more });
    await pay(shop.gateway, url);
    return shop;
  };

  test("callbacks-none: the status alone knows", async () => {
    const shop = await kindsAfter("callbacks-none");
    await settle(shop.gateway, shop.time);
    expect(shop.server.received).toEqual([]);
    expect(await stateOf(shop.gateway)).toMatchObject({ status: "success" });
  });

  test("callbacks-late-60: a minute after the outcome", async () => {
    const shop = await kindsAfter("later-5.callbacks-late-60");
    await shop.time.pass(65 * SECOND - 1);
    expect(shop.server.received).toEqual([]);
    await shop.time.pass(1);
    await shop.gateway.idle();
    expect(shop.server.received).toHaveLength(1);
  });

  test("callbacks-early: before the status knows", async () => {
    const shop = await kindsAfter("page-unseen-30.callbacks-early");
    await shop.time.pass(0);
    await shop.time.until(() => shop.server.received.length === 1);
    expect(shop.server.received[0]?.notification).toMatchObject({ kind: "verified", notice: { result: "paid" } });
    expect(await stateOf(shop.gateway)).toMatchObject({ pg_payment_status: "new" });
    shop.gateway.close();
  });

  test("callbacks-forged: the opposite, with a payment that does not exist, and a wrong signature", async () => {
    const shop = await kindsAfter("callbacks-forged");
    await settle(shop.gateway, shop.time);
    expect(shop.server.received.map(({ notification }) => notification.kind)).toEqual(["unverified", "verified"]);
    expect(shop.server.received[0]?.text).toContain("pg_payment_id=91000000001");
  });

  test("callbacks-replayed: the same bytes once more, and the answer to them returns no money", async () => {
    const replies: ("ok" | "rejected")[] = ["ok", "rejected"];
    const server = shopServer((_, nth) => replies[nth - 1] ?? "ok");
    const { gateway, time } = simulator({ merchantPages: { "customer-1": "callbacks-replayed" }, fetch: server.fetch });
    const { url } = await openPage(gateway, { result_url: URLS.result_url });
    await pay(gateway, url);
    await settle(gateway, time);
    expect(server.received).toHaveLength(2);
    expect(server.received[1]?.text).toBe(server.received[0]?.text);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 0 });
  });

  test("callbacks-amount-wrong: a verified result with another amount than the status", async () => {
    const shop = await kindsAfter("callbacks-amount-wrong");
    await settle(shop.gateway, shop.time);
    expect(shop.server.received[0]?.notification).toMatchObject({ kind: "verified", notice: { amount: 10_100 } });
    expect(await stateOf(shop.gateway)).toMatchObject({ amount: "100" });
  });

  test("callbacks-3: three results, each with its own salt", async () => {
    const shop = await kindsAfter("callbacks-3");
    await settle(shop.gateway, shop.time);
    expect(new Set(shop.server.received.map(({ text }) => text)).size).toBe(3);
  });
});

test("amount-wrong: the page takes more than was asked for, and the status says so", async () => {
  const { gateway } = shopWith("amount-wrong");
  const { url } = await openPage(gateway);
  await pay(gateway, url);
  expect(await stateOf(gateway)).toMatchObject({ amount: "101" });
});

test("cabinet-refund-20: the payment of a page is refunded by hand", async () => {
  const { gateway, time } = shopWith("cabinet-refund-20");
  const { url } = await openPage(gateway);
  await pay(gateway, url);
  await time.pass(30 * SECOND);
  expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
});

test("a notification can come before the answer of a charge", async () => {
  const server = shopServer(() => "ok");
  const { gateway, time } = simulator({ merchantProfiles: { "60144557": "late-30" }, fetch: server.fetch });
  const charge = { order_id: "1236", amount: 50, currency: "KZT", description: "a book", auto_clearing: true } as const;
  const input = { ...charge, profile_id: "60144557", result_url: URLS.result_url };
  let isAnswered = false;
  const answered = call(gateway, calls.makeRecurringPayment(input, freshId())).then(() => {
    isAnswered = true;
  });
  await time.until(() => gateway.state.payments.size === 1);
  await time.pass(0);
  await time.until(() => server.received.length === 1);
  expect(isAnswered).toBe(false);
  await time.pass(30 * SECOND);
  await answered;
});

test("a page is no charge of v5: both APIs see its order_id as used", async () => {
  const { gateway } = simulator();
  await openPage(gateway);
  const charge = { order_id: "1234", amount: 50, currency: "KZT", description: "a book", auto_clearing: true, profile_id: "1" } as const;
  expect(await call(gateway, calls.makeRecurringPayment(charge, freshId()))).toMatchObject({ kind: "refused", code: "9991" });
  expect(await initWith(gateway, {})).toMatchObject({ pg_error_code: "9991" });
});

test("a hold of a page is cleared by itself after five days", async () => {
  const { gateway, time } = simulator();
  const { url } = await openPage(gateway, { auto_clearing: false });
  await pay(gateway, url);
  await time.pass(5 * DAY);
  expect(await stateOf(gateway)).toMatchObject({ status: "success", clearing: { cleared: true } });
});
