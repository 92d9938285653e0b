/** The API that a charge goes by, and whether its profile is one that this API, and this user, can use (P9). */
import type { Charge } from "../../src/charge-token.ts";
import { openProfile } from "../../src/merchant-api/bound-profile.ts";
import type { Api } from "../machine/record.ts";
import type { Settings } from "../settings.ts";
import type { Caller } from "./access.ts";
import { apiOfProfile } from "../machine/api-choice.ts";
import { Refused } from "./problem.ts";

/** A profile whose number the Merchant API can take: ids have at most 20 digits (src/merchant-api/calls.ts). */
const CHARGEABLE_PROFILE = /^\d{1,20}(\.[A-Za-z0-9_-]{16})?$/;

/**
 * The API that charges a profile. A profile that this API or this user cannot use is refused, and nothing is sent.
 *
 * @throws Refused token_invalid for a shopper, body_invalid for the merchant's server
 */
export async function apiToCharge(
  { profileApi, callbackKeys }: Pick<Settings, "profileApi" | "callbackKeys">,
  charge: Pick<Charge, "profile_id" | "user_id">,
  caller: Caller["who"],
): Promise<Api> {
  const { profile_id, user_id } = charge;
  // Only the Merchant API has payment pages.
  if (profile_id === undefined) return "merchant";
  const api = apiOfProfile(profileApi, profile_id);
  const why = api === "async" ? null : await whyNotChargeable(profile_id, user_id, callbackKeys);
  if (why !== null) throw new Refused(caller === "merchant" ? "body_invalid" : "token_invalid", { detail: why });
  return api;
}

/** Why the Merchant API cannot charge a profile for this user; null if it can. The text names no value. */
async function whyNotChargeable(profile_id: string, user_id: string, callbackKeys: readonly string[]): Promise<string | null> {
  if (!CHARGEABLE_PROFILE.test(profile_id)) return "profile_id must be the number of a Merchant API profile, of at most 20 digits";
  return (await openProfile(profile_id, user_id, callbackKeys)) === null ? "profile_id is not a profile of this user_id" : null;
}
