/** What keywords can set, and the prefixes that choose the call of a fault. */

import type { Fault } from "./fault.ts";
import type { PlannedCallbacks, PlannedPage, PlannedProfile, PlannedStep } from "./plan.ts";
import type { AnswerShape } from "./timeline.ts";

/** A fault and the calls of an order that get it. `nth` counts from 1; null: every call. */
export interface FaultRule {
  readonly on: "create" | "payment_status" | "request_status" | "edit";
  readonly nth: number | null;
  readonly fault: Fault;
}

/** What one keyword, or all keywords of an id together, set. Times are in seconds. */
export interface Script {
  /** Seconds of `process` before the outcome. */
  readonly later?: number;
  /** The status in those seconds, where it is another one. */
  readonly laterStatus?: string;
  /** The outcome; without one the payment pays. */
  readonly outcome?: readonly PlannedStep[];
  readonly takesMore?: number;
  readonly shows?: AnswerShape;
  readonly faultRules?: readonly FaultRule[];
  /** A read of the payment or of a request shows the state of so many seconds ago. */
  readonly lag?: number;
  /** The second read after the outcome shows the first status. */
  readonly backwards?: boolean;
  /** An earlier payment, so many days old. */
  readonly old?: { readonly days: number; readonly does: "pays" | "declines" };
  readonly callbacks?: PlannedCallbacks;
  readonly page?: PlannedPage;
  readonly profile?: PlannedProfile;
  readonly edits?: { readonly settleAfter?: number; readonly end?: "success" | "error" };
  /** Somebody refunds the payment in the cabinet so many seconds after it was accepted. */
  readonly refundInCabinet?: number;
}

/** One keyword: a row of the table. */
export interface Keyword {
  /** Its syntax: `N` and `CODE` are digits, brackets are optional. */
  readonly form: string;
  readonly about: "outcome" | "answers" | "fault" | "reads" | "edits" | "callbacks" | "page";
  /** Its description. */
  readonly meaning: string;
  /** Valid keywords of this form. */
  readonly examples: readonly string[];
  readonly pattern: RegExp;
  /** What it sets. The prefix says which call gets a fault. */
  readonly script: (argument: string) => Script | { readonly fault: Fault };
}

/** The prefixes of a fault's keyword, and the calls of the order that then get the fault. */
export const PREFIXES: readonly {
  readonly prefix: string;
  readonly on: FaultRule["on"];
  readonly nth: number | null;
  readonly meaning: string;
}[] = [
  { prefix: "", on: "create", nth: 1, meaning: "the first create of the order_id; a resend is answered" },
  { prefix: "resend-", on: "create", nth: 2, meaning: "the second create of the order_id" },
  { prefix: "every-", on: "create", nth: null, meaning: "every create of the order_id" },
  { prefix: "read-", on: "payment_status", nth: 1, meaning: "the first gateway.payment.status" },
  { prefix: "reads-", on: "payment_status", nth: null, meaning: "every gateway.payment.status" },
  { prefix: "request-", on: "request_status", nth: 1, meaning: "the first gateway.request.status" },
  { prefix: "requests-", on: "request_status", nth: null, meaning: "every gateway.request.status" },
  { prefix: "edit-", on: "edit", nth: 1, meaning: "the first clearing, reverse or refund" },
  { prefix: "edits-", on: "edit", nth: null, meaning: "every clearing, reverse and refund" },
];
