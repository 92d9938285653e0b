import { describe, expect, test, vi } from "vitest";
import type { Exchange } from "../../demo/exchange.ts";
import { observedFetch, withoutSecrets } from "../../demo/exchange.ts";
import { createExchangeLog } from "../../demo/exchange-log.ts";

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZW1vIn0.test-secret-signature";

function exchange(parts: Partial<Exchange> = {}): Exchange {
  return {
    at: "2026-11-22T10:00:00.000Z",
    from: "edge",
    to: "gateway",
    method: "POST",
    path: "/v5/g2g/create",
    headers: [],
    body: "",
    answer: { status: 200, headers: [], body: "" },
    milliseconds: 1,
    aborted: false,
    ...parts,
  };
}

describe("an exchange that is shown", () => {
  test("contains no key, at any place", () => {
    const key = "test-secret-key";
    const exchanges = exchange({
      path: `/x?k=${key}`,
      headers: [["authorization", `Bearer ${key}`]],
      body: `{"k":"${key}"}`,
      answer: { status: 200, headers: [["x-echo", key]], body: key },
    });
    expect(JSON.stringify(withoutSecrets(exchanges, [key]))).not.toContain(key);
  });

  test("contains a charge token's payload, without its signature", () => {
    const [header] = withoutSecrets(exchange({ headers: [["authorization", `Bearer ${TOKEN}`]] })).headers;
    expect(header).toEqual(["authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZW1vIn0.(left out)"]);
  });

  test("contains no callback's ticket, in a path or in a body", () => {
    const path = "/v1/callbacks/check/A-123456.bm9uY2U.bWFj";
    const shown = withoutSecrets(exchange({ path, body: JSON.stringify({ check_url: `http://edge.example${path}` }) }));
    expect(shown.path).toBe("/v1/callbacks/check/A-123456.(left out)");
    expect(shown.body).toBe('{"check_url":"http://edge.example/v1/callbacks/check/A-123456.(left out)"}');
  });

  test("contains nothing by which somebody could pay on a page, or attach its card", () => {
    const page = "http://127.0.0.1:9000/pay.html?customer=17960.0123456789abcdef0123456789abcdef";
    const code = "Qm9iJ3MtY29kZS1vZi1yZXQ";
    const shown = withoutSecrets(
      exchange({
        path: new URL(page).pathname + new URL(page).search,
        headers: [["cookie", "session=0190fddd"]],
        body: "form=0123456789abcdef0123456789abcdef&step=pay",
        answer: {
          status: 200,
          headers: [["location", `https://shop.example/?order=A-123456&freedom_pay_return=${code}`]],
          body: `{"payment_page":{"url":"${page}"},"profile":{"return_code":"${code}"},"code": "${code}"} <input type="hidden" name="form" value="0123456789abcdef0123456789abcdef">`,
        },
      }),
    );
    expect(JSON.stringify(shown)).not.toMatch(/0123456789abcdef|Qm9i|session|0190fddd/);
    expect(shown.path).toBe("/pay.html?customer=(left out)");
  });

  test("shows why something was refused", () => {
    const body = '{"code":"idempotency_key_reused"}';
    expect(withoutSecrets(exchange({ body })).body).toBe(body);
  });

  test("leaves out transport headers", () => {
    const headers = [
      ["x-action", "gateway.payment.create"],
      ["user-agent", "x"],
      ["cf-connecting-ip", "127.0.0.1"],
    ] as const;
    expect(withoutSecrets(exchange({ headers })).headers).toEqual([["x-action", "gateway.payment.create"]]);
  });
});

describe("an observed fetch", () => {
  test("reports request and answer, and returns the answer", async () => {
    const exchanges: Exchange[] = [];
    const fetch = observedFetch(
      async () => Response.json({ id: "1" }, { status: 201 }),
      () => ({ from: "browser", to: "edge" }),
      (one) => exchanges.push(one),
    );
    const response = await fetch("https://edge.example/v1/charges?x=1", { method: "POST", body: "{}", headers: { "X-Test": "yes" } });
    expect(await response.json()).toEqual({ id: "1" });
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges).toMatchObject([
      { from: "browser", to: "edge", method: "POST", path: "/v1/charges?x=1", body: "{}", answer: { status: 201, body: '{"id":"1"}' } },
    ]);
    expect(exchanges[0]?.headers).toContainEqual(["x-test", "yes"]);
  });

  test("reports the beginning of a request and of its answer", async () => {
    const begun: Exchange[] = [];
    const fetch = observedFetch(
      async () => Response.json({ id: "1" }, { status: 201 }),
      () => ({ from: "browser", to: "edge" }),
      () => {},
      (one) => begun.push(one),
    );
    await fetch("https://edge.example/v1/charges", { method: "POST" });
    expect(begun).toMatchObject([{ answer: null }, { answer: { status: 201, body: "" } }]);
  });

  test("reports a missing answer, and fails with fetch's error", async () => {
    const exchanges: Exchange[] = [];
    const lost = new TypeError("fetch failed");
    const fetch = observedFetch(
      () => Promise.reject(lost),
      () => ({ from: "edge", to: "gateway" }),
      (one) => exchanges.push(one),
    );
    await expect(fetch("https://gateway.example/v5/g2g/create")).rejects.toBe(lost);
    expect(exchanges).toMatchObject([{ answer: null, aborted: false }]);
  });

  test("reports an aborted request", async () => {
    const exchanges: Exchange[] = [];
    const fetch = observedFetch(
      () => Promise.reject(new DOMException("", "AbortError")),
      () => ({ from: "browser", to: "edge" }),
      (one) => exchanges.push(one),
    );
    await expect(fetch("https://edge.example/", { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(exchanges).toMatchObject([{ answer: null, aborted: true }]);
  });
});

describe("the exchange log", () => {
  function exchanges(orderId: string, exchanges: readonly Exchange[]): Exchange[] {
    const log = createExchangeLog([]);
    const received: Exchange[] = [];
    for (const one of exchanges) log.add(one);
    log.follow(orderId, (one) => received.push(one), new AbortController().signal);
    return received;
  }

  const create = exchange({
    headers: [["x-request-id", "request-1"]],
    body: '{"order_id":"A-111111"}',
    answer: { status: 200, headers: [], body: '{"id":"77"}' },
  });

  test("assigns a read of a payment to the order of its create", () => {
    const read = exchange({ path: "/v5/g2g/read", body: '{"id":"77"}' });
    const foreign = exchange({ path: "/v5/g2g/read", body: '{"id":"78"}' });
    expect(exchanges("A-111111", [create, read, foreign])).toHaveLength(2);
  });

  test("assigns a read of a lost call to the order of that call's X-Request-Id", () => {
    const question = exchange({ path: "/v5/g2g/read", body: '{"id":"request-1"}' });
    expect(exchanges("A-111111", [{ ...create, answer: null }, question])).toHaveLength(2);
  });

  test("assigns a try on a payment page, and a read of its payment, to the order of the page", () => {
    const path = "/pay.html?customer=77.abc";
    const visit = exchange({ from: "browser", method: "GET", path, answer: { status: 200, headers: [], body: "<dd>A-111111</dd>" } });
    const pay = exchange({ from: "browser", path, body: "step=pay" });
    const opened = exchange({
      body: "pg_order_id=A-111111",
      answer: { status: 200, headers: [], body: "<pg_payment_id>77</pg_payment_id>" },
    });
    const read = exchange({ path: "/get_status3.php", body: "pg_payment_id=77&pg_salt=x" });
    expect(exchanges("A-111111", [visit, pay, opened, read])).toHaveLength(4);
  });

  test("separates orders", () => {
    expect(exchanges("A-222222", [create])).toEqual([]);
  });

  test("reports later exchanges until the signal aborts", () => {
    const log = createExchangeLog([]);
    const received: Exchange[] = [];
    const stop = new AbortController();
    log.follow("A-111111", (one) => received.push(one), stop.signal);
    log.add(create);
    stop.abort();
    log.add(create);
    expect(received).toHaveLength(1);
  });
});
