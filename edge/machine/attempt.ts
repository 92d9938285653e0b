/**
 * The rules of one attempt: its gateway order_id, its bytes, and how it ends. The functions change the attempt they are given; it is
 * the copy that transition.ts made.
 */
import type { Charge } from "../../src/charge-token.ts";
import { toMinorUnits } from "../../src/money.ts";
import type { CreatedPayment } from "../../src/payment.ts";
import type { NewCreate } from "./api-calls.ts";
import { CALLS } from "./calls.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { GatewayCall, Refusal } from "./gateway-call.ts";
import { pageBody } from "./merchant-calls.ts";
import { newPage, UNUSED_PAGE } from "./page.ts";
import { isSoleSend } from "./pending-call.ts";
import type { PageRequest } from "./page-record.ts";
import type { Api, Attempt, AttemptState, ChargeRecord, Failure, Terms } from "./record.ts";

/** The input of a new attempt, from a click or a call of the merchant's server. */
export interface AttemptInput {
  readonly caller: "shopper" | "merchant";
  readonly api: Api;
  readonly charge: Charge;
  readonly userIp: string;
  readonly ticket: string;
  readonly urls: Attempt["urls"];
  /** Null for a stored card. */
  readonly page: PageRequest | null;
}

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
    pay_with: charge.payment_page === undefined ? "profile" : "payment_page",
    profile_id: charge.profile_id ?? "",
    save_card_months: charge.payment_page?.save_card_months ?? null,
    auto_clearing: charge.auto_clearing,
  };
}

/**
 * The gateway order_id of the next attempt (M3).
 *
 * 1. It moves on after a decline that came with a payment id, and after a page (P4).
 * 2. It moves on after a bare refusal, if no attempt under the id ended provisionally.
 * 3. Otherwise it stays, because the gateway answers a known order_id with its payment and makes no second one.
 */
export function nextGatewayOrderId(record: Pick<ChargeRecord, "orderId" | "attempts">): string {
  const last = record.attempts.at(-1);
  if (last === undefined) return record.orderId;
  const underId = record.attempts.filter((attempt) => attempt.gatewayOrderId === last.gatewayOrderId);
  const declined = underId.some(({ failure }) => failure !== null && (failure.by === "payment" || UNUSED_PAGE.has(failure.by)));
  const refused = last.failure?.by === "refusal";
  const silent = underId.some((attempt) => attempt.failure?.by === "silence" || attempt.failure?.by === "other_attempt");
  return declined || (refused && !silent) ? orderIdAfter(record.orderId, last.gatewayOrderId) : last.gatewayOrderId;
}

/** {@link nextGatewayOrderId} for an API: an order_id protects only within one, so it moves on after an attempt by the other (P3). */
function orderIdFor(record: Pick<ChargeRecord, "orderId" | "attempts">, api: Api): string {
  const last = record.attempts.at(-1);
  return last !== undefined && last.api !== api ? orderIdAfter(record.orderId, last.gatewayOrderId) : nextGatewayOrderId(record);
}

/** `1234` → `1234--2` → `1234--3`. A merchant's own order_id has no `--`. */
export function orderIdAfter(orderId: string, gatewayOrderId: string): string {
  const generation = gatewayOrderId === orderId ? 1 : Number(gatewayOrderId.slice(orderId.length + 2));
  return `${orderId}--${generation + 1}`;
}

/** The exact text of an attempt's call: of a create, or of the call that opens its page. */
function bodyOf(api: Api, { page, ...create }: NewCreate & Pick<Attempt, "page">, requestId: string): string {
  return page === null ? CALLS[api].createBody(create, requestId) : pageBody({ ...create, page }, requestId);
}

/** A new attempt: its bytes are fixed, and nothing was sent. */
export function createAttempt(record: ChargeRecord, input: AttemptInput, now: number, requestId: string): Attempt {
  const { charge } = input;
  const described = {
    gatewayOrderId: orderIdFor(record, input.api),
    terms: termsOf(charge),
    description: charge.description,
    userIp: input.userIp,
    urls: input.urls,
    page: input.page === null ? null : newPage(input.page),
  };
  return {
    ...described,
    number: record.attempts.length + 1,
    api: input.api,
    caller: input.caller,
    card: charge.card ?? null,
    ticket: input.ticket,
    body: bodyOf(input.api, described, requestId),
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
    isTest: false,
    lastPollStartedAt: null,
    hint: null,
    wasCalledBack: false,
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
  attempt.body = bodyOf(attempt.api, attempt, attempt.requestId);
}

/** The unsigned create of an attempt: always the same bytes under the same X-Request-Id. */
export function createCall(attempt: Attempt): GatewayCall<CreatedPayment> {
  return CALLS[attempt.api].create(attempt.requestId, attempt.body);
}

/**
 * The failure that a bare refusal decides (M4); null if it decides nothing: a refused resend, `duplicate`, or a code that the contract
 * does not list.
 */
export function decidedByRefusal(attempt: Attempt, refusal: Refusal): Failure | null {
  if (!isSoleSend(attempt) || refusal.category === "duplicate") return null;
  const { code, description } = refusal;
  const decided = CAPABILITIES[attempt.api].refusedCreate(refusal);
  return decided === null ? null : { ...decided, code, description };
}

/** Sets an attempt's state. Answers of polls from before are dropped (M5). The end of the event sets the next poll, if the state needs one. */
export function decide(attempt: Attempt, state: Exclude<AttemptState, "undecided">, now: number, failure: Failure | null): void {
  if (attempt.state !== state) attempt.decidedAt = now;
  if (state === "paid") attempt.takenAt = now;
  attempt.state = state;
  attempt.failure = failure;
  attempt.mismatch = null;
  if (attempt.page !== null) attempt.page.url = null;
  attempt.generation += 1;
  attempt.pollStartedAt = null;
  attempt.nextPollAt = null;
}

/** Ends a page on which nothing was paid (P5, P6). */
export function endPage(attempt: Attempt, by: "page_expired" | "replaced", now: number): void {
  if (attempt.page !== null && by === "replaced") attempt.page.hasGivenWay = true;
  decide(attempt, "failed", now, { by, category: "page_expired", code: null, description: null });
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
