/** What the simulation has to know of a call, by whichever API it goes. */
import type { GatewayCall } from "../../edge/machine/gateway-call.ts";
import { isMerchantCall } from "../../edge/machine/gateway-call.ts";
import type { Api } from "../../edge/machine/record.ts";
import type { CallKind } from "./scenario.ts";

const KINDS: Readonly<Record<string, CallKind>> = {
  "gateway.payment.create": "create",
  "gateway.payment.status": "payment_status",
  "gateway.request.status": "request_status",
  makeRecurringPayment: "create",
  getStatus: "payment_status",
  initPayment: "page",
  listCards: "cards",
};

/** The kind of a call. */
export function kindOf({ action }: GatewayCall<unknown>): CallKind {
  return KINDS[action.name] ?? "edit";
}

/** The API that a call goes by. */
export function apiOf(call: GatewayCall<unknown>): Api {
  return isMerchantCall(call) ? "merchant" : "async";
}

/** The payment and the order that a call names. */
export function namesOf(call: GatewayCall<unknown>): { readonly id: string | null; readonly orderId: string | null } {
  if (isMerchantCall(call)) {
    const form = new URLSearchParams(call.body);
    return { id: form.get("pg_payment_id"), orderId: form.get("pg_order_id") };
  }
  const { id = null, order_id: orderId = null } = JSON.parse(call.body) as { readonly id?: string; readonly order_id?: string };
  return { id, orderId };
}

/** The profile as the gateway knows it: without the part that binds it to a user (P9). */
export function profileAtGateway(profileId: string): string {
  return /^\d+\./.test(profileId) ? (profileId.split(".")[0] ?? profileId) : profileId;
}
