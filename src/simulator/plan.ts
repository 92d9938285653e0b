/** What is to become of a payment, said before it exists: in milliseconds after it is accepted. */

import type { EditKind, Effect, Shows, Step } from "./timeline.ts";

/** One planned step. */
export interface PlannedStep {
  /** Milliseconds after the payment was accepted. */
  readonly after: number;
  /** `pays`: takes the money, or holds it when `auto_clearing` is false. `holds`: holds it in any case. */
  readonly does: "waits" | "pays" | "holds" | "declines";
  /** The status word, where it is not the usual one of the deed. */
  readonly status?: string;
  /** With `declines`: the error code (default 10007). */
  readonly code?: string;
}

/**
 * How a callback is written.
 *
 * - `form`: POST, form fields. `get`: GET, the same fields in the query.
 * - `xml`: POST, one form field `pg_xml`. `xml-raw`: the same, not percent-encoded. `xml-body`: the body is the XML.
 * - `json`: POST, the members of a read.
 */
export type CallbackFormat = "form" | "get" | "xml" | "xml-raw" | "xml-body" | "json";

/** How the callbacks of a payment go. */
export interface PlannedCallbacks {
  /** How many result callbacks are made (default 1; repeats for want of an HTTP 200 not counted). */
  readonly results?: number;
  /** Milliseconds between the outcome and the first of them. */
  readonly after?: number;
  /** One more result callback, right after the payment was accepted and before its outcome can be read. */
  readonly early?: boolean;
  /** One more result callback that lies: the other outcome, a payment id that does not exist, a wrong signature. */
  readonly forged?: boolean;
  /** How they are written (default: as the simulator's option says). */
  readonly format?: CallbackFormat;
  /** Members that the gateway has nothing to say about are there and empty, the currency among them. */
  readonly blanks?: boolean;
  /** `pg_can_reject` (default true): a result that is answered `rejected` makes the gateway give the money back. */
  readonly canReject?: boolean;
  /** The check: no answer, or one that cannot be read, declines the payment too. */
  readonly strictCheck?: boolean;
}

/** The plan of one payment. */
export interface Plan {
  /** Ascending; the first one at 0. */
  readonly steps: readonly PlannedStep[];
  /** Minor units that are taken on top of what was asked for. */
  readonly takesMore?: number;
  readonly shows?: Shows;
  /** How long clearing, reverse and refund stay `process` (ms, else the model's own), and how they end. */
  readonly edits?: { readonly settleAfter?: number; readonly end?: "success" | "error" };
  readonly callbacks?: PlannedCallbacks;
  /** What somebody does by hand in the merchant's cabinet, milliseconds after the payment was accepted. */
  readonly cabinet?: readonly { readonly after: number; readonly kind: EditKind; readonly minor: number | "all" }[];
}

/** Accepted as `process`, paid before anything else can be asked: the plan of a profile that says nothing. */
export const PAYS_AT_ONCE: Plan = { steps: [{ after: 0, does: "pays" }] };

const DEEDS: Readonly<Record<PlannedStep["does"], (autoClearing: boolean) => { readonly status: string; readonly effect: Effect }>> = {
  waits: () => ({ status: "process", effect: "none" }),
  pays: (autoClearing) => (autoClearing ? { status: "success", effect: "takes" } : { status: "approved", effect: "holds" }),
  holds: () => ({ status: "approved", effect: "holds" }),
  declines: () => ({ status: "error", effect: "none" }),
};

/**
 * The plan's steps on the calendar.
 *
 * @param plan - the plan.
 * @param acceptedAt - when the payment is accepted, epoch ms.
 * @param autoClearing - the create's own `auto_clearing`.
 */
export function stepsOf(plan: Plan, acceptedAt: number, autoClearing: boolean): readonly Step[] {
  return plan.steps.map((step) => {
    const usual = DEEDS[step.does](autoClearing);
    return {
      at: acceptedAt + step.after,
      status: step.status ?? usual.status,
      effect: usual.effect,
      code: step.does === "declines" ? (step.code ?? "10007") : null,
    };
  });
}

/**
 * When the plan's outcome is there, in milliseconds after the payment was accepted; null when it never is.
 *
 * @param plan - the plan.
 */
export function endsAfter(plan: Plan): number | null {
  return plan.steps.find((step) => step.does !== "waits")?.after ?? null;
}
