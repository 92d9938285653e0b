/** The planned course of a payment. Times are milliseconds after the gateway accepts it. */

import type { EditKind, Effect, AnswerShape, Step } from "./timeline.ts";

/** One planned step. */
export interface PlannedStep {
  /** Milliseconds after the payment was accepted. */
  readonly after: number;
  /** `pays`: takes the money, or holds it when `auto_clearing` is false. `holds`: holds it in any case. */
  readonly does: "waits" | "pays" | "holds" | "declines";
  /** The status, where it is not the usual one. */
  readonly status?: string;
  /** With `declines`: the error code (default 10007). */
  readonly code?: string;
}

/**
 * The format of a callback.
 *
 * - `form`: POST, form fields. `get`: GET, the same fields in the query.
 * - `xml`: POST, one form field `pg_xml`. `xml-raw`: the same, not percent-encoded. `xml-body`: the body is the XML.
 * - `json`: POST, the members of a read.
 */
export type CallbackFormat = "form" | "get" | "xml" | "xml-raw" | "xml-body" | "json";

/** The callbacks of a payment. */
export interface PlannedCallbacks {
  /** Number of result callbacks (default 1), without the repeats after an answer other than HTTP 200. */
  readonly results?: number;
  /** Milliseconds between the outcome and the first of them. */
  readonly after?: number;
  /** One more result callback, immediately after the payment was accepted and before a read shows its outcome. */
  readonly early?: boolean;
  /** One more result callback that is forged: the opposite outcome, a payment id that does not exist, a wrong signature. */
  readonly forged?: boolean;
  /** Their format (default: the simulator's option). */
  readonly format?: CallbackFormat;
  /** Members without a value are sent empty, the currency included. */
  readonly blanks?: boolean;
  /** `pg_can_reject` (default true): the gateway returns the money when a result is answered `rejected`. */
  readonly canReject?: boolean;
  /** A missing or unreadable answer to the check also declines the payment. */
  readonly strictCheck?: boolean;
  /** Somebody who has seen a result sends it again, byte for byte. */
  readonly replayed?: boolean;
  /** The results name one unit of the currency more than was paid. */
  readonly wrongAmount?: boolean;
}

/** A payment page, and the tries on it. */
export interface PlannedPage {
  /** The address in the answer to init_payment: no page of the gateway, or none. */
  readonly address?: "foreign" | "none";
  /** Each try is a payment with an id of its own. Otherwise all have the page's. */
  readonly idPerTry?: boolean;
  /** A declined try ends the page. */
  readonly oneTry?: boolean;
  /** The first tries, so many, are declined whatever the plan says. */
  readonly declinesFirst?: number;
  /** A page that was paid can be paid once more: from a second tab. */
  readonly paysTwice?: boolean;
  /** A 3-D Secure step comes before the outcome. */
  readonly secure?: boolean;
  /** The browser returns to the shop so many milliseconds after the try. */
  readonly returnsAfter?: number;
  /** At the end of its life a page whose tries were declined is `incomplete`. Otherwise the last decline stays. */
  readonly endsIncomplete?: boolean;
}

/** The profile that a page creates, if the shop asked for one. */
export interface PlannedProfile {
  /** `list`: it is only in the list of cards. `none`: nowhere, as if recurrent payments were not enabled. */
  readonly shown?: "everywhere" | "list" | "none";
  /** The list has two rows for the card, with two profiles. */
  readonly rows?: 1 | 2;
  /** A second result names another profile. */
  readonly differs?: boolean;
  /** The result of a declined try names a profile too. */
  readonly ofDecline?: boolean;
  /** The result's field is `pg_recurring_profile`, not `pg_recurring_profile_id`. */
  readonly shortName?: boolean;
}

/** The plan of one payment. */
export interface Plan {
  /** Ascending; the first step is at 0. */
  readonly steps: readonly PlannedStep[];
  /** Minor units that are taken in addition to the requested amount. */
  readonly takesMore?: number;
  readonly shows?: AnswerShape;
  /** How long clearing, reverse and refund stay `process` (ms, else the model's own), and how they end. */
  readonly edits?: { readonly settleAfter?: number; readonly end?: "success" | "error" };
  readonly callbacks?: PlannedCallbacks;
  readonly page?: PlannedPage;
  readonly profile?: PlannedProfile;
  /** Operations by hand in the merchant's cabinet, milliseconds after the payment was accepted. */
  readonly cabinet?: readonly { readonly after: number; readonly kind: EditKind; readonly minor: number | "all" }[];
}

/** The payment is accepted as `process` and paid before the next call: the plan of a profile without keywords. */
export const PAYS_AT_ONCE: Plan = { steps: [{ after: 0, does: "pays" }] };

const STEP_EFFECTS: Readonly<Record<PlannedStep["does"], (autoClearing: boolean) => { readonly status: string; readonly effect: Effect }>> =
  {
    waits: () => ({ status: "process", effect: "none" }),
    pays: (autoClearing) => (autoClearing ? { status: "success", effect: "takes" } : { status: "approved", effect: "holds" }),
    holds: () => ({ status: "approved", effect: "holds" }),
    declines: () => ({ status: "error", effect: "none" }),
  };

/**
 * The plan's steps with their instants.
 *
 * @param plan - the plan.
 * @param acceptedAt - when the payment is accepted, epoch ms.
 * @param autoClearing - the create's own `auto_clearing`.
 */
export function stepsOf(plan: Plan, acceptedAt: number, autoClearing: boolean): readonly Step[] {
  return plan.steps.map((step) => {
    const usual = STEP_EFFECTS[step.does](autoClearing);
    return {
      at: acceptedAt + step.after,
      status: step.status ?? usual.status,
      effect: usual.effect,
      code: step.does === "declines" ? (step.code ?? "10007") : null,
    };
  });
}

/**
 * When the plan reaches its outcome, in milliseconds after the payment was accepted; null: never.
 *
 * @param plan - the plan.
 */
export function endsAfter(plan: Plan): number | null {
  return plan.steps.find((step) => step.does !== "waits")?.after ?? null;
}
