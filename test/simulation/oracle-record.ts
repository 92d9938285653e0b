/** I6 to I9: amounts, finality, secrets, deadlines. */
import type { Edit, Payment } from "../../src/simulator/index.ts";
import { paymentAt } from "../../src/simulator/timeline.ts";
import { describeError, formatLine } from "../../edge/log.ts";
import type { Attempt, AttemptState, ChargeRecord, Operation } from "../../edge/machine/record.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { hasOtherPayment, amountIsUnreliable } from "./checker.ts";
import { StorageRefused } from "./shard-storage.ts";
import { HOUR, MINUTE, SECOND } from "./scenario.ts";

/** I7: the states that may follow a state. `failed` is final unless a read proves otherwise. */
const MAY_BECOME: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  undecided: ["held", "paid", "failed", "reversed", "refunded"],
  failed: ["undecided", "held", "paid", "reversed", "refunded"],
  held: ["paid", "reversed", "refunded"],
  paid: ["reversed", "refunded"],
  reversed: [],
  refunded: [],
};

/** The largest record in characters. A row of a Durable Object holds twice that. */
const LARGEST_RECORD = 1024 * 1024;

/** I8: no log, answer or notification may contain these: the test secrets and the payer's address. */
const SECRETS = ["test-secret", "192.0.2.77"];

/** M9: statuses that are notified. */
const NOTIFIED: ReadonlySet<string> = new Set(["authorized", "succeeded", "failed", "unconfirmed", "reversed", "refunded", "closed"]);

export function recordChecker(context: CheckContext, fail: Fail): Checker {
  const { object } = context;
  /** The edits that a request made in the gateway's books, by X-Request-Id. */
  const edits = new Map<string, Edit[]>();
  /** The request ids of operations by the Merchant API. */
  const byMerchant = new Set<string>();
  /** Operations that an operator ended. The edge did not decide them. */
  const ended = new Set<number>();
  let checkedOutboxRows = 0;
  let checkedRows: unknown = null;

  function keepsSecrets(text: string, where: string): void {
    const found = SECRETS.find((secret) => text.includes(secret));
    if (found !== undefined) fail("I8", `${where} contains ${found}`);
  }

  /** I6: the shown amounts add up at every moment. */
  function addsUp(record: ChargeRecord): void {
    const view = context.edge.view.chargeView(record, null);
    const { cleared_amount, refunded_amount, amount } = view;
    const current = context.edge.view.currentAttempt(record);
    if (amountIsUnreliable(context, current) || hasOtherPayment(context, current)) return;
    const isAdopted = current?.assignedByOperator === true;
    if (refunded_amount > cleared_amount || (!isAdopted && cleared_amount > (amount ?? 0)))
      fail("I6", `refunded ${refunded_amount}, cleared ${cleared_amount}, authorized ${amount}`);
  }

  function staysFinal(before: ChargeRecord, after: ChargeRecord): void {
    for (const [index, was] of before.attempts.entries()) {
      const is = after.attempts[index];
      if (is === undefined) fail("I7", `attempt ${was.number} is missing`);
      else if (is.state !== was.state && !MAY_BECOME[was.state].includes(is.state))
        fail("I7", `attempt ${was.number} went from ${was.state} to ${is.state}`);
    }
    for (const [index, was] of before.operations.entries()) {
      const is = after.operations[index];
      if (was.state !== "undecided" && is?.state !== was.state)
        fail("I7", `operation ${was.number} went from ${was.state} to ${is?.state}`);
    }
    if (before.closedAt !== null && after.closedAt !== before.closedAt) fail("I7", "a closed order was reopened");
  }

  /** I6: an operation that is shown done is in the gateway's books, and one that is shown not done is not. */
  function operationEnded(record: ChargeRecord, operation: Operation): void {
    // A restored state does not have later sends.
    if (context.wasRestored()) return;
    const { kind, amount, number, state, requestId } = operation;
    const payment = context.books.payment(record.attempts[operation.attempt - 1]?.paymentId ?? null);
    const attempt = record.attempts[operation.attempt - 1] ?? null;
    // An older payment that an operator named may have been cleared long before.
    if (amountIsUnreliable(context, attempt) || hasOtherPayment(context, attempt) || context.oldIds.has(attempt?.paymentId ?? "")) return;
    const done = (edits.get(requestId) ?? []).filter(({ end }) => end === "success");
    // The gateway clears an old hold by itself.
    const isCleared = kind === "clearing" && payment !== undefined && paymentAt(payment, context.schedule.now)?.taken === amount;
    if (
      state === "done" &&
      !isCleared &&
      !payment?.edits.some((edit) => edit.kind === kind && (kind === "reverse" || edit.minor === amount))
    )
      fail("I6", `operation ${number} (${kind}) is shown done, and the gateway has none of ${amount}`);
    const sameDone = record.operations.filter(
      (one) => one.kind === "refund" && one.state === "done" && one.attempt === operation.attempt && one.amount === amount,
    );
    const rows = payment?.edits.filter((edit) => edit.kind === "refund" && edit.minor === amount) ?? [];
    if (kind === "refund" && state === "done" && sameDone.length > rows.length)
      fail("I6", `${sameDone.length} refunds of ${amount} are shown done, and the gateway has ${rows.length}`);
    if ((state === "refused" || state === "not_done") && done.length > 0 && !ended.has(number))
      fail("I6", `operation ${number} (${kind}) is shown ${state}, but the gateway did it`);
  }

  /** I9: everything undecided has a deadline and an alarm, also if the object were evicted now. */
  function hasDeadline(record: ChargeRecord): void {
    const { rows, durableRows: safe } = object;
    if (rows === checkedRows) return;
    checkedRows = rows;
    if ((rows.record?.length ?? 0) >= LARGEST_RECORD) fail("M9", `the record has ${rows.record?.length} characters`);
    const open = [...record.attempts, ...record.operations].filter(({ state }) => state === "undecided");
    const reading = record.resolutions.filter(({ state }) => state === "reading");
    // While the order is away, and until its first event after its return, the settings are compared once an hour.
    const waits = context.isAway() || record.gatewayChanged !== null ? object.now + HOUR + SECOND + 2 * context.clockSkew() : 0;
    const isDueBy = Math.max(waits, object.putOffUntil + SECOND);
    for (const one of [...open, ...reading]) {
      if (one.nextPollAt === null) fail("I9", `number ${one.number} is undecided and has no deadline`);
      else if (rows.due === null || rows.due > Math.max(one.nextPollAt + SECOND, isDueBy))
        fail("I9", `number ${one.number} is undecided, and its order is due too late or never`);
    }
    if (open.length + reading.length > 0 && !object.alarm.isLost) {
      if (rows.alarm === null || rows.alarm > Math.max(rows.due ?? 0, object.now + MINUTE))
        fail("I9", "an attempt or operation is undecided, but no alarm is set for it");
    }
    if (safe.record !== null && safe.alarm === null && !object.alarm.isDurablyLost && safe.record.includes('"state":"undecided"'))
      fail("I9", "an undecided attempt or operation is stored without an alarm");
  }

  /** I6: when everything is settled and read, the ledger equals the gateway's. */
  function ledgerMatches(record: ChargeRecord): void {
    if (record.redactedAt !== null) return;
    for (const attempt of record.attempts) {
      const { paymentId, ledger, state, number, sends } = attempt;
      if (sends.length === 0 || amountIsUnreliable(context, attempt) || hasOtherPayment(context, attempt)) continue;
      const payment = context.books.payment(paymentId);
      if (payment === undefined || ledger === null || !["paid", "refunded"].includes(state)) continue;
      // Nothing is read while the order is away. Other checks cover odd rows.
      if (context.isAway() || context.scenario.oddRows !== null) continue;
      // The ledger cannot match if the gateway leaves rows out or shows them wrong, or if the payment is not the order's.
      if (context.oldIds.has(payment.id) || payment.shows.sparse === true || payment.shows.amount === "wrong") continue;
      if (payment.edits.some(({ settlesAt }) => settlesAt > context.finalReadsAt())) continue;
      const truly = payment.edits.filter(({ kind }) => kind === "refund").map(({ id, minor, end }) => `${id} ${minor} ${end}`);
      const shown = ledger.refunds.map(({ id, amount, status }) => `${id} ${amount} ${status}`);
      if (payment.shows.rows === "sum" && attempt.api === "merchant") {
        sumMatches(attempt, payment);
        continue;
      }
      if (truly.sort().join() !== shown.sort().join())
        fail("I6", `attempt ${number}: the ledger is [${shown}], the gateway's is [${truly}]`);
    }
  }

  /** I6, for a gateway that shows the sum of the refunds alone. */
  function sumMatches({ number, ledger }: Attempt, { edits: all }: Payment): void {
    const truly = all.filter(({ kind, end }) => kind === "refund" && end === "success").reduce((sum, { minor }) => sum + minor, 0);
    const shown = (ledger?.refunds ?? []).reduce((sum, { amount }) => sum + (amount ?? 0), 0);
    if (truly !== shown) fail("I6", `attempt ${number}: the ledger has refunds of ${shown}, the gateway of ${truly}`);
  }

  return {
    onEvent(event): void {
      if (event.type === "applied") {
        const { before, after, chargeEvent } = event;
        staysFinal(before, after);
        addsUp(after);
        keepsSecrets(JSON.stringify(context.edge.view.merchantChargeView(after)), "the merchant's view");
        const { outbox } = object.rows;
        const newRows = outbox.slice(Math.min(checkedOutboxRows, outbox.length));
        for (const row of newRows) keepsSecrets(`${row.type} ${row.data}`, "a notification");
        checkedOutboxRows = outbox.length;
        const status = context.edge.view.statusOf(after);
        if (
          status !== context.edge.view.statusOf(before) &&
          NOTIFIED.has(status) &&
          !newRows.some(({ data }) => data.includes(`"status":"${status}"`))
        )
          fail("M9", `it became ${status}, but no notification was stored`);
        for (const [index, operation] of after.operations.entries()) {
          if (operation.api === "merchant") byMerchant.add(operation.requestId);
          if (operation.state === "undecided" || before.operations[index]?.state === operation.state) continue;
          if (chargeEvent.type === "resolve") ended.add(operation.number);
          operationEnded(after, operation);
        }
      } else if (event.type === "evicted") checkedOutboxRows = object.rows.outbox.length;
      else if (event.type === "gateway_acted" && event.edit !== null && event.call.requestId !== "") {
        const { requestId } = event.call;
        edits.set(requestId, [...(edits.get(requestId) ?? []), event.edit]);
        // One that failed moved nothing, and the Merchant API may be asked once more (P10). A restored state may not have the send.
        const isUnknown = byMerchant.has(requestId) && context.wasRestored();
        if (!isUnknown && (edits.get(requestId) ?? []).filter(({ end }) => end === "success").length > 1)
          fail("I6", `one request (${requestId}) has changed the gateway's books twice`);
      } else if (event.type === "request_handled" && event.reply !== null) keepsSecrets(JSON.stringify(event.reply), "an answer");
      else if (event.type === "error_thrown") {
        keepsSecrets(formatLine({ event: "error", request_id: "1", ...describeError(event.error) }), "the log");
        const isUnreadable = object.isUnreadable && event.error instanceof Error && event.error.message === "UnreadableRecord";
        if (!(event.error instanceof StorageRefused) && !isUnreadable)
          fail("I8", `the edge threw ${String(event.error)} ${event.error instanceof Error ? event.error.stack : ""}`);
      }
    },
    check: hasDeadline,
    checkAtEnd: ledgerMatches,
  };
}
