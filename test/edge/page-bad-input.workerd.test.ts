/** Bad input about payment pages, over HTTP: each gets its code or is a hint at most; nothing is charged, and nothing is lost. */
import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { ChargeRecord } from "../../edge/machine/record.ts";
import type { ChargeView, MerchantChargeView, Problem } from "../../src/edge-api.ts";
import type { Field } from "../../src/merchant-api/field.ts";
import { signFields } from "../../src/merchant-api/signature.ts";
import { pay as payOn } from "../simulator/page-shopper.ts";
import { claims, forge } from "./forged-token.ts";
import { apiKey, gateway, get, object, operate, order, post, token } from "./with-gateway.ts";
import { logLines } from "./written-log.ts";

const KEY = String(env["FREEDOM_PAY_SECRET_KEY"]);
const RETURN_URL = "https://shop.example/orders/1";
const FORM = "application/x-www-form-urlencoded";

/** The profiles that notifications name. No text that is made by chance has them. */
const PROFILE = "66600066677";
const OTHER_PROFILE = "77700077788";

type Members = Readonly<Record<string, unknown>>;

/** A charge on a page, with some members changed. One that is undefined is left out. */
function charge(more: Members = {}): Members {
  const page = { return_url: RETURN_URL };
  return { order_id: order, amount: 10, currency: "KZT", description: "Test order", user_id: "12345", payment_page: page, ...more };
}

const withPage = (page: Members): Members => ({ payment_page: { return_url: RETURN_URL, ...page } });

const urlOfLength = (length: number): string => `${RETURN_URL}/`.padEnd(length, "x");

async function merchantView(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
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

/** The stored record of the test's order. */
function stored(): Promise<ChargeRecord> {
  return runInDurableObject(object(), (_, { storage }) => {
    const { record } = storage.sql.exec<{ record: string }>("SELECT record FROM record WHERE order_id = ?", order).one();
    return JSON.parse(record) as ChargeRecord;
  });
}

/** Opens a page that saves the card. @returns its address */
async function open(orderId = order): Promise<string> {
  const response = await post(apiKey, `key-${orderId}`, charge({ order_id: orderId, ...withPage({ save_card_months: 12 }) }));
  const { payment_page } = (await response.json()) as ChargeView;
  return payment_page?.url ?? expect.fail("No page is shown");
}

describe("a request for a page", () => {
  const BAD: readonly (readonly [name: string, more: Members])[] = [
    ["neither a profile nor a page", { payment_page: undefined }],
    ["neither, as null", { payment_page: null, profile_id: null }],
    ["both", { profile_id: "60144557" }],
    ["a page that is a text", { payment_page: RETURN_URL }],
    ["a page without a return_url", { payment_page: {} }],
    ["a page with an unknown member", withPage({ save_card: true })],
    ["a card beside it", { card: { brand: "visa", last4: "4242" } }],
    ["a return_url that is null", withPage({ return_url: null })],
    ["one that is a number", withPage({ return_url: 1 })],
    ["one that is empty", withPage({ return_url: "" })],
    ["one of another origin", withPage({ return_url: "https://other.example/orders/1" })],
    ["one of a subdomain", withPage({ return_url: "https://www.shop.example/" })],
    ["one of a longer host", withPage({ return_url: "https://shop.example.evil.example/" })],
    ["one of another port", withPage({ return_url: "https://shop.example:8443/" })],
    ["one with a user name", withPage({ return_url: "https://user@shop.example/" })],
    ["one whose user name looks like the shop", withPage({ return_url: "https://shop.example@evil.example/" })],
    ["a script", withPage({ return_url: "javascript:location='https://shop.example/'" })],
    ["data", withPage({ return_url: "data:text/html,https://shop.example/" })],
    ["a relative one", withPage({ return_url: "/orders/1" })],
    ["one without a scheme", withPage({ return_url: "//shop.example/orders/1" })],
    ["one of 1,025 characters", withPage({ return_url: urlOfLength(1025) })],
    ["http off loopback", withPage({ return_url: "http://shop.example/orders/1" })],
    ["loopback that is not allowed", withPage({ return_url: "http://127.0.0.1/orders/1" })],
    ["one with a line feed", withPage({ return_url: "https://shop.example/\norders" })],
    ...[0, 13, -1, 1.5, "12", true, [12]].map(
      (months) => [`save_card_months ${JSON.stringify(months)}`, withPage({ save_card_months: months })] as const,
    ),
    ...["de", "KK", "", 1].map((language) => [`language ${JSON.stringify(language)}`, withPage({ language })] as const),
  ];

  test.each(BAD)("with %s is refused, by either caller: nothing is sent, and nothing stored", async (_, more) => {
    const wrong = charge(more);
    const shopper = await post(await forge(claims({ charge: wrong })), "key-1");
    const server = await post(apiKey, "key-2", wrong);
    for (const [response, status, code] of [
      [shopper, 401, "token_invalid"],
      [server, 400, "body_invalid"],
    ] as const) {
      const problem = (await response.json()) as Problem;
      expect([response.status, problem.code]).toEqual([status, code]);
      expect(JSON.stringify(problem)).not.toMatch(/evil\.example|other\.example|javascript:|xxxx|location=/);
    }
    expect(gateway.log.entries).toEqual([]);
    expect((await get(apiKey)).status).toBe(404);
  });

  test.each([
    ["a return_url of 1,024 characters", withPage({ return_url: urlOfLength(1024) })],
    ["a return_url with a fragment and a query", withPage({ return_url: `${RETURN_URL}?a=1#done` })],
    [
      "null for what may be left out",
      { profile_id: null, card: null, user_ip: null, ...withPage({ save_card_months: null, language: null }) },
    ],
  ])("with %s opens one, and saves no card", async (_, more) => {
    const response = await post(apiKey, "key-1", charge(more));
    expect([response.status, ((await response.json()) as ChargeView).payment_page]).toEqual([201, expect.any(Object)]);
    const form = new URLSearchParams(gateway.log.entries.find(({ what }) => what === "request")?.body);
    expect([form.get("pg_recurring_start"), form.get("pg_recurring_lifetime"), form.get("pg_language")]).toEqual([null, null, null]);
  });

  test("of a closed order is charge_closed, by either caller", async () => {
    await (await operate("close", "close-1")).body?.cancel();
    for (const bearer of [await forge(claims({ charge: charge() })), apiKey]) {
      const response = await post(bearer, crypto.randomUUID(), bearer === apiKey ? charge() : undefined);
      expect([response.status, ((await response.json()) as Problem).code]).toEqual([409, "charge_closed"]);
    }
    expect(gateway.log.entries).toEqual([]);
  });

  test("of a paid order gets the charge, and for another amount a conflict", async () => {
    await (await post(await token(), "key-1")).body?.cancel();
    const same = await post(apiKey, "key-2", charge());
    expect([same.status, await same.json()]).toEqual([200, expect.objectContaining({ status: "succeeded", payment_page: null })]);
    const other = await post(apiKey, "key-3", charge({ amount: 11 }));
    expect([other.status, ((await other.json()) as Problem).code]).toEqual([409, "charge_conflict"]);
    expect(gateway.state.pages.size).toBe(0);
  });
});

describe("an address that the gateway names", () => {
  /** The gateway answers init_payment with this address. */
  function answerWith(address: string, sign = true): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.endsWith("/init_payment.php")) return gateway.fetch(request);
      const fields = Object.entries({ pg_payment_id: "501", pg_redirect_url: address, pg_salt: "salt", pg_status: "ok" });
      const named = fields.map(([name, value]) => ({ name, value }));
      const pg_sig = sign ? signFields("init_payment.php", named, KEY) : "0".repeat(32);
      const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      const xml = [...fields, ["pg_sig", pg_sig] as const].map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join("");
      return new Response(`<?xml version="1.0" encoding="utf-8"?><response>${xml}</response>`);
    });
  }

  const PAGE = "https://customer.freedompay.kz/pay?marker=501";

  test.each([
    ["of another host", "https://pages.example/pay?marker=501"],
    ["of a host that looks alike", "https://customer.freedompay.kz.evil.example/pay?marker=501"],
    ["of a domain that ends alike", "https://customerfreedompay.kz/pay?marker=501"],
    ["with the gateway's host as user name", "https://customer.freedompay.kz@evil.example/pay?marker=501"],
    ["with a user name", "https://user@customer.freedompay.kz/pay?marker=501"],
    ["with a password", "https://:secret@customer.freedompay.kz/pay?marker=501"],
    ["with a port", "https://customer.freedompay.kz:8443/pay?marker=501"],
    ["without encryption", "http://customer.freedompay.kz/pay?marker=501"],
    ["of this machine", "http://127.0.0.1/pay?marker=501"],
    ["longer than 2,048 characters", `${PAGE}&x=`.padEnd(2049, "x")],
    ["that is a script", "javascript:alert('marker=501')"],
    ["that is data", "data:text/html,marker=501"],
    ["that is relative", "/pay?marker=501"],
    ["without a scheme", "//customer.freedompay.kz/pay?marker=501"],
  ])("%s is never shown, stored or logged: the attempt ends as a matter of configuration", async (_, address) => {
    answerWith(address);
    const response = await post(apiKey, "key-1", charge());
    const view = (await response.json()) as MerchantChargeView;
    expect(view).toMatchObject({ status: "failed", failure: { category: "configuration", retry: "none" }, payment_page: null });
    expect(view.attention).toMatchObject([{ reason: "configuration", attempt: 1 }]);
    for (const text of [JSON.stringify(view), JSON.stringify(await stored()), logLines.join()]) expect(text).not.toContain("marker=501");
  });

  test("of which the signature is wrong is no address at all", async () => {
    answerWith(PAGE, false);
    const view = (await (await post(apiKey, "key-1", charge())).json()) as ChargeView;
    expect(view).toMatchObject({ status: "failed", failure: { category: "gateway_unavailable", retry: "now" }, payment_page: null });
  });

  test("that is missing opens no page", async () => {
    answerWith("");
    const view = (await (await post(apiKey, "key-1", charge())).json()) as ChargeView;
    expect(view).toMatchObject({ status: "failed", failure: { retry: "now" }, payment_page: null });
  });

  test("that is right is shown as it was parsed", async () => {
    answerWith("HTTPS://CUSTOMER.freedompay.kz/a/../pay?marker=501");
    const view = (await (await post(apiKey, "key-1", charge())).json()) as ChargeView;
    expect(view.payment_page?.url).toBe(PAGE);
  });
});

/** The addresses that the gateway was given for an order's page. */
function addressesOf(orderId = order): Readonly<Record<"check" | "result" | "success" | "failure", string>> {
  const requests = gateway.log.entries.filter(({ what }) => what === "request").map(({ body }) => new URLSearchParams(body));
  const form = requests.find((one) => one.get("pg_order_id") === orderId && one.has("pg_success_url"));
  const of = (name: string): string => form?.get(`pg_${name}_url`) ?? expect.fail(`There is no address of ${name}`);
  return { check: of("check"), result: of("result"), success: of("success"), failure: of("failure") };
}

function comeBack(address: string): Promise<Response> {
  return exports.default.fetch(address, { redirect: "manual", headers: { "Accept-Language": "kk" } });
}

const ticketOf = (address: string): string => /\/(?:check|result|returns)\/([^/]+)/.exec(address)?.[1] ?? "";

describe("a return", () => {
  test("the ticket of a failed return is none of a paid one", async () => {
    await open();
    const { success, failure } = addressesOf();
    const paid = ticketOf(success);
    const failed = ticketOf(failure);
    expect(paid).not.toBe(failed);
    for (const wrong of [`https://edge.example/v1/returns/${failed}/paid`, `https://edge.example/v1/returns/${paid}/failed`]) {
      const response = await comeBack(wrong);
      expect([response.status, response.headers.get("Location")]).toEqual([404, null]);
      expect(await response.text()).toContain('<html lang="kk">');
    }
    expect((await comeBack(failure)).headers.get("Location")).toBe(RETURN_URL);
    expect((await comeBack(success)).headers.get("Location")).toMatch(/\?freedom_pay_return=[\w-]{22}$/);
  });

  test("by a ticket that is made up, of a callback, or of parts of two orders' is not found, and changes nothing", async () => {
    await open();
    await open(`${order}-other`);
    const mine = addressesOf();
    const others = addressesOf(`${order}-other`);
    const [name, nonce] = ticketOf(mine.success).split(".");
    const [otherName, otherNonce, otherMac] = ticketOf(others.success).split(".");
    const before = await stored();
    for (const ticket of [
      `${name}.${otherNonce}.${otherMac}`,
      `${name}.${nonce}.${otherMac}`,
      `${otherName}.${nonce}.${otherMac}`,
      ticketOf(mine.check),
      ticketOf(mine.result),
      `${ticketOf(mine.success)}A`,
      `${ticketOf(mine.success)}%00`,
      `..%2F${ticketOf(mine.success)}`,
      "a".repeat(5_000),
      "",
    ]) {
      const response = await comeBack(`https://edge.example/v1/returns/${ticket}/paid`);
      expect([response.status, response.headers.get("Location")], ticket).toEqual([404, null]);
      await response.body?.cancel();
    }
    expect(await stored()).toEqual(before);
  });

  test("by HEAD gives no code away", async () => {
    await open();
    const { success } = addressesOf();
    const head = await exports.default.fetch(success, { method: "HEAD", redirect: "manual" });
    expect([head.status, head.headers.get("Location")]).toEqual([405, null]);
    expect((await comeBack(success)).headers.get("Location")).toContain("freedom_pay_return=");
  });

  test("after the retention a return is 410, and callbacks stay ok", async () => {
    const url = await open();
    const addresses = addressesOf();
    await payOn(gateway, url);
    await until(({ status, profile }) => status === "succeeded" && profile !== null);
    await runInDurableObject(object(), async (_, { storage }) => {
      const set = "UPDATE record SET due = 1, record = json_set(record, '$.updatedAt', 1) WHERE order_id = ?";
      storage.sql.exec(set, order);
      await storage.setAlarm(Date.now() + 60_000);
    });
    await runDurableObjectAlarm(object());
    expect((await stored()).redactedAt).not.toBeNull();
    for (const address of [addresses.success, addresses.failure]) {
      const response = await comeBack(address);
      expect([response.status, response.headers.get("Location")]).toEqual([410, null]);
      expect(await response.text()).toContain('<html lang="kk">');
    }
    const form = signed(addresses.result, fieldsOf("result"));
    expect(await (await send(addresses.result, form)).text()).toContain("<pg_status>ok</pg_status>");
    expect(await (await send(addresses.check, signed(addresses.check, fieldsOf("check")))).text()).toContain(
      "<pg_status>rejected</pg_status>",
    );
    expect(JSON.stringify(await stored())).not.toMatch(new RegExp(`${PROFILE}|shop\\.example|12345`));
  });
});

type Kind = "check" | "result";

/** The fields of a notification about the order's page, in the order in which they are signed. */
function fieldsOf(kind: Kind, more: Readonly<Record<string, string>> = {}): readonly Field[] {
  const result = { pg_result: "1", pg_recurring_profile_id: PROFILE, pg_recurring_profile_expiry_date: "2027-12-03 00: 00: 00" };
  const fields = {
    pg_order_id: order,
    pg_amount: "10",
    pg_currency: "KZT",
    pg_salt: "salt",
    ...(kind === "result" ? result : {}),
    ...more,
  };
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}

/** A form with its signature over an address. */
function signed(address: string, fields: readonly Field[], key = KEY): string {
  const form = new URLSearchParams(fields.map(({ name, value }) => [name, String(value)]));
  form.append("pg_sig", signFields(ticketOf(address), fields, key));
  return form.toString();
}

function send(address: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(address, { method: "POST", headers: { "Content-Type": FORM, ...headers }, body: new Blob([body]) });
}

/** What a notification may be sent as: its body, its headers, or another address. */
interface Sent {
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A notification that is right but for one thing. */
type Bad = (given: {
  readonly kind: Kind;
  readonly address: string;
  readonly fields: readonly Field[];
  readonly other: string;
}) => Sent | Promise<Sent>;

const doubled =
  (name: string, value?: string): Bad =>
  ({ address, fields }) => {
    const again = fields.filter((field) => field.name === name).map((field) => ({ name, value: value ?? field.value }));
    return { body: signed(address, [...fields, ...again]) };
  };

const changed =
  (more: Readonly<Record<string, string>>): Bad =>
  ({ address, fields }) => ({
    body: signed(
      address,
      fields.map(({ name, value }) => ({ name, value: more[name] ?? value })),
    ),
  });

async function gzipped(text: string): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}

/** A form with a value that is not UTF-8. It is signed over what a lenient reader would make of its bytes. */
function withBytes(address: string, fields: readonly Field[], bytes: readonly number[]): Uint8Array {
  const pg_own = new TextDecoder().decode(new Uint8Array(bytes));
  const form = signed(address, [...fields, { name: "pg_own", value: pg_own }]);
  const [before = "", after = ""] = form.split(new URLSearchParams({ pg_own }).toString());
  const encoder = new TextEncoder();
  return new Uint8Array([...encoder.encode(`${before}pg_own=`), ...bytes, ...encoder.encode(after)]);
}

const BAD_NOTIFICATIONS: readonly (readonly [name: string, kinds: readonly Kind[], bad: Bad])[] = [
  [
    "without a signature",
    ["check", "result"],
    ({ fields }) => ({ body: new URLSearchParams(fields.map(({ name, value }) => [name, String(value)])).toString() }),
  ],
  ["signed with another key", ["check", "result"], ({ address, fields }) => ({ body: signed(address, fields, "another-key") })],
  ["signed for another order's address", ["check", "result"], ({ other, fields }) => ({ body: signed(other, fields) })],
  ["with a field that is not signed", ["check", "result"], ({ address, fields }) => ({ body: `${signed(address, fields)}&pg_own=1` })],
  ["of another order", ["check", "result"], changed({ pg_order_id: "another-order" })],
  ["of the order's next number", ["check", "result"], changed({ pg_order_id: "1234--2" })],
  ["of another amount", ["check", "result"], changed({ pg_amount: "9.99" })],
  ["of another currency", ["check", "result"], changed({ pg_currency: "USD" })],
  [
    "without a number",
    ["check", "result"],
    ({ address, fields }) => ({
      body: signed(
        address,
        fields.filter(({ name }) => name !== "pg_order_id"),
      ),
    }),
  ],
  [
    "without an amount",
    ["check", "result"],
    ({ address, fields }) => ({
      body: signed(
        address,
        fields.filter(({ name }) => name !== "pg_amount"),
      ),
    }),
  ],
  ["with two numbers", ["check", "result"], doubled("pg_order_id", "another-order")],
  ["with its number twice", ["check", "result"], doubled("pg_order_id")],
  ["with two amounts", ["check", "result"], doubled("pg_amount", "1")],
  ["with its payment twice", ["check", "result"], doubled("pg_payment_id")],
  ["with two results", ["result"], doubled("pg_result", "0")],
  ["with its profile twice", ["result"], doubled("pg_recurring_profile_id")],
  ["with two profiles", ["result"], doubled("pg_recurring_profile_id", OTHER_PROFILE)],
  [
    "with a profile under either name",
    ["result"],
    ({ address, fields }) => ({ body: signed(address, [...fields, { name: "pg_recurring_profile", value: OTHER_PROFILE }]) }),
  ],
  ["with a profile that is no number", ["result"], changed({ pg_recurring_profile_id: `${PROFILE} or 1=1` })],
  [
    "with 10,000 members",
    ["check", "result"],
    ({ address, fields }) => ({ body: signed(address, [...fields, ...Array.from({ length: 10_000 }, () => ({ name: "x", value: "" }))]) }),
  ],
  [
    "with 10,000 members that are not signed",
    ["check", "result"],
    ({ address, fields }) => ({ body: `${signed(address, fields)}${"&x=1".repeat(10_000)}` }),
  ],
  [
    "in Latin-1",
    ["check", "result"],
    ({ address, fields }) => ({
      body: withBytes(address, fields, [0xe9]),
      headers: { "Content-Type": `${FORM}; charset=iso-8859-1` },
    }),
  ],
  ["in UTF-8 that is invalid", ["check", "result"], ({ address, fields }) => ({ body: withBytes(address, fields, [0xc3, 0x28, 0xff]) })],
  [
    "in UTF-16",
    ["check", "result"],
    ({ address, fields }) => ({
      body: new Uint8Array(new Uint16Array([...signed(address, fields)].map((one) => one.charCodeAt(0))).buffer),
    }),
  ],
  [
    "that is compressed",
    ["check", "result"],
    async ({ address, fields }) => ({ body: await gzipped(signed(address, fields)), headers: { "Content-Encoding": "gzip" } }),
  ],
  [
    "in JSON",
    ["check", "result"],
    ({ address, fields }) => ({
      body: JSON.stringify(Object.fromEntries(new URLSearchParams(signed(address, fields)))),
      headers: { "Content-Type": "application/json" },
    }),
  ],
  [
    "in JSON of another order",
    ["check", "result"],
    () => ({ body: '{"order_id":"another","payment_id":501,"amount":10}', headers: { "Content-Type": "application/json" } }),
  ],
  [
    "in XML with entities of its own",
    ["check", "result"],
    ({ address, fields }) => ({
      body: xmlOf(address, fields, '<!DOCTYPE r [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;">]>'),
      headers: { "Content-Type": "text/xml" },
    }),
  ],
  [
    "in XML that is cut off",
    ["check", "result"],
    ({ address, fields }) => ({ body: xmlOf(address, fields).slice(0, -20), headers: { "Content-Type": "text/xml" } }),
  ],
];

function xmlOf(address: string, fields: readonly Field[], head = ""): string {
  const all = [...fields, { name: "pg_sig", value: signFields(ticketOf(address), fields, KEY) }];
  return `${head}<response>${all.map(({ name, value }) => `<${name}>${String(value)}</${name}>`).join("")}</response>`;
}

/** Sends a bad notification of each of its kinds, and checks its answer. */
async function sendBad([name, kinds, bad]: (typeof BAD_NOTIFICATIONS)[number], paymentId: string): Promise<void> {
  const addresses = addressesOf();
  const other = addressesOf(`${order}-other`);
  for (const kind of kinds) {
    const given = { kind, address: addresses[kind], fields: fieldsOf(kind, { pg_payment_id: paymentId }), other: other[kind] };
    const { body, headers = {} } = await bad(given);
    const response = await send(addresses[kind], body, headers);
    const text = await response.text();
    expect([name, kind, response.status, /\bok\b/.test(text)]).toEqual([name, kind, 200, kind === "result"]);
    expect(text).not.toMatch(new RegExp(`${PROFILE}|another`));
  }
}

/** What was told, but for what the gateway's test host is about: its pages, and that its payments are tests. */
function told(attention: readonly { readonly reason: string }[]): readonly string[] {
  return attention.map(({ reason }) => reason).filter((reason) => reason !== "page_host" && reason !== "test_payment");
}

/** What notifications have left at the order's page. */
async function leftAtPage(): Promise<unknown> {
  const { attempts, attention } = await stored();
  const { state, page } = attempts[0] ?? expect.fail("There is no attempt");
  return { state, offers: page?.offers, check: page?.check, profile: page?.profile, told: told(attention) };
}

async function paymentOf(): Promise<string> {
  return (await stored()).attempts[0]?.page?.tries[0]?.id ?? expect.fail("No try is known");
}

describe("a notification", () => {
  const NOTHING = { state: "undecided", offers: [], check: null, profile: null, told: [] };

  test.each(BAD_NOTIFICATIONS)("%s is a hint at most: a result is ok, a check rejected, and nothing of it is kept", async (...bad) => {
    await open();
    await open(`${order}-other`);
    await sendBad(bad, await paymentOf());
    expect(await leftAtPage()).toEqual(NOTHING);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 0, held: 0 });
  });

  test("that is longer than 64 KiB has a code as a check, and as a result is ok like an empty one", async () => {
    await open();
    const { check, result } = addressesOf();
    const long = "x".repeat(64 * 1024);
    const refused = await send(check, `${signed(check, fieldsOf("check"))}&pg_long=${long}`);
    expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([413, "body_too_large"]);
    const answered = await send(result, `${signed(result, fieldsOf("result"))}&pg_long=${long}`);
    expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining("<pg_status>ok</pg_status>")]);
    expect(await leftAtPage()).toEqual(NOTHING);
  });

  test("after all of them the page is paid once, and the profile is the gateway's own", async () => {
    const url = await open();
    await open(`${order}-other`);
    const paymentId = await paymentOf();
    for (const bad of BAD_NOTIFICATIONS) await sendBad(bad, paymentId);
    await payOn(gateway, url);
    const paid = await until(({ status, profile }) => status === "succeeded" && profile !== null);
    expect(paid.profile?.profile_id).not.toMatch(new RegExp(`^(${PROFILE}|${OTHER_PROFILE})`));
    expect(told(paid.attention)).toEqual([]);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, payments: 1 });
    expect(gateway.totalsOf(`${order}-other`)).toMatchObject({ taken: 0 });
  });

  test("that is right names the profile, and holds the page: so each of those was wrong by one thing", async () => {
    const url = await open();
    const { check, result } = addressesOf();
    const payment = { pg_payment_id: await paymentOf() };
    expect(await (await send(check, signed(check, fieldsOf("check", payment)))).text()).toContain("<pg_status>ok</pg_status>");
    expect(await (await send(result, xmlOf(result, fieldsOf("result", payment)), { "Content-Type": "text/xml" })).text()).toContain("ok");
    expect(await leftAtPage()).toMatchObject({
      offers: [{ profileId: expect.stringMatching(new RegExp(`^${PROFILE}\\.[\\w-]{16}$`)) }],
      check: expect.any(Object),
    });
    await payOn(gateway, url);
    const paid = await until(({ status, profile }) => status === "succeeded" && profile !== null);
    expect(paid.profile?.profile_id).toMatch(new RegExp(`^${PROFILE}\\.`));
    // The simulator's own result names another one.
    expect(told((await until(({ attention }) => told(attention).length > 0)).attention)).toEqual(["profile_differs"]);
  });
});
