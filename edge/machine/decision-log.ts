/**
 * What a change of an order says in the log: one line for each thing that went from one stage to the next, so that a charge reads as
 * a story (docs/logs.md). Pure. Words, ids and times alone: nothing of a person, no amount, no text of the gateway's.
 */
import type { Outcome } from "../../src/outcome.ts";
import type { EditedPayment, PaymentState, RequestState } from "../../src/payment.ts";
import { sendIsOpen } from "./pending-call.ts";
import type { ChargeEvent, LookAnswer } from "./event.ts";
import type { Cause, LogLine } from "../log.ts";
import type { Attempt, ChargeRecord, Claimed, Operation } from "./record.ts";
import { currentAttempt, statusOf } from "./view.ts";

/** One decision: what went from where to where, why, and how long after it was asked for. */
export interface Decided {
  /** `order`, `attempt 1`, `operation 1`, `resolution 1`. */
  readonly what: string;
  /** The X-Request-Id under which the gateway knows the attempt or operation: for an order that of the attempt it is shown by. */
  readonly gateway_request_id: string | null;
  /** The stage before; null for what has just begun. */
  readonly from: string | null;
  readonly to: string;
  /** What happened: the event, and the gateway's own words in it. */
  readonly why: string;
  /** Of a failure: the category, and the gateway's code. */
  readonly category: string | null;
  readonly gateway_code: string | null;
  /** Since it was asked for: the click, or the merchant's request. Null for an order that nobody tried to pay. */
  readonly milliseconds: number | null;
}

/** A change of an order, and the request that caused it; null for a deadline. */
export interface Change {
  readonly event: ChargeEvent;
  readonly before: ChargeRecord;
  readonly after: ChargeRecord;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly cause: Cause | null;
}

/** The lines that a change writes: what was decided, then what the merchant has to look at. */
export function linesOf({ event, before, after, now, cause }: Change): readonly LogLine[] {
  const of = { request_id: cause?.requestId ?? null, trace_id: cause?.traceId ?? null, order_id: after.orderId };
  const decided = decisionsOf(event, before, after, now).map((decision) => ({ event: "decision", ...of, ...decision }) as const);
  const changed = after.gatewayChanged;
  // The first change is logged as an attention.
  const isLogged = after.attention.slice(before.attention.length).some(({ reason }) => reason === "gateway_changed");
  const isDaily = changed !== null && !isLogged && changed.loggedAt !== before.gatewayChanged?.loggedAt;
  const daily = isDaily ? [{ event: "attention", ...of, reason: "gateway_changed", attempt: null } as const] : [];
  const told = after.attention.slice(before.attention.length).map(({ reason, attempt }) => {
    const gateway_request_id = after.attempts[(attempt ?? 0) - 1]?.requestId ?? null;
    return { event: "attention", ...of, gateway_request_id, reason, attempt } as const;
  });
  return [...decided, ...told, ...daily];
}

/**
 * The decisions in one change of a record: attempts, then operations, then an operator's words, the order last.
 *
 * @param now milliseconds since the epoch
 */
export function decisionsOf(event: ChargeEvent, before: ChargeRecord, after: ChargeRecord, now: number): readonly Decided[] {
  const why = reasonOf(event, after);
  const decided: Decided[] = [];
  // A reduced order keeps nothing of its stages: that alone is told.
  const isReduced = after.entombedAt !== before.entombedAt;
  for (const attempt of isReduced ? [] : after.attempts) {
    const was = before.attempts[attempt.number - 1];
    const { category = null, code = null } = attempt.failure ?? {};
    const step = stepOf(was, attempt, attemptStage);
    if (step !== null) decided.push({ ...claimedLine("attempt", attempt, now), ...step, why, category, gateway_code: word(code) });
  }
  for (const operation of isReduced ? [] : after.operations) {
    const step = stepOf(before.operations[operation.number - 1], operation, operationStage);
    const { code = null, gatewayCode = null } = operation.refusal ?? {};
    if (step !== null)
      decided.push({ ...claimedLine("operation", operation, now), ...step, why, category: code, gateway_code: word(gatewayCode) });
  }
  for (const { number, state, at } of isReduced ? [] : after.resolutions) {
    const from = before.resolutions[number - 1]?.state ?? null;
    if (from !== state) decided.push({ ...NOT_SENT, what: `resolution ${number}`, from, to: state, why, milliseconds: now - at });
  }
  const [from, to] = [statusOf(before), statusOf(after)];
  const current = currentAttempt(after);
  const milliseconds = current === null ? null : now - current.claimedAt;
  const order = { ...NOT_SENT, what: "order", gateway_request_id: isReduced ? null : (current?.requestId ?? null), why, milliseconds };
  if (isReduced) decided.push({ ...order, from: to, to: "reduced" });
  else if (after.closedAt !== before.closedAt && to !== "closed") decided.push({ ...order, from, to: "closing" });
  else if (from !== to) decided.push({ ...order, from, to });
  return decided;
}

const NOT_SENT = { gateway_request_id: null, category: null, gateway_code: null } as const;

function claimedLine(
  what: string,
  { number, requestId, claimedAt }: Claimed,
  now: number,
): Pick<Decided, "what" | "gateway_request_id" | "milliseconds"> {
  return { what: `${what} ${number}`, gateway_request_id: requestId, milliseconds: now - claimedAt };
}

/** From one stage to another, or sent once more; null where neither is so. */
function stepOf<One extends Claimed>(was: One | undefined, is: One, stageOf: (one: One) => string): Pick<Decided, "from" | "to"> | null {
  const from = was === undefined ? null : stageOf(was);
  const to = stageOf(is);
  return from === to && was?.sends.length === is.sends.length ? null : { from, to };
}

function attemptStage(attempt: Attempt): string {
  if (attempt.state !== "undecided") return attempt.state;
  if (sendIsOpen(attempt)) return sentStage(attempt);
  if (attempt.puzzle !== null) return attempt.puzzle;
  if (attempt.sends.length === 0 && !attempt.seen) return "waiting";
  return attempt.seen ? "accepted" : "unconfirmed";
}

function operationStage(operation: Operation): string {
  if (operation.state !== "undecided") return operation.state;
  if (operation.body === null) return "waiting";
  if (sendIsOpen(operation)) return sentStage(operation);
  return operation.seen ? "accepted" : "unconfirmed";
}

function sentStage({ sends }: Claimed): string {
  return sends.length > 1 ? "sent again" : "sent";
}

/** What happened, in a few words. */
function reasonOf(event: ChargeEvent, { operations }: ChargeRecord): string {
  switch (event.type) {
    case "pay":
      return `pay, ${event.claim.caller}`;
    case "operate":
      return event.kind;
    case "answered":
      return `create: ${createWords(event.outcome)}`;
    case "edited":
      return `${operations[event.operation - 1]?.kind ?? "edit"}: ${editWords(event.outcome)}`;
    case "looked":
      return event.answers.map(lookWords).join(", ");
    case "operation_looked":
      return [paymentWords(event.payment), ...(event.request === null ? [] : [requestWords(event.request)])].join(", ");
    case "resolution_looked":
      return paymentWords(event.payment);
    case "due":
      return "deadline";
    case "hint":
      return event.ticket === null ? "read" : "callback";
    case "close":
    case "resolve":
      return event.type;
  }
}

function lookWords(answer: LookAnswer): string {
  return answer.about === "request" ? requestWords(answer.outcome) : paymentWords(answer.outcome);
}

function createWords(outcome: Extract<ChargeEvent, { type: "answered" }>["outcome"]): string {
  return outcome.kind === "answered" ? statusWords(outcome.answer) : unansweredWords(outcome);
}

function editWords(outcome: Outcome<EditedPayment>): string {
  return outcome.kind === "answered" ? statusWords({ status: "accepted", ...outcome.answer }) : unansweredWords(outcome);
}

function paymentWords(outcome: Outcome<PaymentState>): string {
  return `payment.status: ${outcome.kind === "answered" ? statusWords(outcome.answer) : unansweredWords(outcome)}`;
}

function requestWords(outcome: Outcome<RequestState>): string {
  return `request.status: ${outcome.kind === "answered" ? statusWords(outcome.answer.response ?? {}) : unansweredWords(outcome)}`;
}

function statusWords({
  status,
  error,
}: {
  readonly status?: string | undefined;
  readonly error?: { readonly code: string } | undefined;
}): string {
  return error === undefined ? (word(status ?? null) ?? "nothing") : `error ${word(error.code)}`;
}

function unansweredWords(outcome: Exclude<Outcome<never>, { kind: "answered" }>): string {
  if (outcome.kind === "refused") return `refused ${word(outcome.code)}`;
  return outcome.httpStatus === null ? outcome.reason : `${outcome.reason}, HTTP ${outcome.httpStatus}`;
}

/** A word or a code of the gateway's. A text that is neither is not repeated: nobody knows what stands in it. */
function word(text: string | null): string | null {
  return text === null || /^[A-Za-z0-9_.-]{1,40}$/.test(text) ? text : "(no word)";
}
