/** M5: what the gateway declined, or never saw, does not stay undecided. What it took is I3 (oracle-money.ts). */
import type { TruePayment } from "../../src/simulator/index.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Fail, Watch, Watched } from "./watch.ts";
import { isOdd, ownPayments } from "./watch.ts";
import { LOOK_TAKES, pauseAt } from "./oracle-pace.ts";
import { MINUTE, SECOND } from "./scenario.ts";

/** "Never seen" counts when it was asked twice, this far apart. */
const TWICE = 30 * SECOND;

/** Nothing is asked to pay later than this after the click. */
const SEND_WINDOW = 2 * MINUTE;

/** A create's end that proves nothing: the gateway may never have seen it. A refusal for the signature says that it did not act. */
function provesNothing(outcome: Outcome<unknown>): boolean {
  return outcome.kind === "unknown" || (outcome.kind === "refused" && outcome.httpStatus === 401);
}

export function watchDecided(watched: Watched, fail: Fail): Watch {
  const { schedule, object } = watched;
  /** X-Request-Ids of creates that the gateway acted on, or said something about. */
  const known = new Set<string>();
  /** When a create last left, by X-Request-Id, and when an attempt was claimed, by number. True time. */
  const sentAt = new Map<string, number>();
  const createdAt = new Map<number, number>();

  const ageOf = (attempt: Attempt): number => object.now - (attempt.sends[0]?.at ?? attempt.createdAt) + 2 * watched.slip();

  function lately(attempt: Attempt, since: number): number {
    return Math.max(since, watched.disturbedAt(), createdAt.get(attempt.number) ?? 0);
  }

  /** A payment that the gateway declined ends all attempts under its order_id that it can be of. */
  function declined(record: ChargeRecord, payment: TruePayment): void {
    const truth = watched.model.payments.get(payment.paymentId);
    const since = truth?.steps.find(({ status }) => status === "error")?.at;
    if (truth === undefined || since === undefined || watched.secondPayments().has(payment.paymentId)) return;
    const sent = record.attempts.filter(({ gatewayOrderId, sends }) => gatewayOrderId === payment.orderId && sends.length > 0);
    if (sent.some((attempt) => isOdd(watched, truth, attempt))) return;
    for (const attempt of sent) {
      if (attempt.state !== "undecided") continue;
      const waited = schedule.now - lately(attempt, since);
      if (waited > pauseAt(ageOf(attempt)) + LOOK_TAKES)
        fail("M5", `payment ${payment.paymentId} was declined, and ${text(waited)} later attempt ${attempt.number} is undecided`);
    }
  }

  /** A create that the gateway never saw is given up. */
  function neverSeen(attempt: Attempt): void {
    const ids = new Set(attempt.sends.map(({ requestId }) => requestId));
    if ([...ids].some((id) => known.has(id)) || attempt.mismatch !== null) return;
    const sends = [...ids].map((id) => sentAt.get(id) ?? Number.POSITIVE_INFINITY);
    const counts = Math.max(...sends) + watched.numbers().neverSeenAfter + 2 * watched.slip();
    const by = lately(attempt, counts) + TWICE + 2 * (pauseAt(ageOf(attempt)) + LOOK_TAKES);
    if (schedule.now > by)
      fail(
        "M5",
        `the gateway never saw attempt ${attempt.number}, and ${text(schedule.now - Math.max(...sends))} after its last send it is undecided`,
      );
  }

  /** A later attempt whose way is not cleared ends without a send. */
  function neverSent(attempt: Attempt): void {
    const claimed = createdAt.get(attempt.number);
    if (claimed === undefined || attempt.mismatch !== null || attempt.knownToGateway) return;
    if (schedule.now > lately(attempt, claimed + SEND_WINDOW + 2 * watched.slip()) + pauseAt(ageOf(attempt)) + LOOK_TAKES)
      fail("M3", `attempt ${attempt.number} was claimed ${text(schedule.now - claimed)} ago, and waits for its reads`);
  }

  const text = (milliseconds: number): string => `${Math.round(milliseconds / SECOND)} s`;

  return {
    hear(happening): void {
      if (happening.what === "departed" && happening.passage.call.action.name === "gateway.payment.create")
        sentAt.set(happening.passage.call.requestId, schedule.now);
      else if (happening.what === "acted") known.add(happening.call.requestId);
      else if (happening.what === "received" && happening.receipt !== "key refused" && happening.receipt.actsAt !== null)
        known.add(happening.passage.call.requestId);
      else if (happening.what === "ended" && !provesNothing(happening.outcome)) known.add(happening.passage.call.requestId);
      else if (happening.what === "applied") {
        const begun = happening.after.attempts.slice(happening.before.attempts.length);
        for (const { number } of begun) createdAt.set(number, schedule.now);
      }
    },
    look(record): void {
      const open = record.attempts.filter(({ state }) => state === "undecided");
      if (open.length === 0 || watched.isAway() || watched.wasRestored()) return;
      for (const attempt of open) {
        if (attempt.sends.length === 0) neverSent(attempt);
        else if (!watched.model.orders.has(attempt.gatewayOrderId)) neverSeen(attempt);
      }
      for (const payment of ownPayments(watched)) if (payment.status === "error") declined(record, payment);
    },
  };
}
