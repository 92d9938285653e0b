/** The gateway as the runner sees it: an unsigned call in, a classified outcome out. Signing and its keys stay in here. */
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
  /** Signs with one of the keys and sends. Never rejects for what the gateway or the network did. */
  send<Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>>;
  /** Sends a read, and once more with the other key, under a fresh id, where the first is refused: a read changes nothing. */
  read<Answer>(call: UnsignedCall<Answer>): Promise<Outcome<Answer>>;
}

/** Milliseconds: a Retry-After that says more than this is not believed to the end, or a slip of the gateway's would blind us. */
const MAX_PAUSE = 10 * MINUTE;

/**
 * The gateway of a deployment. Keys are imported with the first call that needs them. Once it answered 429 with a Retry-After, no read
 * leaves before that: it ends at once as the same "too many calls" (RFC 9110 §10.2.3). What is to be sent waits for it by M5.
 *
 * @param now milliseconds; the clock of a test
 */
export function gatewayPort(
  settings: Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys">,
  now: () => number = () => Date.now(),
): GatewayPort {
  const { gatewayUrl: url, merchantId, gatewayKeys } = settings;
  const gateways = new Map<number, Promise<Gateway>>();
  let quietUntil = Number.NEGATIVE_INFINITY;
  const gatewayOf = (key: number): Promise<Gateway> => {
    const secretKey = gatewayKeys[key] ?? gatewayKeys[0];
    const gateway = gateways.get(key) ?? createGateway({ url, merchantId, secretKey });
    gateways.set(key, gateway);
    // A rejection is not kept: the next call tries again.
    gateway.catch(() => gateways.delete(key));
    return gateway;
  };
  const send: GatewayPort["send"] = async (call, key) => {
    const outcome = await callGateway(await gatewayOf(key), call);
    if (outcome.kind === "unknown" && outcome.reason === "rate_limited" && outcome.retryAfter !== null)
      quietUntil = Math.max(quietUntil, now() + Math.min(outcome.retryAfter * 1000, MAX_PAUSE));
    return outcome;
  };
  return {
    send,
    async read(call) {
      const pause = quietUntil - now();
      if (pause > 0) return { kind: "unknown", reason: "rate_limited", httpStatus: null, retryAfter: Math.ceil(pause / 1000) };
      const outcome = await send(call, 0);
      const refused = outcome.kind === "refused" && isSignatureRefusal({ how: "refused", ...outcome });
      return refused && gatewayKeys.length > 1 ? send({ ...call, requestId: requestId() }, 1) : outcome;
    },
  };
}
