/** The notifications of a change. Their rows are stored with the change itself (M9). */
import type { ChargeStatus, NotificationType } from "../../src/edge-api.ts";
import type { ChargeRecord, OutboxRow } from "./record.ts";
import { chargeView, merchantChargeView } from "./view.ts";

const TYPE_OF_STATUS: Readonly<Partial<Record<ChargeStatus, NotificationType>>> = {
  authorized: "charge.authorized",
  succeeded: "charge.succeeded",
  failed: "charge.failed",
  unconfirmed: "charge.unconfirmed",
  reversed: "charge.reversed",
  refunded: "charge.refunded",
  closed: "charge.closed",
};

/** The notifications of a change, by comparing the charge's views before and after it. */
function notificationTypesOf(before: ChargeRecord, after: ChargeRecord): readonly NotificationType[] {
  const viewBefore = chargeView(before, null);
  const viewAfter = chargeView(after, null);
  const types: NotificationType[] = [];
  const typeOfStatus = TYPE_OF_STATUS[viewAfter.status];
  const isStatusNew = viewBefore.status !== viewAfter.status || (viewAfter.status === "failed" && viewBefore.attempt !== viewAfter.attempt);
  if (isStatusNew && viewAfter.status === "succeeded" && viewBefore.status === "authorized") types.push("charge.cleared");
  else if (isStatusNew && typeOfStatus !== undefined) types.push(typeOfStatus);
  else if (viewAfter.status === "succeeded" && viewAfter.cleared_amount !== viewBefore.cleared_amount) types.push("charge.cleared");
  if (viewAfter.refunded_amount !== viewBefore.refunded_amount && !types.includes("charge.refunded")) types.push("charge.refunded");
  if (merchantChargeView(before).profile === null && merchantChargeView(after).profile !== null) types.push("charge.profile_created");
  for (let count = before.attention.length; count < after.attention.length; count += 1) types.push("charge.attention");
  return types;
}

/**
 * The outbox rows of a change. The record's `sequence` grows by one with each. Each new attention has a row of its own, in which it is
 * the last of `attention`.
 */
export function outboxRows(before: ChargeRecord, after: ChargeRecord, now: number): readonly OutboxRow[] {
  let count = before.attention.length;
  return notificationTypesOf(before, after).map((type) => {
    after.sequence += 1;
    if (type === "charge.attention") count += 1;
    const as = { ...after, attention: after.attention.slice(0, count) };
    return { sequence: after.sequence, type, at: now, data: JSON.stringify(merchantChargeView(as)) };
  });
}
