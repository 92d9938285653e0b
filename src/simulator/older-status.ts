/**
 * The status in its older form, `get_status2.php`: `pg_transaction_status` with fewer statuses, and no rows of refunds. Its statuses are those
 * that third parties read; no page of the contract has them.
 */

import type { Members } from "./merchant-answers.ts";
import { statusMembers } from "./merchant-answers.ts";
import type { AnswerShape, Payment, PaymentMoment } from "./timeline.ts";

/** By `pg_payment_status`. Another one is not decided. */
const OLDER: ReadonlyMap<string, string> = new Map([
  ["new", "partial"],
  ["success", "ok"],
  ["error", "failed"],
  ["canceled", "revoked"],
  ["refunded", "refunded"],
  ["incomplete", "incomplete"],
]);

type StatusForm = (payment: Payment, moment: PaymentMoment, shows: AnswerShape) => Members;

const olderMembers: StatusForm = (payment, moment, shows) => {
  const { pg_payment_status: status, pg_refund_payments: _, ...rest } = statusMembers(payment, moment, shows);
  return { ...rest, pg_transaction_status: OLDER.get(String(status)) ?? "pending" };
};

/** The form of an answer at a script: `get_status3`, with or without `.php`, or an older one. */
export function statusForm(script: string): StatusForm {
  return script.startsWith("get_status3") ? statusMembers : olderMembers;
}
