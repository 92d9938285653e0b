/** I10, and rules that are checked directly, because breaking them rarely causes visible harm. */
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { PaymentState, RequestState } from "../../src/payment.ts";
import type { ChargeEvent } from "../../edge/machine/event.ts";
import type { Attempt, ChargeRecord, PendingCall } from "../../edge/machine/record.ts";
import { apiOf, kindOf, namesOf } from "./call-facts.ts";
import type { InFlightCall } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { ownPayments } from "./checker.ts";
import type { CallKind } from "./scenario.ts";
import { MINUTE, SECOND } from "./scenario.ts";

const READS: ReadonlySet<CallKind> = new Set<CallKind>(["payment_status", "request_status", "cards"]);

/** Calls that begin a payment: M3 and M1 hold for both. */
const BEGINS: ReadonlySet<CallKind> = new Set<CallKind>(["create", "page"]);

/** Failures of pages that were never opened, or on which nothing was paid (P4.5). */
const UNUSED: ReadonlySet<string> = new Set(["no_page", "page_expired", "replaced"]);

/** M2: categories after which a profile is not tried again. */
const BARS: ReadonlySet<string> = new Set(["profile_dead", "card_expired", "card_blocked"]);

function isNotFound(outcome: GatewayOutcome<RequestState> | GatewayOutcome<PaymentState>): boolean {
  if (outcome.kind === "refused") return outcome.category === "not_found";
  if (outcome.kind === "unknown") return false;
  const answer: RequestState & PaymentState = outcome.answer;
  const code = answer.response?.error?.code ?? answer.error?.code;
  return code === "1202" || code === "11068" || Object.keys(answer).length === 0;
}

/** An old decline under the same order_id counts as "no payment" (M6). */
function isOldDecline(outcome: GatewayOutcome<PaymentState>): boolean {
  return outcome.kind === "answered" && outcome.answer.status === "error";
}

/** M5: never seen is 1202 or 11068 from `request.status` and `{}`, 1202 or 11068 from `payment.status`. An edit has a payment to read. */
function saysNeverSeen(chargeEvent: ChargeEvent): boolean {
  if (chargeEvent.type === "operation_polled")
    return chargeEvent.request !== null && isNotFound(chargeEvent.request) && chargeEvent.payment?.kind === "answered";
  if (chargeEvent.type !== "polled") return false;
  const request = chargeEvent.answers.find(({ about }) => about === "request");
  const order = chargeEvent.answers.find(({ about }) => about === "order");
  return (
    request !== undefined &&
    isNotFound(request.outcome) &&
    order?.about === "order" &&
    (isNotFound(order.outcome) || isOldDecline(order.outcome))
  );
}

/** A record as text, without the members that polling changes. */
function withoutPollState(record: ChargeRecord): string {
  const attempts = record.attempts.map(
    (one): Attempt => ({ ...one, nextPollAt: null, pollStartedAt: null, lastPollStartedAt: null, hint: null }),
  );
  return JSON.stringify({ ...record, attempts });
}

export function rulesChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  /** The bytes that were sent under each X-Request-Id. */
  const bytes = new Map<string, string>();
  /** When the last readable read of a gateway order_id was sent, by its API. True time. */
  const readAt = new Map<string, number>();
  /** When an attempt was created, by number. True time. */
  const createdAt = new Map<number, number>();

  /** M1: a call is stored byte for byte before it is sent. M5: the same id means the same bytes, and a read has a fresh id. */
  function onSent({ call, isResend }: InFlightCall): void {
    const { requestId, body, action } = call;
    const known = bytes.get(requestId);
    bytes.set(requestId, `${action.name} ${body}`);
    if (known !== undefined && known !== `${action.name} ${body}`) fail("M5", `other bytes were sent under X-Request-Id ${requestId}`);
    if (READS.has(kindOf(call))) {
      if (isResend) fail("M5", "a read was sent under an X-Request-Id that was used before");
      return;
    }
    const record = object.durableRecord;
    const pendingCalls: readonly (PendingCall & { readonly body: string | null })[] = [
      ...(record?.attempts ?? []),
      ...(record?.operations ?? []),
    ];
    const pendingCall = pendingCalls.find(({ sends }) => sends.some((send) => send.requestId === requestId));
    if (pendingCall?.body !== body) fail("M1", `${action.name} was sent before it was stored`);
    else if (record !== null && BEGINS.has(kindOf(call))) orderIdsWereRead(record, pendingCall.number);
  }

  /** M3: before a later attempt is sent, the last and the new gateway order_id were read. */
  function orderIdsWereRead(record: ChargeRecord, number: number): void {
    const attempt = record.attempts[number - 1];
    const last = record.attempts[number - 2];
    const since = createdAt.get(number);
    if (attempt === undefined || last === undefined || since === undefined || attempt.sends.length !== 1) return;
    for (const { api, gatewayOrderId } of [last, attempt]) {
      if ((readAt.get(`${api} ${gatewayOrderId}`) ?? 0) < since)
        fail("M3", `attempt ${number} was sent, and ${gatewayOrderId} was not read since its click`);
    }
  }

  /** M2 and M3: when an attempt may begin, and under which gateway order_id. */
  function attemptBegan(before: ChargeRecord, attempt: Attempt, after: ChargeRecord): void {
    createdAt.set(attempt.number, schedule.now);
    const last = before.attempts.at(-1);
    if (before.closedAt !== null) fail("I10", `attempt ${attempt.number} began on a closed order`);
    const unused = before.attempts.filter(({ failure }) => UNUSED.has(failure?.by ?? "")).length;
    if (before.attempts.length - unused > 10 || unused > 30) fail("M2", `attempt ${attempt.number} began, after ${unused} unused pages`);
    // A page gives way to the attempt (oracle-page.ts).
    if (before.attempts.some(({ state, page }, index) => (page === null ? state : after.attempts[index]?.state) !== "failed"))
      fail("M2", `attempt ${attempt.number} began while another had not failed`);
    if (
      attempt.page === null &&
      before.attempts.some(({ terms, failure }) => terms.profile_id === attempt.terms.profile_id && BARS.has(failure?.category ?? ""))
    )
      fail("M2", `attempt ${attempt.number} began with a profile that is barred`);
    if (last === undefined) return;
    if (attempt.createdAt - (last.decidedAt ?? 0) < 2 * SECOND && attempt.createdAt >= (last.decidedAt ?? 0))
      fail("M2", `attempt ${attempt.number} began less than 2 s after the last failed`);
    if (last.api !== attempt.api) return;
    const underId = before.attempts.filter(({ gatewayOrderId }) => gatewayOrderId === last.gatewayOrderId);
    const declined = underId.some(({ failure }) => failure?.by === "payment" || UNUSED.has(failure?.by ?? "") || failure === null);
    const silent = underId.some(({ failure }) => failure?.by === "silence" || failure?.by === "other_attempt");
    const moved = attempt.gatewayOrderId !== last.gatewayOrderId;
    const end = last.sends.at(-1)?.end;
    if (moved && !declined && end?.how === "refused" && end.httpStatus === 401)
      fail("M3", `attempt ${attempt.number} moved on to ${attempt.gatewayOrderId} after a 401`);
    if (moved && !declined && (silent || last.failure?.by !== "refusal"))
      fail("M3", `attempt ${attempt.number} moved on to ${attempt.gatewayOrderId} after ${last.failure?.by}`);
  }

  /** M3, M5 and I10: when a send may be added. */
  function onSend(before: ChargeRecord, pendingCall: PendingCall, isAttempt: boolean, chargeEvent: ChargeEvent): void {
    const last = pendingCall.sends.at(-1);
    const earlier = pendingCall.sends.at(-2);
    if (last === undefined) return;
    if (isAttempt && before.closedAt !== null) fail("I10", `attempt ${pendingCall.number} was sent for a closed order`);
    if (last.at - pendingCall.createdAt > 2 * MINUTE && earlier === undefined)
      fail("M3", `number ${pendingCall.number} was sent later than 2 minutes after its request`);
    if (earlier?.superseded === true && last.requestId === earlier.requestId)
      fail("M4", `number ${pendingCall.number} was tried with the other key under the same X-Request-Id`);
    // oracle-merchant.ts judges the sends of the other API.
    if (earlier === undefined || earlier.superseded || pendingCall.api === "merchant") return;
    if (!saysNeverSeen(chargeEvent)) fail("M5", `number ${pendingCall.number} was sent again, but not both reads said "never seen"`);
    if (earlier.endedAt === null) fail("M5", `number ${pendingCall.number} was sent again while the last send was open`);
    if (last.requestId !== earlier.requestId) fail("M5", `number ${pendingCall.number} was sent again under a fresh X-Request-Id`);
    if (last.at - (pendingCall.sends[0]?.at ?? 0) > 2 * MINUTE)
      fail("M5", `number ${pendingCall.number} was sent again later than 2 minutes after its first send`);
    if (last.at - earlier.at < 10 * SECOND) fail("M5", `number ${pendingCall.number} was sent again less than 10 s after the last send`);
  }

  /**
   * M5: an attempt is given up as never seen late enough. The gateway has no payment for it, unless a clock step or a false read misled the
   * edge.
   */
  function givenUp(attempt: Attempt): void {
    const since = (attempt.decidedAt ?? 0) - (attempt.sends.at(-1)?.at ?? 0);
    // The first of the two polls may have used the constant of an earlier deployment.
    const apart = context.rulesChanged() ? 0 : 30 * SECOND;
    // After a refusal of the card, by the Merchant API: 30 s, then 15 s (P1.3).
    const isShort = attempt.api === "merchant" && attempt.failure?.category !== "gateway_unavailable";
    if (since < (isShort ? 45 * SECOND : context.ruleNumbers().neverSeenAfter + apart))
      fail("M5", `attempt ${attempt.number} was given up ${Math.round(since / SECOND)} s after its last send`);
    if (context.clockSkew() > 0 || context.hadEmptyRead() || context.wasRestored()) return;
    const payment = ownPayments(context).find((one) => context.books.isUnder({ id: one.paymentId, orderId: one.orderId }, attempt));
    if (payment !== undefined)
      fail("M5", `attempt ${attempt.number} was given up as never seen, and the gateway has payment ${payment.paymentId}`);
  }

  /** M5: an answer to a poll from before a later send or state changes nothing but the poll state. A callback may be followed then (M7). */
  function staleAnswerIgnored(chargeEvent: ChargeEvent, before: ChargeRecord, after: ChargeRecord): void {
    if (chargeEvent.type !== "polled" && chargeEvent.type !== "operation_polled") return;
    const subject = chargeEvent.type === "polled" ? before.attempts[chargeEvent.attempt - 1] : before.operations[chargeEvent.operation - 1];
    if (subject?.generation !== chargeEvent.generation && withoutPollState(before) !== withoutPollState(after))
      fail("M5", "an answer to a poll from before a later send or state changed the record");
  }

  return {
    onEvent(event): void {
      if (event.type === "call_sent") onSent(event.inFlight);
      else if (event.type === "evicted" && context.wasRestored()) createdAt.clear();
      else if (event.type === "call_ended" && event.isDelivered) {
        const { inFlight, outcome } = event;
        const { call } = inFlight;
        const { orderId } = namesOf(call);
        if (kindOf(call) === "payment_status" && outcome.kind !== "unknown" && orderId !== null) {
          const read = `${apiOf(call)} ${orderId}`;
          readAt.set(read, Math.max(readAt.get(read) ?? 0, inFlight.sentAt));
        }
      } else if (event.type === "applied") {
        const { before, after, chargeEvent } = event;
        staleAnswerIgnored(chargeEvent, before, after);
        for (const [index, attempt] of after.attempts.entries()) {
          const earlier = before.attempts[index];
          if (earlier === undefined) attemptBegan(before, attempt, after);
          if (attempt.sends.length > (earlier?.sends.length ?? 0)) onSend(before, attempt, true, chargeEvent);
          if (attempt.failure?.by === "silence" && earlier?.failure?.by !== "silence" && chargeEvent.type !== "resolve") givenUp(attempt);
        }
        for (const [index, operation] of after.operations.entries()) {
          if (operation.sends.length > (before.operations[index]?.sends.length ?? 0)) onSend(before, operation, false, chargeEvent);
        }
        if (
          after.redactedAt !== before.redactedAt &&
          [...before.attempts, ...before.operations].some(({ state }) => state === "undecided" || state === "held")
        )
          fail("M10", "the order was redacted while something was undecided or held");
        const open = after.operations.filter(({ state }) => state === "undecided");
        if (open.length > 1) fail("M8", "two operations are undecided at once");
      }
    },
  };
}
