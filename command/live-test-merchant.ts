/** The steps of a live test of the Merchant API. Each step answers one question that docs/gateway-unknowns.md leaves open. */
import { toMinorUnits } from "../src/money.ts";
import { requestId } from "../src/request-id.ts";
import type { AcceptedCharge, AcceptedOperation, PaymentStatus } from "../src/merchant-api/answers.ts";
import type { UnsignedMerchantCall } from "../src/merchant-api/calls.ts";
import { cancel, getStatus, makeRecurringPayment, revoke } from "../src/merchant-api/calls.ts";
import type { MerchantOutcome } from "../src/merchant-api/outcome.ts";
import type { StatusMeaning } from "../src/merchant-api/payment-status.ts";
import { meaningOf } from "../src/merchant-api/payment-status.ts";
import type { CallbackAddresses } from "./callback-recorder.ts";
import type { CreatedPayments, LiveTestRun } from "./live-test-steps.ts";
import { AMOUNT, PART, pauseOf, READ_TIMEOUT } from "./live-test-steps.ts";

/** The code of an order_id that was used. */
const ORDER_ID_USED = "9991";

/** Runs the steps that charge. Stops between two steps after an abort. */
export async function chargeByMerchantApi(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  for (const step of [readUnknownOrder, plainCharge, repeatOrder, chargeUnawaited, chargeWithCallbacks, declineAndRetry]) {
    if (run.stopped.aborted) return;
    await step(run, created);
    await pauseOf(run);
  }
}

/** Reads an unknown order. After a lost answer only this read can show that there is no payment. */
async function readUnknownOrder({ transcript, orderPrefix }: LiveTestRun): Promise<void> {
  await transcript.sendMerchant("an unknown order", getStatus({ order_id: `${orderPrefix}-none` }, requestId()), (outcome) =>
    outcome.kind === "refused" && outcome.category === "not_found" ? [] : ["neither 11068 nor 340"],
  );
}

async function plainCharge(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  await chargeAndRead(run, created, { step: "a charge", order: `${run.orderPrefix}-a` });
}

/** A repeated order_id must make no second payment. */
async function repeatOrder(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  // If it is unknown whether there is a payment, a repeat could make a second one.
  if (created.payments.size === 0) return;
  const order = `${run.orderPrefix}-a`;
  await create(run, created, "the same order_id again", order, createOf(run, { order }), (outcome) => {
    if (outcome.kind === "answered") return [`accepted as payment ${outcome.answer.paymentId} (expected: refused with 9991)`];
    if (outcome.kind === "unknown") return ["no valid answer"];
    return outcome.code === ORDER_ID_USED ? [] : [`refused with ${outcome.code} (expected: 9991)`];
  });
}

/** A charge whose answer is not awaited, as if it were lost: how soon does the order_id find it? */
async function chargeUnawaited(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  const step = "a charge whose answer is not awaited";
  const order = `${run.orderPrefix}-b`;
  const answer = create(run, created, step, order, createOf(run, { order }), acceptDifferences);
  const found = await readUntil(run, `${step}: read`, { order_id: order }, () => true);
  const outcome = await answer;
  if (found === null) run.transcript.note(step, "not found by its order_id");
  else {
    created.payments.add(found.paymentId);
    if (outcome.kind === "answered" && outcome.answer.paymentId !== found.paymentId)
      run.transcript.note(step, "its order_id finds another payment than its answer names");
  }
}

async function chargeWithCallbacks(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  await chargeAndRead(run, created, { step: "a charge with callbacks", order: `${run.orderPrefix}-c`, urls: run.addresses });
}

/** A decline, then the edge's next attempt: the same order with `--2`. */
async function declineAndRetry(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  const order = `${run.orderPrefix}-d`;
  await chargeAndRead(run, created, { step: "a charge with a declining profile", order, profileId: run.options.decliningProfileId });
  await pauseOf(run);
  if (run.stopped.aborted) return;
  await chargeAndRead(run, created, { step: "the second attempt, as --2", order: `${order}--2` });
}

interface ChargeOptions {
  readonly order: string;
  readonly profileId?: string;
  readonly urls?: CallbackAddresses;
}

async function chargeAndRead(
  run: LiveTestRun,
  created: CreatedPayments,
  { step, ...options }: ChargeOptions & { readonly step: string },
): Promise<void> {
  const expected: StatusMeaning = options.profileId === undefined ? "succeeded" : "declined";
  const outcome = await create(run, created, step, options.order, createOf(run, options), acceptDifferences);
  const by = outcome.kind === "answered" ? { payment_id: outcome.answer.paymentId } : { order_id: options.order };
  const payment = await readUntil(run, `${step}: read`, by, isDecided, options.order);
  // A refusal without a payment is a decline that the edge finds by silence.
  if (payment === null && outcome.kind === "refused" && expected === "declined") return;
  const meaning = payment === null ? null : meaningOf(payment.status);
  if (meaning !== expected) run.transcript.note(step, `ended as ${payment?.status ?? "no payment"} (expected: ${expected})`);
}

function createOf(
  { options }: LiveTestRun,
  { order, profileId = options.profileId, urls }: ChargeOptions,
): UnsignedMerchantCall<AcceptedCharge> {
  const payment = { amount: AMOUNT, currency: "KZT", description: "Live test of the payment gateway", order_id: order } as const;
  const profile = { profile_id: profileId, auto_clearing: true, idempotency_key: `${order}/charge` };
  return makeRecurringPayment({ ...payment, ...profile, ...urls }, requestId());
}

async function create(
  { transcript }: LiveTestRun,
  created: CreatedPayments,
  step: string,
  order: string,
  call: UnsignedMerchantCall<AcceptedCharge>,
  compare: (outcome: MerchantOutcome<AcceptedCharge>) => readonly string[],
): Promise<MerchantOutcome<AcceptedCharge>> {
  // Stored before the call, so that the order is read at the end even if the answer is lost.
  created.orders.add(order);
  const outcome = await transcript.sendMerchant(step, call, compare);
  if (outcome.kind === "answered") created.payments.add(outcome.answer.paymentId);
  return outcome;
}

function acceptDifferences(outcome: MerchantOutcome<AcceptedCharge>): readonly string[] {
  if (outcome.kind === "refused") return ["refused, without a payment"];
  if (outcome.kind === "unknown") return ["no valid answer"];
  const { amount } = outcome.answer;
  return amount === null || toMinorUnits(amount) === AMOUNT * 100 ? [] : [`amount ${amount} (requested: ${AMOUNT})`];
}

function isDecided({ status }: PaymentStatus): boolean {
  const meaning = meaningOf(status);
  return meaning !== "undecided" && meaning !== "unknown";
}

type By = { readonly payment_id: string } | { readonly order_id: string };

/** Reads until a payment is as wanted; the last one that was read if it never is; null if there is none. */
async function readUntil(
  run: LiveTestRun,
  step: string,
  by: By,
  isWanted: (payment: PaymentStatus) => boolean,
  order: string | null = null,
): Promise<PaymentStatus | null> {
  const end = Date.now() + READ_TIMEOUT;
  for (;;) {
    const outcome = await run.transcript.sendMerchant(step, getStatus(by, requestId()), (result) => readDifferences(result, order));
    const payment = outcome.kind === "answered" ? outcome.answer : null;
    if (payment !== null && isWanted(payment)) return payment;
    // Another read would be refused, or would not verify, as well.
    const isFinal =
      outcome.kind === "refused" ? outcome.category !== "not_found" : outcome.kind === "unknown" && outcome.reason === "unverified";
    if (isFinal || Date.now() > end) return payment;
    await pauseOf(run);
  }
}

function readDifferences(outcome: MerchantOutcome<PaymentStatus>, order: string | null): readonly string[] {
  if (outcome.kind === "unknown") return ["no valid answer"];
  if (outcome.kind === "refused") return outcome.category === "not_found" ? [] : [`refused with ${outcome.code}`];
  const { orderId, amount, status, captured, failure } = outcome.answer;
  const meaning = meaningOf(status);
  return [
    ...(order === null || orderId === order ? [] : [`order_id ${orderId ?? "is missing"} (expected: ${order})`]),
    ...(toMinorUnits(amount) === AMOUNT * 100 ? [] : [`amount ${amount ?? "is missing"} (requested: ${AMOUNT})`]),
    ...(meaning === "unknown" ? ["a status that is not listed"] : []),
    ...(meaning === "succeeded" && captured === null ? ["success without pg_captured"] : []),
    ...(meaning === "declined" && failure === null ? ["a decline without pg_failure_code"] : []),
  ];
}

/**
 * Refunds all payments: the first one in two parts, each other one completely. Releases a hold.
 *
 * @returns a text for each payment or order whose money may not be returned; empty when everything is returned
 */
export async function refundAllByMerchantApi(run: LiveTestRun, created: CreatedPayments): Promise<readonly string[]> {
  const remaining: string[] = [];
  for (const order of created.orders) {
    const outcome = await run.transcript.sendMerchant(`${order}: final read`, getStatus({ order_id: order }, requestId()));
    if (outcome.kind === "answered") created.payments.add(outcome.answer.paymentId);
    else if (outcome.kind === "unknown" || outcome.category !== "not_found")
      remaining.push(`order ${order} could not be read: search for it in the cabinet`);
  }
  let isFirst = true;
  for (const id of created.payments) {
    const payment = await readUntil(run, `payment ${id}`, { payment_id: id }, isDecided);
    if (payment !== null && meaningOf(payment.status) === "declined") continue;
    if (payment !== null && meaningOf(payment.status) === "succeeded") {
      await refundPayment(run, id, payment.captured === false ? null : isFirst ? [PART, AMOUNT - PART] : [AMOUNT]);
      isFirst = false;
    }
    if (!(await isReturned(run, id))) remaining.push(`payment ${id} is not refunded according to the gateway: refund it in the cabinet`);
  }
  return remaining;
}

/** Refunds in parts, or releases a hold (null). */
async function refundPayment(run: LiveTestRun, id: string, parts: readonly number[] | null): Promise<void> {
  const operation = async (step: string, call: UnsignedMerchantCall<AcceptedOperation>): Promise<void> => {
    await run.transcript.sendMerchant(`payment ${id}: ${step}`, call, (outcome) => (outcome.kind === "answered" ? [] : ["not accepted"]));
    await pauseOf(run);
  };
  if (parts === null) await operation("cancel", cancel({ payment_id: id }, requestId()));
  let refunded = 0;
  for (const amount of parts ?? []) {
    await operation(`refund of ${amount}`, revoke({ payment_id: id, amount }, requestId()));
    refunded += amount;
    const sum = refunded;
    const payment = await readUntil(run, `payment ${id}: rows`, { payment_id: id }, (read) => refundedOf(read) >= sum * 100);
    if (payment !== null) compareRows(run, id, payment);
  }
}

function refundedOf({ refundAmount }: PaymentStatus): number {
  return Math.abs(toMinorUnits(refundAmount) ?? 0);
}

/** The rows must add up to the sum, because a refund is found out by either (P10.1). */
function compareRows(run: LiveTestRun, id: string, payment: PaymentStatus): void {
  const rows = payment.refunds.reduce((sum, { amount }) => sum + Math.abs(toMinorUnits(amount) ?? 0), 0);
  if (rows !== refundedOf(payment))
    run.transcript.note(
      `payment ${id}: rows`,
      `the rows add up to ${rows / 100}, pg_refund_amount is ${payment.refundAmount ?? "missing"}`,
    );
  if (payment.refunds.some(({ paymentId }) => paymentId === null))
    run.transcript.note(`payment ${id}: rows`, "a row without pg_payment_id");
}

async function isReturned(run: LiveTestRun, id: string): Promise<boolean> {
  const isBack = (payment: PaymentStatus): boolean =>
    refundedOf(payment) >= AMOUNT * 100 || (meaningOf(payment.status) === "returned" && payment.captured === false);
  const payment = await readUntil(run, `payment ${id}: returned`, { payment_id: id }, isBack);
  return payment !== null && isBack(payment);
}
