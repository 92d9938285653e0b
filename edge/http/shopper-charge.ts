/** The charge of a shopper's click. */
import type { Charge, OpenedChargeToken } from "../../src/charge-token.ts";
import type { Settings } from "../settings.ts";
import { clientAddress, whyUnknown } from "./client-address.ts";
import { Refused } from "./problem.ts";

/** What a click says. */
export interface ShopperCharge {
  readonly charge: Charge;
  /** `iat` of the token, in seconds. */
  readonly issuedAt: number;
  readonly userIp: string;
}

/**
 * The charge comes from the verified token. Only the client IP comes from the request.
 *
 * @throws Refused body_invalid, not_configured
 */
export function shopperCharge(
  request: Request,
  { clientIpHeader }: Pick<Settings, "clientIpHeader">,
  { charge, issuedAt }: OpenedChargeToken,
  body: Uint8Array,
): ShopperCharge {
  if (body.byteLength > 0) throw new Refused("body_invalid", { detail: "With a charge token this call must have no body" });
  const userIp = clientAddress(request, clientIpHeader);
  if (userIp === null) throw new Refused("not_configured", { settings: ["CLIENT_IP_HEADER"], detail: whyUnknown(request, clientIpHeader) });
  return { charge, issuedAt, userIp };
}
