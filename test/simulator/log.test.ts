import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/simulator/index.ts";
import { formatEntry } from "../../src/simulator/index.ts";
import { call, create, createBody, http, readOrder, SECOND, SECRET } from "./gateway-calls.ts";
import { send, charge, simulator, URLS } from "./simulated-gateway.ts";

describe("the log", () => {
  test("has every request with its headers and body, every answer, every callback, in order", async () => {
    const { gateway, time } = simulator();
    await charge(gateway, { urls: URLS, profile: "card.lag-5" });
    await time.pass(SECOND);
    await send(gateway, readOrder());
    expect(gateway.log.entries.map((entry) => entry.what)).toEqual([
      "request",
      "callback",
      "callback_answer",
      "answer",
      "callback",
      "callback_answer",
      "request",
      "answer",
    ]);
    const [request] = gateway.log.entries;
    expect(request).toMatchObject({ method: "POST", url: "/v5/g2g/create", title: "POST /v5/g2g/create gateway.payment.create" });
    expect(request?.headers["x-jws-signature"]).toMatch(/^[\w-]+\.\.[\w-]+$/);
    expect(gateway.log.entries.at(-1)?.note).toBe("shows the state of 5000 ms ago");
    expect(gateway.log.text()).toContain("2026-11-22T10:00:00.000Z #1 POST /v5/g2g/create gateway.payment.create");
    expect(formatEntry(request as Entry)).toContain("    x-action: gateway.payment.create");
  });

  test("holds no key, no card number and no security code", async () => {
    const { gateway } = simulator();
    const card = { name: "CARD HOLDER", pan: "1234567890123456", cvc: "012", year: 30, month: 1 };
    await send(gateway, call("gateway.payment.create", { ...createBody(), from: { type: "card", card } }));
    await send(gateway, call("gateway.payment.create", { ...createBody({ orderId: "2" }), description: `my key is ${SECRET}` }));
    const number = JSON.stringify({ ...createBody({ orderId: "3" }), from: { type: "card", card: { pan: 1234567890123456, cvc: 12 } } });
    await send(gateway, call("gateway.payment.create", number));
    const whole = gateway.log.text() + JSON.stringify(gateway.log.entries);
    for (const secret of [SECRET, "1234567890123456", '"012"', '"cvc":12']) {
      expect(whole).not.toContain(secret);
    }
    expect(whole).toContain("CARD HOLDER");
  });

  test("redacts cookies and authorisations", async () => {
    const { gateway } = simulator();
    const request = http(create());
    request.headers.set("authorization", "Bearer something");
    await gateway.fetch(request);
    expect(gateway.log.text()).not.toContain("Bearer something");
  });

  test("keeps only the newest entries, and calls a listener with every entry until it unsubscribes", async () => {
    const { gateway } = simulator({ maxLogEntries: 3 });
    const numbers: number[] = [];
    const unsubscribe = gateway.onEntry((entry) => numbers.push(entry.number));
    await charge(gateway);
    await send(gateway, readOrder());
    unsubscribe();
    await send(gateway, readOrder());
    expect(numbers).toEqual([1, 2, 3, 4]);
    expect(gateway.log.entries.map((entry) => entry.number)).toEqual([4, 5, 6]);
  });

  test.each([
    ["lost-before", "did not act; answer lost"],
    ["lost-after", "answer lost"],
    ["accepted-late-20", "acts 20000 ms later; answer lost"],
    ["empty", "faulty answer"],
    ["pays", null],
  ])("has a note of the fault: %s", async (profile, note) => {
    const { gateway } = simulator();
    await gateway.fetch(http(create({ profile }))).catch(() => undefined);
    expect(gateway.log.entries.at(-1)).toMatchObject({ what: "answer", note });
  });

  test("has a note of why a signature was refused", async () => {
    const { gateway } = simulator();
    await gateway.fetch(http(create(), "test-secret-another"));
    expect(gateway.log.entries.at(-1)?.note).toBe("signature refused: another key or another body was signed");
  });

  test("has a note of a repeated answer", async () => {
    const { gateway } = simulator();
    const request = create();
    await send(gateway, request);
    await send(gateway, request);
    await charge(gateway);
    expect(gateway.log.entries.filter((entry) => entry.what === "answer").map((entry) => entry.note)).toEqual([
      null,
      "repeated X-Request-Id: the original response",
      "repeated order_id: the original response",
    ]);
  });
});
