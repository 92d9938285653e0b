import { env, exports } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { bindProfile } from "../../src/merchant-api/bound-profile.ts";
import { signFields } from "../../src/merchant-api/signature.ts";
import type { MerchantChargeView, Problem } from "../../src/edge-api.ts";
import { apiKey, gateway, get, object, operate, order, post, runAlarmUntil, token } from "./with-gateway.ts";

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

  test("a check whose signature does not verify is rejected, and a result is ok", async () => {
    await pay("1003");
    const create = gateway.log.entries.find(({ what }) => what === "request");
    const url = new URLSearchParams(create?.body).get("pg_check_url") ?? "";
    const form = { pg_order_id: order, pg_payment_id: "501", pg_amount: "10", pg_currency: "KZT", pg_salt: "salt" };
    const script = url.slice(url.lastIndexOf("/") + 1);
    const fields = Object.entries(form).map(([name, value]) => ({ name, value }));
    const answers = async (address: string, pg_sig: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
      (await exports.default.fetch(address, { method: "POST", body: new URLSearchParams({ ...form, ...more, pg_sig }) })).text();
    const right = signFields(script, fields, String(env["FREEDOM_PAY_SECRET_KEY"]));
    expect(await answers(url, right)).toContain("<pg_status>ok</pg_status>");
    expect(await answers(url, signFields(script, fields, "another"))).toContain("<pg_status>rejected</pg_status>");
    expect(await answers(url, right, { pg_amount: "10.0" })).toContain("<pg_status>rejected</pg_status>");
    expect(await answers(url.replace("/check/", "/result/"), "0".repeat(32))).toContain("<pg_status>ok</pg_status>");
  });
});
