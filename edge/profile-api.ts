/** Which API charges a profile: the setting PROFILE_API. */
import type { Api } from "./machine/record.ts";

/** The values of PROFILE_API. */
export const PROFILE_APIS = ["auto", "async", "merchant"] as const;

/** The setting PROFILE_API. */
export type ProfileApi = (typeof PROFILE_APIS)[number];

/** A profile of the Merchant API: its number, or the number bound to a user (P9). A profile of v5 is a UUID. */
export const MERCHANT_PROFILE: RegExp = /^\d+(\.[A-Za-z0-9_-]{16})?$/;

/** A profile whose number the Merchant API can take: ids have at most 20 digits (src/merchant-api/calls.ts). */
export const CHARGEABLE_PROFILE: RegExp = /^\d{1,20}(\.[A-Za-z0-9_-]{16})?$/;

/** The API that charges a profile. */
export function apiOfProfile(setting: ProfileApi, profileId: string): Api {
  if (setting !== "auto") return setting;
  return MERCHANT_PROFILE.test(profileId) ? "merchant" : "async";
}
