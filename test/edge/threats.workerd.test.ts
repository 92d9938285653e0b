/** Each threat of SECURITY.md, tried: the calls that an attacker can make with each secret. */
import { createExecutionContext, listDurableObjectIds } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import { issueChargeToken } from "../../src/charge-token.ts";
import type { ChargeView, MerchantChargeView, Problem } from "../../src/edge-api.ts";
import { apiKey, creates, gateway, get, object, operate, order, post, runAlarmUntil, token } from "./with-gateway.ts";
import { logLines } from "./written-log.ts";

const SECRETS = ["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY"].map((name) => String(env[name]));

afterEach(() => {
  for (const secret of SECRETS) expect(logLines.join("\n")).not.toContain(secret);
});

async function codeOf(answer: Response): Promise<string> {
  const { code }: Problem = await answer.json();
  return code;
}

async function charge(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
}

/** All calls but this order's payment, with one bearer. */
async function allOtherCalls(bearer: string): Promise<readonly string[]> {
  const read = (path: string): Promise<Response> =>
    exports.default.fetch(`https://edge.example${path}`, {
      headers: { Authorization: `Bearer ${bearer}`, "CF-Connecting-IP": "192.0.2.66" },
    });
  const operations = ["clearing", "reverse", "refund", "close", "resolve", "notify"];
  const answers = [
    await read("/v1/charges/another-order"),
    await read("/v1/charges?day=2026-11-22"),
    await read("/v1/doctor"),
    ...(await Promise.all(operations.map((operation) => post(bearer, "thief", undefined, `/${order}/${operation}`)))),
  ];
  return Promise.all(answers.map(codeOf));
}

const OTHER_CALLS = ["order_mismatch", ...Array.from({ length: 8 }, () => "api_key_invalid")];

describe("a stolen charge token", () => {
  test("pays its one order, once, and does nothing else", async () => {
    const stolen = await token();
    for (const key of ["thief-1", "thief-2", "shopper"]) {
      const paid: ChargeView = await (await post(stolen, key)).json();
      expect(paid).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: 10 });
    }
    expect(gateway.payments()).toHaveLength(1);
    expect(await allOtherCalls(stolen)).toEqual(OTHER_CALLS);
  });

  test("pays nothing once the order is closed", async () => {
    const stolen = await token();
    await (await operate("close", "key-1")).text();
    expect(await codeOf(await post(stolen, "thief"))).toBe("charge_closed");
    expect(creates()).toEqual([]);
  });

  test("reads of its order the members that the page shows, and no id of the customer or their profile", async () => {
    const stolen = await token({ user_id: "user-77", profile_id: "later-1" });
    await (await post(stolen, "key-1")).text();
    const shown = await (await get(stolen)).text();
    for (const value of ["user-77", "later-1", "192.0.2.1", "approval_code", "attempts", ...SECRETS]) expect(shown).not.toContain(value);
  });
});

describe("hostile script on the storefront's page", () => {
  test("can pay the order whose token is in the page: the edge cannot distinguish it from the shopper", async () => {
    const answer = await exports.default.fetch("https://edge.example/v1/charges", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await token()}`,
        Origin: "https://shop.example",
        "Idempotency-Key": "script",
        "CF-Connecting-IP": "192.0.2.1",
      },
    });
    expect(answer.status).toBe(201);
    await answer.text();
  });

  test("cannot pay another amount, to another profile, or another order", async () => {
    const [header, payload, signature] = (await token()).split(".");
    const claims = JSON.parse(atob(String(payload).replaceAll("-", "+").replaceAll("_", "/")));
    const changes: readonly object[] = [{ amount: 1 }, { profile_id: "somebody-elses" }, { order_id: "another" }, { currency: "USD" }];
    for (const change of changes) {
      const changed = btoa(JSON.stringify({ ...claims, charge: { ...claims.charge, ...change } })).replace(/=+$/, "");
      expect(await codeOf(await post(`${header}.${changed}.${signature}`, "script"))).toBe("token_invalid");
    }
    expect(creates()).toEqual([]);
  });
});

describe("a callback", () => {
  function urlsOf(): { readonly check_url: string; readonly result_url: string } {
    return JSON.parse(creates()[0]?.body ?? "{}").urls;
  }

  function callBack(url: string, body: object): Promise<Response> {
    return exports.default.fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  test("that says paid, at the right URL, makes no order paid", async () => {
    await (await post(await token({ profile_id: "decline-10009" }), "key-1")).text();
    const forged = { id: "999", order_id: order, amount: 10, currency: "KZT", status: "success" };
    expect((await callBack(urlsOf().result_url, forged)).status).toBe(200);
    await vi.waitFor(async () => expect((await charge()).status).toBe("failed"));
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 0, held: 0 });
  });

  test("that says declined declines no order", async () => {
    await (await post(await token({ profile_id: "lost-after.callbacks-none" }), "key-1")).text();
    await (await callBack(urlsOf().result_url, { id: "999", order_id: order, status: "error", error: { code: "10009" } })).text();
    expect(await runAlarmUntil("succeeded")).toMatchObject({ cleared_amount: 10, attempt: 1 });
  });

  test("that is replayed a hundred times reads the payment once in five seconds", async () => {
    const paying = post(await token({ profile_id: "never.callbacks-none" }), "key-1");
    await vi.waitFor(async () => expect((await charge()).payment_id).toEqual(expect.any(String)));
    // The clock is fixed, so that all of them arrive at one moment.
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now);
    const reads = (): number =>
      gateway.log.entries.filter(({ what, headers }) => what === "request" && headers["x-action"] === "gateway.payment.status").length;
    const before = reads();
    const { result_url } = urlsOf();
    await Promise.all(Array.from({ length: 100 }, async () => (await callBack(result_url, { order_id: order })).text()));
    await new Promise((resolve) => setTimeout(resolve, 200));
    // One poll that a callback brought forward, and one or two regular ones.
    expect(reads() - before).toBeLessThanOrEqual(3);
    expect((await charge()).status).toBe("processing");
    vi.mocked(Date.now).mockRestore();
    // Resolving it ends the attempt, so that no test waits ten seconds.
    await (await operate("resolve", "x-1", { nothing_taken: true, note: "seen in the cabinet" })).text();
    await (await paying).text();
  });

  test("to a URL that was guessed, or made for another order, is not found", async () => {
    await (await post(await token(), "key-1")).text();
    const { result_url } = urlsOf();
    const elsewhere = result_url.replace(order, "another-order");
    const guessed = result_url.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    for (const url of [elsewhere, guessed]) expect(await codeOf(await callBack(url, { order_id: order }))).toBe("charge_not_found");
  });
});

describe("a leaked API key", () => {
  test("reads every order whose id is known, but no secret, ticket or exact body", async () => {
    await (await post(await token(), "key-1")).text();
    const text = await (await get(apiKey)).text();
    const { urls } = JSON.parse(creates()[0]?.body ?? "{}");
    const ticket = new URL(urls.result_url).pathname.split("/").at(-1) ?? "";
    for (const value of [...SECRETS, ticket, "192.0.2.1", "check_url"]) expect(text).not.toContain(value);
  });

  test("cannot make a charge token", async () => {
    const answer = await post(await forgedBy(apiKey), "thief");
    expect(await codeOf(answer)).toBe("token_invalid");
  });

  test("is void as soon as another is set", async () => {
    const renewed = { ...env, EDGE_API_KEY: "test-secret-edge-api-key-renewed-0123456789" } as unknown as EdgeBindings;
    const request = new Request(`https://edge.example/v1/charges/${order}/refund`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Idempotency-Key": "thief" },
    });
    expect(await codeOf(await edge.fetch(request, renewed, createExecutionContext()))).toBe("api_key_invalid");
  });
});

function forgedBy(key: string): Promise<string> {
  const terms = { order_id: order, amount: 10, currency: "KZT", description: "Test order", user_id: "12345", profile_id: "pays" } as const;
  return issueChargeToken(terms, { key, issuer: "thief.example" });
}

describe("a compromised storefront's key", () => {
  test("can charge any amount to profiles that it knows, to the merchant's account; it cannot refund, close or list", async () => {
    const forged = await forgedBy(String(env["CHARGE_TOKEN_KEY"]));
    expect((await post(forged, "thief")).status).toBe(201);
    expect(await allOtherCalls(forged)).toEqual(OTHER_CALLS);
    expect(await charge()).toMatchObject({ status: "succeeded", attempts: [{ profile_id: "pays" }] });
  });

  test("is void as soon as another is set, with every token that it made", async () => {
    const renewed = { ...env, CHARGE_TOKEN_KEY: "test-secret-charge-token-key-renewed-01234567" } as unknown as EdgeBindings;
    const headers = { Authorization: `Bearer ${await token()}`, "Idempotency-Key": "thief", "CF-Connecting-IP": "192.0.2.66" };
    const request = new Request("https://edge.example/v1/charges", { method: "POST", headers });
    expect(await codeOf(await edge.fetch(request, renewed, createExecutionContext()))).toBe("token_invalid");
    expect(creates()).toEqual([]);
  });
});

describe("a flood", () => {
  test("of calls without a valid credential stores nothing", async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, number) => post(`guess-${number}`, `key-${number}`).then((answer) => answer.text())),
    );
    expect(answers).toHaveLength(200);
    const ids = (await listDurableObjectIds(env.CHARGES)).map(String);
    expect(ids).not.toContain(String(object().id));
    expect(creates()).toEqual([]);
  });
});
