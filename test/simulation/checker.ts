/** What the invariants of a history are judged by: the gateway's own books, and what is watched. */
import type { ModelState, Payment, TruePayment } from "../../src/simulator/index.ts";
import { payments } from "../../src/simulator/index.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Modules } from "./edge-modules.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import type { RuleNumbers } from "./deployment-rules.ts";
import type { SimulationEvent } from "./simulation-event.ts";
import type { SimulatedObject } from "./object.ts";
import type { GatewayName, Scenario } from "./scenario.ts";
import { MINUTE } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** What is watched, and what one may hold against it. */
export interface CheckContext {
  readonly schedule: Schedule;
  /** The books of the gateway and merchant that the order belongs to: another value once the order is stored under another home. */
  readonly model: ModelState;
  /** All gateways and merchants, whose books are to be the order's or nobody's. */
  readonly connections: Readonly<Record<GatewayName, GatewayConnection>>;
  readonly scenario: Scenario;
  /** The edge as it is deployed now. */
  readonly edge: Modules;
  readonly object: SimulatedObject;
  /** Whether the settings name another gateway or merchant than the order's own. */
  isAway(): boolean;
  /** The gateway and merchant that the settings name. */
  home(): Home;
  /** The edge's RETENTION_DAYS. */
  retentionDays(): number;
  /** The numbers of the rules as they are deployed now. */
  ruleNumbers(): RuleNumbers;
  /** Whether other numbers of the rules were ever deployed. */
  rulesChanged(): boolean;
  /** Payments for an order_id that has several, because the gateway's replay had ended and the edge could not know: second-payments.ts. */
  secondPayments(): ReadonlySet<string>;
  /** Ids of payments that were there before the order: none of its own. */
  readonly oldIds: ReadonlySet<string>;
  /** When something last cost time: a call that was struck, an outage, an eviction, a clock that was set. True time. */
  lastDisturbance(): number;
  /** The most by which the edge's clock was ever set, ms; 0: never. */
  clockSkew(): number;
  /** When everything begins to be read once more in calm. */
  finalReadsAt(): number;
  /** Whether an older state was ever put back. */
  wasRestored(): boolean;
  /**
   * Whether an older state was put back that knows nothing of a bare refusal after it. A refusal moves the gateway order_id on and
   * leaves no payment behind, so what was paid under the next one is not found by the reads before a later attempt (M3).
   */
  lostRefusal(): boolean;
  /** Whether a read ever said `{}` though it was asked about a payment. */
  hadEmptyRead(): boolean;
  /** Whether a read ever showed a wrong amount. */
  hadWrongAmount(): boolean;
}

/** An invariant that does not hold. */
export interface Violation {
  /** `I1`, or the rule whose words are broken. */
  readonly invariant: string;
  readonly text: string;
  /** True time, epoch ms. */
  readonly at: number;
}

/** One group of invariants. */
export interface Checker {
  onEvent?(event: SimulationEvent): void;
  check?(record: ChargeRecord): void;
  /** At the end, after everything was read once more in calm. */
  checkAtEnd?(record: ChargeRecord): void;
}

/** Says that an invariant does not hold. */
export type Fail = (invariant: string, text: string) => void;

/** The payments of the order itself, as they truly are now. */
export function ownPayments(context: CheckContext): readonly TruePayment[] {
  const { model, schedule, oldIds } = context;
  return model.payments.size === 0 ? [] : payments(model, schedule.now).filter(({ paymentId }) => !oldIds.has(paymentId));
}

/**
 * Whether the amounts shown are an operator's word and the gateway's misquotes: after `resolve` the amounts of that payment are no
 * longer compared (M8), so a gateway that writes them wrong is believed; and an order that was put back to an older state knows
 * nothing of the attempt whose amount they are.
 */
export function amountIsUnreliable(context: CheckContext, attempt: Attempt | null): boolean {
  if (attempt?.assignedByOperator !== true && !context.wasRestored()) return false;
  return context.hadWrongAmount() || context.model.payments.get(attempt?.paymentId ?? "")?.shows.amount === "wrong";
}

/** Whether an attempt was given a payment of another amount by a misquote that nobody could tell: its books are not the gateway's. */
export function hasOtherPayment(context: CheckContext, attempt: Attempt | null): boolean {
  const payment = context.model.payments.get(attempt?.paymentId ?? "");
  return context.hadWrongAmount() && payment !== undefined && attempt !== null && payment.minor !== attempt.terms.amount;
}

/** Since when a payment is known to have taken or held money, true time; null: not yet. A clearing or reverse makes it news again. */
export function moneyKnownSince(payment: Payment, now: number): number | null {
  const first = payment.steps.find(({ at, effect }) => effect !== "none" && at <= now)?.at ?? null;
  const settled = payment.edits.filter(({ kind, settlesAt }) => kind !== "refund" && settlesAt <= now).map(({ settlesAt }) => settlesAt);
  return first === null ? null : Math.max(first, ...settled);
}

/** Whether a payment's own answers cannot be believed of an attempt: then the merchant is told instead (M6). */
export function isOdd(context: CheckContext, { shows, minor, currency, profileId, createdAt }: Payment, attempt: Attempt): boolean {
  const { terms } = attempt;
  const differs = minor !== terms.amount || currency !== terms.currency || profileId !== terms.profile_id;
  const firstSend = (attempt.sends[0]?.at ?? attempt.createdAt) + context.clockSkew();
  return differs || shows.status !== undefined || shows.amount === "wrong" || createdAt < firstSend - 40 * MINUTE;
}
