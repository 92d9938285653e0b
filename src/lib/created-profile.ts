/** The profile that a payment page made, as the merchant sees it: a part of src/edge-api.ts. */
import * as v from "valibot";
import type { Output } from "./entries.ts";

const createdProfileEntries = {
  /** For a token's `profile_id`. Only its user can be charged by it. */
  profile_id: v.string(),
  /** ISO 8601 in UTC; null if the gateway does not say it. */
  expires_at: v.nullable(v.string()),
  card: v.object({ brand: v.nullable(v.string()), last4: v.nullable(v.string()) }),
  /** What the shopper's browser brings back as `freedom_pay_return`. Attach the card to an account only on a request that has both. */
  return_code: v.nullable(v.string()),
};

/** The profile that a payment page made. */
export interface CreatedProfile extends Output<typeof createdProfileEntries> {}

export const createdProfile: v.GenericSchema<CreatedProfile> = v.object(createdProfileEntries);
