/** I1 to I3: the money that was taken, the status that is shown, and how soon. */
import type { Payment, TruePayment } from "../../src/simulator/index.ts";
import { instantsOf, paymentAt } from "../../src/simulator/timeline.ts";
import { toMinorUnits } from "../../src/money.ts";
import type { PaymentState } from "../../src/payment.ts";
import type { ChargeEvent } from "../../edge/machine/event.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import { profileAtGateway } from "./call-facts.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { amountIsUnreliable, isOdd, moneyKnownSince, ownPayments } from "./checker.ts";
import { POLL_TAKES, pollIntervalAt } from "./oracle-poll-intervals.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** M5: when a provisional failure is read again, counted from its decision: after 1, 5 and 20 min, then hourly for a day. */
const PROVISIONAL_READS = [MINUTE, 5 * MINUTE, 20 * MINUTE, ...Array.from({ length: 24 }, (_, hour) => 20 * MINUTE + (hour + 1) * HOUR)];

/** The oldest state that a read can show: its lag, and the time of its answer. */
const LONGEST_LAG = 145 * SECOND;

/** States that show money taken or held. */
const SHOWS_MONEY: ReadonlySet<string> = new Set(["held", "paid", "reversed", "refunded"]);

/** Failures after which an attempt is read for a day. */
const PROVISIONAL: ReadonlySet<string> = new Set(["silence", "page_expired", "replaced"]);

/** The longest pause between two polls of a page. */
const PAGE_POLLS = 5 * MINUTE;

/** Failures that an answer of the gateway decided, so that it cannot have taken money. */
const DECIDED_BY_GATEWAY: ReadonlySet<string> = new Set(["payment", "refusal", "unauthorized"]);

/** The read of the attempt's payment that decided it. M6 compares some members only if they are present. */
function readOf(chargeEvent: ChargeEvent, { gatewayOrderId, paymentId }: Attempt): PaymentState | null {
  if (chargeEvent.type === "operation_polled" || chargeEvent.type === "resolution_read")
    return chargeEvent.payment?.kind === "answered" ? chargeEvent.payment.answer : null;
  const answers = chargeEvent.type === "create_answered" && chargeEvent.read !== null ? [chargeEvent.read.answer] : [];
  if (chargeEvent.type !== "polled" && answers.length === 0) return null;
  const all = (chargeEvent.type === "polled" ? chargeEvent.answers : answers).filter(
    (answer) => answer.about === "order" && answer.orderId === gatewayOrderId,
  );
  // A page is read by its number and by its tries.
  const own =
    all.find(({ about, outcome }) => about === "order" && outcome.kind === "answered" && outcome.answer.id === paymentId) ?? all[0];
  return own?.about === "order" && own.outcome.kind === "answered" ? own.outcome.answer : null;
}

export function moneyChecker(context: CheckContext, fail: Fail): Checker {
  const { schedule, object } = context;
  const tookMoney = new Set<string>();
  /** When an attempt was created, by number. True time. */
  const createdAt = new Map<number, number>();
  /** The X-Request-Id of the create that made a payment. */
  const madeBy = new Map<string, string>();

  /** I1: at most one payment of the order ever took or held money. */
  function onlyOnePaid(all: readonly TruePayment[]): void {
    const exempt = context.secondPayments();
    for (const { paymentId, taken, held } of all) if ((taken > 0 || held > 0) && !exempt.has(paymentId)) tookMoney.add(paymentId);
    for (const id of exempt) tookMoney.delete(id);
    if (tookMoney.size <= 1 || context.lostMove()) return;
    const unstoppable = context.unstoppable([...tookMoney]);
    if ([...tookMoney].filter((id) => !unstoppable.has(id)).length > 1 || unstoppable.size === 0)
      fail("I1", `the gateway took money ${tookMoney.size} times: payments ${[...tookMoney].join(", ")}`);
  }

  /** The amounts in minor units that answers of creates and reads of requests named for a payment. The edge could know these. */
  const knownAmounts = new Map<string, Set<number>>();

  function noteAmount(id: string | undefined, amount: number | string | undefined): void {
    const minor = toMinorUnits(amount);
    if (id !== undefined && minor !== null) knownAmounts.set(id, (knownAmounts.get(id) ?? new Set()).add(minor));
  }

  function noteAmounts(chargeEvent: ChargeEvent): void {
    if (chargeEvent.type === "create_answered" && chargeEvent.outcome.kind === "answered")
      noteAmount(chargeEvent.outcome.answer.id, chargeEvent.outcome.answer.amount);
    if (chargeEvent.type !== "polled") return;
    for (const answer of chargeEvent.answers) {
      if (answer.about !== "request" || answer.outcome.kind !== "answered") continue;
      const { response } = answer.outcome.answer;
      noteAmount(response?.id, response?.amount);
    }
  }

  /**
   * Whether the edge could not detect a wrong amount: the read that decided showed the amount of another attempt under the same order_id,
   * and no earlier answer named the true one.
   */
  function isIndistinguishable(after: ChargeRecord, attempt: Attempt, payment: Payment, read: PaymentState | null): boolean {
    if (toMinorUnits(read?.amount) !== attempt.terms.amount || payment.minor === attempt.terms.amount) return false;
    const siblings = after.attempts.filter(({ gatewayOrderId }) => gatewayOrderId === attempt.gatewayOrderId);
    const isSiblings = siblings.some(({ sends, terms }) => sends.length > 0 && terms.amount === payment.minor);
    return isSiblings && knownAmounts.get(payment.id)?.has(payment.minor) !== true;
  }

  /** I2: an attempt that was just decided held or paid was so when it was read. */
  function decisionWasTrue(after: ChargeRecord, attempt: Attempt, chargeEvent: ChargeEvent, earlierMismatch: Attempt["mismatch"]): void {
    const payment = context.books.payment(attempt.paymentId);
    if (payment === undefined || !context.books.isUnder(payment, attempt)) {
      fail(
        "I2",
        `attempt ${attempt.number} is shown ${attempt.state} by payment ${attempt.paymentId}, which the gateway does not have for ${attempt.gatewayOrderId}`,
      );
      return;
    }
    const read = readOf(chargeEvent, attempt);
    if (read === null) fail("I2", `attempt ${attempt.number} is shown ${attempt.state}, and no read shows it`);
    // A member that a read leaves out says nothing. It does not clear an earlier mismatch either.
    const isDated = read?.created_at !== undefined || earlierMismatch === "old_payment";
    if (context.oldIds.has(payment.id) && !attempt.assignedByOperator && isDated) {
      fail("I2", `attempt ${attempt.number} is shown ${attempt.state} by payment ${payment.id}, which is older than the order`);
      return;
    }
    const profileId = read?.from?.recurrent?.profile_id;
    const namesCard = profileId !== undefined || (earlierMismatch === "terms_differ" && read?.currency === undefined);
    if (
      !attempt.assignedByOperator &&
      attempt.page === null &&
      namesCard &&
      payment.profileId !== profileAtGateway(attempt.terms.profile_id)
    ) {
      fail("I2", `attempt ${attempt.number} is shown ${attempt.state} by payment ${payment.id} of another card`);
      return;
    }
    const shown = attempt.ledger?.clearedAmount ?? attempt.terms.amount;
    const wasTrueAt = (at: number): boolean => {
      const moment = paymentAt(payment, at);
      if (moment === null) return false;
      if (attempt.state === "held")
        return (
          attempt.assignedByOperator || moment.held === attempt.terms.amount || (moment.taken > 0 && moment.taken <= attempt.terms.amount)
        );
      // A read that leaves `clearing` out shows the whole amount (rule of cleared_amount).
      return moment.taken === shown || (read?.clearing === undefined && moment.taken > 0 && moment.taken < shown);
    };
    const { now } = schedule;
    if (amountIsUnreliable(context, attempt) || isIndistinguishable(after, attempt, payment, read)) return;
    const instants = [now, ...payment.steps.map(({ at }) => at), ...payment.edits.flatMap(({ at, settlesAt }) => [at, settlesAt])];
    if (instants.some((at) => at <= now && at >= now - LONGEST_LAG && wasTrueAt(at)) || wasTrueAt(now - LONGEST_LAG)) return;
    const { held, taken } = paymentAt(payment, now) ?? { held: 0, taken: 0 };
    fail("I2", `attempt ${attempt.number} is shown ${attempt.state} with ${shown}, but the gateway holds ${held} and took ${taken}`);
  }

  /** I2: an attempt that the gateway refused explicitly is not given a payment that another attempt made. */
  function refusedAttemptTookPayment(before: ChargeRecord, attempt: Attempt): void {
    const was = before.attempts[attempt.number - 1]?.failure?.by;
    const maker = before.attempts.find(({ sends }) => sends.some(({ requestId }) => requestId === madeBy.get(attempt.paymentId ?? "")));
    if ((was === "refusal" || was === "unauthorized") && maker !== undefined && maker.number !== attempt.number)
      fail(
        "I2",
        `payment ${attempt.paymentId} is assigned to attempt ${attempt.number}, which the gateway refused, but attempt ${maker.number} made it`,
      );
  }

  /** I3: the true time by which taken money must be shown. "never": the gateway decided otherwise. Infinite: no poll is due any more. */
  function dueBy(attempt: Attempt, calmSince: number): number | "never" {
    const clockSkew = 2 * context.clockSkew();
    if (attempt.state === "undecided") {
      const age = object.now - (attempt.sends[0]?.at ?? attempt.createdAt) + clockSkew;
      return calmSince + (attempt.page === null ? pollIntervalAt(age) : PAGE_POLLS) + POLL_TAKES;
    }
    if (!PROVISIONAL.has(attempt.failure?.by ?? "")) return "never";
    const ahead = object.now - schedule.now;
    const check = PROVISIONAL_READS.map((after) => (attempt.decidedAt ?? 0) + after).find((at) => at > calmSince + ahead);
    return check === undefined ? Number.POSITIVE_INFINITY : check - ahead + POLL_TAKES + clockSkew;
  }

  /** I3: the end of a hold is shown within the poll interval of holds. */
  function holdIsUpToDate(attempt: Attempt, truth: Payment): void {
    const moment = paymentAt(truth, schedule.now);
    if (attempt.state !== "held" || moment === null || moment.held > 0 || truth.shows.sparse === true || isOdd(context, truth, attempt))
      return;
    const age = object.now - (attempt.decidedAt ?? 0);
    const { holdEnds } = context.ruleNumbers();
    const lastDay = schedule.now - Math.max(0, age - holdEnds);
    const since = Math.max(
      context.lastDisturbance(),
      age > holdEnds ? lastDay : 0,
      ...instantsOf(truth).filter((at) => at <= schedule.now),
    );
    const isSoon = attempt.terms.auto_clearing && age < DAY;
    const pause = isSoon
      ? pollIntervalAt(age + 2 * context.clockSkew())
      : age > holdEnds && age < holdEnds + DAY - 2 * context.clockSkew() && !context.rulesChanged()
        ? HOUR
        : DAY;
    if (schedule.now - since > pause + POLL_TAKES)
      fail(
        "I3",
        `attempt ${attempt.number} is shown held, and the gateway ended that ${Math.round((schedule.now - since) / SECOND)} s ago`,
      );
  }

  function moneyIsShown(record: ChargeRecord, payment: TruePayment, final: boolean): void {
    const truth = context.books.payment(payment.paymentId);
    const since = truth === undefined ? null : moneyKnownSince(truth, schedule.now);
    // A clearing in progress is not decided, and is shown so.
    if (truth === undefined || since === null || record.redactedAt !== null || payment.status === "process_clearing") return;
    // Nothing is read while the order is away. Of two payments under one order_id a read shows only one.
    if (context.isAway() || context.secondPayments().has(payment.paymentId)) return;
    if (!context.isKnowable(payment.paymentId)) return;
    const sent = record.attempts.filter((attempt) => attempt.sends.length > 0 && context.books.isUnder(truth, attempt));
    // Of two payments on one page the first one is the order's; the other is told (oracle-page.ts).
    if (sent.some(({ page, paymentId, state }) => page !== null && paymentId !== payment.paymentId && SHOWS_MONEY.has(state))) return;
    const showing = record.attempts.find(({ paymentId, state }) => paymentId === payment.paymentId && SHOWS_MONEY.has(state));
    if (showing !== undefined) {
      holdIsUpToDate(showing, truth);
      const status = context.edge.view.statusOf(record);
      if (!["authorized", "succeeded", "reversed", "refunded"].includes(status))
        fail("I3", `payment ${payment.paymentId} is known, but the order is shown ${status}`);
      return;
    }
    // A hold on a page that was released before any read showed it is a try that came to nothing (P5.1).
    if (payment.status === "reversed" && context.books.isOnPage(truth)) return;
    if (sent.length === 0) {
      if (!context.wasRestored()) fail("I3", `payment ${payment.paymentId} took money, and no attempt was sent for ${payment.orderId}`);
      return;
    }
    const [first] = sent;
    if (first !== undefined && sent.every((attempt) => isOdd(context, truth, attempt))) {
      const isReported = record.attention.some(({ attempt }) => sent.some(({ number }) => number === attempt));
      if (final && !isReported)
        fail("I3", `payment ${payment.paymentId} took money and contradicts the order, and no attention was raised`);
      return;
    }
    // Reads that would make the record too large are not applied, and attention is raised.
    if (final && record.attention.some(({ reason }) => reason === "ledger_too_large")) return;
    const calmSince = Math.max(since, context.lastDisturbance(), ...sent.map(({ number }) => createdAt.get(number) ?? 0));
    const dues = sent.map((attempt) => dueBy(attempt, calmSince)).filter((due) => due !== "never");
    if (dues.length === 0) {
      const decided = sent.find(({ failure }) => failure !== null && DECIDED_BY_GATEWAY.has(failure.by));
      if (context.wasRestored()) return;
      fail("I3", `attempt ${decided?.number} is failed (${decided?.failure?.by}), but payment ${payment.paymentId} took money`);
      return;
    }
    if (schedule.now > Math.max(...dues) || (final && since < context.finalReadsAt())) {
      const waited = Math.round((schedule.now - calmSince) / SECOND);
      const status = context.edge.view.statusOf(record);
      fail("I3", `payment ${payment.paymentId} has taken money, and ${waited} s after the last disturbance the order is shown ${status}`);
    }
  }

  return {
    onEvent(event): void {
      if (event.type === "gateway_acted" && event.made !== null) madeBy.set(event.made.id, event.call.requestId);
      if (event.type !== "applied") return;
      const { before, after, chargeEvent } = event;
      noteAmounts(chargeEvent);
      for (const [index, attempt] of after.attempts.entries()) {
        const was = before.attempts[index]?.state;
        if (was === undefined) createdAt.set(attempt.number, schedule.now);
        const took = attempt.state === "held" || attempt.state === "paid" || attempt.state === "refunded";
        if (took && was !== attempt.state) decisionWasTrue(after, attempt, chargeEvent, before.attempts[index]?.mismatch ?? null);
        if (took && was === "failed") refusedAttemptTookPayment(before, attempt);
      }
      const takers = after.attempts.filter(({ state }) => SHOWS_MONEY.has(state));
      const truly = context.books.payments().filter((payment) => moneyKnownSince(payment, schedule.now) !== null);
      if (takers.length > truly.length)
        fail("I2", `${takers.length} attempts are shown to have taken money, and the gateway took it ${truly.length} times`);
    },
    check(record): void {
      const all = ownPayments(context);
      if (all.length === 0) return;
      onlyOnePaid(all);
      for (const payment of all) moneyIsShown(record, payment, false);
    },
    checkAtEnd(record): void {
      for (const payment of ownPayments(context)) moneyIsShown(record, payment, true);
    },
  };
}
