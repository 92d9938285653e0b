/** M8: the refund rows that an order keeps, how long it reads for them, and refunds that nobody requested. */
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import { kindOf, namesOf } from "./call-facts.ts";
import type { InFlightCall } from "./simulation-event.ts";
import { MAX_ID_LENGTH, MAX_ROWS } from "./odd-rows.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { DAY, HOUR, MINUTE } from "./scenario.ts";

/** How long a refund that is not settled is read, and an hour for the last read. */
const READ_FOR: number = 30 * DAY + HOUR;

/** Events caused by a caller: reads may follow at any age. */
const CAUSES_READS: ReadonlySet<string> = new Set(["hint", "pay", "operate", "resolve"]);

/** How long after a callback or a request its reads may follow. */
const READS_FOLLOW_WITHIN = 2 * MINUTE;

type Row = NonNullable<Attempt["ledger"]>["refunds"][number];

/** The refunds that no read has shown as done or refused. */
export function unsettled({ ledger }: Attempt): readonly Row[] {
  return ledger?.refunds.filter(({ status }) => status !== "success" && status !== "error") ?? [];
}

export function refundChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  /** When a caller last requested something, or a callback arrived. True time. */
  let lastCauseAt = Number.NEGATIVE_INFINITY;
  let checkedText: unknown = null;

  /** An order keeps a bounded number of rows, and ids of a bounded length. */
  function ledgerIsBounded({ attempts }: ChargeRecord): void {
    const rows = attempts.flatMap(({ ledger }) => [...(ledger?.refunds ?? []), ...(ledger?.reversals ?? [])]);
    if (rows.length > MAX_ROWS) fail("M8", `the order keeps ${rows.length} rows of refunds`);
    const ids = [...rows.map(({ id }) => id), ...attempts.map(({ paymentId }) => paymentId ?? "")];
    const long = ids.find((id) => id.length > MAX_ID_LENGTH);
    if (long !== undefined) fail("M8", `the order keeps an id of ${long.length} characters`);
  }

  /** Refunds that are shown done, under a payment with odd rows, are done. */
  function showsOnlyDoneRefunds({ attempts }: ChargeRecord): void {
    if (context.scenario.oddRows === null) return;
    for (const { number, paymentId, ledger } of attempts) {
      const payment = context.books.payment(paymentId);
      if (payment === undefined || ledger === null) continue;
      const done = payment.edits.filter(({ kind, end, settlesAt }) => kind === "refund" && end === "success" && settlesAt <= schedule.now);
      const shown = ledger.refunds.filter(({ status }) => status === "success");
      if (shown.length > done.length)
        fail("I6", `attempt ${number}: ${shown.length} refunds are shown done, and the gateway has done ${done.length}`);
    }
  }

  /** A refund that is never settled is read for 30 days, unless a caller requests more, or a lost alarm has delayed the last read. */
  function readsStop({ call }: InFlightCall): void {
    const cause = Math.max(lastCauseAt, object.alarm.delayedUntil);
    if (kindOf(call) !== "payment_status" || schedule.now < cause + READS_FOLLOW_WITHIN) return;
    const { attempts, operations, resolutions } = object.record;
    const { id } = namesOf(call);
    const attempt = attempts.find(({ paymentId, state }) => paymentId !== null && paymentId === id && state === "paid");
    if (attempt === undefined || operations.some(({ state }) => state === "undecided") || resolutions.length > 0) return;
    const newest = Math.max(...unsettled(attempt).map(({ firstSeenAt }) => firstSeenAt));
    if (Number.isFinite(newest) && object.now > newest + READ_FOR + 2 * context.clockSkew())
      fail("M8", `attempt ${attempt.number} is read ${Math.round((object.now - newest) / DAY)} days after its last refund`);
  }

  return {
    onEvent(event): void {
      if (event.type === "call_sent") readsStop(event.inFlight);
      else if (event.type === "applied" && CAUSES_READS.has(event.chargeEvent.type)) lastCauseAt = schedule.now;
      else if (event.type === "gateway_acted" && event.edit?.by === "rejection")
        fail("M7", "a result was answered `rejected`, so the gateway refunded a payment that nobody requested");
    },
    check(record): void {
      const text = object.rows.record;
      if (text === checkedText) return;
      checkedText = text;
      ledgerIsBounded(record);
      showsOnlyDoneRefunds(record);
    },
  };
}
