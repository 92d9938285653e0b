/**
 * One attempt's own rules: which gateway order_id it takes, how it is claimed, sent, sent again, and how it ends.
 * Pure; the functions change the attempt they are given, which transition.ts has copied.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { FailureCategory } from "../../src/edge-api.ts";
import { toMajorUnits, toMinorUnits } from "../../src/money.ts";
import type { CreatedPayment, UnsignedCall } from "../../src/payment.ts";
import { ACTIONS, createRecurrentPayment } from "../../src/payment.ts";
import type { Refusal } from "./pending-call.ts";
import { isSoleSend } from "./pending-call.ts";
import type { Attempt, AttemptState, ChargeRecord, Failure, Terms } from "./record.ts";

/** What a click, or a merchant's server, asks for. */
export interface AttemptInput {
  readonly caller: "shopper" | "merchant";
  readonly charge: Charge;
  readonly userIp: string;
  readonly ticket: string;
  readonly urls: Attempt["urls"];
}

/** The categories that a bare refusal of the sole send may decide by (M4). */
export const DECISIVE: ReadonlySet<string> = new Set<FailureCategory>([
  "configuration",
  "amount_invalid",
  "profile_dead",
  "insufficient_funds",
  "card_expired",
  "card_blocked",
  "card_invalid",
  "limit_exceeded",
  "authentication_required",
  "declined",
]);

/** The terms of a charge, with its amount in minor units. */
export function termsOf(charge: Charge): Terms {
  const amount = toMinorUnits(charge.amount);
  if (amount === null) throw new TypeError("A charge was not validated before it came here");
  return {
    amount,
    currency: charge.currency,
    user_id: charge.user_id,
    profile_id: charge.profile_id,
    auto_clearing: charge.auto_clearing,
  };
}

/**
 * The gateway order_id of the next attempt (M3). It moves on only after a decline that came with a payment id, or after a
 * bare refusal when no attempt under that id ended in silence; else it stays, so that the gateway's own replay of an order_id
 * forbids a second payment.
 */
export function nextGatewayOrderId(record: Pick<ChargeRecord, "orderId" | "attempts">): string {
  const last = record.attempts.at(-1);
  if (last === undefined) return record.orderId;
  const underId = record.attempts.filter((attempt) => attempt.gatewayOrderId === last.gatewayOrderId);
  const declined = underId.some((attempt) => attempt.failure?.by === "payment");
  const refused = last.failure?.by === "refusal";
  const silent = underId.some((attempt) => attempt.failure?.by === "silence" || attempt.failure?.by === "other_attempt");
  return declined || (refused && !silent) ? orderIdAfter(record.orderId, last.gatewayOrderId) : last.gatewayOrderId;
}

/** `1234` → `1234--2` → `1234--3`. `--` cannot stand in a merchant's own order_id. */
export function orderIdAfter(orderId: string, gatewayOrderId: string): string {
  const generation = gatewayOrderId === orderId ? 1 : Number(gatewayOrderId.slice(orderId.length + 2));
  return `${orderId}--${generation + 1}`;
}

/** The exact text of a create, in the member order of the official page. */
function bodyOf(attempt: Pick<Attempt, "terms" | "description" | "gatewayOrderId" | "userIp" | "urls">, requestId: string): string {
  const { terms, description, gatewayOrderId, userIp, urls } = attempt;
  const { amount, currency, user_id, profile_id, auto_clearing } = terms;
  return createRecurrentPayment(
    {
      amount: toMajorUnits(amount),
      currency,
      description,
      order_id: gatewayOrderId,
      user_id,
      auto_clearing,
      profile_id,
      user_ip: userIp,
      ...(urls === null ? {} : { urls }),
    },
    requestId,
  ).body;
}

/** A claimed attempt: everything about it is fixed, nothing has left. */
export function createAttempt(record: ChargeRecord, input: AttemptInput, now: number, requestId: string): Attempt {
  const { charge } = input;
  const described = {
    gatewayOrderId: nextGatewayOrderId(record),
    terms: termsOf(charge),
    description: charge.description,
    userIp: input.userIp,
    urls: input.urls,
  };
  return {
    ...described,
    number: record.attempts.length + 1,
    caller: input.caller,
    card: charge.card ?? null,
    ticket: input.ticket,
    body: bodyOf(described, requestId),
    requestId,
    createdAt: now,
    sends: [],
    state: "undecided",
    decidedAt: null,
    failure: null,
    takenAt: null,
    knownToGateway: false,
    paymentId: null,
    amountConfirmed: false,
    gatewayStatus: null,
    mismatch: null,
    contradicted: null,
    freeOrderIds: [],
    neverSeenAt: null,
    assignedByOperator: false,
    notBefore: now,
    generation: 0,
    pollStartedAt: null,
    nextPollAt: now,
    ledger: null,
    lastPollAt: null,
    hint: null,
  };
}

/**
 * Moves an attempt that was not sent yet to the next gateway order_id: the one it had turned out to hold a decline.
 * @param requestId a fresh one, for its create is another from now on
 */
export function moveToNextOrderId(attempt: Attempt, orderId: string, requestId: string): void {
  attempt.gatewayOrderId = orderIdAfter(orderId, attempt.gatewayOrderId);
  // Other bytes: under the id that it had, an object that was put back to an older state may have sent the former ones.
  attempt.requestId = requestId;
  attempt.body = bodyOf(attempt, attempt.requestId);
}

/** The unsigned call of an attempt's create: always the same bytes under the same X-Request-Id. */
export function createCall(attempt: Attempt): UnsignedCall<CreatedPayment> {
  return { action: ACTIONS.create, requestId: attempt.requestId, body: attempt.body };
}

/**
 * What a bare refusal decides (M4): a failure on the sole send and for a reason of the contract's list, else nothing.
 * `duplicate` never decides, nor does a code that the contract does not list, nor any refusal of a resend.
 */
export function decidedByRefusal(attempt: Attempt, refusal: Refusal): Failure | null {
  if (!isSoleSend(attempt) || refusal.category === "duplicate") return null;
  const { code, description } = refusal;
  if (refusal.httpStatus === 401) return { by: "unauthorized", category: "configuration", code, description };
  if (!DECISIVE.has(refusal.category)) return null;
  const by = code === "1100" ? "unauthorized" : "refusal";
  return { by, category: refusal.category as FailureCategory, code, description };
}

/** Ends or raises an attempt's state. Answers that were asked before are dropped from here on. */
export function decide(attempt: Attempt, state: Exclude<AttemptState, "undecided">, now: number, failure: Failure | null): void {
  if (attempt.state !== state) attempt.decidedAt = now;
  if (state === "paid") attempt.takenAt = now;
  attempt.state = state;
  attempt.failure = failure;
  attempt.mismatch = null;
  attempt.generation += 1;
  attempt.pollStartedAt = null;
  attempt.nextPollAt = null;
}

/** Takes a failure back: the gateway knows of a payment that is not decided. */
export function reopen(attempt: Attempt, now: number): void {
  attempt.state = "undecided";
  attempt.failure = null;
  attempt.decidedAt = null;
  attempt.generation += 1;
  attempt.pollStartedAt = null;
  attempt.nextPollAt = now;
}
