/**
 * What must be so after every step of a history, whatever happens in it: the invariants, judged by the gateway's own books and by the
 * rules' words, not by what the edge believes.
 */
import type { ModelState, Payment, TruePayment } from "../../src/simulator/index.ts";
import { payments } from "../../src/simulator/index.ts";
import type { Attempt, ChargeRecord } from "../../edge/record.ts";
import { watchAskings } from "./oracle-askings.ts";
import { watchMoney } from "./oracle-money.ts";
import { watchRecord } from "./oracle-record.ts";
import { watchRules } from "./oracle-rules.ts";
import type { Edge } from "./edge.ts";
import type { Happening } from "./happening.ts";
import type { SimulatedObject } from "./object.ts";
import type { Scenario } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** What is watched, and what one may hold against it. */
export interface Watched {
  readonly schedule: Schedule;
  readonly model: ModelState;
  readonly scenario: Scenario;
  readonly edge: Edge;
  readonly object: SimulatedObject;
  /** Ids of payments that were there before the order: none of its own. */
  readonly oldIds: ReadonlySet<string>;
  /** When something last cost time: a call that was struck, an outage, an eviction, a clock that was set. True time. */
  disturbedAt(): number;
  /** The most by which the edge's clock was ever set, ms; 0: never. */
  slip(): number;
  /** When everything begins to be read once more in calm. */
  lastReadAt(): number;
  /** Whether an older state was ever put back. */
  wasRestored(): boolean;
  /**
   * Whether an older state was put back that knows nothing of a bare refusal after it. A refusal moves the gateway order_id on and
   * leaves no payment behind, so what was paid under the next one is not found by the reads before a later attempt (rule 3).
   */
  hasGap(): boolean;
  /** Whether a read ever said `{}` though it was asked about a payment. */
  wasLiedTo(): boolean;
  /** Whether a read ever showed a wrong amount. */
  wasMisquoted(): boolean;
}

/** An invariant that does not hold. */
export interface Violation {
  /** `I1`, or the rule of "Never twice, never lost" whose words are broken. */
  readonly invariant: string;
  readonly text: string;
  /** True time, epoch ms. */
  readonly at: number;
}

/** One group of invariants. */
export interface Watch {
  hear?(happening: Happening): void;
  look?(record: ChargeRecord): void;
  /** At the end, after everything was read once more in calm. */
  conclude?(record: ChargeRecord): void;
}

/** Says that an invariant does not hold. */
export type Fail = (invariant: string, text: string) => void;

/** Watches a history. Keeps the first violation. */
export class Oracle {
  readonly #watched: Watched;
  readonly #watches: readonly Watch[];
  violation: Violation | null = null;
  #text: string | null = "never looked";
  #record: ChargeRecord;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#record = watched.object.record;
    const fail: Fail = (invariant, text) => {
      this.violation ??= { invariant, text, at: watched.schedule.now };
    };
    this.#watches = [watchMoney(watched, fail), watchAskings(watched, fail), watchRecord(watched, fail), watchRules(watched, fail)];
  }

  hear(happening: Happening): void {
    for (const watch of this.#watches) watch.hear?.(happening);
  }

  afterStep(): void {
    const record = this.#current();
    for (const watch of this.#watches) watch.look?.(record);
  }

  conclude(): void {
    const record = this.#current();
    for (const watch of this.#watches) watch.conclude?.(record);
  }

  #current(): ChargeRecord {
    const text = this.#watched.object.store.rows.record;
    if (text !== this.#text) {
      this.#text = text;
      this.#record = this.#watched.object.record;
    }
    return this.#record;
  }
}

/** The payments of the order itself, as they truly are now. */
export function ownPayments({ model, schedule, oldIds }: Watched): readonly TruePayment[] {
  return model.payments.size === 0 ? [] : payments(model, schedule.now).filter(({ paymentId }) => !oldIds.has(paymentId));
}

/**
 * Whether the amounts shown are an operator's word and the gateway's misquotes: after `resolve` the amounts of that payment are no
 * longer compared (rule 8), so a gateway that writes them wrong is believed; and an order that was put back to an older state knows
 * nothing of the attempt whose amount they are.
 */
export function isMisquoted(watched: Watched, attempt: Attempt | null): boolean {
  if (attempt?.adopted !== true && !watched.wasRestored()) return false;
  return watched.wasMisquoted() || watched.model.payments.get(attempt?.paymentId ?? "")?.shows.amount === "wrong";
}

/** Whether an attempt was given a payment of another amount by a misquote that nobody could tell: its books are not the gateway's. */
export function holdsAnothers(watched: Watched, attempt: Attempt | null): boolean {
  const payment = watched.model.payments.get(attempt?.paymentId ?? "");
  return watched.wasMisquoted() && payment !== undefined && attempt !== null && payment.minor !== attempt.terms.amount;
}

/** Since when a payment is known to have taken or held money, true time; null: not yet. A clearing or reverse makes it news again. */
export function moneySince(payment: Payment, now: number): number | null {
  const first = payment.steps.find(({ at, effect }) => effect !== "none" && at <= now)?.at ?? null;
  const settled = payment.edits.filter(({ kind, settlesAt }) => kind !== "refund" && settlesAt <= now).map(({ settlesAt }) => settlesAt);
  return first === null ? null : Math.max(first, ...settled);
}
