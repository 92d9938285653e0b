import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { isRequestId } from "../../src/request-id.ts";
import { call } from "./over-http.ts";
import { apiKey, creates, gateway, get, operate, order, post, token } from "./with-gateway.ts";
import { logLines } from "./written-log.ts";

type Line = Readonly<Record<string, unknown>>;

function lines(event?: string): readonly Line[] {
  const all = logLines.map((line): Line => JSON.parse(line));
  return event === undefined ? all : all.filter((line) => line["event"] === event);
}

/** The decisions of the log in short form. */
function story(): readonly string[] {
  return lines("decision").map(({ what, from, to, order_from, order_to, why }) => {
    const order = order_to === undefined ? "" : `, order: ${order_from} → ${order_to}`;
    return `${what}: ${from ?? "-"} → ${to}${order} (${why})`;
  });
}

async function charge(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
}

describe("the log lines of a charge", () => {
  test("that pays at once", async () => {
    await (await post(await token(), "key-1")).text();
    expect(story()).toEqual([
      "attempt 1: - → sent, order: ready → processing (pay, shopper)",
      "attempt 1: sent → paid, order: processing → succeeded (create: process, payment.status: success)",
    ]);
  });

  test("whose answer was lost", async () => {
    await (await post(await token({ profile_id: "lost-after" }), "key-1")).text();
    expect(story()).toEqual([
      "attempt 1: - → sent, order: ready → processing (pay, shopper)",
      "attempt 1: sent → unconfirmed, order: processing → unconfirmed (create: network)",
      "attempt 1: unconfirmed → paid, order: unconfirmed → succeeded (request.status: process, payment.status: success)",
    ]);
    const times = lines("decision").map((line) => Number(line["milliseconds"]));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(lines("request").at(-1)).toMatchObject({
      status: 201,
      caller: "shopper",
      request_id: lines("decision")[0]?.["gateway_request_id"],
    });
  });

  test("that is declined: with the category, and the gateway's code", async () => {
    await (await post(await token({ profile_id: "decline-10009" }), "key-1")).text();
    expect(lines("decision").at(-1)).toMatchObject({
      what: "attempt 1",
      to: "failed",
      category: "insufficient_funds",
      gateway_code: "10009",
    });
  });

  test("of a refund", async () => {
    await (await post(await token(), "key-1")).text();
    logLines.length = 0;
    await (await operate("refund", "key-2", { amount: 4 })).text();
    expect(story()).toEqual([
      "operation 1: - → waiting (refund)",
      "operation 1: waiting → sent (payment.status: success)",
      "operation 1: sent → accepted (refund: accepted)",
      "operation 1: accepted → done (payment.status: success)",
    ]);
  });
});

describe("one id from the request to the gateway", () => {
  test("the id of the POST that begins an attempt is the attempt's id in its answer, the log, the gateway's call and the merchant's view", async () => {
    const answer = await post(await token(), "key-1");
    await answer.text();
    const id = answer.headers.get("X-Request-Id") ?? "";
    expect(isRequestId(id)).toBe(true);
    expect(creates().map(({ headers }) => headers["x-request-id"])).toEqual([id]);
    expect((await charge()).attempts.map((one) => one.request_id)).toEqual([id]);
    // A poll that a callback brought forward has the callback's request_id. The gateway's id is the same in all lines.
    for (const line of lines("decision")) expect(line).toMatchObject({ gateway_request_id: id, order_id: order });
    for (const line of lines("decision").slice(0, 2)) expect(line).toMatchObject({ request_id: id });
    expect(lines("request").find((line) => line["caller"] === "shopper")).toMatchObject({ request_id: id, order_id: order });
  });

  test("so is that of an operation", async () => {
    await (await post(await token(), "key-1")).text();
    const answer = await operate("refund", "key-2", { amount: 4 });
    const { operations }: MerchantChargeView = await answer.json();
    expect(operations.map((one) => one.request_id)).toEqual([answer.headers.get("X-Request-Id")]);
    const refunds = gateway.log.entries.filter(
      ({ what, headers }) => what === "request" && headers["x-action"] === "gateway.payment.refund",
    );
    expect(refunds.map(({ headers }) => headers["x-request-id"])).toEqual([answer.headers.get("X-Request-Id")]);
  });

  test("a POST that joins, repeats or is refused changes nothing, and no call of the gateway has its id", async () => {
    const bearer = await token({ profile_id: "later-1" });
    const answers = await Promise.all(["key-1", "key-2", "key-1"].map((key) => post(bearer, key)));
    const other = await post(await token({ amount: 11, profile_id: "later-1" }), "key-3");
    expect(other.status).toBe(409);
    const again = await post(bearer, "key-2");
    const ids = [...answers, other, again].map((answer) => answer.headers.get("X-Request-Id"));
    for (const answer of [...answers, other, again]) await answer.text();
    expect(new Set(ids).size).toBe(5);
    expect((await charge()).attempts.map((one) => one.request_id)).toEqual([ids[0]]);
    const called = gateway.log.entries.filter(({ what }) => what === "request").map(({ headers }) => headers["x-request-id"]);
    for (const id of ids.slice(1)) expect(called).not.toContain(id);
  });

  test("two attempts never have the same, and no call of the gateway has another call's", async () => {
    const first = await post(await token({ profile_id: "decline-10009" }), "key-1");
    await first.text();
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const second = await post(await token(), "key-2");
    await second.text();
    const ids = [first, second].map((answer) => answer.headers.get("X-Request-Id"));
    const { attempts } = await charge();
    expect(attempts.map((one) => one.request_id)).toEqual(ids);
    const called = gateway.log.entries.filter(({ what }) => what === "request").map(({ headers }) => headers["x-request-id"]);
    expect(new Set(called).size).toBe(called.length);
  });

  test("every refusal names its own", async () => {
    const answer = await call({ headers: { Authorization: "Bearer wrong" } });
    const { request_id }: { request_id: string } = await answer.json();
    expect(answer.headers.get("X-Request-Id")).toBe(request_id);
    expect(lines("request").at(-1)).toMatchObject({ request_id, code: "token_invalid" });
  });
});

test("the caller's trace is in every line that the request caused", async () => {
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const headers = {
    Authorization: `Bearer ${await token({ profile_id: "later-1.callbacks-none" })}`,
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
  };
  const answer = await call({ headers });
  await answer.text();
  const caused = lines().filter((line) => line["request_id"] === answer.headers.get("X-Request-Id"));
  expect(caused.map((line) => line["event"])).toEqual(["decision", "decision", "request"]);
  for (const line of caused) expect(line).toMatchObject({ trace_id: trace });
  // The poll that found it paid was a deadline's, which no request caused.
  const found = lines("decision").slice(2);
  expect(found.map((line) => [line["to"], line["order_to"]])).toEqual([["paid", "succeeded"]]);
  for (const line of found) expect(Object.keys(line)).not.toEqual(expect.arrayContaining(["request_id"]));
});

test("no line contains a secret, a ticket, a token, or a person's data", async () => {
  const bearer = await token({ profile_id: "lost-after", user_id: "user-77", card: { brand: "visa", last4: "4242" } });
  await (await post(bearer, "key-1")).text();
  await (await operate("refund", "key-2", { amount: 1 })).text();
  await (await operate("close", "key-3")).text();
  const text = logLines.join("\n");
  const secrets = ["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY"].map((name) => String(env[name]));
  const personal = ["Test order", "user-77", "4242", "visa", "lost-after", "192.0.2.1", `${order}.`, bearer, "key-1"];
  for (const value of [...secrets, ...personal]) expect(text).not.toContain(value);
});
