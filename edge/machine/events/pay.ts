/** A click, or a call of the merchant's server, to pay: it begins an attempt, joins one, conflicts or is refused (M2). */
import type { Charge } from "../../../src/charge-token.ts";
import type { ChargeStatus } from "../../../src/edge-api.ts";
import type { AttemptInput } from "../attempt.ts";
import { createAttempt, endPage, termsOf } from "../attempt.ts";
import type { TransitionContext } from "../state.ts";
import type { ChargeEvent, Decision } from "../event.ts";
import { begin } from "./begin.ts";
import { poll } from "./polled.ts";
import { sendIsOpen } from "../pending-call.ts";
import { letsGo, mayLetGo, UNUSED_PAGE } from "../page.ts";
import { MAX_ATTEMPTS, MAX_KEYS, MAX_UNUSED_PAGES, PAUSE_AFTER_FAILURE, PAUSE_WITHOUT_PAGE, SILENT_FOR_OTHER_API } from "../schedule.ts";
import type { Api, Attempt, ChargeRecord, KeyBinding, Terms } from "../record.ts";
import { sameTerms, termsText } from "../record.ts";
import { currentAttempt, statusOf } from "../view.ts";

/** Statuses in which other terms are a conflict (M2). */
const BOUND_TO_TERMS: ReadonlySet<ChargeStatus> = new Set<ChargeStatus>(["processing", "unconfirmed", "authorized", "succeeded"]);

/** Decides on a click. */
export function pay(context: TransitionContext, event: Extract<ChargeEvent, { type: "pay" }>): Decision {
  const { record, now } = context;
  const terms = termsOf(event.input.charge);
  if (event.bound !== null) return answerToKnownKey(event.bound, termsText(terms));
  const current = currentAttempt(record);
  if (record.redactedAt !== null) return payAfterRetention(current, terms);
  const issuedAt = event.issuedAt ?? Math.floor(now / 1000);
  const sameAsCurrent = current === null || isSameCharge(current, terms);
  if (!sameAsCurrent && record.newestIssuedAt !== null && issuedAt < record.newestIssuedAt) return { ok: false, code: "charge_conflict" };
  const way = current === null ? "stays" : wayOfPage(context, current, { isSame: sameAsCurrent, askedAt: event.askedAt });
  if (current !== null && way === "asks") return { ok: false, code: "charge_conflict", asksPage: current.number };
  if (current !== null && current.state !== "failed" && way !== "gives") {
    if (!sameAsCurrent) return { ok: false, code: "charge_conflict" };
    // The charge is decided, so an unbound key begins nothing either, and the order's rows stay bounded.
    if (current.state !== "undecided" && record.boundKeys >= MAX_KEYS) return { ok: true, began: false, subject: current.number };
    return bindKey(context, event, issuedAt, current, false);
  }
  const refusal = refusalToBegin(context, terms, event.input.api);
  if (refusal !== null) return refusal;
  if (current !== null && way === "gives") endPage(current, "replaced", now);
  const attempt = createAttempt(record, event.input, now, context.random.requestId());
  record.attempts.push(attempt);
  if (attempt.number === 1) begin(context, attempt);
  else poll(context, attempt);
  return bindKey(context, event, issuedAt, attempt, true);
}

/**
 * Whether a request means the same charge as the current attempt. Once the order is decided, the way of paying is no conflict, because
 * nothing begins any more (M2, P5).
 */
function isSameCharge({ terms: current, state }: Attempt, terms: Terms): boolean {
  const isDecided = state !== "undecided" && state !== "failed";
  if (!isDecided || current.pay_with === terms.pay_with) return sameTerms(current, terms);
  const { amount, currency, user_id, auto_clearing } = terms;
  const isSameMoney = current.amount === amount && current.currency === currency && current.auto_clearing === auto_clearing;
  return isSameMoney && current.user_id === user_id;
}

/**
 * What an open page does when another request to pay comes (P6): it `stays`, `gives` way, or `asks` for a read first.
 *
 * 1. It is asked only for other terms, or for the same after the shopper returned by the address of the failure.
 * 2. It stays without checks, for 15 minutes after a check that was answered `ok`, and while an earlier attempt may take money after all.
 * 3. It gives way if a poll that began after the request says that nothing is being paid.
 */
function wayOfPage(
  { record, now }: TransitionContext,
  current: Attempt,
  { isSame, askedAt }: { readonly isSame: boolean; readonly askedAt: number | null },
): "stays" | "asks" | "gives" {
  const { page, state } = current;
  if (page === null || sendIsOpen(current) || current.sends.length === 0 || state !== "undecided" || record.closedAt !== null)
    return "stays";
  if (record.attempts.some((other) => other !== current && other.state === "undecided" && other.sends.length > 0)) return "stays";
  if (isSame && !page.hasReturnedFailed && !page.hasGivenWay) return "stays";
  if (askedAt !== null) return page.quietAt !== null && page.quietAt >= askedAt && letsGo(current, now) ? "gives" : "stays";
  if (!mayLetGo(current, now)) return "stays";
  page.quietAt = null;
  current.hint = { at: now, hasLedToPoll: false };
  return "asks";
}

/**
 * Whether the terms of a GET conflict with the order's (M2). Only amount, currency and auto_clearing are compared, because reading a
 * charge pays nothing.
 */
export function conflictsOnRead(record: ChargeRecord, requested: Charge): boolean {
  const current = currentAttempt(record);
  if (current === null || record.redactedAt !== null || !BOUND_TO_TERMS.has(statusOf(record))) return false;
  const { amount, currency, auto_clearing } = termsOf(requested);
  const { terms } = current;
  return terms.amount !== amount || terms.currency !== currency || terms.auto_clearing !== auto_clearing;
}

/** Only the amount of a redacted order is known. Nothing begins any more, and no key is bound (M10). */
function payAfterRetention(current: Attempt | null, terms: Terms): Decision {
  if (current === null || current.state === "failed") return { ok: false, code: "charge_closed" };
  const isSame = current.terms.amount === terms.amount && current.terms.currency === terms.currency;
  return isSame ? { ok: true, began: false, subject: current.number } : { ok: false, code: "charge_conflict" };
}

/** Binds the Idempotency-Key to the attempt that this request began or joined, and keeps the time of the newest token (M2). */
function bindKey(
  context: TransitionContext,
  event: Extract<ChargeEvent, { type: "pay" }>,
  issuedAt: number,
  attempt: Attempt,
  began: boolean,
): Decision {
  const { caller, charge } = event.input;
  context.record.newestIssuedAt = Math.max(context.record.newestIssuedAt ?? 0, issuedAt);
  context.binding = { scope: payScope(caller), key: event.key, content: termsText(termsOf(charge)), subject: attempt.number };
  return { ok: true, began, subject: attempt.number };
}

/**
 * Answers a key that is bound already. Nothing begins; other content than before is refused. It holds for every scope: payments (M2.1),
 * operations (M8.1), close and resolve.
 * @returns `subject` is the number of the attempt, operation or resolution that the key began
 */
export function answerToKnownKey(bound: KeyBinding, content: string): Decision {
  return bound.content === content ? { ok: true, began: false, subject: bound.subject } : { ok: false, code: "idempotency_key_reused" };
}

/** The scope of the Idempotency-Key of a payment. */
export function payScope(caller: AttemptInput["caller"]): string {
  return `${caller} pay`;
}

/** Whether an attempt that failed by silence still counts as undecided for the other API, which no order_id protects from its payment (P3). */
function isSilent({ failure, decidedAt }: Attempt, now: number): boolean {
  return failure?.by === "silence" && decidedAt !== null && now - decidedAt < SILENT_FOR_OTHER_API;
}

function isUnusedPage({ failure }: Attempt): boolean {
  return failure !== null && UNUSED_PAGE.has(failure.by);
}

/** The pause before a new attempt: longer for a page after three pages in a row that could not be opened (P5). */
function pauseBefore({ attempts }: ChargeRecord, payWith: Terms["pay_with"]): number {
  const last = attempts.slice(-3);
  return payWith === "payment_page" && last.length === 3 && last.every(({ failure }) => failure?.by === "no_page")
    ? PAUSE_WITHOUT_PAGE
    : PAUSE_AFTER_FAILURE;
}

/** After a failure of these categories the profile is not charged again for this order (M2). */
const BARS_PROFILE: ReadonlySet<string> = new Set(["profile_dead", "card_expired", "card_blocked"]);

function refusalToBegin(context: TransitionContext, { profile_id: profileId, pay_with }: Terms, api: Api): Decision | null {
  const { record, now } = context;
  if (record.closedAt !== null) return { ok: false, code: "charge_closed" };
  if (record.attempts.some((attempt) => attempt.api !== api && isSilent(attempt, now))) return { ok: false, code: "charge_conflict" };
  const barred =
    pay_with === "profile" &&
    record.attempts.some(({ terms, failure }) => terms.profile_id === profileId && failure !== null && BARS_PROFILE.has(failure.category));
  const unused = record.attempts.filter(isUnusedPage).length;
  const isTooMany = record.attempts.length - unused >= MAX_ATTEMPTS || (pay_with === "payment_page" && unused >= MAX_UNUSED_PAGES);
  if (barred || isTooMany) return { ok: false, code: "retry_not_allowed" };
  const wait = (record.attempts.at(-1)?.decidedAt ?? Number.NEGATIVE_INFINITY) + pauseBefore(record, pay_with) - now;
  return wait > 0 ? { ok: false, code: "rate_limited", retryAfter: Math.ceil(wait / 1000) } : null;
}
