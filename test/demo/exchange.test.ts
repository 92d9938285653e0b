import { describe, expect, test, vi } from "vitest";
import type { Exchange } from "../../demo/exchange.ts";
import { observed, withoutSecrets } from "../../demo/exchange.ts";
import { createJournal } from "../../demo/journal.ts";

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
    givenUp: false,
    ...parts,
  };
}

describe("what is shown of an exchange", () => {
  test("holds no key, wherever it stood", () => {
    const key = "test-secret-key";
    const told = exchange({
      path: `/x?k=${key}`,
      headers: [["authorization", `Bearer ${key}`]],
      body: `{"k":"${key}"}`,
      answer: { status: 200, headers: [["x-echo", key]], body: key },
    });
    expect(JSON.stringify(withoutSecrets(told, [key]))).not.toContain(key);
  });

  test("holds what a charge token says, and not the signature that makes it one", () => {
    const [header] = withoutSecrets(exchange({ headers: [["authorization", `Bearer ${TOKEN}`]] })).headers;
    expect(header).toEqual(["authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZW1vIn0.(left out)"]);
  });

  test("holds no callback's ticket, in a path or in a body", () => {
    const path = "/v1/callbacks/check/A-123456.bm9uY2U.bWFj";
    const shown = withoutSecrets(exchange({ path, body: JSON.stringify({ check_url: `http://edge.example${path}` }) }));
    expect(shown.path).toBe("/v1/callbacks/check/A-123456.(left out)");
    expect(shown.body).toBe('{"check_url":"http://edge.example/v1/callbacks/check/A-123456.(left out)"}');
  });

  test("leaves out headers that are only about transport", () => {
    const headers = [
      ["x-action", "gateway.payment.create"],
      ["user-agent", "x"],
      ["cf-connecting-ip", "127.0.0.1"],
    ] as const;
    expect(withoutSecrets(exchange({ headers })).headers).toEqual([["x-action", "gateway.payment.create"]]);
  });
});

describe("an observed fetch", () => {
  test("tells what was asked and answered, and passes the answer on", async () => {
    const told: Exchange[] = [];
    const fetch = observed(
      async () => Response.json({ id: "1" }, { status: 201 }),
      () => ({ from: "browser", to: "edge" }),
      (one) => told.push(one),
    );
    const response = await fetch("https://edge.example/v1/charges?x=1", { method: "POST", body: "{}", headers: { "X-Test": "yes" } });
    expect(await response.json()).toEqual({ id: "1" });
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told).toMatchObject([
      { from: "browser", to: "edge", method: "POST", path: "/v1/charges?x=1", body: "{}", answer: { status: 201, body: '{"id":"1"}' } },
    ]);
    expect(told[0]?.headers).toContainEqual(["x-test", "yes"]);
  });

  test("tells that no answer came, and fails as fetch did", async () => {
    const told: Exchange[] = [];
    const lost = new TypeError("fetch failed");
    const fetch = observed(
      () => Promise.reject(lost),
      () => ({ from: "edge", to: "gateway" }),
      (one) => told.push(one),
    );
    await expect(fetch("https://gateway.example/v5/g2g/create")).rejects.toBe(lost);
    expect(told).toMatchObject([{ answer: null, givenUp: false }]);
  });

  test("tells it when whoever asked gave the request up", async () => {
    const told: Exchange[] = [];
    const fetch = observed(
      () => Promise.reject(new DOMException("", "AbortError")),
      () => ({ from: "browser", to: "edge" }),
      (one) => told.push(one),
    );
    await expect(fetch("https://edge.example/", { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(told).toMatchObject([{ answer: null, givenUp: true }]);
  });
});

describe("the journal", () => {
  function told(orderId: string, exchanges: readonly Exchange[]): Exchange[] {
    const journal = createJournal([]);
    const heard: Exchange[] = [];
    for (const one of exchanges) journal.add(one);
    journal.follow(orderId, (one) => heard.push(one), new AbortController().signal);
    return heard;
  }

  const create = exchange({
    headers: [["x-request-id", "request-1"]],
    body: '{"order_id":"A-111111"}',
    answer: { status: 200, headers: [], body: '{"id":"77"}' },
  });

  test("knows a read of a payment by the create that made it", () => {
    const read = exchange({ path: "/v5/g2g/read", body: '{"id":"77"}' });
    const foreign = exchange({ path: "/v5/g2g/read", body: '{"id":"78"}' });
    expect(told("A-111111", [create, read, foreign])).toHaveLength(2);
  });

  test("knows a question about a lost call by that call's X-Request-Id", () => {
    const question = exchange({ path: "/v5/g2g/read", body: '{"id":"request-1"}' });
    expect(told("A-111111", [{ ...create, answer: null }, question])).toHaveLength(2);
  });

  test("keeps orders apart", () => {
    expect(told("A-222222", [create])).toEqual([]);
  });

  test("tells what comes later, until it is told to stop", () => {
    const journal = createJournal([]);
    const heard: Exchange[] = [];
    const stop = new AbortController();
    journal.follow("A-111111", (one) => heard.push(one), stop.signal);
    journal.add(create);
    stop.abort();
    journal.add(create);
    expect(heard).toHaveLength(1);
  });
});
