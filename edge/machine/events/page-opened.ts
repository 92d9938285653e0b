/** The call that opens a payment page is sent, and its answer opens the page or ends the attempt (P4). */
import type { OpenedPage } from "../../../src/merchant-api/answers.ts";
import type { PageAddress } from "../../../src/merchant-api/page-address.ts";
import { decide, failUnsent, reopen } from "../attempt.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { ChargeEvent } from "../event.ts";
import type { GatewayOutcome } from "../gateway-call.ts";
import { pageCall } from "../merchant-calls.ts";
import { noteTry } from "../page.ts";
import { dropUnsent, mayTryOtherKey, recordEnd, recordSend, sendWindowEnds } from "../pending-call.ts";
import type { Page } from "../page-record.ts";
import type { Attempt, Failure } from "../record.ts";
import { storedCode, storedText } from "../record.ts";
import { firstPoll } from "../schedule.ts";
import type { TransitionContext } from "../state.ts";
import { raiseAttention } from "../state.ts";

/** Records the send of the call that opens a page; it leaves once the record is stored. */
export function openPage(context: TransitionContext, attempt: Attempt, key: number): void {
  recordSend(attempt, { now: context.now, keyIndex: key });
  const send = attempt.sends.length - 1;
  const call = pageCall(attempt.requestId, attempt.body);
  context.effects.push({ kind: "open_page", attempt: attempt.number, send, key, call, expiresAt: sendWindowEnds(attempt) });
}

/**
 * The call that opens a page ended.
 *
 * 1. A signed answer with an address that a browser may be sent to opens the page.
 * 2. The merchant was not identified, and there is another gateway key: the call is sent again with it, once.
 * 3. Anything else ends the attempt: nobody has the address, so nobody can pay on that page. A late answer is dropped.
 */
export function onPageOpened(context: TransitionContext, event: Extract<ChargeEvent, { type: "page_opened" }>): void {
  const { record, now, random, gatewayKeyCount } = context;
  const attempt = record.attempts[event.attempt - 1];
  const sent = attempt?.sends[event.send];
  if (attempt === undefined || sent === undefined || attempt.page === null) return;
  const { outcome, leftAt, address } = event;
  if (outcome.kind === "not_sent") {
    if (sent.endedAt !== null) return;
    dropUnsent(attempt, event.send);
    if (attempt.state === "undecided") failUnsent(attempt, now);
    return;
  }
  recordEnd(attempt, sent, withStatus(outcome), { now, leftAt });
  if (attempt.state !== "undecided" || event.send !== attempt.sends.length - 1) return;
  if (outcome.kind === "answered" && address !== null) {
    open(context, attempt, attempt.page, outcome.answer, address);
    return;
  }
  if (outcome.kind === "refused" && record.closedAt === null && mayTryOtherKey(attempt, outcome, { gatewayKeyCount, now })) {
    for (const one of attempt.sends) one.superseded = true;
    attempt.requestId = random.requestId();
    openPage(context, attempt, (sent.keyIndex + 1) % gatewayKeyCount);
    return;
  }
  if (outcome.kind === "refused" && CAPABILITIES[attempt.api].refusedOrderId({ how: "refused", code: outcome.code }))
    for (const other of record.attempts) if (isSilentUnder(other, attempt.gatewayOrderId)) readAnew(other, now);
  endWithoutPage(context, attempt, outcome);
}

/** Reads a silent attempt again from the start: what was seen of it before counts no longer. */
function readAnew(attempt: Attempt, now: number): void {
  reopen(attempt, now);
  attempt.neverSeenAt = null;
}

/** Whether an attempt failed by silence under this order_id. That the order_id is used says that its payment may be there after all (P1.5). */
function isSilentUnder({ gatewayOrderId, failure }: Attempt, orderId: string): boolean {
  return gatewayOrderId === orderId && failure?.by === "silence";
}

function open(
  context: TransitionContext,
  attempt: Attempt,
  page: Page,
  { paymentId }: OpenedPage,
  { url, host, isUsualHost }: PageAddress,
): void {
  const { now, random } = context;
  page.url = url;
  page.openedAt = now;
  noteTry(page, paymentId);
  attempt.knownToGateway = true;
  attempt.nextPollAt = firstPoll({ now, fraction: random.fraction() });
  if (!isUsualHost) raiseAttention(context, "page_host", attempt, storedText(host));
}

/** No page was opened. The next attempt takes the next gateway order_id, because this one may be used. */
function endWithoutPage(context: TransitionContext, attempt: Attempt, outcome: GatewayOutcome<OpenedPage>): void {
  const failure = failureOf(attempt, outcome);
  decide(attempt, "failed", context.now, failure);
  if (failure.category === "configuration") raiseAttention(context, "configuration", attempt, failure.code);
}

/** An answer with an address that no browser may be sent to, and a refusal of the merchant, are matters of configuration. */
function failureOf(attempt: Attempt, outcome: GatewayOutcome<OpenedPage>): Failure {
  if (outcome.kind === "answered") return { by: "no_page", category: "configuration", code: null, description: null };
  if (outcome.kind === "unknown") return { by: "no_page", category: "gateway_unavailable", code: null, description: null };
  const category = CAPABILITIES[attempt.api].refusedCreate(outcome)?.category ?? "gateway_unavailable";
  return { by: "no_page", category, code: storedCode(outcome.code), description: storedText(outcome.description) };
}

/** The call that opens a page was cut by a reset: its address is lost, so nobody can pay on that page. */
export function endLostPage(attempt: Attempt, now: number): void {
  decide(attempt, "failed", now, { by: "no_page", category: "gateway_unavailable", code: null, description: null });
}

/** The outcome as it is stored with the send: an opened page has no status of a payment. */
function withStatus(outcome: GatewayOutcome<OpenedPage>): GatewayOutcome<{ readonly status?: string }> {
  return outcome.kind === "answered" ? { ...outcome, answer: { status: "new" } } : outcome;
}
