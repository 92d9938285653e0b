/** What words can ask for, and the prefixes that say which call a fault strikes. */

import type { Fault } from "./fault.ts";
import type { PlannedCallbacks, PlannedStep } from "./plan.ts";
import type { Shows } from "./timeline.ts";

/** Which calls of an order a fault strikes. `nth` counts from 1; null: every one. */
export interface Strike {
  readonly on: "create" | "payment_status" | "request_status" | "edit";
  readonly nth: number | null;
  readonly fault: Fault;
}

/** What one word, or all words of an id together, ask for. Times in seconds, as written. */
export interface Script {
  /** Seconds of `process` before the outcome. */
  readonly later?: number;
  /** The outcome; without one the payment pays. */
  readonly outcome?: readonly PlannedStep[];
  readonly takesMore?: number;
  readonly shows?: Shows;
  readonly strikes?: readonly Strike[];
  /** Seconds that a read of the payment or of a request lags behind. */
  readonly lag?: number;
  /** One read, the second after the outcome, shows how it began. */
  readonly backwards?: boolean;
  /** A payment that was there before, so many days old. */
  readonly old?: { readonly days: number; readonly does: "pays" | "declines" };
  readonly callbacks?: PlannedCallbacks;
  readonly edits?: { readonly settleAfter?: number; readonly end?: "success" | "error" };
  /** Seconds after the payment was accepted. */
  readonly refundInCabinet?: number;
}

/** One row of the table. */
export interface Word {
  /** How it is written; `N` and `CODE` stand for digits, brackets for what may be left out. */
  readonly form: string;
  readonly about: "outcome" | "answers" | "fault" | "reads" | "edits" | "callbacks";
  /** What it does, for a reader. */
  readonly meaning: string;
  /** Words of this form, as they can be used. */
  readonly examples: readonly string[];
  readonly pattern: RegExp;
  /** What it asks for; for a fault, of the call that it strikes. */
  readonly script: (argument: string) => Script | { readonly fault: Fault };
}

/** What stands before a fault's word, and which calls of the order it then strikes. */
export const PREFIXES: readonly {
  readonly prefix: string;
  readonly on: Strike["on"];
  readonly nth: number | null;
  readonly meaning: string;
}[] = [
  { prefix: "", on: "create", nth: 1, meaning: "the first create of the order_id; what is sent again is answered" },
  { prefix: "resend-", on: "create", nth: 2, meaning: "the second create of the order_id" },
  { prefix: "every-", on: "create", nth: null, meaning: "every create of the order_id" },
  { prefix: "read-", on: "payment_status", nth: 1, meaning: "the first gateway.payment.status" },
  { prefix: "reads-", on: "payment_status", nth: null, meaning: "every gateway.payment.status" },
  { prefix: "request-", on: "request_status", nth: 1, meaning: "the first gateway.request.status" },
  { prefix: "requests-", on: "request_status", nth: null, meaning: "every gateway.request.status" },
  { prefix: "edit-", on: "edit", nth: 1, meaning: "the first clearing, reverse or refund" },
  { prefix: "edits-", on: "edit", nth: null, meaning: "every clearing, reverse and refund" },
];
