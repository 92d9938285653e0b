/** The gateway as the runner's port: an unsigned call in, a classified outcome out. The keys do not leave this module. */
import type { Gateway } from "../../src/gateway.ts";
import { callGateway, createGateway } from "../../src/gateway.ts";
import { MINUTE } from "../../src/lib/time.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import { requestId } from "../../src/request-id.ts";
import type { Settings } from "../settings.ts";
import { isSignatureRefusal } from "../machine/pending-call.ts";

/** Sends calls to the merchant's gateway. */
export interface GatewayPort {
  /** Signs with one of the keys and sends. Never rejects because of the gateway or the network. */
  send<Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>>;
  /**
   * Sends a read. If the gateway refuses the first key, sends it once more with the other key under a fresh id, because a read changes
   * nothing.
   */
  read<Answer>(call: UnsignedCall<Answer>): Promise<Outcome<Answer>>;
}

/** Milliseconds. A longer Retry-After is cut to this, because a wrong one would stop all reads. */
const MAX_PAUSE = 10 * MINUTE;

/**
 * The gateway of a deployment.
 *
 * A key is imported with the first call that needs it. After a 429 with a Retry-After no read is sent before that time: it ends at once as
 * `rate_limited` (RFC 9110 §10.2.3). Creates and edits wait by M5.
 *
 * @param now milliseconds; a test sets the clock with it
 */
export function gatewayPort(
  settings: Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys">,
  now: () => number = () => Date.now(),
): GatewayPort {
  const { gatewayUrl: url, merchantId, gatewayKeys } = settings;
  const gateways = new Map<number, Promise<Gateway>>();
  let pausedUntil = Number.NEGATIVE_INFINITY;
  const gatewayOf = (key: number): Promise<Gateway> => {
    const secretKey = gatewayKeys[key] ?? gatewayKeys[0];
    const gateway = gateways.get(key) ?? createGateway({ url, merchantId, secretKey });
    gateways.set(key, gateway);
    // A failed import is not cached, so the next call tries again.
    gateway.catch(() => gateways.delete(key));
    return gateway;
  };
  const send: GatewayPort["send"] = async (call, key) => {
    const outcome = await callGateway(await gatewayOf(key), call);
    if (outcome.kind === "unknown" && outcome.reason === "rate_limited" && outcome.retryAfter !== null)
      pausedUntil = Math.max(pausedUntil, now() + Math.min(outcome.retryAfter * 1000, MAX_PAUSE));
    return outcome;
  };
  return {
    send,
    async read(call) {
      const pause = pausedUntil - now();
      if (pause > 0) return { kind: "unknown", reason: "rate_limited", httpStatus: null, retryAfter: Math.ceil(pause / 1000) };
      const outcome = await send(call, 0);
      const refused = outcome.kind === "refused" && isSignatureRefusal({ how: "refused", ...outcome });
      return refused && gatewayKeys.length > 1 ? send({ ...call, requestId: requestId() }, 1) : outcome;
    },
  };
}
