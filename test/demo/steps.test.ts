import { expect, test } from "vitest";
import type { Exchange } from "../../demo/exchange.ts";
import { stepEventsOf } from "../../demo/page/steps.ts";

const EXCHANGE: Exchange = {
  at: "2026-11-22T10:00:00.000Z",
  from: "browser",
  to: "edge",
  method: "GET",
  path: "/v1/charges/A-000001",
  headers: [],
  body: "",
  answer: null,
  milliseconds: 250,
  aborted: false,
};

const ACTION = (name: string): Partial<Exchange> => ({ from: "edge", to: "gateway", method: "POST", headers: [["x-action", name]] });
const ANSWER = (body: unknown): Partial<Exchange> => ({ answer: { status: 200, headers: [], body: JSON.stringify(body) } });

test.each<[string, Partial<Exchange>, readonly string[]]>([
  ["the shop's token", { to: "shop", method: "POST", path: "/orders/A-000001/token" }, ["token"]],
  ["a new order", { to: "shop", method: "POST", path: "/orders" }, []],
  ["a click that is not answered yet", { method: "POST", path: "/v1/charges" }, ["charge"]],
  ["a click and its answer", { method: "POST", path: "/v1/charges", ...ANSWER({ status: "succeeded" }) }, ["charge", "state"]],
  ["the create", ACTION("gateway.payment.create"), ["signed"]],
  ["the create of a page", { from: "edge", to: "gateway", method: "POST", path: "/init_payment.php" }, ["signed"]],
  ["the create of a saved card", { from: "edge", to: "gateway", method: "POST", path: "/make_recurring_payment.php" }, ["signed"]],
  ["a read by number", { from: "edge", to: "gateway", method: "POST", path: "/get_status3.php" }, ["read"]],
  ["a visit to the payment page", { to: "gateway", path: "/pay.html?customer=1" }, ["page"]],
  ["the return from it", { to: "shop", path: "/?order=A-000001&freedom_pay_return=1" }, ["returned"]],
  ["a read of the payment", ACTION("gateway.payment.status"), ["read"]],
  ["a callback", { from: "gateway", to: "edge", method: "POST" }, ["callback"]],
  ["a notification", { from: "edge", to: "shop", method: "POST", path: "/notifications" }, ["notified"]],
  ["an answer with a status", ANSWER({ status: "processing" }), ["state"]],
  ["an order that is ready to be paid", ANSWER({ status: "ready" }), []],
  ["a refusal, whose status is a number", ANSWER({ status: 409 }), []],
  ["an answer that is not JSON", { answer: { status: 200, headers: [], body: "<html>" } }, []],
  ["the shop's own read", { from: "shop", to: "edge", ...ANSWER({ status: "succeeded" }) }, []],
])("%s has its steps", (_what, changes, steps) => {
  expect(stepEventsOf({ ...EXCHANGE, ...changes }).map(({ step }) => step)).toEqual(steps);
});

test("a click has the time of the request, its state the time of the answer", () => {
  const click = { ...EXCHANGE, method: "POST", path: "/v1/charges", ...ANSWER({ status: "succeeded" }) };
  const began = Date.parse(EXCHANGE.at);
  expect(stepEventsOf(click).map(({ at }) => at - began)).toEqual([0, 250]);
});
