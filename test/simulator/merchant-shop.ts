/** A shop of the Merchant API: the core's client, and a server that answers notifications with the core. */

import type { UnsignedMerchantCall } from "../../src/merchant-api/calls.ts";
import * as calls from "../../src/merchant-api/calls.ts";
import { callMerchantGateway, createMerchantGateway } from "../../src/merchant-api/client.ts";
import { answerNotification } from "../../src/merchant-api/notification-answer.ts";
import type { UnverifiedNotification, VerifiedNotification } from "../../src/merchant-api/notification.ts";
import { readNotification } from "../../src/merchant-api/notification.ts";
import type { MerchantOutcome } from "../../src/merchant-api/outcome.ts";
import type { MerchantPaymentState } from "../../src/merchant-api/payment-status.ts";
import { paymentStateOf } from "../../src/merchant-api/payment-status.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { freshId, MERCHANT, SECOND, SECRET } from "./gateway-calls.ts";
import type { VirtualTime } from "./virtual-time.ts";

export const GATEWAY = createMerchantGateway({ url: "http://127.0.0.1:8080", merchantId: MERCHANT, secretKey: SECRET });
export const TICKET = "1234.nonce.mac";
export const URLS = { check_url: `https://shop.example/check/${TICKET}`, result_url: `https://shop.example/result/${TICKET}` };

export const call = <Answer>(gateway: Simulator, one: UnsignedMerchantCall<Answer>, client = GATEWAY): Promise<MerchantOutcome<Answer>> =>
  callMerchantGateway(client, one, { fetch: gateway.fetch });

/** The state of the order's payment, as the core reads it. */
export async function stateOf(gateway: Simulator, orderId = "1234"): Promise<MerchantPaymentState> {
  const outcome = await call(gateway, calls.getStatus({ order_id: orderId }, freshId()));
  if (outcome.kind !== "answered") throw new Error(`It is ${JSON.stringify(outcome)}`);
  return paymentStateOf(outcome.answer, { autoClearing: true });
}

type Notification = VerifiedNotification | UnverifiedNotification;
type Status = Parameters<typeof answerNotification>[0];

/** A merchant's server that reads notifications with the core, and answers them. Without a status it answers 503. */
export function shopServer(answers: (kind: "check" | "result", nth: number) => Status | null): {
  readonly fetch: typeof fetch;
  readonly received: readonly { readonly kind: string; readonly notification: Notification; readonly text: string }[];
} {
  const received: { readonly kind: string; readonly notification: Notification; readonly text: string }[] = [];
  return {
    received,
    fetch: async (input, init) => {
      const request = new Request(String(input), init);
      const kind = request.url.includes("/check/") ? "check" : "result";
      const text = init?.body === null ? request.url : String(init?.body);
      received.push({ kind, notification: await readNotification(request, { kind, secretKeys: [SECRET] }), text });
      const status = answers(kind, received.length);
      return status === null ? new Response("", { status: 503 }) : answerNotification(status, { script: TICKET, secretKey: SECRET });
    },
  };
}

/** Lets the clock go on until every notification is answered. */
export async function settle(gateway: Simulator, time: VirtualTime): Promise<void> {
  await time.pass(10 * SECOND);
  await gateway.idle();
}
