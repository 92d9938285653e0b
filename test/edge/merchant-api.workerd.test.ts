import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { bindProfile } from "../../src/merchant-api/bound-profile.ts";
import { signFields } from "../../src/merchant-api/signature.ts";
import type { MerchantChargeView, Problem } from "../../src/edge-api.ts";
import { apiKey, gateway, get, object, operate, order, post, runAlarmUntil, token } from "./with-gateway.ts";
import { logLines } from "./written-log.ts";

const PROFILE = "60144557";

/** The calls that came to the gateway, by the last segment of their path. */
function calls(): readonly string[] {
  const requests = gateway.log.entries.filter(({ what }) => what === "request");
  return requests.map(({ url }) => (url ?? "").replace(/^.*\//, ""));
}

function count(script: string): number {
  return calls().filter((one) => one === script).length;
}

async function pay(profile_id: string, key = "key-1", more: Readonly<Record<string, unknown>> = {}): Promise<MerchantChargeView> {
  return (await post(await token({ profile_id, ...more }), key)).json();
}

async function merchantView(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
}

async function until(condition: (charge: MerchantChargeView) => boolean): Promise<MerchantChargeView> {
  for (let runs = 0; runs < 60; runs += 1) {
    const now = await merchantView();
    if (condition(now)) return now;
    await runDurableObjectAlarm(object());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It did not come about");
}

describe("a charge of a profile by the Merchant API", () => {
  test("pays: one send, and the state is read by the payment's id", async () => {
    expect(await pay(PROFILE)).toMatchObject({
      status: "succeeded",
      cleared_amount: 10,
      payment_id: expect.stringMatching(/^\d+$/) as string,
    });
    expect(calls()).toEqual(["make_recurring_payment.php", "get_status3.php"]);
    expect(await merchantView()).toMatchObject({ attempts: [{ api: "merchant", gateway_order_id: order, state: "paid" }] });
  });

  test("a decline is found by the status, which the answer does not say", async () => {
    expect(await pay("1001")).toMatchObject({ status: "failed", failure: { category: "insufficient_funds" } });
    expect(count("make_recurring_payment.php")).toBe(1);
  });

  test("a lost answer: nothing is sent again, and the payment is found by its order_id", async () => {
    await pay("1002");
    await runAlarmUntil("succeeded");
    expect(count("make_recurring_payment.php")).toBe(1);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000 });
  });

  test("an error after which the gateway took the money decides nothing", async () => {
    expect(await pay("1004")).not.toMatchObject({ status: "failed" });
    await runAlarmUntil("succeeded");
    expect(count("make_recurring_payment.php")).toBe(1);
  });

  test("a refused key fails as configuration, and the order_id stays", async () => {
    expect(await pay("1006")).toMatchObject({ status: "failed", failure: { category: "configuration" } });
    expect(await merchantView()).toMatchObject({ attention: [{ reason: "configuration" }] });
  });

  test("a hold is cleared in part and refunded; the gateway's books agree", async () => {
    expect(await pay(PROFILE, "key-1", { auto_clearing: false })).toMatchObject({ status: "authorized" });
    await (await operate("clearing", "c-1", { amount: 8 })).body?.cancel();
    await until(({ status, cleared_amount }) => status === "succeeded" && cleared_amount === 8);
    await (await operate("refund", "r-1", { amount: 3 })).body?.cancel();
    await until(({ operations }) => operations[1]?.state === "done");
    await (await operate("refund", "r-2")).body?.cancel();
    await until(({ status }) => status === "refunded");
    expect(gateway.totalsOf(order)).toMatchObject({ held: 0, taken: 800, refunded: 800 });
    expect([count("do_capture.php"), count("revoke.php")]).toEqual([1, 2]);
  });

  test("a hold is released", async () => {
    await pay(PROFILE, "key-1", { auto_clearing: false });
    await (await operate("reverse", "v-1")).body?.cancel();
    await until(({ status }) => status === "reversed");
    expect(gateway.totalsOf(order)).toMatchObject({ held: 0, taken: 0 });
  });

  test("a number of more digits than an id of the gateway has is refused", async () => {
    const refused = await post(await token({ order_id: order, profile_id: "1".repeat(21) }), "key-1");
    expect((await refused.json()) as Problem).toMatchObject({ status: 401, code: "token_invalid" });
  });

  test("a profile that is bound to its user pays for that user alone; for another nothing is sent", async () => {
    const bound = await bindProfile(PROFILE, "12345", [String(env["CALLBACK_KEY"])]);
    expect(await pay(bound)).toMatchObject({ status: "succeeded" });
    const sent = calls().length;
    const refused = await post(await token({ order_id: `${order}-other`, profile_id: bound, user_id: "54321" }), "key-2");
    expect((await refused.json()) as Problem).toMatchObject({
      status: 401,
      code: "token_invalid",
      detail: "profile_id is not a profile of this user_id",
    });
    const body = {
      order_id: `${order}-other`,
      amount: 10,
      currency: "KZT",
      description: "Test order",
      user_id: "54321",
      profile_id: bound,
      user_ip: "192.0.2.1",
    };
    expect((await (await post(apiKey, "key-3", body)).json()) as Problem).toMatchObject({ status: 400, code: "body_invalid" });
    expect(calls().length).toBe(sent);
  });
});

type Form = Readonly<Record<string, string>>;

/** The address of a callback of the order's only attempt. */
function addressOf(kind: "check" | "result"): string {
  const create = gateway.log.entries.find(({ what }) => what === "request");
  return new URLSearchParams(create?.body).get(`pg_${kind}_url`) ?? "";
}

function signatureOf(address: string, form: Form, key = String(env["FREEDOM_PAY_SECRET_KEY"])): string {
  const fields = Object.entries(form).map(([name, value]) => ({ name, value }));
  return signFields(address.slice(address.lastIndexOf("/") + 1), fields, key);
}

/** A form with its signature over an address. */
function signed(address: string, form: Form): URLSearchParams {
  return new URLSearchParams({ ...form, pg_sig: signatureOf(address, form) });
}

async function posted(address: string, body: URLSearchParams): Promise<string> {
  return (await exports.default.fetch(address, { method: "POST", body })).text();
}

/** A check of the test's order, of which the gateway itself knows nothing: the create was lost. */
async function checkOfLost(): Promise<Form> {
  await (await post(await token({ profile_id: "1003" }), "key-1", undefined, "", { Prefer: "wait=0" })).body?.cancel();
  return { pg_order_id: order, pg_payment_id: "501", pg_amount: "10", pg_currency: "KZT", pg_salt: "salt" };
}

describe("a callback of the Merchant API", () => {
  const OK = "<pg_status>ok</pg_status>";
  const REJECTED = "<pg_status>rejected</pg_status>";

  test("a check whose signature does not verify is rejected, and a result is ok", async () => {
    const form = await checkOfLost();
    const url = addressOf("check");
    const right = signatureOf(url, form);
    expect(await posted(url, new URLSearchParams({ ...form, pg_sig: right }))).toContain(OK);
    expect(await posted(url, new URLSearchParams({ ...form, pg_sig: signatureOf(url, form, "another") }))).toContain(REJECTED);
    expect(await posted(url, new URLSearchParams({ ...form, pg_amount: "10.0", pg_sig: right }))).toContain(REJECTED);
    expect(await posted(addressOf("result"), new URLSearchParams({ ...form, pg_sig: "0".repeat(32) }))).toContain(OK);
  });

  test("what was signed for one address verifies at no other, because a signature covers no name of a field", async () => {
    const form = await checkOfLost();
    const [check, result] = [addressOf("check"), addressOf("result")];
    // The same values under other names, in the same order of names, have the same signature.
    const renamed = { pg_amount: "10", pg_b: "KZT", pg_order_id: order, pg_payment_id: "501", pg_salt: "salt" };
    expect(signatureOf(result, renamed)).toBe(signatureOf(result, form));
    expect(await posted(check, signed(result, form))).toContain(REJECTED);
    expect(await posted(check, signed(check, form))).toContain(OK);
    // The ticket of one address opens no other.
    for (const address of [check.replace("/check/", "/result/"), result.replace("/result/", "/check/")])
      expect(JSON.parse(await posted(address, signed(address, form)))).toMatchObject({ status: 404, code: "charge_not_found" });
  });

  test("a verified result that says that its payment is a test is told; the same by GET is a hint only", async () => {
    const check = await checkOfLost();
    const result = addressOf("result");
    const form = signed(result, { ...check, pg_result: "1", pg_testing_mode: "1" });
    const reads = count("get_status3.php");
    expect(await (await exports.default.fetch(`${result}?${form}`)).text()).toContain(OK);
    await until(() => count("get_status3.php") > reads);
    expect(await merchantView()).toMatchObject({ test: false, attention: [] });
    expect(await posted(result, form)).toContain(OK);
    expect(await merchantView()).toMatchObject({ test: true, attention: [{ reason: "test_payment", attempt: 1 }] });
  });

  test("one that does not verify, but says so, is a hint only", async () => {
    const check = await checkOfLost();
    const result = addressOf("result");
    const form = new URLSearchParams({ ...check, pg_result: "1", pg_testing_mode: "1", pg_sig: "0".repeat(32) });
    expect(await posted(result, form)).toContain(OK);
    expect(await merchantView()).toMatchObject({ test: false, attention: [] });
  });

  test("nothing of a cardholder, a phone or an e-mail in it is stored, logged or shown", async () => {
    const person = {
      pg_card_owner: "CARD HOLDER",
      pg_card_pan: "4400-44XX-XXXX-4440",
      pg_card_token: "token-of-the-card",
      pg_user_phone: "77000000000",
      pg_user_contact_email: "nobody@shop.example",
      pg_param1: "the merchant's own text",
    };
    const check = await checkOfLost();
    for (const kind of ["check", "result"] as const) {
      const form = { ...check, ...(kind === "result" ? { pg_result: "1", pg_testing_mode: "1" } : {}), ...person };
      const answer = await posted(addressOf(kind), signed(addressOf(kind), form));
      expect(answer).toContain(OK);
      for (const value of Object.values(person)) expect(answer).not.toContain(value);
    }
    const kept = JSON.stringify([await storedTexts(), logLines, await merchantView()]);
    expect(kept).toContain("test_payment");
    for (const value of Object.values(person)) expect(kept).not.toContain(value);
  });
});

/** Every row that the order's object stores. */
function storedTexts(): Promise<unknown> {
  return runInDurableObject(object(), (_, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    );
    return tables.toArray().map(({ name }) => [...sql.exec(`SELECT * FROM "${name}"`).raw()]);
  });
}
