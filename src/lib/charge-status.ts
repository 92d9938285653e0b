import * as v from "valibot";

/** The statuses that a charge can have. */
export const chargeStatus = v.picklist(
  ["ready", "closed", "processing", "unconfirmed", "authorized", "succeeded", "failed", "reversed", "refunded"],
  "is not one that a charge can have",
);

/** What a charge can be in. See the table of statuses in edge/README.md. */
export type ChargeStatus = v.InferOutput<typeof chargeStatus>;
