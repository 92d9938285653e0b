import * as v from "valibot";

/** The statuses of a charge. */
export const chargeStatus = v.picklist(
  ["ready", "closed", "processing", "unconfirmed", "authorized", "succeeded", "failed", "reversed", "refunded"],
  "is not a status of a charge",
);

/** The status of a charge. See the table of statuses in edge/README.md. */
export type ChargeStatus = v.InferOutput<typeof chargeStatus>;
