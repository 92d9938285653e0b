/** The steps of a live test of v5. Each step answers one question about the gateway that the contract leaves open. */
import { gatewayTime } from "../src/lib/gateway-time.ts";
import type { Outcome } from "../src/outcome.ts";
import { isKnownStatus } from "../src/payment-answer.ts";
import type { CreatedPayment, EditedPayment, PaymentState, UnsignedCall } from "../src/payment.ts";
import { createRecurrentPayment, paymentStatus, refund, requestStatus, reverse } from "../src/payment.ts";
import { requestId } from "../src/request-id.ts";
import type { CallbackAddresses } from "./callback-recorder.ts";
import type { Transcript } from "./transcript.ts";
import type { LiveTestOptions } from "./live-test-options.ts";

/** Tenge of each charge. The gateway refuses 1 KZT because it cannot compute the commission. */
export const AMOUNT = 100;

/** Tenge of the first refund; the second one is the rest. */
export const PART = 40;

/** Milliseconds between two charges of one card (contract: 1.5-2 s), and between two reads. */
const PAUSE = 2000;

/** Milliseconds for which a payment is read until it is decided. */
export const READ_TIMEOUT = 120_000;

const UNDECIDED: ReadonlySet<string> = new Set(["process", "waiting_3ds", "process_clearing"]);

/** The state of a live test. */
export interface LiveTestRun {
  readonly options: LiveTestOptions;
  readonly transcript: Transcript;
  /** The start of every order_id of this live test. */
  readonly orderPrefix: string;
  /** The callback addresses: those of the recorder, or of a host that does not exist. */
  readonly addresses: CallbackAddresses;
  /** Stops further charges, but not the refunds. */
  readonly stopped: AbortSignal;
  /** Milliseconds between two charges. Tests make it shorter. */
  readonly pause?: number;
}

/** The ids of created payments, and the orders that may have a payment whose answer was lost. */
export interface CreatedPayments {
  readonly payments: Set<string>;
  readonly orders: Set<string>;
}

/** Runs the steps that charge. Stops between two steps after an abort. */
export async function charge(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  for (const step of [readUnknownIds, plainCharge, repeatCreate, chargeWithCallbacks, declineAndRetry]) {
    if (run.stopped.aborted) return;
    await step(run, created);
    await pauseOf(run);
  }
}

/** Reads unknown ids. After a lost answer only these reads can show that there is no payment. */
async function readUnknownIds({ transcript, orderPrefix }: LiveTestRun): Promise<void> {
  await transcript.send("an unknown request", requestStatus({ id: requestId() }, requestId()), (outcome) => {
    const code = outcome.kind === "answered" ? outcome.answer.response?.error?.code : outcome.kind === "refused" ? outcome.code : null;
    return code === "1202" ? [] : [`code ${code ?? "none"} (contract: 1202)`];
  });
  await transcript.send("an unknown order", paymentStatus({ order_id: `${orderPrefix}-none` }, requestId()), (outcome) => {
    const isAbsent =
      outcome.kind === "answered" ? outcome.answer.id === undefined : outcome.kind === "refused" && outcome.category === "not_found";
    return isAbsent ? [] : ["neither {} nor 1202 nor 11068"];
  });
}

async function plainCharge(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  await chargeAndRead(run, created, { step: "a charge without urls", order: `${run.orderPrefix}-a` });
}

/** A repeated request id, or a repeated order_id, must make no second payment. Resends after a lost answer depend on it. */
async function repeatCreate(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  const { transcript, orderPrefix } = run;
  const order = `${orderPrefix}-a`;
  const id = transcript.exchanges.find(({ step }) => step === "a charge without urls")?.request.request_id ?? requestId();
  const [known] = created.payments;
  // If it is unknown whether there is a payment, a repeat could make a second one.
  if (known === undefined) return;
  const isSame = (outcome: Outcome<CreatedPayment>): readonly string[] =>
    outcome.kind === "answered" && outcome.answer.id === known ? [] : ["not the original payment (contract: the original response)"];
  await create(run, created, "the same bytes under the same X-Request-Id", order, createOf(run, { order }, id), isSame);
  await pauseOf(run);
  await create(run, created, "the same order_id under another X-Request-Id", order, createOf(run, { order }, requestId()), isSame);
}

async function chargeWithCallbacks(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  await chargeAndRead(run, created, { step: "a charge with check_url and result_url", order: `${run.orderPrefix}-b`, urls: run.addresses });
}

/** A decline, then the edge's next attempt: the same order with `--2`. */
async function declineAndRetry(run: LiveTestRun, created: CreatedPayments): Promise<void> {
  const order = `${run.orderPrefix}-c`;
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
  const expectsDecline = options.profileId !== undefined;
  const outcome = await create(run, created, step, options.order, createOf(run, options, requestId()), (result) =>
    createDifferences(result, expectsDecline),
  );
  if (outcome.kind === "refused") return;
  await readUntilDecided(run, `${step}: read`, { order_id: options.order });
}

function createOf(
  { options }: LiveTestRun,
  { order, profileId = options.profileId, urls }: ChargeOptions,
  id: string,
): UnsignedCall<CreatedPayment> {
  const payment = { amount: AMOUNT, currency: "KZT", description: "Live test of the payment gateway", order_id: order } as const;
  const payer = { user_id: options.userId, auto_clearing: true, user_ip: options.userIp, profile_id: profileId };
  return createRecurrentPayment({ ...payment, ...payer, ...(urls === undefined ? {} : { urls }) }, id);
}

async function create(
  { transcript }: LiveTestRun,
  created: CreatedPayments,
  step: string,
  order: string,
  call: UnsignedCall<CreatedPayment>,
  compare: (outcome: Outcome<CreatedPayment>) => readonly string[],
): Promise<Outcome<CreatedPayment>> {
  // Stored before the call, so that the order is read at the end even if the answer is lost.
  created.orders.add(order);
  const outcome = await transcript.send(step, call, compare);
  if (outcome.kind === "answered") created.payments.add(outcome.answer.id);
  return outcome;
}

function createDifferences(outcome: Outcome<CreatedPayment>, expectsDecline: boolean): readonly string[] {
  if (outcome.kind === "refused") return expectsDecline ? [`refused with ${outcome.code}, without a payment id`] : ["refused"];
  if (outcome.kind === "unknown") return ["no valid answer"];
  const { status, amount, created_at: created } = outcome.answer;
  const expected = expectsDecline ? "error" : "process";
  return [
    ...(status === expected ? [] : [`status ${status} (contract: ${expected})`]),
    ...(Number(amount) === AMOUNT ? [] : [`amount ${amount} (requested: ${AMOUNT})`]),
    // The official sample of a decline has the amount as a string.
    ...(typeof amount === "number" || expectsDecline ? [] : ["amount is a string"]),
    ...(Number.isNaN(gatewayTime(created)) ? ["created_at cannot be read as a time"] : []),
  ];
}

async function readUntilDecided(
  run: LiveTestRun,
  step: string,
  by: { readonly id: string } | { readonly order_id: string },
): Promise<PaymentState | null> {
  const end = Date.now() + READ_TIMEOUT;
  for (;;) {
    const outcome = await run.transcript.send(step, paymentStatus(by, requestId()), (result) => readDifferences(result, by));
    const payment = outcome.kind === "answered" ? outcome.answer : null;
    if (payment?.status !== undefined && !UNDECIDED.has(payment.status)) return payment;
    if (Date.now() > end) return payment;
    await pauseOf(run);
  }
}

function readDifferences(outcome: Outcome<PaymentState>, by: Readonly<Record<string, string>>): readonly string[] {
  if (outcome.kind !== "answered") return ["no payment"];
  const { id, order_id: order, status, amount, currency, created_at: created, clearing, from } = outcome.answer;
  // The official sample of a decline has no order and no card.
  const needed = { id, status, amount, created_at: created, ...(status === "error" ? {} : { order_id: order, from }) };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  return [
    ...(missing.length === 0 ? [] : [`missing: ${missing.map(([name]) => name).join(", ")}`]),
    ...(by["order_id"] === undefined || order === undefined || order === by["order_id"] ? [] : ["order_id differs from the requested one"]),
    ...(amount === undefined || Number(amount) === AMOUNT ? [] : [`amount ${amount} (requested: ${AMOUNT})`]),
    ...(currency === undefined ? [] : ["has a currency (contract: none)"]),
    ...(status === undefined || isKnownStatus(status) ? [] : ["a status that the contract does not list"]),
    ...(status === "success" && clearing?.cleared === undefined ? ["success without clearing.cleared"] : []),
  ];
}

/**
 * Refunds all payments: the first one in two parts, each other one completely. Reverses a hold.
 *
 * @returns a text for each payment or order whose money may not be returned; empty when everything is returned
 */
export async function refundAll(run: LiveTestRun, created: CreatedPayments): Promise<readonly string[]> {
  const { transcript } = run;
  const remaining: string[] = [];
  for (const order of created.orders) {
    const outcome = await transcript.send(`${order}: final read`, paymentStatus({ order_id: order }, requestId()));
    if (outcome.kind === "answered" && outcome.answer.id !== undefined) created.payments.add(outcome.answer.id);
    else if (outcome.kind === "unknown") remaining.push(`order ${order} could not be read: search for it in the cabinet`);
  }
  let isFirst = true;
  for (const id of created.payments) {
    const payment = await readUntilDecided(run, `payment ${id}`, { id });
    if (payment?.status === "error" || payment?.status === "reversed") continue;
    if (payment?.status === "approved") await edit(run, `payment ${id}: reverse`, reverse({ id }, requestId()));
    else if (payment?.status === "success") await refundWhole(run, id, isFirst ? [PART, AMOUNT - PART] : [AMOUNT]);
    isFirst = false;
    if (!(await isReturned(run, id))) remaining.push(`payment ${id} is not refunded according to the gateway: refund it in the cabinet`);
  }
  return remaining;
}

async function refundWhole(run: LiveTestRun, id: string, parts: readonly number[]): Promise<void> {
  for (const amount of parts) {
    await edit(run, `payment ${id}: refund of ${amount}`, refund({ id, amount }, requestId()));
    await readUntilSettled(run, id);
  }
}

async function edit(run: LiveTestRun, step: string, call: UnsignedCall<EditedPayment>): Promise<void> {
  await run.transcript.send(step, call, (outcome) => {
    if (outcome.kind !== "answered") return ["not accepted"];
    const { refund_payment: row } = outcome.answer;
    if (row === undefined) return call.action.name.endsWith("refund") ? ["no refund_payment"] : [];
    return Number(row.amount) < 0 ? [] : [`refund_payment.amount is ${row.amount} (contract: negative)`];
  });
  await pauseOf(run);
}

/** Reads until no refund is in progress. */
async function readUntilSettled(run: LiveTestRun, id: string): Promise<PaymentState | null> {
  const end = Date.now() + READ_TIMEOUT;
  for (;;) {
    const outcome = await run.transcript.send(`payment ${id}: rows`, paymentStatus({ id }, requestId()));
    const payment = outcome.kind === "answered" ? outcome.answer : null;
    const rows = [...(payment?.refund_payments ?? []), ...(payment?.reverse_payments ?? [])];
    if ((payment !== null && rows.every(({ status }) => status === "success" || status === "error")) || Date.now() > end) return payment;
    await pauseOf(run);
  }
}

async function isReturned(run: LiveTestRun, id: string): Promise<boolean> {
  const payment = await readUntilSettled(run, id);
  if (payment?.status === "reversed") return true;
  const rows = (payment?.refund_payments ?? []).filter(({ status }) => status === "success");
  return rows.reduce((sum, { amount }) => sum + Math.abs(Number(amount ?? 0)), 0) >= AMOUNT;
}

/** The pause between two charges, and between two reads. */
export function pauseOf({ pause = PAUSE }: LiveTestRun): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pause));
}
