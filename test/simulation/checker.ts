/** What the checkers of the invariants share: the state that they read, and functions over the gateway's own books. */
import type { Payment, TruePayment } from "../../src/simulator/index.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Books } from "./books.ts";
import { profileAtGateway } from "./call-facts.ts";
import type { Modules } from "./edge-modules.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import type { RuleNumbers } from "./deployment-rules.ts";
import type { SimulationEvent } from "./simulation-event.ts";
import type { SimulatedObject } from "./object.ts";
import type { GatewayName, Scenario } from "./scenario.ts";
import { MINUTE } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** The state of a history that checkers read. */
export interface CheckContext {
  readonly schedule: Schedule;
  /** The books of the gateway and merchant that the order belongs to. The value changes when the order is stored under another home. */
  readonly books: Books;
  /** The connections to all gateways and merchants. Only the order's own may have payments of the order in its books. */
  readonly connections: Readonly<Record<GatewayName, GatewayConnection>>;
  readonly scenario: Scenario;
  /** The modules of the edge as it is deployed now. */
  readonly edge: Modules;
  readonly object: SimulatedObject;
  /** Whether the settings name another gateway or merchant than the order's own. */
  isAway(): boolean;
  /** The gateway and merchant that the settings name. */
  home(): Home;
  /** The edge's gateway keys, newest first. */
  keys(): readonly string[];
  /** The edge's RETENTION_DAYS. */
  retentionDays(): number;
  /** The constants of the rules as they are deployed now. */
  ruleNumbers(): RuleNumbers;
  /** Whether a deployment ever had other constants of the rules. */
  rulesChanged(): boolean;
  /** Payments for an order_id that has several: the gateway's replay had expired and the edge could not know (second-payments.ts). */
  secondPayments(): ReadonlySet<string>;
  /** Payments on pages that nothing could stop, among those that took money (page-payments.ts). */
  unstoppable(paid: readonly string[]): ReadonlySet<string>;
  /** Whether the edge could know a payment: a read of its number shows it, or something named it. */
  isKnowable(paymentId: string): boolean;
  /** Ids of payments that existed before the order. None of them belongs to it. */
  readonly oldIds: ReadonlySet<string>;
  /** The last time at which something delayed the edge: a call fault, an outage, an eviction, a clock step. True time. */
  lastDisturbance(): number;
  /** Whether the storage refuses commits now. */
  refusesCommit(): boolean;
  /** The largest offset that the edge's clock ever had, in ms. 0: it was never set. */
  clockSkew(): number;
  /** When the reads at the end begin. From then on no fault occurs. */
  finalReadsAt(): number;
  /** Whether an older state was ever restored. */
  wasRestored(): boolean;
  /**
   * Whether an older state was restored that does not contain a later bare refusal, or a change of the API. Both move the gateway order_id on
   * and leave no payment behind. The reads before a later attempt (M3) therefore do not find a payment under the next order_id.
   */
  lostMove(): boolean;
  /** Whether a read of an existing payment was ever answered with `{}`. */
  hadEmptyRead(): boolean;
  /** Whether a read ever showed a wrong amount. */
  hadWrongAmount(): boolean;
}

/** A broken invariant. */
export interface Violation {
  /** `I1`, or the number of the rule that is broken. */
  readonly invariant: string;
  readonly text: string;
  /** True time, epoch ms. */
  readonly at: number;
}

/** One group of invariants. */
export interface Checker {
  onEvent?(event: SimulationEvent): void;
  check?(record: ChargeRecord): void;
  /** Runs at the end, after every attempt was read once more without faults. */
  checkAtEnd?(record: ChargeRecord): void;
}

/** Reports a broken invariant. */
export type Fail = (invariant: string, text: string) => void;

/** The order's own payments, as they truly are now. */
export function ownPayments(context: CheckContext): readonly TruePayment[] {
  const { books, schedule, oldIds } = context;
  return books.truth(schedule.now).filter(({ paymentId }) => !oldIds.has(paymentId));
}

/**
 * Whether the amounts of an attempt may differ from the gateway's books although the edge is right:
 * 1. After `resolve` the amounts of that payment are no longer compared (M8), so the edge takes over an amount that a read shows wrong.
 * 2. An order that was restored to an older state does not have the attempt that the amount belongs to.
 */
export function amountIsUnreliable(context: CheckContext, attempt: Attempt | null): boolean {
  if (attempt?.assignedByOperator !== true && !context.wasRestored()) return false;
  return context.hadWrongAmount() || context.books.payment(attempt?.paymentId ?? null)?.shows.amount === "wrong";
}

/** Whether a read with a wrong amount assigned a payment of another amount to an attempt, and the edge could not detect it. */
export function hasOtherPayment(context: CheckContext, attempt: Attempt | null): boolean {
  const payment = context.books.payment(attempt?.paymentId ?? null);
  return context.hadWrongAmount() && payment !== undefined && attempt !== null && payment.minor !== attempt.terms.amount;
}

/** The true time since when a payment is known to have taken or held money. Null: it has not. A clearing or a reverse sets a new time. */
export function moneyKnownSince(payment: Payment, now: number): number | null {
  const first = payment.steps.find(({ at, effect }) => effect !== "none" && at <= now)?.at ?? null;
  const settled = payment.edits.filter(({ kind, settlesAt }) => kind !== "refund" && settlesAt <= now).map(({ settlesAt }) => settlesAt);
  return first === null ? null : Math.max(first, ...settled);
}

/** Whether the gateway's own data of a payment contradict an attempt. Then the edge raises attention instead of deciding (M6). */
export function isOdd(context: CheckContext, { shows, minor, currency, profileId, createdAt }: Payment, attempt: Attempt): boolean {
  const { terms } = attempt;
  // A page makes a profile, and charges none.
  const isOtherCard = attempt.page === null && terms.pay_with === "profile" && profileId !== profileAtGateway(terms.profile_id);
  const differs = minor !== terms.amount || currency !== terms.currency || isOtherCard;
  const firstSend = (attempt.sends[0]?.at ?? attempt.createdAt) + context.clockSkew();
  return differs || shows.status !== undefined || shows.amount === "wrong" || createdAt < firstSend - 40 * MINUTE;
}
