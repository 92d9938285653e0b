import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/simulator/index.ts";
import { readable } from "../../src/simulator/index.ts";
import { call, create, createBody, http, readOrder, SECOND, SECRET } from "./gateway-calls.ts";
import { ask, charge, simulator, URLS } from "./simulated-gateway.ts";

describe("the log", () => {
  test("has every request with its headers and body, every answer, every callback, in order", async () => {
    const { gateway, time } = simulator();
    await charge(gateway, { urls: URLS, profile: "card.lag-5" });
    await time.pass(SECOND);
    await ask(gateway, readOrder());
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
    expect(gateway.log.entries.at(-1)?.note).toBe("shows 5000 ms ago");
    expect(gateway.log.text()).toContain("2026-11-22T10:00:00.000Z #1 POST /v5/g2g/create gateway.payment.create");
    expect(readable(request as Entry)).toContain("    x-action: gateway.payment.create");
  });

  test("holds no key, no card number and no security code", async () => {
    const { gateway } = simulator();
    const card = { name: "CARD HOLDER", pan: "1234567890123456", cvc: "012", year: 30, month: 1 };
    await ask(gateway, call("gateway.payment.create", { ...createBody(), from: { type: "card", card } }));
    await ask(gateway, call("gateway.payment.create", { ...createBody({ orderId: "2" }), description: `my key is ${SECRET}` }));
    const number = JSON.stringify({ ...createBody({ orderId: "3" }), from: { type: "card", card: { pan: 1234567890123456, cvc: 12 } } });
    await ask(gateway, call("gateway.payment.create", number));
    const whole = gateway.log.text() + JSON.stringify(gateway.log.entries);
    for (const secret of [SECRET, "1234567890123456", '"012"', '"cvc":12']) {
      expect(whole).not.toContain(secret);
    }
    expect(whole).toContain("CARD HOLDER");
  });

  test("leaves out cookies and authorisations", async () => {
    const { gateway } = simulator();
    const request = http(create());
    request.headers.set("authorization", "Bearer something");
    await gateway.fetch(request);
    expect(gateway.log.text()).not.toContain("Bearer something");
  });

  test("keeps the last entries only, and tells a listener every one until it leaves", async () => {
    const { gateway } = simulator({ keeps: 3 });
    const told: number[] = [];
    const leave = gateway.onEntry((entry) => told.push(entry.number));
    await charge(gateway);
    await ask(gateway, readOrder());
    leave();
    await ask(gateway, readOrder());
    expect(told).toEqual([1, 2, 3, 4]);
    expect(gateway.log.entries.map((entry) => entry.number)).toEqual([4, 5, 6]);
  });

  test.each([
    ["lost-before", "did not act; answer lost"],
    ["lost-after", "answer lost"],
    ["accepted-late-20", "acts 20000 ms later; answer lost"],
    ["empty", "answer spoiled"],
    ["pays", null],
  ])("says what was done on purpose: %s", async (profile, note) => {
    const { gateway } = simulator();
    await gateway.fetch(http(create({ profile }))).catch(() => undefined);
    expect(gateway.log.entries.at(-1)).toMatchObject({ what: "answer", note });
  });

  test("says why a signature was refused", async () => {
    const { gateway } = simulator();
    await gateway.fetch(http(create(), "test-secret-another"));
    expect(gateway.log.entries.at(-1)?.note).toBe("signature refused: it was made with another key or over another body");
  });

  test("says that an answer is the original one again", async () => {
    const { gateway } = simulator();
    const asked = create();
    await ask(gateway, asked);
    await ask(gateway, asked);
    await charge(gateway);
    expect(gateway.log.entries.filter((entry) => entry.what === "answer").map((entry) => entry.note)).toEqual([
      null,
      "the same X-Request-Id: the original response",
      "the same order_id: the original response",
    ]);
  });
});
