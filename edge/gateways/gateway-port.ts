/** The gateway as the runner's port: an unsigned call of either API in, a classified outcome out. */
import { MINUTE } from "../../src/lib/time.ts";
import { requestId } from "../../src/request-id.ts";
import type { GatewayCall, GatewayOutcome } from "../machine/gateway-call.ts";
import { isMerchantCall } from "../machine/gateway-call.ts";
import { isKeyRefusal } from "../machine/pending-call.ts";
import type { Settings } from "../settings.ts";
import { asyncSender } from "./async.ts";
import { merchantSender } from "./merchant.ts";

/** Sends calls to the merchant's gateway. */
export interface GatewayPort {
  /** Signs with one of the keys and sends. Never rejects because of the gateway or the network. */
  send<Answer>(call: GatewayCall<Answer>, key: number): Promise<GatewayOutcome<Answer>>;
  /**
   * Sends a read. If the gateway refuses the first key, sends it once more with the other key under a fresh id, because a read changes
   * nothing.
   */
  read<Answer>(call: GatewayCall<Answer>): Promise<GatewayOutcome<Answer>>;
}

/** The settings of the port. */
export type GatewaySettings = Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys"> & Partial<Pick<Settings, "merchantApiPaths">>;

/** Milliseconds. A longer Retry-After is cut to this, because a wrong one would stop all reads. */
const MAX_PAUSE = 10 * MINUTE;

/**
 * The gateway of a deployment.
 *
 * After a 429 with a Retry-After no read is sent before that time: it ends at once as `rate_limited` (RFC 9110 §10.2.3). Creates and edits
 * wait by M5.
 *
 * @param now milliseconds; a test sets the clock with it
 */
export function gatewayPort(settings: GatewaySettings, now: () => number = () => Date.now()): GatewayPort {
  const sendAsync = asyncSender(settings);
  const sendMerchant = merchantSender(settings);
  let pausedUntil = Number.NEGATIVE_INFINITY;
  const send: GatewayPort["send"] = async (call, key) => {
    const outcome = isMerchantCall(call) ? await sendMerchant(call, key) : await sendAsync(call, key);
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
      const refused = outcome.kind === "refused" && isKeyRefusal(outcome);
      return refused && settings.gatewayKeys.length > 1 ? send({ ...call, requestId: requestId() }, 1) : outcome;
    },
  };
}
