/** Which API charges a stored card: the setting PROFILE_API. */
import type { Api } from "./record.ts";

/** A profile of the Merchant API: its number, or the number bound to a user (P9). A profile of v5 is a UUID. */
const MERCHANT_PROFILE = /^\d+(\.[A-Za-z0-9_-]{16})?$/;

/** The API that charges a profile. */
export function apiOfProfile(setting: Api | "auto", profileId: string): Api {
  if (setting !== "auto") return setting;
  return MERCHANT_PROFILE.test(profileId) ? "merchant" : "async";
}
