/** I1 to I3: what was taken, what is shown, and how soon. */
import type { Payment, TruePayment } from "../../src/simulator/index.ts";
import { instantsOf, paymentAt } from "../../src/simulator/timeline.ts";
import { toMinorUnits } from "../../src/money.ts";
import type { PaymentState } from "../../src/payment.ts";
import type { ChargeEvent } from "../../edge/machine/event.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Fail, Watch, Watched } from "./watch.ts";
import { isMisquoted, isOdd, moneySince, ownPayments } from "./watch.ts";
import { LOOK_TAKES, pauseAt } from "./oracle-pace.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** M5: a provisional failure is read again so long after it was given up: 1, 5 and 20 min, then hourly for a day. */
const PROVISIONAL = [MINUTE, 5 * MINUTE, 20 * MINUTE, ...Array.from({ length: 24 }, (_, hour) => 20 * MINUTE + (hour + 1) * HOUR)];

/** A read can show how things were this long ago: its lag, and the time its answer took. */
const LONGEST_LAG = 145 * SECOND;

/** States that show money that was taken or held. */
const SHOWS_MONEY: ReadonlySet<string> = new Set(["held", "paid", "reversed", "refunded"]);

/** What the gateway spoke, so that it cannot have taken anything. */
const SPOKEN: ReadonlySet<string> = new Set(["payment", "refusal", "unauthorized"]);

/** What the read that decided it said of the attempt's payment: M6 compares some members only if they are there. */
function readOf(event: ChargeEvent, { gatewayOrderId }: Attempt): PaymentState | null {
  if (event.type === "operation_polled" || event.type === "resolution_read")
    return event.payment.kind === "answered" ? event.payment.answer : null;
  if (event.type !== "polled") return null;
  const own = event.answers.find((answer) => answer.about === "order" && answer.orderId === gatewayOrderId);
  return own?.about === "order" && own.outcome.kind === "answered" ? own.outcome.answer : null;
}

export function watchMoney(watched: Watched, fail: Fail): Watch {
  const { schedule, object } = watched;
  const tookMoney = new Set<string>();
  /** When an attempt was claimed, by number. True time. */
  const createdAt = new Map<number, number>();
  /** The X-Request-Id of the create that made a payment. */
  const madeBy = new Map<string, string>();

  /** I1: at most one payment of the order ever took or held money. */
  function onlyOne(all: readonly TruePayment[]): void {
    const exempt = watched.secondPayments();
    for (const { paymentId, taken, held } of all) if ((taken > 0 || held > 0) && !exempt.has(paymentId)) tookMoney.add(paymentId);
    for (const id of exempt) tookMoney.delete(id);
    if (tookMoney.size > 1 && !watched.hasGap())
      fail("I1", `the gateway took money ${tookMoney.size} times: payments ${[...tookMoney].join(", ")}`);
  }

  /** The amounts that answers of creates, and reads of requests, gave for a payment, in minor units: what the edge could know. */
  const told = new Map<string, Set<number>>();

  function tell(id: string | undefined, amount: number | string | undefined): void {
    const minor = toMinorUnits(amount);
    if (id !== undefined && minor !== null) told.set(id, (told.get(id) ?? new Set()).add(minor));
  }

  function noteTold(event: ChargeEvent): void {
    if (event.type === "create_answered" && event.outcome.kind === "answered") tell(event.outcome.answer.id, event.outcome.answer.amount);
    if (event.type !== "polled") return;
    for (const answer of event.answers) {
      if (answer.about !== "request" || answer.outcome.kind !== "answered") continue;
      const { response } = answer.outcome.answer;
      tell(response?.id, response?.amount);
    }
  }

  /**
   * Whether the read that decided had a wrong amount that was, by chance, that of another attempt under the same number, and nothing
   * that the edge was ever answered said otherwise: nobody could have told.
   */
  function isUntellable(after: ChargeRecord, attempt: Attempt, payment: Payment, said: PaymentState | null): boolean {
    if (toMinorUnits(said?.amount) !== attempt.terms.amount || payment.minor === attempt.terms.amount) return false;
    const siblings = after.attempts.filter(({ gatewayOrderId }) => gatewayOrderId === attempt.gatewayOrderId);
    const isSiblings = siblings.some(({ sends, terms }) => sends.length > 0 && terms.amount === payment.minor);
    return isSiblings && told.get(payment.id)?.has(payment.minor) !== true;
  }

  /** I2: what has just been decided to be held or paid was so when it was read. */
  function wasSo(after: ChargeRecord, attempt: Attempt, event: ChargeEvent, doubt: Attempt["mismatch"]): void {
    const payment = watched.model.payments.get(attempt.paymentId ?? "");
    if (payment === undefined || payment.orderId !== attempt.gatewayOrderId) {
      fail(
        "I2",
        `attempt ${attempt.number} is shown ${attempt.state} by payment ${attempt.paymentId}, which the gateway does not have for ${attempt.gatewayOrderId}`,
      );
      return;
    }
    const said = readOf(event, attempt);
    if (said === null) fail("I2", `attempt ${attempt.number} is shown ${attempt.state}, and no read said so`);
    // What a read leaves out it does not say; but it takes back nothing that was said before.
    const isDated = said?.created_at !== undefined || doubt === "old_payment";
    if (watched.oldIds.has(payment.id) && !attempt.assignedByOperator && isDated) {
      fail("I2", `attempt ${attempt.number} is shown ${attempt.state} by payment ${payment.id}, which is older than the order`);
      return;
    }
    const profileId = said?.from?.recurrent?.profile_id;
    const namesCard = profileId !== undefined || (doubt === "terms_differ" && said?.currency === undefined);
    if (!attempt.assignedByOperator && namesCard && payment.profileId !== attempt.terms.profile_id) {
      fail("I2", `attempt ${attempt.number} is shown ${attempt.state} by payment ${payment.id} of another card`);
      return;
    }
    const shown = attempt.ledger?.clearedAmount ?? attempt.terms.amount;
    const isSo = (at: number): boolean => {
      const moment = paymentAt(payment, at);
      if (moment === null) return false;
      if (attempt.state === "held")
        return (
          attempt.assignedByOperator || moment.held === attempt.terms.amount || (moment.taken > 0 && moment.taken <= attempt.terms.amount)
        );
      // A read that leaves `clearing` out shows the whole amount (rule of cleared_amount).
      return moment.taken === shown || (said?.clearing === undefined && moment.taken > 0 && moment.taken < shown);
    };
    const { now } = schedule;
    if (isMisquoted(watched, attempt) || isUntellable(after, attempt, payment, said)) return;
    const instants = [now, ...payment.steps.map(({ at }) => at), ...payment.edits.flatMap(({ at, settlesAt }) => [at, settlesAt])];
    if (instants.some((at) => at <= now && at >= now - LONGEST_LAG && isSo(at)) || isSo(now - LONGEST_LAG)) return;
    const { held, taken } = paymentAt(payment, now) ?? { held: 0, taken: 0 };
    fail("I2", `attempt ${attempt.number} is shown ${attempt.state} with ${shown}, but the gateway holds ${held} and took ${taken}`);
  }

  /** I2: an attempt that the gateway refused in words is not given a payment that another attempt made. */
  function belongs(before: ChargeRecord, attempt: Attempt): void {
    const was = before.attempts[attempt.number - 1]?.failure?.by;
    const maker = before.attempts.find(({ sends }) => sends.some(({ requestId }) => requestId === madeBy.get(attempt.paymentId ?? "")));
    if ((was === "refusal" || was === "unauthorized") && maker !== undefined && maker.number !== attempt.number)
      fail(
        "I2",
        `payment ${attempt.paymentId} is given to attempt ${attempt.number}, which the gateway had refused, and attempt ${maker.number} made it`,
      );
  }

  /** I3: by when what the gateway took must be shown, true time; "never": the gateway spoke; infinite: nobody looks any more. */
  function dueBy(attempt: Attempt, lately: number): number | "never" {
    const slip = 2 * watched.slip();
    if (attempt.state === "undecided") {
      const age = object.now - (attempt.sends[0]?.at ?? attempt.createdAt) + slip;
      return lately + pauseAt(age) + LOOK_TAKES;
    }
    if (attempt.failure?.by !== "silence") return "never";
    const ahead = object.now - schedule.now;
    const look = PROVISIONAL.map((after) => (attempt.decidedAt ?? 0) + after).find((at) => at > lately + ahead);
    return look === undefined ? Number.POSITIVE_INFINITY : look - ahead + LOOK_TAKES + slip;
  }

  /** I3: what became of a hold is shown within the pace of holds. */
  function keepsUp(attempt: Attempt, truth: Payment): void {
    const moment = paymentAt(truth, schedule.now);
    if (attempt.state !== "held" || moment === null || moment.held > 0 || truth.shows.sparse === true || isOdd(watched, truth, attempt))
      return;
    const age = object.now - (attempt.decidedAt ?? 0);
    const { holdEnds } = watched.numbers();
    const lastDay = schedule.now - Math.max(0, age - holdEnds);
    const since = Math.max(watched.disturbedAt(), age > holdEnds ? lastDay : 0, ...instantsOf(truth).filter((at) => at <= schedule.now));
    const isSoon = attempt.terms.auto_clearing && age < DAY;
    const pause = isSoon
      ? pauseAt(age + 2 * watched.slip())
      : age > holdEnds && age < holdEnds + DAY - 2 * watched.slip() && !watched.rulesWereChanged()
        ? HOUR
        : DAY;
    if (schedule.now - since > pause + LOOK_TAKES)
      fail(
        "I3",
        `attempt ${attempt.number} is shown held, and the gateway ended that ${Math.round((schedule.now - since) / SECOND)} s ago`,
      );
  }

  function isShown(record: ChargeRecord, payment: TruePayment, final: boolean): void {
    const truth = watched.model.payments.get(payment.paymentId);
    const since = truth === undefined ? null : moneySince(truth, schedule.now);
    // A clearing that is under way is not decided, and shown so.
    if (truth === undefined || since === null || record.redactedAt !== null || payment.status === "process_clearing") return;
    // Nothing is read while the order is away; of two payments that the gateway made for one order_id a read names one.
    if (watched.isAway() || watched.secondPayments().has(payment.paymentId)) return;
    const sent = record.attempts.filter(({ gatewayOrderId, sends }) => gatewayOrderId === payment.orderId && sends.length > 0);
    const showing = record.attempts.find(({ paymentId, state }) => paymentId === payment.paymentId && SHOWS_MONEY.has(state));
    if (showing !== undefined) {
      keepsUp(showing, truth);
      const status = watched.edge.view.statusOf(record);
      if (!["authorized", "succeeded", "reversed", "refunded"].includes(status))
        fail("I3", `payment ${payment.paymentId} is known, but the order is shown ${status}`);
      return;
    }
    if (sent.length === 0) {
      if (!watched.wasRestored()) fail("I3", `payment ${payment.paymentId} took money, and no attempt was sent for ${payment.orderId}`);
      return;
    }
    const [first] = sent;
    if (first !== undefined && sent.every((attempt) => isOdd(watched, truth, attempt))) {
      const isReported = record.attention.some(({ attempt }) => sent.some(({ number }) => number === attempt));
      if (final && !isReported)
        fail("I3", `payment ${payment.paymentId} took money and cannot be believed, and the merchant was never told`);
      return;
    }
    // Reads that would make the record too large are not used, and the merchant is told.
    if (final && record.attention.some(({ reason }) => reason === "ledger_too_large")) return;
    const lately = Math.max(since, watched.disturbedAt(), ...sent.map(({ number }) => createdAt.get(number) ?? 0));
    const dues = sent.map((attempt) => dueBy(attempt, lately)).filter((due) => due !== "never");
    if (dues.length === 0) {
      const spoken = sent.find(({ failure }) => failure !== null && SPOKEN.has(failure.by));
      if (watched.wasRestored()) return;
      fail("I3", `attempt ${spoken?.number} is failed (${spoken?.failure?.by}), but payment ${payment.paymentId} took money`);
      return;
    }
    if (schedule.now > Math.max(...dues) || (final && since < watched.lastReadAt())) {
      const waited = Math.round((schedule.now - lately) / SECOND);
      const status = watched.edge.view.statusOf(record);
      fail("I3", `payment ${payment.paymentId} has taken money, and ${waited} s after the last disturbance the order is shown ${status}`);
    }
  }

  return {
    hear(happening): void {
      if (happening.what === "acted" && happening.made !== null) madeBy.set(happening.made.id, happening.call.requestId);
      if (happening.what !== "applied") return;
      const { before, after, event } = happening;
      noteTold(event);
      for (const [index, attempt] of after.attempts.entries()) {
        const was = before.attempts[index]?.state;
        if (was === undefined) createdAt.set(attempt.number, schedule.now);
        const took = attempt.state === "held" || attempt.state === "paid" || attempt.state === "refunded";
        if (took && was !== attempt.state) wasSo(after, attempt, event, before.attempts[index]?.mismatch ?? null);
        if (took && was === "failed") belongs(before, attempt);
      }
      const takers = after.attempts.filter(({ state }) => SHOWS_MONEY.has(state));
      const truly = [...watched.model.payments.values()].filter((payment) => moneySince(payment, schedule.now) !== null);
      if (takers.length > truly.length)
        fail("I2", `${takers.length} attempts are shown to have taken money, and the gateway took it ${truly.length} times`);
    },
    look(record): void {
      const all = ownPayments(watched);
      if (all.length === 0) return;
      onlyOne(all);
      for (const payment of all) isShown(record, payment, false);
    },
    conclude(record): void {
      for (const payment of ownPayments(watched)) isShown(record, payment, true);
    },
  };
}
