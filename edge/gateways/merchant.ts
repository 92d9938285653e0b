/** Calls of the Merchant API. The keys do not leave this module. */
import type { UnsignedMerchantCall } from "../../src/merchant-api/calls.ts";
import { callMerchantGateway, createMerchantGateway } from "../../src/merchant-api/client.ts";
import type { MerchantOutcome } from "../../src/merchant-api/outcome.ts";
import type { GatewayOutcome } from "../machine/gateway-call.ts";
import type { Settings } from "../settings.ts";

/** Signs with one of the keys and sends. */
type MerchantSender = <Answer>(call: UnsignedMerchantCall<Answer>, key: number) => Promise<GatewayOutcome<Answer>>;

/** The sender of a deployment. */
export function merchantSender(
  settings: Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys"> & Partial<Pick<Settings, "merchantApiPaths">>,
): MerchantSender {
  const { gatewayUrl: url, merchantId, gatewayKeys, merchantApiPaths: paths } = settings;
  return async (call, key) => {
    const secretKey = gatewayKeys[key] ?? gatewayKeys[0];
    return gatewayOutcome(await callMerchantGateway(createMerchantGateway({ url, merchantId, secretKey, paths }), call));
  };
}

/**
 * The outcome as the machine may use it. An unsigned error counts in two cases alone: the gateway did not identify the merchant, or does
 * not know the payment (contract, "Status": signed or not). Any other unsigned error could be anybody's, so it is unknown.
 */
export function gatewayOutcome<Answer>(outcome: MerchantOutcome<Answer>): GatewayOutcome<Answer> {
  if (outcome.kind !== "refused" || outcome.isSigned || outcome.isNotIdentified || outcome.category === "not_found") return outcome;
  return { kind: "unknown", reason: "unverified", httpStatus: outcome.httpStatus, retryAfter: null };
}
