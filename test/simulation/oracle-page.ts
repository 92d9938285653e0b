/** P4 to P8: a payment page from its opening to its end, when its address is shown, and which checks are ok. */
import type { ChargeView } from "../../src/edge-api.ts";
import type { Charge } from "../../src/charge-token.ts";
import { paymentAt } from "../../src/simulator/timeline.ts";
import type { ChargeEvent, PollAnswer } from "../../edge/machine/event.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { ownPayments } from "./checker.ts";
import { sameTerms, termsOf } from "./page-terms.ts";
import { POLL_TAKES } from "./oracle-poll-intervals.ts";
import type { SimulationEvent } from "./simulation-event.ts";
import { MINUTE, SECOND } from "./scenario.ts";

/** How long the address is shown, when a page may end, and how long a check holds it. */
const SHOWN = 29 * MINUTE;
const ENDS = 45 * MINUTE;
const HOLDS = 15 * MINUTE;

/** How late an alarm may be. */
const ALARM_TAKES = 2 * MINUTE;

/** The longest pause between two polls of a page. */
const POLL_PAUSE = 5 * MINUTE;

/** Statuses of a try that came to nothing, or that nobody has begun. */
const UNPAID: ReadonlySet<string | undefined> = new Set(["new", "incomplete", "error", "reversed"]);

/** What is known of the page of an attempt. Times are the edge's, but for `openedTrulyAt`. */
interface KnownPage {
  openedAt: number | null;
  openedTrulyAt: number;
  /** The last check that was answered ok, and its try. Null once that try was read as declined. */
  allowed: { readonly at: number; readonly tryId: string | null } | null;
  /** The try that a verified result said is paid; null once a read said that it was declined. */
  saidPaidId: string | null;
  /** When a notification last came. True time. */
  noticedAt: number;
  /** Since when a return hides the address; null once a poll that began later was readable. */
  hiddenAt: number | null;
  /** The last poll: when it began, and the first answer that does not say that nothing is being paid. */
  poll: { readonly startedAt: number; readonly objection: string | null } | null;
  wasReplaced: boolean;
}

function newPage(): KnownPage {
  return {
    openedAt: null,
    openedTrulyAt: 0,
    allowed: null,
    saidPaidId: null,
    noticedAt: 0,
    hiddenAt: null,
    poll: null,
    wasReplaced: false,
  };
}

type Polled = Extract<ChargeEvent, { readonly type: "polled" }>;

function isReadable({ outcome }: PollAnswer): boolean {
  return outcome.kind === "answered" || (outcome.kind === "refused" && outcome.category === "not_found");
}

/** Why the answers of a poll do not let a page go; null if they do. */
function objectionOf({ answers }: Polled, tries: readonly string[]): string | null {
  const read = new Set<string>();
  let isNumberRead = false;
  for (const answer of answers) {
    if (answer.about !== "order") continue;
    if (!isReadable(answer)) return "a read could not be read";
    const shown = answer.outcome.kind === "answered" ? answer.outcome.answer : null;
    if (shown !== null && !UNPAID.has(shown.status)) return `a read said ${shown.status}`;
    if (answer.tryId === undefined) isNumberRead = true;
    read.add(answer.tryId ?? shown?.id ?? "");
  }
  const unread = tries.find((id) => !read.has(id));
  return isNumberRead ? (unread === undefined ? null : `try ${unread} was not read`) : "its number was not read";
}

export function pageChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  const pages = new Map<number, KnownPage>();
  let viewedState = "";
  /** Return codes that a browser got. */
  const given = new Set<string>();

  function known({ number }: Pick<Attempt, "number">): KnownPage {
    const page = pages.get(number) ?? newPage();
    pages.set(number, page);
    return page;
  }

  /** P4: the attempt after a page takes another number. */
  function attemptBegan(before: ChargeRecord, { number, gatewayOrderId }: Attempt): void {
    const used = before.attempts.find((one) => one.page !== null && one.sends.length > 0 && one.gatewayOrderId === gatewayOrderId);
    if (used !== undefined) fail("P4", `attempt ${number} began under ${gatewayOrderId}, the number of page ${used.number}`);
  }

  /** P5 and P6: a page ends by a poll that says that nothing is being paid, and not while a check holds it. */
  function pageEnded(before: Attempt, { number, failure, urls }: Attempt, chargeEvent: ChargeEvent): void {
    if (failure === null || context.wasRestored()) return;
    const page = known({ number });
    const { allowed, poll } = page;
    if (failure.by !== "page_expired" && failure.by !== "replaced") return;
    if (failure.by === "replaced") page.wasReplaced = true;
    if (allowed !== null && object.now - allowed.at < HOLDS - SECOND && object.now >= allowed.at)
      fail("P6", `page ${number} ended (${failure.by}) ${seconds(object.now - allowed.at)} after a check that was ok`);
    if (chargeEvent.type === "resolve") return;
    if (failure.by === "page_expired") {
      const opened = page.openedAt ?? before.sends[0]?.at ?? before.createdAt;
      if (chargeEvent.type !== "polled") fail("P5", `page ${number} ended by ${chargeEvent.type}`);
      else if (chargeEvent.startedAt <= opened + ENDS)
        fail("P5", `page ${number} ended by a poll ${seconds(chargeEvent.startedAt - opened)} after its opening`);
    } else if (chargeEvent.type === "pay") {
      if (urls?.check_url === undefined) fail("P6", `page ${number} gave way, and no check can stop a payment on it`);
      if (chargeEvent.askedAt === null || poll === null || poll.startedAt < chargeEvent.askedAt)
        fail("P6", `page ${number} gave way, and it was not read since the request`);
    } else if (chargeEvent.type !== "polled") fail("P6", `page ${number} gave way by ${chargeEvent.type}`);
    if (poll !== null && poll.objection !== null) fail("P5", `page ${number} ended (${failure.by}), but ${poll.objection}`);
  }

  function onPolled(chargeEvent: Polled, before: Attempt): void {
    if (before.generation !== chargeEvent.generation) return;
    const page = known(before);
    page.poll = {
      startedAt: chargeEvent.startedAt,
      objection: objectionOf(
        chargeEvent,
        (before.page?.tries ?? []).map(({ id }) => id),
      ),
    };
    for (const answer of chargeEvent.answers) {
      if (answer.about !== "order" || !isReadable(answer)) continue;
      if (answer.tryId === undefined && page.hiddenAt !== null && chargeEvent.startedAt >= page.hiddenAt) page.hiddenAt = null;
      const { allowed, saidPaidId } = page;
      const shown = answer.outcome.kind === "answered" ? answer.outcome.answer : null;
      if (shown === null || shown.status === "new" || !UNPAID.has(shown.status)) continue;
      if (shown.id === saidPaidId) page.saidPaidId = null;
      if (allowed !== null && shown.id === allowed.tryId && chargeEvent.startedAt > allowed.at) page.allowed = null;
    }
  }

  /** P5 to P8: who may see the address. */
  function shownTo(record: ChargeRecord, { payment_page }: Pick<ChargeView, "payment_page">, charge: Charge | null): void {
    if (payment_page === null) return;
    const attempt = context.edge.view.currentAttempt(record);
    if (attempt === null) return;
    const page = known(attempt);
    const { protocol, hostname } = new URL(payment_page.url);
    if (protocol !== "https:" || !hostname.endsWith(".freedompay.kz")) fail("P8", `a browser is sent to ${protocol}//${hostname}`);
    if (attempt.state !== "undecided") fail("P5", `the address of page ${attempt.number} is shown, and it is ${attempt.state}`);
    if (charge !== null && !sameTerms(termsOf(charge), attempt.terms))
      fail("P5", `the address of page ${attempt.number} is shown under other terms`);
    if (record.closedAt !== null) fail("P6", `the address of page ${attempt.number} is shown, and the order is closed`);
    if (page.wasReplaced) fail("P6", `the address of page ${attempt.number} is shown, and it gave way`);
    if (page.hiddenAt !== null && !context.wasRestored())
      fail("P7", `the address of page ${attempt.number} is shown, and nobody has read it since a return`);
  }

  function viewed(record: ChargeRecord): void {
    if (!record.attempts.some(({ page }) => page !== null && page.url !== null)) return;
    // What the address depends on, and what is known of it here.
    const parts = record.attempts.map(({ state, page }) => `${state} ${page?.url} ${page?.hiddenAt} ${page?.hasGivenWay}`);
    const state = [
      record.closedAt,
      ...parts,
      ...[...pages.values()].map(({ hiddenAt, wasReplaced }) => `${hiddenAt} ${wasReplaced}`),
    ].join();
    if (state === viewedState) return;
    viewedState = state;
    shownTo(record, context.edge.view.merchantChargeView(record), null);
    for (const charge of context.scenario.terms) shownTo(record, context.edge.view.chargeView(record, charge), charge);
  }

  /** P6: a check is ok for the open page of an open order alone. */
  function checkAnswered({ ticket, tryId, record }: Extract<SimulationEvent, { readonly type: "notice_answered" }>): void {
    const attempt = record?.attempts.find((one) => one.ticket === ticket);
    if (record === null || attempt === undefined) {
      fail("P6", "a check of an attempt that is not stored was answered ok");
      return;
    }
    const name = `a check of page ${attempt.number} was answered ok`;
    if (attempt.state !== "undecided") fail("P6", `${name}, and it is ${attempt.state}`);
    if (known(attempt).wasReplaced && !context.wasRestored()) fail("P6", `${name}, and it gave way`);
    const { saidPaidId } = known(attempt);
    if (saidPaidId !== null && saidPaidId !== tryId && !context.wasRestored())
      fail("P6", `${name} for try ${tryId}, and a result had said that ${saidPaidId} is paid`);
    if (record.closedAt !== null) fail("P6", `${name}, and the order is closed`);
    const other = record.attempts.find((one) => one !== attempt && one.state === "undecided" && one.sends.length > 0);
    if (other !== undefined) fail("P6", `${name}, and attempt ${other.number} is undecided`);
    if (record.attempts.some(({ state }) => state === "held" || state === "paid")) fail("P6", `${name}, and another attempt has the money`);
  }

  function onDelivered({ callback, signedWith, answer }: Extract<SimulationEvent, { readonly type: "callback_delivered" }>): void {
    const attempt = object.record.attempts.find((one) => one.page !== null && callback.url.endsWith(`/${one.ticket}`));
    if (attempt === undefined || answer === "unanswered") return;
    const page = known(attempt);
    page.noticedAt = schedule.now;
    const isGenuine = signedWith !== null && context.keys().includes(signedWith) && callback.format !== "get";
    const isPaid =
      callback.kind === "result" && callback.facts.status !== "error" && Math.round(callback.facts.amount * 100) === attempt.terms.amount;
    if (isGenuine && isPaid) page.saidPaidId ??= callback.facts.id;
    if (callback.kind === "check" && answer === "ok") page.allowed = { at: object.now, tryId: callback.facts.id };
  }

  /** P7: the code is given once, to a browser that came back as paid from a page that saves the card. */
  function cameBack({ ticket, by, code }: Extract<SimulationEvent, { readonly type: "came_back" }>): void {
    if (code === null) return;
    if (by !== "paid") fail("P7", "the return code was given to a browser that came back as failed");
    if (given.has(code) && !context.wasRestored()) fail("P7", "the return code was given twice");
    given.add(code);
    const attempt = object.record.attempts.find(({ page }) => page?.returnTicket === ticket);
    if (attempt !== undefined && (attempt.page?.returnCode !== code || attempt.terms.save_card_months === null))
      fail("P7", `a browser that came back from page ${attempt.number} got another code, or one for nothing`);
  }

  /** The object was evicted: a return, or the end of a page, that was not durable has not happened. */
  function forgetLost(): void {
    for (const { number, page, failure } of object.record.attempts) {
      const one = pages.get(number);
      if (one === undefined || page === null) continue;
      if (page.hiddenAt === null) one.hiddenAt = null;
      if (!page.hasGivenWay && failure?.by !== "replaced") one.wasReplaced = false;
    }
  }

  /** P5: a page that nobody pays is ended. */
  function isOverdue(attempt: Attempt): void {
    const page = known(attempt);
    if (page.openedAt === null || attempt.mismatch !== null || context.clockSkew() > 0) return;
    if (schedule.now <= Math.max(page.openedTrulyAt + ENDS, page.noticedAt + HOLDS, context.lastDisturbance()) + POLL_PAUSE) return;
    const payments = ownPayments(context)
      .filter(({ orderId }) => orderId === attempt.gatewayOrderId)
      .map(({ paymentId }) => context.books.payment(paymentId))
      .filter((payment) => payment !== undefined);
    if (payments.some((payment) => payment.shows.status !== undefined || !UNPAID.has(paymentAt(payment, schedule.now)?.status))) return;
    const changedAt = payments.flatMap(({ steps }) => steps.map(({ at }) => at)).filter((at) => at <= schedule.now);
    const from = Math.max(page.openedTrulyAt + ENDS, page.noticedAt + HOLDS, context.lastDisturbance(), ...changedAt);
    // The number may show another try than last time: then that one is read by its id in the poll after.
    if (schedule.now > from + 2 * POLL_PAUSE + POLL_TAKES)
      fail("P5", `page ${attempt.number} was opened ${seconds(schedule.now - page.openedTrulyAt)} ago, nobody pays, and it has not ended`);
  }

  /** P6.9: each payment too many is told with its id. */
  function secondPaymentsAreTold(record: ChargeRecord): void {
    if (record.redactedAt !== null || context.isAway() || context.wasRestored()) return;
    const paid = ownPayments(context).filter(({ paymentId, taken, held, refunded, status }) => {
      const payment = context.books.payment(paymentId);
      const attempt = record.attempts.find((one) => payment !== undefined && context.books.isUnder(payment, one));
      const isLeft = held > 0 || taken > refunded;
      const isEarly = (payment?.steps.find(({ effect }) => effect !== "none")?.at ?? 0) < context.finalReadsAt();
      const isPlain =
        attempt !== undefined && payment !== undefined && payment.minor === attempt.terms.amount && payment.shows.status === undefined;
      return isLeft && isEarly && isPlain && context.isKnowable(paymentId) && status !== "process_clearing";
    });
    if (paid.length < 2 || !paid.some(({ paymentId, orderId }) => context.books.isOnPage({ id: paymentId, orderId }))) return;
    const told = new Set(record.attention.filter(({ reason }) => reason === "second_payment").map(({ detail }) => detail));
    const untold = paid.filter(({ paymentId }) => !told.has(paymentId));
    if (untold.length > 1) fail("P6", `payments ${untold.map(({ paymentId }) => paymentId).join(" and ")} took money, and it is not told`);
  }

  return {
    onEvent(event): void {
      if (event.type === "notice_answered" && event.kind === "check" && event.answer === "ok") checkAnswered(event);
      else if (event.type === "callback_delivered") onDelivered(event);
      else if (event.type === "came_back") cameBack(event);
      else if (event.type === "page_shown") {
        const { url, charge } = event;
        const attempt = object.record.attempts.find(({ page }) => page?.url === url);
        if (attempt !== undefined && !sameTerms(termsOf(charge), attempt.terms))
          fail("P5", "a caller got the address of a page under other terms");
      } else if (event.type === "evicted" && context.wasRestored()) pages.clear();
      else if (event.type === "evicted") forgetLost();
      if (event.type !== "applied") return;
      const { before, after, chargeEvent } = event;
      for (const [index, attempt] of after.attempts.entries()) {
        const was = before.attempts[index];
        if (was === undefined) attemptBegan(before, attempt);
        if (attempt.page === null) continue;
        if (attempt.page.openedAt !== null && (was?.page?.openedAt ?? null) === null) {
          known(attempt).openedAt = object.now;
          known(attempt).openedTrulyAt = schedule.now;
        }
        if (was === undefined) continue;
        if (chargeEvent.type === "polled" && chargeEvent.attempt === attempt.number) onPolled(chargeEvent, was);
        if (was.state === "undecided" && attempt.state === "failed") pageEnded(was, attempt, chargeEvent);
        if (chargeEvent.type === "returned" && chargeEvent.ticket === attempt.page.returnTicket) known(attempt).hiddenAt = object.now;
      }
      viewed(after);
    },
    check(record): void {
      for (const attempt of record.attempts) {
        if (attempt.page === null || attempt.state !== "undecided" || context.isAway()) continue;
        const { openedAt } = known(attempt);
        const isLate = openedAt !== null && object.now > openedAt + SHOWN + ALARM_TAKES + 2 * context.clockSkew();
        if (attempt.page.url !== null && isLate && schedule.now > context.lastDisturbance() + ALARM_TAKES)
          fail("P5", `the address of page ${attempt.number} is shown ${seconds(object.now - (openedAt ?? 0))} after its opening`);
        if (!context.wasRestored()) isOverdue(attempt);
      }
    },
    checkAtEnd: secondPaymentsAreTold,
  };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / SECOND)} s`;
}
