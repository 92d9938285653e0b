/** Calls by the runtime's own fetch to a gateway on loopback, which verifies every signature: scripts/runtimes/loopback-gateway.ts. */
import { equal, matches, ok, thrownBy } from "./assert.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

/** The gateway has the same key. */
const SECRET = "test-secret-of-the-merchant";

/** How a call of each order ends. The order_id says what the gateway does. */
const ENDS: readonly (readonly [orderId: string, end: Readonly<Record<string, unknown>>])[] = [
  ["оплачен", { kind: "answered", httpStatus: 200, answer: { id: "77", order_id: "оплачен", status: "success", amount: 100 } }],
  ["gzip", { kind: "answered", answer: { id: "77", order_id: "gzip", status: "success", amount: 100 } }],
  ["redirect", { kind: "unknown", reason: "redirect" }],
  ["redirect-307", { kind: "unknown", reason: "redirect" }],
  ["reset", { kind: "unknown", reason: "network", httpStatus: null }],
  ["half", { kind: "unknown", reason: "network", httpStatus: 200 }],
  ["limited", { kind: "unknown", reason: "rate_limited", httpStatus: 429, retryAfter: 7 }],
  ["page", { kind: "unknown", reason: "not_json", httpStatus: 403 }],
];

/** The cases for a gateway at this address. */
export function networkCases({ main, merchant }: Subject, url: string): readonly Case[] {
  const { buildRequest, callGateway, createGateway, paymentStatus, requestId, send } = main;
  const options = { url, merchantId: "123456", secretKey: SECRET };
  const gateway = createGateway(options);
  const call = (orderId: string): ReturnType<typeof paymentStatus> => paymentStatus({ order_id: orderId }, requestId());
  return [
    ...forEach(
      ENDS,
      (orderId) => `over the network a call ends as it should: ${orderId}`,
      async (orderId, end) => matches(await callGateway(await gateway, call(orderId)), end, "the outcome"),
    ),
    {
      name: "over the network no redirect was followed",
      run: async () => matches(await callGateway(await gateway, call("moved")), { answer: { id: "77", amount: 0 } }),
    },
    {
      name: "over the network the headers arrive as they were built",
      run: async () => {
        const made = call("headers");
        const outcome = await callGateway(await gateway, made);
        const headers = `POST application/json application/json gateway.payment.status ${made.requestId}`;
        matches(outcome, { answer: { id: "77", status: "success", currency: headers } });
      },
    },
    {
      name: "over the network a wrong key is refused, and a port without a gateway is no answer",
      run: async () => {
        const other = await createGateway({ ...options, secretKey: "test-other" });
        matches(await callGateway(other, call("gzip")), { kind: "refused", httpStatus: 401, code: "1100" });
        const nobody = await createGateway({ ...options, url: "http://127.0.0.1:1" });
        matches(await callGateway(nobody, call("gzip")), { kind: "unknown", reason: "network", httpStatus: null });
      },
    },
    {
      name: "over the network a silent gateway ends at the time limit, before and after its status line",
      run: async () => {
        const timeout = 300;
        matches(await callGateway(await gateway, call("silent"), { timeout }), { kind: "unknown", reason: "timeout", httpStatus: null });
        matches(await callGateway(await gateway, call("stalled"), { timeout }), { kind: "unknown", reason: "timeout", httpStatus: 200 });
        const response = await send(await buildRequest(await gateway, call("stalled")), { timeout });
        ok((await thrownBy(() => response.text())) !== undefined, "the body of send has no time limit");
      },
    },
    {
      name: "over the network a caller's signal ends a call",
      run: async () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 100);
        matches(await callGateway(await gateway, call("silent"), { signal: controller.signal }), { kind: "unknown", reason: "aborted" });
      },
    },
    {
      name: "over the network the Merchant API's form is verified, and so is its answer",
      run: async () => {
        const made = merchant.createMerchantGateway(options);
        const status = merchant.getStatus({ order_id: "заказ & 1" }, requestId());
        const outcome = await merchant.callMerchantGateway(made, status);
        ok(outcome.kind === "answered", `the outcome is ${JSON.stringify(outcome)}`);
        if (outcome.kind === "answered") equal([outcome.answer.paymentId, outcome.answer.amount], ["902", "20"]);
        const other = merchant.createMerchantGateway({ ...options, secretKey: "test-other" });
        matches(await merchant.callMerchantGateway(other, status), { kind: "refused", code: "9998", isNotIdentified: true });
      },
    },
  ];
}
