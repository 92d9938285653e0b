import { describe, expect, test, vi } from "vitest";
import type { SimulatorOptions } from "../../src/simulator/index.ts";
import { AnswerLost, createSimulator } from "../../src/simulator/index.ts";
import { call, create, createBody, http, MERCHANT, OFFICIAL_EXAMPLE, readPayment, refund, SECOND, SECRET, sign } from "./gateway-calls.ts";
import { send, charge, shop, signedAnswer, simulator, URLS } from "./simulated-gateway.ts";
import { virtualTime } from "./virtual-time.ts";

describe("over HTTP", () => {
  test("the official recurrent example, signed by other code, is accepted byte for byte", async () => {
    const { gateway } = simulator();
    const request = call("gateway.payment.create", OFFICIAL_EXAMPLE);
    const response = await gateway.fetch(http(request));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe(request.requestId);
    expect(await response.json()).toMatchObject({ status: "process", amount: 10 });
    expect(gateway.log.entries.find((entry) => entry.what === "request")?.body).toBe(OFFICIAL_EXAMPLE);
    expect(gateway.totalsOf("1234")).toEqual({ held: 1000, taken: 0, refunded: 0, payments: 1 });
  });

  test("a wrong signature is 401, code 1100, and nothing happens", async () => {
    const { gateway } = simulator();
    const response = await gateway.fetch(http(create(), "test-secret-another"));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "1100" } });
    expect(gateway.payments()).toEqual([]);
  });

  test("a body that was changed after signing is 401", async () => {
    const { gateway } = simulator();
    const original = http(create());
    const changed = new Request(original.url, {
      method: "POST",
      headers: original.headers,
      body: JSON.stringify(createBody({ amount: 1 })),
    });
    expect((await gateway.fetch(changed)).status).toBe(401);
  });

  test("both keys of a rotation are accepted", async () => {
    const { gateway } = simulator({ secretKeys: ["test-secret-the-new-key", SECRET] });
    expect((await gateway.fetch(http(create()))).status).toBe(200);
  });

  test("other paths are 404, other methods 405, both HTML", async () => {
    const { gateway } = simulator();
    const unknownPath = await gateway.fetch(new Request("https://gateway.example/v5/g2g/delete", { method: "POST", body: "{}" }));
    const wrongMethod = await gateway.fetch(new Request("https://gateway.example/v5/g2g/read"));
    expect([unknownPath.status, wrongMethod.status]).toEqual([404, 405]);
    expect(unknownPath.headers.get("content-type")).toMatch(/^text\/html/);
  });

  test.each([
    ["an action at another's endpoint", "/v5/g2g/read", { "x-action": "gateway.payment.create" }],
    ["no action", "/v5/g2g/create", { "x-action": "" }],
    ["no request id", "/v5/g2g/create", { "x-request-id": "" }],
    ["no content type", "/v5/g2g/create", { "content-type": "text/plain" }],
  ])("%s is 9403", async (_, path, changed) => {
    const { gateway } = simulator();
    const request = create();
    const body = JSON.stringify(request.body);
    const headers = new Headers(http(request).headers);
    headers.set("x-jws-signature", sign(path, body));
    for (const [name, value] of Object.entries(changed)) {
      headers.set(name, value);
    }
    const response = await gateway.fetch(new Request(`https://gateway.example${path}`, { method: "POST", headers, body }));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { code: "9403" } });
    expect(gateway.payments()).toEqual([]);
  });

  test("a body of more than a mebibyte is 413", async () => {
    const { gateway } = simulator();
    const response = await gateway.fetch(
      new Request("https://gateway.example/v5/g2g/create", { method: "POST", body: " ".repeat(1024 * 1024 + 1) }),
    );
    expect(response.status).toBe(413);
  });

  test("options without a merchant or a key are refused", () => {
    expect(() => createSimulator({ merchantId: "shop", secretKeys: [SECRET] })).toThrow(TypeError);
    expect(() => createSimulator({ merchantId: MERCHANT, secretKeys: [] })).toThrow(TypeError);
    expect(() => createSimulator({ merchantId: MERCHANT, secretKeys: [SECRET, ""] })).toThrow(TypeError);
  });
});

describe("answers that get lost", () => {
  test("fetch rejects with AnswerLost, and the payment is made", async () => {
    const { gateway } = simulator();
    await expect(gateway.fetch(http(create({ profile: "lost-after" })))).rejects.toBeInstanceOf(AnswerLost);
    expect(gateway.totalsOf("1234").taken).toBe(10_000);
  });

  test("with `break` it is a Response whose body fails", async () => {
    const { gateway } = simulator({ lost: "break" });
    const response = await gateway.fetch(http(create({ profile: "lost-before" })));
    await expect(response.text()).rejects.toBeInstanceOf(AnswerLost);
    expect(gateway.payments()).toEqual([]);
  });

  test("an answer that is cut gives its first half and then fails", async () => {
    const { gateway } = simulator();
    const response = await gateway.fetch(http(create({ profile: "cut" })));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^\{"id":"1000000001"/);
    await expect(reader?.read()).rejects.toBeInstanceOf(AnswerLost);
  });

  test("a late answer arrives at its time, and the payment exists before it", async () => {
    const { gateway, time } = simulator();
    let answered = false;
    const answer = charge(gateway, { profile: "late-30" }).finally(() => {
      answered = true;
    });
    await time.until(() => gateway.payments().length === 1);
    await time.pass(29 * SECOND);
    expect([answered, gateway.totalsOf("1234").taken]).toEqual([false, 10_000]);
    await time.pass(SECOND);
    expect(await answer).toMatchObject({ status: "process" });
  });

  test("a call that is accepted late acts and leads to a callback even if no other call arrives", async () => {
    const time = virtualTime();
    const merchant = shop(time);
    const { gateway } = simulator({ fetch: merchant.fetch }, time);
    const request = create({ profile: "accepted-late-20", urls: URLS });
    await expect(gateway.fetch(http(request))).rejects.toBeInstanceOf(AnswerLost);
    await time.pass(19 * SECOND);
    expect(gateway.payments()).toEqual([]);
    await time.pass(SECOND);
    expect(merchant.received.map((one) => one.url)).toEqual([URLS.result_url]);
    expect(gateway.totalsOf("1234").taken).toBe(10_000);
  });

  test("an answer can be 304, which has no body", async () => {
    const { gateway } = simulator();
    expect((await gateway.fetch(http(create({ profile: "http-304" })))).status).toBe(304);
  });

  test("during an outage nothing acts", async () => {
    const { gateway, time } = simulator();
    gateway.startOutage(60 * SECOND);
    await expect(gateway.fetch(http(create()))).rejects.toBeInstanceOf(AnswerLost);
    await time.pass(60 * SECOND);
    gateway.startOutage(60 * SECOND, 503);
    expect((await gateway.fetch(http(create()))).status).toBe(503);
    await time.pass(60 * SECOND);
    expect(await charge(gateway)).toMatchObject({ status: "process" });
    expect(gateway.payments()).toHaveLength(1);
  });
});

describe("callbacks", () => {
  test("check_url is called before the gateway acts, result_url after the outcome", async () => {
    const time = virtualTime();
    const paymentCounts: number[] = [];
    const merchant = shop(time, () => {
      paymentCounts.push(gateway.payments().length);
      return Response.json({ status: "ok" });
    });
    const { gateway } = simulator({ fetch: merchant.fetch }, time);
    await charge(gateway, { profile: "later-5", urls: URLS });
    await time.pass(10 * SECOND);
    await gateway.idle();
    expect(paymentCounts).toEqual([0, 1]);
    expect(merchant.received.map((one) => one.url)).toEqual([URLS.check_url, URLS.result_url]);
    expect(merchant.received[1]?.at).toBe(time.now() - 5 * SECOND);
    expect(Object.fromEntries(new URLSearchParams(merchant.received[1]?.body))).toMatchObject({
      pg_payment_id: "1000000001",
      pg_order_id: "1234",
      pg_result: "1",
      pg_can_reject: "1",
      pg_amount: "100",
      pg_currency: "KZT",
    });
  });

  const noAnswer = (): Promise<Response> => new Promise(() => undefined);
  const rejected = (): Response => Response.json({ status: "rejected" });
  const signedXml = (): Response => new Response(signedAnswer("rejected", URLS.check_url));
  const connectionError = (): Promise<Response> => Promise.reject(new TypeError("refused"));

  test.each<[NonNullable<SimulatorOptions["check"]>, string, () => Response | Promise<Response>, boolean]>([
    ["respect", "rejected", rejected, true],
    ["respect", "rejected in the older API's XML", signedXml, true],
    ["respect", "no answer", noAnswer, false],
    ["respect", "a broken connection", connectionError, false],
    ["respect", "a 500", () => new Response("rejected", { status: 500 }), false],
    ["strict", "no answer", noAnswer, true],
    ["strict", "something unreadable", () => new Response("fine"), true],
    ["strict", "ok", () => Response.json({ status: "ok" }), false],
    ["ignore", "rejected", rejected, false],
  ])("check %s: %s declines it or not", async (check, _, answers, declines) => {
    const time = virtualTime();
    const merchant = shop(time, (received) => (received.url === URLS.check_url ? answers() : new Response("")));
    const { gateway } = simulator({ fetch: merchant.fetch, check }, time);
    const answer = charge(gateway, { urls: URLS });
    await time.until(() => merchant.received.length > 0);
    await time.pass(11 * SECOND);
    expect(await answer).toMatchObject(declines ? { status: "error", error: { code: "10021" } } : { status: "process" });
    expect(gateway.totalsOf("1234").taken).toBe(declines ? 0 : 10_000);
  });

  test("a result is repeated until HTTP 200, and form repeats differ in salt and signature", async () => {
    const time = virtualTime();
    const merchant = shop(time, (_, nth) => new Response("", { status: nth < 3 ? 503 : 200 }));
    const { gateway } = simulator({ fetch: merchant.fetch, callbackRepeats: [SECOND, 5 * SECOND, 5 * SECOND] }, time);
    await charge(gateway, { urls: { result_url: URLS.result_url } });
    await time.pass(60 * SECOND);
    expect(merchant.received).toHaveLength(3);
    const fields = merchant.received.map((one) => new URLSearchParams(one.body));
    expect(new Set(fields.map((field) => field.get("pg_sig"))).size).toBe(3);
    expect(fields.map((field) => field.get("pg_order_id"))).toEqual(["1234", "1234", "1234"]);
  });

  test("a result is sent at most five times", async () => {
    const time = virtualTime();
    const merchant = shop(time, () => Promise.reject(new TypeError("refused")));
    const { gateway } = simulator({ fetch: merchant.fetch }, time);
    await charge(gateway, { urls: { result_url: URLS.result_url } });
    await time.pass(600 * SECOND);
    await gateway.idle();
    expect(merchant.received).toHaveLength(5);
  });

  test("a repeated create leads to no second check and no second result", async () => {
    const time = virtualTime();
    const merchant = shop(time);
    const { gateway } = simulator({ fetch: merchant.fetch }, time);
    const request = create({ urls: URLS });
    await send(gateway, request);
    await send(gateway, request);
    await time.pass(60 * SECOND);
    expect(merchant.received).toHaveLength(2);
  });

  test("close drops pending callbacks, and late answers are sent immediately", async () => {
    const { gateway, time } = simulator();
    const late = charge(gateway, { profile: "late-3600.callbacks-late-3600", urls: { result_url: URLS.result_url } });
    await time.until(() => gateway.payments().length === 1);
    await time.pass(SECOND);
    gateway.close();
    expect(await late).toMatchObject({ status: "process" });
    await gateway.idle();
    expect(gateway.log.entries.some((entry) => entry.what === "callback")).toBe(false);
  });
});

describe("the ledger", () => {
  test("a refund in the cabinet shows in the ledger and in a read", async () => {
    const { gateway, time } = simulator();
    await charge(gateway);
    expect(gateway.inCabinet("refund", "1234", 2500)).toHaveProperty("rowId");
    await time.pass(10 * SECOND);
    expect(gateway.ledger().map((entry) => [entry.kind, entry.minor])).toEqual([
      ["taken", 10_000],
      ["refunded", 2500],
    ]);
    expect(await send(gateway, readPayment("1000000001"))).toMatchObject({ refund_payments: [{ amount: -25, status: "success" }] });
    expect(await send(gateway, refund("1000000001", 75.01))).toMatchObject({ error: { code: "11018" } });
  });

  test("a thousand creates at once under one order_id are one payment", async () => {
    const { gateway } = simulator();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => charge(gateway)));
    expect(new Set(answers.map((answer) => answer["id"])).size).toBe(1);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, payments: 1 });
  });
});

test("with the platform's clock and timers, a thousand times as fast", async ({ onTestFinished }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const gateway = createSimulator({ merchantId: MERCHANT, secretKeys: [SECRET], speed: 1000 });
  const answered = vi.fn<(answer: unknown) => void>();
  void charge(gateway, { profile: "late-30" }).then(answered);
  await vi.advanceTimersByTimeAsync(29);
  expect(answered).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce());
  expect(answered.mock.calls[0]?.[0]).toMatchObject({ status: "process" });
});
