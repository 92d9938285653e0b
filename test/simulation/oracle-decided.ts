/** M5: a payment that the gateway declined, or never saw, does not stay undecided. Payments that took money are I3 (oracle-money.ts). */
import type { TruePayment } from "../../src/simulator/index.ts";
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { InFlightCall } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { apiOf, kindOf } from "./call-facts.ts";
import { isOdd, ownPayments } from "./checker.ts";
import { POLL_TAKES, pollIntervalAt } from "./oracle-poll-intervals.ts";
import { MINUTE, SECOND } from "./scenario.ts";

/** "Never seen" counts if two polls this far apart say so. */
const NEVER_SEEN_APART = 30 * SECOND;

/** No create is sent later than this after the click. */
const SEND_WINDOW = 2 * MINUTE;

/**
 * Whether a create's outcome proves nothing, because the gateway may never have seen it. A refused signature says that it did not act. No
 * refusal of the Merchant API proves that it did (P1).
 */
function provesNothing({ call }: InFlightCall, outcome: GatewayOutcome<unknown>): boolean {
  return outcome.kind === "unknown" || (outcome.kind === "refused" && (outcome.httpStatus === 401 || apiOf(call) === "merchant"));
}

export function decisionChecker(context: CheckContext, fail: Fail): Checker {
  const { schedule, object } = context;
  /** X-Request-Ids of creates that the gateway acted on, or answered with something that proves it. */
  const knownToGateway = new Set<string>();
  /** When a create was last sent, by X-Request-Id, and when an attempt was created, by number. True time. */
  const sentAt = new Map<string, number>();
  const createdAt = new Map<number, number>();

  const ageOf = (attempt: Attempt): number => object.now - (attempt.sends[0]?.at ?? attempt.createdAt) + 2 * context.clockSkew();

  function calmSince(attempt: Attempt, since: number): number {
    return Math.max(since, context.lastDisturbance(), createdAt.get(attempt.number) ?? 0);
  }

  /** A payment that the gateway declined ends every attempt under its order_id that it can belong to. */
  function declinedEnds(record: ChargeRecord, payment: TruePayment): void {
    const truth = context.books.payment(payment.paymentId);
    const since = truth?.steps.find(({ status }) => status === "error")?.at;
    if (truth === undefined || since === undefined || context.secondPayments().has(payment.paymentId)) return;
    const sent = record.attempts.filter((attempt) => attempt.sends.length > 0 && context.books.isUnder(truth, attempt));
    if (sent.some((attempt) => isOdd(context, truth, attempt))) return;
    for (const attempt of sent) {
      // The decline of a try decides no page (P5.1).
      if (attempt.state !== "undecided" || attempt.page !== null) continue;
      const waited = schedule.now - calmSince(attempt, since);
      if (waited > pollIntervalAt(ageOf(attempt)) + POLL_TAKES)
        fail("M5", `payment ${payment.paymentId} was declined, and ${text(waited)} later attempt ${attempt.number} is undecided`);
    }
  }

  /** A create that the gateway never saw is given up. */
  function unknownEnds(attempt: Attempt): void {
    const ids = new Set(attempt.sends.map(({ requestId }) => requestId));
    if ([...ids].some((id) => knownToGateway.has(id)) || attempt.mismatch !== null) return;
    const sends = [...ids].map((id) => sentAt.get(id) ?? Number.POSITIVE_INFINITY);
    const counts = Math.max(...sends) + context.ruleNumbers().neverSeenAfter + 2 * context.clockSkew();
    const by = calmSince(attempt, counts) + NEVER_SEEN_APART + 2 * (pollIntervalAt(ageOf(attempt)) + POLL_TAKES);
    if (schedule.now > by)
      fail(
        "M5",
        `the gateway never saw attempt ${attempt.number}, and ${text(schedule.now - Math.max(...sends))} after its last send it is undecided`,
      );
  }

  /** A later attempt whose reads do not allow a send ends without one. */
  function unsentEnds(attempt: Attempt): void {
    const created = createdAt.get(attempt.number);
    if (created === undefined || attempt.mismatch !== null || attempt.knownToGateway) return;
    if (schedule.now > calmSince(attempt, created + SEND_WINDOW + 2 * context.clockSkew()) + pollIntervalAt(ageOf(attempt)) + POLL_TAKES)
      fail("M3", `attempt ${attempt.number} was created ${text(schedule.now - created)} ago, and still waits for its reads`);
  }

  const text = (milliseconds: number): string => `${Math.round(milliseconds / SECOND)} s`;

  return {
    onEvent(event): void {
      if (event.type === "call_sent" && kindOf(event.inFlight.call) === "create") sentAt.set(event.inFlight.call.requestId, schedule.now);
      else if (event.type === "gateway_acted") knownToGateway.add(event.call.requestId);
      else if (
        event.type === "call_received" &&
        event.receipt !== "key refused" &&
        event.receipt.actsAt !== null &&
        apiOf(event.inFlight.call) === "async"
      )
        knownToGateway.add(event.inFlight.call.requestId);
      else if (event.type === "call_ended" && !provesNothing(event.inFlight, event.outcome))
        knownToGateway.add(event.inFlight.call.requestId);
      else if (event.type === "applied") {
        const begun = event.after.attempts.slice(event.before.attempts.length);
        for (const { number } of begun) createdAt.set(number, schedule.now);
      }
    },
    check(record): void {
      const open = record.attempts.filter(({ state }) => state === "undecided");
      if (open.length === 0 || context.isAway() || context.wasRestored()) return;
      for (const attempt of open) {
        if (attempt.sends.length === 0) unsentEnds(attempt);
        else if (attempt.page === null && !context.books.models[attempt.api].orders.has(attempt.gatewayOrderId)) unknownEnds(attempt);
      }
      for (const payment of ownPayments(context)) if (payment.status === "error") declinedEnds(record, payment);
    },
  };
}
