/**
 * One payment's life as a list of instants. Everything that happens to a payment is written down with its time,
 * also what will happen later; {@link paymentAt} folds the list up to any instant. So a read that lags is the same
 * fold at an earlier instant, and the ground truth at any time needs no clock.
 */

/** What a step of a payment's life does with the payer's money. */
export type Effect = "none" | "holds" | "takes";

/** From `at` (epoch ms) on the gateway shows `status`. */
export interface Step {
  readonly at: number;
  readonly status: string;
  readonly effect: Effect;
  /** The error code shown with this step, if any. */
  readonly code: string | null;
}

/** The three edits of a payment (Async API, "edit"). */
export type EditKind = "clearing" | "reverse" | "refund";

/** One clearing, reverse or refund that the gateway accepted. */
export interface Edit {
  /** The row's id, as `refund_payments[].id` shows it. */
  readonly id: string;
  readonly kind: EditKind;
  /** Minor units, positive. */
  readonly minor: number;
  /** When it was accepted, epoch ms. */
  readonly at: number;
  /** When the row stops being `process`, epoch ms. */
  readonly settlesAt: number;
  readonly end: "success" | "error";
  /** `cabinet`: by hand in the merchant's cabinet. `rejection`: the merchant's server answered `rejected` to a result. */
  readonly by: "api" | "cabinet" | "rejection";
}

/** How a payment's answers differ from the plain ones. All of these shapes are in the contract or could be met. */
export interface Shows {
  /** This status word instead of the true one. */
  readonly status?: string;
  /** `text`: amounts as strings (seen in the samples). `wrong`: one major unit more than the truth. */
  readonly amount?: "text" | "wrong";
  /** Payment ids as JSON numbers. */
  readonly id?: "number";
  /** A read gives id, order_id, status and amount only: "any member may be missing". */
  readonly sparse?: boolean;
  /** A read gives every member that the contract names, and a currency; without it those of the official samples. */
  readonly full?: boolean;
}

/** A payment as the gateway knows it. Amounts are integers in minor units (2 digits in every currency in use). */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  /** What is held or taken: the amount asked for, except where a plan says otherwise. */
  readonly minor: number;
  readonly currency: string;
  readonly description: string;
  readonly userId: string;
  readonly autoClearing: boolean;
  /** The profile that was charged, or that this payment began. */
  readonly profileId: string | null;
  readonly profileExpiryDate: string | null;
  /** Whether this payment began the profile: then a read names it, because nothing else does. */
  readonly beganProfile: boolean;
  /** The token of a saved card. */
  readonly cardToken: string | null;
  readonly brand: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly steps: readonly Step[];
  /** How long after the hold the gateway clears by itself, ms. */
  readonly holdsFor: number;
  readonly shows: Shows;
  /** How long an edit stays `process`, ms, and how it ends. */
  readonly settlesAfter: number;
  readonly editsEnd: "success" | "error";
  /** In the order of acceptance; grows. */
  readonly edits: Edit[];
}

/** One row of `refund_payments` or `reverse_payments`. */
export interface Row {
  readonly id: string;
  readonly minor: number;
  readonly status: "process" | "success" | "error";
}

/** A payment at one instant. Amounts in minor units. */
export interface PaymentMoment {
  readonly status: string;
  readonly code: string | null;
  /** On hold now. */
  readonly held: number;
  /** Taken so far; refunds do not lower it. */
  readonly taken: number;
  /** Refunds that are not `error`, those under way included. */
  readonly refundsAccepted: number;
  /** Refunds that are done. */
  readonly refunded: number;
  readonly refunds: readonly Row[];
  readonly reverses: readonly Row[];
}

const STRENGTH: Readonly<Record<Effect, number>> = { none: 0, holds: 1, takes: 2 };

function rowAt(edit: Edit, at: number): Row {
  return { id: edit.id, minor: edit.minor, status: at < edit.settlesAt ? "process" : edit.end };
}

function sum(rows: readonly Row[], counts: (row: Row) => boolean): number {
  return rows.reduce((total, row) => (counts(row) ? total + row.minor : total), 0);
}

/** What became of a hold: the step's own word until something was done with it. */
function holdAt(payment: Payment, since: number, shown: string, at: number): { status: string; held: number; taken: number } {
  const edits = payment.edits.filter((edit) => edit.kind !== "refund" && edit.at <= at);
  const last = edits.at(-1);
  const ended = edits.find((edit) => edit.end === "success");
  if (ended !== undefined && at >= ended.settlesAt) {
    return ended.kind === "clearing" ? { status: "success", held: 0, taken: ended.minor } : { status: "reversed", held: 0, taken: 0 };
  }
  if (ended === undefined && at >= since + payment.holdsFor) {
    return { status: "success", held: 0, taken: payment.minor };
  }
  const clearing = last !== undefined && last.kind === "clearing" && at < last.settlesAt;
  return { status: clearing ? "process_clearing" : shown, held: payment.minor, taken: 0 };
}

/**
 * The payment as it is at an instant.
 *
 * @param payment - the payment with its whole timeline.
 * @param at - epoch ms.
 * @returns null before the payment exists.
 */
export function paymentAt(payment: Payment, at: number): PaymentMoment | null {
  const passed = payment.steps.filter((step) => step.at <= at);
  const step = passed.at(-1);
  if (step === undefined || at < payment.createdAt) {
    return null;
  }
  // Money never flows back because a status word does: the strongest effect so far counts.
  const money = passed.reduce((best, next) => (STRENGTH[next.effect] > STRENGTH[best.effect] ? next : best), step);
  const hold = money.effect === "holds" ? holdAt(payment, money.at, step.status, at) : null;
  const refunds = payment.edits.filter((edit) => edit.kind === "refund" && edit.at <= at).map((edit) => rowAt(edit, at));
  const reverses = payment.edits.filter((edit) => edit.kind === "reverse" && edit.at <= at).map((edit) => rowAt(edit, at));
  return {
    status: hold?.status ?? step.status,
    code: step.code,
    held: hold?.held ?? 0,
    taken: hold?.taken ?? (money.effect === "takes" ? payment.minor : 0),
    refundsAccepted: sum(refunds, (row) => row.status !== "error"),
    refunded: sum(refunds, (row) => row.status === "success"),
    refunds,
    reverses,
  };
}

/**
 * Every instant at which something about the payment changes, ascending, without repeats (epoch ms).
 *
 * @param payment - the payment with its whole timeline.
 */
export function instantsOf(payment: Payment): readonly number[] {
  const instants = new Set<number>();
  for (const step of payment.steps) {
    instants.add(step.at);
    if (step.effect === "holds") {
      instants.add(step.at + payment.holdsFor);
    }
  }
  for (const edit of payment.edits) {
    instants.add(edit.at);
    instants.add(edit.settlesAt);
  }
  return [...instants].sort((one, other) => one - other);
}
