/**
 * The timeline of one payment: every event with its time, planned ones included. {@link paymentAt} folds the timeline up to
 * any instant. A read that lags is the same fold at an earlier instant, and the true state needs no clock.
 */

/** What a step does with the payer's money. */
export type Effect = "none" | "holds" | "takes";

/** From `at` (epoch ms) on the gateway shows `status`. */
export interface Step {
  readonly at: number;
  readonly status: string;
  readonly effect: Effect;
  /** The error code that the gateway shows with this step, if any. */
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
  /** `cabinet`: by hand in the merchant's cabinet. `rejection`: because the merchant's server answered a result `rejected`. */
  readonly by: "api" | "cabinet" | "rejection";
}

/** How the answers about a payment differ from the official samples. The contract has these shapes or allows them. */
export interface AnswerShape {
  /** This status instead of the true one. */
  readonly status?: string;
  /** `text`: amounts as strings (seen in the samples). `wrong`: one major unit more than the truth. */
  readonly amount?: "text" | "wrong";
  /** Payment ids as JSON numbers. */
  readonly id?: "number";
  /** A read has only id, order_id, status and amount: "any member may be missing". */
  readonly sparse?: boolean;
  /** Reads of the Merchant API: the sum of the refunds, and no rows. */
  readonly rows?: "sum";
  /** A read has every member that the contract names, and a currency. Otherwise it has those of the official samples. */
  readonly full?: boolean;
}

/** A payment in the gateway's records. Amounts are integers in minor units (2 digits in every currency in use). */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  /** The amount that is held or taken: the requested one, unless the plan adds to it. */
  readonly minor: number;
  readonly currency: string;
  readonly description: string;
  readonly userId: string;
  readonly autoClearing: boolean;
  /** The profile that was charged, or that this payment began. */
  readonly profileId: string | null;
  readonly profileExpiryDate: string | null;
  /** Whether this payment began the profile. Then a read names the profile, because no other answer does. */
  readonly beganProfile: boolean;
  /** The token of a saved card. */
  readonly cardToken: string | null;
  readonly brand: string;
  /** As the Merchant API shows the card, such as `4111-11XX-XXXX-1111`. */
  readonly cardMask: string;
  /** `pg_testing_mode`. */
  readonly isTest: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly steps: readonly Step[];
  /** How long after the hold the gateway clears automatically, ms. */
  readonly holdsFor: number;
  readonly shows: AnswerShape;
  /** How long an edit stays `process`, ms, and how it ends. */
  readonly settlesAfter: number;
  readonly editsEnd: "success" | "error";
  /** In the order of acceptance. */
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
  /** Taken until now; refunds do not lower it. */
  readonly taken: number;
  /** Refunds that are `process` or `success`. */
  readonly refundsAccepted: number;
  /** Refunds that are `success`. */
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

/** A hold at an instant: it shows the step's own status until a clearing or reverse. */
function holdAt(payment: Payment, since: number, stepStatus: string, at: number): { status: string; held: number; taken: number } {
  const edits = payment.edits.filter((edit) => edit.kind !== "refund" && edit.at <= at);
  const last = edits.at(-1);
  const done = edits.find((edit) => edit.end === "success");
  if (done !== undefined && at >= done.settlesAt) {
    return done.kind === "clearing" ? { status: "success", held: 0, taken: done.minor } : { status: "reversed", held: 0, taken: 0 };
  }
  if (done === undefined && at >= since + payment.holdsFor) {
    return { status: "success", held: 0, taken: payment.minor };
  }
  const clearing = last !== undefined && last.kind === "clearing" && at < last.settlesAt;
  return { status: clearing ? "process_clearing" : stepStatus, held: payment.minor, taken: 0 };
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
  // A status that goes backwards returns no money, so the strongest effect until now counts.
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
 * Every instant at which the payment changes, ascending, without repeats (epoch ms).
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
