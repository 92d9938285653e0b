/**
 * The log lines of a change: one line for each attempt, profile, operation, resolution or order that changed its stage (docs/logs.md). Pure. The
 * lines hold statuses, codes, ids and times; no personal data, no amount, no text of the gateway.
 */
import type { CreatedPayment, EditedPayment, PaymentState, RequestState } from "../../src/payment.ts";
import type { OpenedPage } from "../../src/merchant-api/answers.ts";
import { sendIsOpen } from "./pending-call.ts";
import type { ChargeEvent, PollAnswer, SendOutcome } from "./event.ts";
import type { GatewayOutcome } from "./gateway-call.ts";
import type { RequestContext, LogLine } from "../log.ts";
import type { Attempt, ChargeRecord, PendingCall, Operation } from "./record.ts";
import { currentAttempt, statusOf } from "./view.ts";

/** One decision: what changed from which stage to which, why, and how long after its request. */
export interface Decided {
  /** `order`, `attempt 1`, `profile 1` (of the page of attempt 1), `operation 1`, `resolution 1`. */
  readonly what: string;
  /** The X-Request-Id of the attempt or operation. For an order that of its current attempt. */
  readonly gateway_request_id: string | null;
  /** The stage before; null for a new attempt, operation or resolution. */
  readonly from: string | null;
  readonly to: string;
  /** The order's status before and after, if an attempt's decision changed it. Null if it did not, and on a line of the order itself. */
  readonly order_from: string | null;
  readonly order_to: string | null;
  /** The event, with the gateway's statuses and codes. */
  readonly why: string;
  /** The failure's category and the gateway's code. */
  readonly category: string | null;
  readonly gateway_code: string | null;
  /** Since the click or the merchant's request. Null for an order without an attempt. */
  readonly milliseconds: number | null;
}

/** A change of an order, and the request that caused it; null if an alarm did. */
export interface Change {
  readonly event: ChargeEvent;
  readonly before: ChargeRecord;
  readonly after: ChargeRecord;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly request: RequestContext | null;
}

/** The log lines of a change: one for each decision, new attention, and the daily reminder that the settings name another gateway. */
export function logLinesOf({ event, before, after, now, request }: Change): readonly LogLine[] {
  const ids = { request_id: request?.requestId ?? null, trace_id: request?.traceId ?? null, order_id: after.orderId };
  const decided = decisionsOf(event, before, after, now).map((decision) => ({ event: "decision", ...ids, ...decision }) as const);
  const changed = after.gatewayChanged;
  // When the other gateway is first noticed, that is a new attention already, so there is no reminder.
  const isNewAttention = after.attention.slice(before.attention.length).some(({ reason }) => reason === "gateway_changed");
  const isReminderDue = changed !== null && !isNewAttention && changed.loggedAt !== before.gatewayChanged?.loggedAt;
  const reminders = isReminderDue ? [{ event: "attention", ...ids, reason: "gateway_changed", attempt: null } as const] : [];
  const attentions = after.attention.slice(before.attention.length).map(({ reason, attempt }) => {
    const gateway_request_id = after.attempts[(attempt ?? 0) - 1]?.requestId ?? null;
    return { event: "attention", ...ids, gateway_request_id, reason, attempt } as const;
  });
  return [...decided, ...attentions, ...reminders];
}

/**
 * The decisions in one change of a record: attempts, operations, resolutions. A new status of the order is on the line of the last attempt
 * that changed, because that is the same decision; without one it has a line of its own.
 *
 * @param now milliseconds since the epoch
 */
export function decisionsOf(event: ChargeEvent, before: ChargeRecord, after: ChargeRecord, now: number): readonly Decided[] {
  const why = reasonOf(event, after);
  const decided: Decided[] = [];
  // Redaction removes the stages. It is logged as one decision on the order.
  const isRedacted = after.redactedAt !== before.redactedAt;
  for (const attempt of isRedacted ? [] : after.attempts) {
    const was = before.attempts[attempt.number - 1];
    const { category = null, code = null } = attempt.failure ?? {};
    const step = stepOf(was, attempt, attemptStage);
    if (step !== null) decided.push({ ...subjectOf("attempt", attempt, now), ...step, why, category, gateway_code: loggable(code) });
  }
  const profiles = isRedacted ? [] : after.attempts.filter((attempt) => isProfileNew(before.attempts[attempt.number - 1], attempt));
  const [from, to] = [statusOf(before), statusOf(after)];
  const last = decided.pop();
  const isShown = last !== undefined && from !== to;
  if (last !== undefined) decided.push(isShown ? { ...last, order_from: from, order_to: to } : last);
  for (const attempt of profiles)
    decided.push({ ...subjectOf("profile", attempt, now), from: null, to: "created", why, category: null, gateway_code: null });
  for (const operation of isRedacted ? [] : after.operations) {
    const step = stepOf(before.operations[operation.number - 1], operation, operationStage);
    const { code = null, gatewayCode = null } = operation.refusal ?? {};
    if (step !== null)
      decided.push({ ...subjectOf("operation", operation, now), ...step, why, category: code, gateway_code: loggable(gatewayCode) });
  }
  for (const { number, state, at } of isRedacted ? [] : after.resolutions) {
    const from = before.resolutions[number - 1]?.state ?? null;
    if (from !== state) decided.push({ ...NOT_SENT, what: `resolution ${number}`, from, to: state, why, milliseconds: now - at });
  }
  const current = currentAttempt(after);
  const milliseconds = current === null ? null : now - current.createdAt;
  const order = { ...NOT_SENT, what: "order", gateway_request_id: isRedacted ? null : (current?.requestId ?? null), why, milliseconds };
  if (isRedacted) decided.push({ ...order, from: to, to: "redacted" });
  else if (after.closedAt !== before.closedAt && to !== "closed") decided.push({ ...order, from, to: "closing" });
  else if (from !== to && !isShown) decided.push({ ...order, from, to });
  return decided;
}

const NO_ORDER = { order_from: null, order_to: null } as const;

const NOT_SENT = { ...NO_ORDER, gateway_request_id: null, category: null, gateway_code: null } as const;

function subjectOf(
  what: string,
  { number, requestId, createdAt }: PendingCall,
  now: number,
): Pick<Decided, "what" | "gateway_request_id" | "milliseconds" | "order_from" | "order_to"> {
  return { ...NO_ORDER, what: `${what} ${number}`, gateway_request_id: requestId, milliseconds: now - createdAt };
}

/** The change of stage, also for one more send; null without a change. */
function stepOf<One extends PendingCall>(
  was: One | undefined,
  is: One,
  stageOf: (one: One) => string,
): Pick<Decided, "from" | "to"> | null {
  const from = was === undefined ? null : stageOf(was);
  const to = stageOf(is);
  return from === to && was?.sends.length === is.sends.length ? null : { from, to };
}

/** Whether the profile of an attempt's page has just become known (P9). */
function isProfileNew(was: Attempt | undefined, is: Attempt): boolean {
  return (is.page?.profile ?? null) !== null && (was?.page?.profile ?? null) === null;
}

function attemptStage(attempt: Attempt): string {
  if (attempt.state !== "undecided") return attempt.state;
  if (sendIsOpen(attempt)) return sentStage(attempt);
  if (attempt.mismatch !== null) return attempt.mismatch;
  if (attempt.sends.length === 0 && !attempt.knownToGateway) return "waiting";
  if (attempt.page !== null) return attempt.page.url === null ? "page closed" : "page open";
  return attempt.knownToGateway ? "accepted" : "unconfirmed";
}

function operationStage(operation: Operation): string {
  if (operation.state !== "undecided") return operation.state;
  if (operation.body === null) return "waiting";
  if (sendIsOpen(operation)) return sentStage(operation);
  return operation.knownToGateway ? "accepted" : "unconfirmed";
}

function sentStage({ sends }: PendingCall): string {
  return sends.length > 1 ? "sent again" : "sent";
}

/** The event as a short text. */
function reasonOf(event: ChargeEvent, { operations }: ChargeRecord): string {
  switch (event.type) {
    case "pay":
      return `pay, ${event.input.caller}`;
    case "operate":
      return event.kind;
    case "create_answered":
      return `create: ${sendText(event.outcome, createText)}${event.read === null ? "" : `, ${pollText(event.read.answer)}`}`;
    case "page_opened":
      return `page: ${sendText(event.outcome, pageText)}`;
    case "returned":
      return `returned, ${event.by}`;
    case "cards_listed":
      return "cards listed";
    case "edit_answered":
      return `${operations[event.operation - 1]?.kind ?? "edit"}: ${sendText(event.outcome, editText)}`;
    case "polled":
      return event.answers.length === 0 ? NOT_SENT_TEXT : event.answers.map(pollText).join(", ");
    case "operation_polled":
      return [
        event.payment === null ? NOT_SENT_TEXT : paymentText(event.payment),
        ...(event.request === null ? [] : [requestText(event.request)]),
      ].join(", ");
    case "resolution_read":
      return event.payment === null ? NOT_SENT_TEXT : paymentText(event.payment);
    case "alarm":
      return "deadline";
    case "hint":
      return event.ticket === null ? "read" : "callback";
    case "close":
    case "resolve":
      return event.type;
  }
}

/** The text of a call whose window passed while it was queued. */
const NOT_SENT_TEXT = "not sent";

function sendText<Answer>(outcome: SendOutcome<Answer>, text: (outcome: GatewayOutcome<Answer>) => string): string {
  return outcome.kind === "not_sent" ? NOT_SENT_TEXT : text(outcome);
}

function pollText(answer: PollAnswer): string {
  return answer.about === "request" ? requestText(answer.outcome) : paymentText(answer.outcome);
}

function createText(outcome: GatewayOutcome<CreatedPayment>): string {
  return outcome.kind === "answered" ? statusText(outcome.answer) : unansweredText(outcome);
}

function pageText(outcome: GatewayOutcome<OpenedPage>): string {
  return outcome.kind === "answered" ? "opened" : unansweredText(outcome);
}

function editText(outcome: GatewayOutcome<EditedPayment>): string {
  return outcome.kind === "answered" ? statusText({ status: "accepted", ...outcome.answer }) : unansweredText(outcome);
}

function paymentText(outcome: GatewayOutcome<PaymentState>): string {
  return `payment.status: ${outcome.kind === "answered" ? statusText(outcome.answer) : unansweredText(outcome)}`;
}

function requestText(outcome: GatewayOutcome<RequestState>): string {
  return `request.status: ${outcome.kind === "answered" ? statusText(outcome.answer.response ?? {}) : unansweredText(outcome)}`;
}

function statusText({
  status,
  error,
}: {
  readonly status?: string | undefined;
  readonly error?: { readonly code: string } | undefined;
}): string {
  return error === undefined ? (loggable(status ?? null) ?? "nothing") : `error ${loggable(error.code)}`;
}

function unansweredText(outcome: Exclude<GatewayOutcome<never>, { kind: "answered" }>): string {
  if (outcome.kind === "refused") return `refused ${loggable(outcome.code)}`;
  return outcome.httpStatus === null ? outcome.reason : `${outcome.reason}, HTTP ${outcome.httpStatus}`;
}

/** A status or code of the gateway. Any other text is not logged, because it may hold anything. */
function loggable(text: string | null): string | null {
  return text === null || /^[A-Za-z0-9_.-]{1,40}$/.test(text) ? text : "(no word)";
}
