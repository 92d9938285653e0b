/**
 * The rules of one attempt: its gateway order_id, its bytes, and how it ends. The functions change the attempt they are given; it is
 * the copy that transition.ts made.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { FailureCategory } from "../../src/edge-api.ts";
import { toMajorUnits, toMinorUnits } from "../../src/money.ts";
import type { CreatedPayment, UnsignedCall } from "../../src/payment.ts";
import { ACTIONS, createRecurrentPayment } from "../../src/payment.ts";
import type { Refusal } from "./pending-call.ts";
import { isSoleSend } from "./pending-call.ts";
import type { Attempt, AttemptState, ChargeRecord, Failure, Terms } from "./record.ts";

/** The input of a new attempt, from a click or a call of the merchant's server. */
export interface AttemptInput {
  readonly caller: "shopper" | "merchant";
  readonly charge: Charge;
  readonly userIp: string;
  readonly ticket: string;
  readonly urls: Attempt["urls"];
}

/** The categories of refusal that decide an attempt when its only send is refused (M4). */
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

/**
 * The terms of a charge: what must be equal for two POSTs to mean the same payment (M2.1, M2.3). A GET is compared by fewer of them (M2.11).
 * @throws TypeError for an amount with more than the 2 decimals that every currency here has
 */
export function termsOf(charge: Charge): Terms {
  const amount = toMinorUnits(charge.amount);
  if (amount === null) throw new TypeError("The charge was not validated before termsOf");
  return {
    amount,
    currency: charge.currency,
    user_id: charge.user_id,
    profile_id: charge.profile_id,
    auto_clearing: charge.auto_clearing,
  };
}

/**
 * The gateway order_id of the next attempt (M3).
 *
 * 1. It moves on after a decline that came with a payment id.
 * 2. It moves on after a bare refusal, if no attempt under the id ended provisionally.
 * 3. Otherwise it stays, because the gateway answers a known order_id with its payment and makes no second one.
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

/** `1234` → `1234--2` → `1234--3`. A merchant's own order_id has no `--`. */
export function orderIdAfter(orderId: string, gatewayOrderId: string): string {
  const generation = gatewayOrderId === orderId ? 1 : Number(gatewayOrderId.slice(orderId.length + 2));
  return `${orderId}--${generation + 1}`;
}

/** The exact text of a create. Its members are in the order of the official page. */
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

/** A new attempt: its bytes are fixed, and nothing was sent. */
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
    lastPollStartedAt: null,
    hint: null,
  };
}

/**
 * Moves an attempt that was not sent yet to the next gateway order_id, because its own one has a declined payment.
 * @param requestId a fresh one, because the body changes
 */
export function moveToNextOrderId(attempt: Attempt, orderId: string, requestId: string): void {
  attempt.gatewayOrderId = orderIdAfter(orderId, attempt.gatewayOrderId);
  // An object that was restored to an older state may have sent the former body under the former id.
  attempt.requestId = requestId;
  attempt.body = bodyOf(attempt, attempt.requestId);
}

/** The unsigned create of an attempt: always the same bytes under the same X-Request-Id. */
export function createCall(attempt: Attempt): UnsignedCall<CreatedPayment> {
  return { action: ACTIONS.create, requestId: attempt.requestId, body: attempt.body };
}

/**
 * The failure that a bare refusal decides (M4); null if it decides nothing: a refused resend, `duplicate`, or a code that the contract
 * does not list.
 */
export function decidedByRefusal(attempt: Attempt, refusal: Refusal): Failure | null {
  if (!isSoleSend(attempt) || refusal.category === "duplicate") return null;
  const { code, description } = refusal;
  if (refusal.httpStatus === 401) return { by: "unauthorized", category: "configuration", code, description };
  if (!DECISIVE.has(refusal.category)) return null;
  const by = code === "1100" ? "unauthorized" : "refusal";
  return { by, category: refusal.category as FailureCategory, code, description };
}

/** Sets an attempt's state. Answers of polls from before are dropped (M5). The end of the event sets the next poll, if the state needs one. */
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

/** Fails an attempt of which nothing was sent in time. */
export function failUnsent(attempt: Attempt, now: number): void {
  decide(attempt, "failed", now, { by: "never_sent", category: "gateway_unavailable", code: null, description: null });
}

/**
 * Makes a failed attempt undecided again. Its payment is there after all: it is undecided, has an unknown status, or is about to be
 * applied. Never after a decline of its own payment (M5.7, M6.8, M6.10, M8.13).
 */
export function reopen(attempt: Attempt, now: number): void {
  attempt.state = "undecided";
  attempt.failure = null;
  attempt.decidedAt = null;
  attempt.generation += 1;
  attempt.pollStartedAt = null;
  attempt.nextPollAt = now;
}
