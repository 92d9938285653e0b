/** Calls of v5. The keys do not leave this module. */
import type { Gateway } from "../../src/gateway.ts";
import { callGateway, createGateway } from "../../src/gateway.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import type { Settings } from "../settings.ts";

/** Signs with one of the keys and sends. */
type AsyncSender = <Answer>(call: UnsignedCall<Answer>, key: number) => Promise<Outcome<Answer>>;

/** The sender of a deployment. A key is imported with the first call that needs it. */
export function asyncSender(settings: Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys">): AsyncSender {
  const { gatewayUrl: url, merchantId, gatewayKeys } = settings;
  const gateways = new Map<number, Promise<Gateway>>();
  const gatewayOf = (key: number): Promise<Gateway> => {
    const secretKey = gatewayKeys[key] ?? gatewayKeys[0];
    const gateway = gateways.get(key) ?? createGateway({ url, merchantId, secretKey });
    gateways.set(key, gateway);
    // A failed import is not cached, so the next call tries again.
    gateway.catch(() => gateways.delete(key));
    return gateway;
  };
  return async (call, key) => callGateway(await gatewayOf(key), call);
}
