/** What a live trial does, step by step. Each step is one question about the gateway that the contract leaves open. */
import { gatewayTime } from "../src/lib/gateway-time.ts";
import type { Outcome } from "../src/outcome.ts";
import type { CreatedPayment, EditedPayment, PaymentState, UnsignedCall } from "../src/payment.ts";
import { createRecurrentPayment, paymentStatus, refund, requestStatus, reverse } from "../src/payment.ts";
import { requestId } from "../src/request-id.ts";
import type { CallbackAddresses } from "./callback-recorder.ts";
import type { Journal } from "./trial-journal.ts";
import type { TrialOptions } from "./trial-options.ts";

/** Tenge, of every charge: 1 KZT is refused, for its commission cannot be computed. */
const AMOUNT = 100;

/** Of the first refund; the rest is the second. */
const PART = 40;

/** Milliseconds between two charges of one card (contract: 1.5-2 s), and between two reads. */
const PAUSE = 2000;

/** Milliseconds for which a payment is watched. */
const PATIENCE = 120_000;

const KNOWN_WORDS: ReadonlySet<string> = new Set([
  "process",
  "waiting_3ds",
  "approved",
  "success",
  "process_clearing",
  "reversed",
  "error",
]);
const UNDECIDED: ReadonlySet<string> = new Set(["process", "waiting_3ds", "process_clearing"]);

/** What a trial works with. */
export interface TrialRun {
  readonly options: TrialOptions;
  readonly journal: Journal;
  /** The beginning of every order_id of this trial. */
  readonly orders: string;
  /** Where its callbacks go: to the recorder, or to a host that does not exist. */
  readonly addresses: CallbackAddresses;
  /** Ends the charging, never the giving back. */
  readonly stopped: AbortSignal;
  /** What is waited between two charges; a test's is shorter. */
  readonly pause?: number;
}

/** Payments that the trial made, by id, and the orders that may hold one whose answer was lost. */
export interface Made {
  readonly payments: Set<string>;
  readonly orders: Set<string>;
}

/** Every question that charges. Stops between two of them when it is told to. */
export async function charge(run: TrialRun, made: Made): Promise<void> {
  for (const step of [nothingThere, plainCharge, sameAgain, chargeWithCallbacks, declineAndSecond]) {
    if (run.stopped.aborted) return;
    await step(run, made);
    await pauseOf(run);
  }
}

/** What does not exist: how that is said decides whether a lost answer can be found out. */
async function nothingThere({ journal, orders }: TrialRun): Promise<void> {
  await journal.ask("a request that never was", requestStatus({ id: requestId() }, requestId()), (outcome) => {
    const code = outcome.kind === "answered" ? outcome.answer.response?.error?.code : outcome.kind === "refused" ? outcome.code : null;
    return code === "1202" ? [] : [`code ${code ?? "none"} (contract: 1202)`];
  });
  await journal.ask("an order that never was", paymentStatus({ order_id: `${orders}-none` }, requestId()), (outcome) => {
    const isAbsent =
      outcome.kind === "answered" ? outcome.answer.id === undefined : outcome.kind === "refused" && outcome.category === "not_found";
    return isAbsent ? [] : ["neither {} nor 1202 nor 11068"];
  });
}

async function plainCharge(run: TrialRun, made: Made): Promise<void> {
  await chargeAndRead(run, made, { step: "a charge without urls", order: `${run.orders}-a` });
}

/** The promise that a lost answer rests on: the same id, or the same order_id, makes no second payment. */
async function sameAgain(run: TrialRun, made: Made): Promise<void> {
  const { journal, orders } = run;
  const order = `${orders}-a`;
  const id = journal.exchanges.find(({ step }) => step === "a charge without urls")?.asked.request_id ?? requestId();
  const [known] = made.payments;
  // Where nobody knows whether there is a payment, nothing is sent that could make a second one.
  if (known === undefined) return;
  const isSame = (outcome: Outcome<CreatedPayment>): readonly string[] =>
    outcome.kind === "answered" && outcome.answer.id === known ? [] : ["not the original payment (contract: the original response)"];
  await create(run, made, "the same bytes under the same X-Request-Id", order, createOf(run, { order }, id), isSame);
  await pauseOf(run);
  await create(run, made, "the same order_id under another X-Request-Id", order, createOf(run, { order }, requestId()), isSame);
}

async function chargeWithCallbacks(run: TrialRun, made: Made): Promise<void> {
  await chargeAndRead(run, made, { step: "a charge with check_url and result_url", order: `${run.orders}-b`, urls: run.addresses });
}

/** A decline, then the next attempt as the edge makes it: the same order with `--2`. */
async function declineAndSecond(run: TrialRun, made: Made): Promise<void> {
  const order = `${run.orders}-c`;
  await chargeAndRead(run, made, { step: "a charge that is to be declined", order, profileId: run.options.declines });
  await pauseOf(run);
  if (run.stopped.aborted) return;
  await chargeAndRead(run, made, { step: "the second attempt, as --2", order: `${order}--2` });
}

interface Wanted {
  readonly order: string;
  readonly profileId?: string;
  readonly urls?: CallbackAddresses;
}

async function chargeAndRead(run: TrialRun, made: Made, { step, ...wanted }: Wanted & { readonly step: string }): Promise<void> {
  const isToDecline = wanted.profileId !== undefined;
  const outcome = await create(run, made, step, wanted.order, createOf(run, wanted, requestId()), (said) =>
    createDiffers(said, isToDecline),
  );
  if (outcome.kind === "refused") return;
  await readUntilDecided(run, `${step}: its read`, { order_id: wanted.order });
}

function createOf({ options }: TrialRun, { order, profileId = options.profileId, urls }: Wanted, id: string): UnsignedCall<CreatedPayment> {
  const payment = { amount: AMOUNT, currency: "KZT", description: "Trial of the payment gateway", order_id: order } as const;
  const whom = { user_id: options.userId, auto_clearing: true, user_ip: options.userIp, profile_id: profileId };
  return createRecurrentPayment({ ...payment, ...whom, ...(urls === undefined ? {} : { urls }) }, id);
}

async function create(
  { journal }: TrialRun,
  made: Made,
  step: string,
  order: string,
  call: UnsignedCall<CreatedPayment>,
  expect: (outcome: Outcome<CreatedPayment>) => readonly string[],
): Promise<Outcome<CreatedPayment>> {
  // Kept before it leaves: should the answer get lost, the order is read in the end.
  made.orders.add(order);
  const outcome = await journal.ask(step, call, expect);
  if (outcome.kind === "answered") made.payments.add(outcome.answer.id);
  return outcome;
}

function createDiffers(outcome: Outcome<CreatedPayment>, isToDecline: boolean): readonly string[] {
  if (outcome.kind === "refused") return isToDecline ? [`refused with a bare ${outcome.code}, without a payment id`] : ["refused"];
  if (outcome.kind === "unknown") return ["no answer that makes sense"];
  const { status, amount, created_at: created } = outcome.answer;
  const expected = isToDecline ? "error" : "process";
  return [
    ...(status === expected ? [] : [`status ${status} (contract: ${expected})`]),
    ...(Number(amount) === AMOUNT ? [] : [`amount ${amount} (asked: ${AMOUNT})`]),
    // The contract has seen texts beside a decline.
    ...(typeof amount === "number" || isToDecline ? [] : ["amount is a text"]),
    ...(Number.isNaN(gatewayTime(created)) ? ["created_at cannot be read as a time"] : []),
  ];
}

async function readUntilDecided(
  run: TrialRun,
  step: string,
  by: { readonly id: string } | { readonly order_id: string },
): Promise<PaymentState | null> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const outcome = await run.journal.ask(step, paymentStatus(by, requestId()), (said) => readDiffers(said, by));
    const payment = outcome.kind === "answered" ? outcome.answer : null;
    if (payment?.status !== undefined && !UNDECIDED.has(payment.status)) return payment;
    if (Date.now() > end) return payment;
    await pauseOf(run);
  }
}

function readDiffers(outcome: Outcome<PaymentState>, by: Readonly<Record<string, string>>): readonly string[] {
  if (outcome.kind !== "answered") return ["no payment"];
  const { id, order_id: order, status, amount, currency, created_at: created, clearing, from } = outcome.answer;
  // The official sample of a decline names no order and no card.
  const needed = { id, status, amount, created_at: created, ...(status === "error" ? {} : { order_id: order, from }) };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  return [
    ...(missing.length === 0 ? [] : [`missing: ${missing.map(([name]) => name).join(", ")}`]),
    ...(by["order_id"] === undefined || order === undefined || order === by["order_id"] ? [] : ["another order_id than was asked for"]),
    ...(amount === undefined || Number(amount) === AMOUNT ? [] : [`amount ${amount} (asked: ${AMOUNT})`]),
    ...(currency === undefined ? [] : ["has a currency (contract: none)"]),
    ...(status === undefined || KNOWN_WORDS.has(status) ? [] : ["a status word that the contract does not list"]),
    ...(status === "success" && clearing?.cleared === undefined ? ["success without clearing.cleared"] : []),
  ];
}

/**
 * Gives everything back that was taken: the first payment in two parts, each other whole; a hold is reversed.
 *
 * @returns what is still taken, in words for a person; nothing when all is back
 */
export async function giveBack(run: TrialRun, made: Made): Promise<readonly string[]> {
  const { journal } = run;
  const left: string[] = [];
  for (const order of made.orders) {
    const outcome = await journal.ask(`${order}: what became of it`, paymentStatus({ order_id: order }, requestId()));
    if (outcome.kind === "answered" && outcome.answer.id !== undefined) made.payments.add(outcome.answer.id);
    else if (outcome.kind === "unknown") left.push(`order ${order} could not be read: look for it in the cabinet`);
  }
  let isFirst = true;
  for (const id of made.payments) {
    const payment = await readUntilDecided(run, `payment ${id}`, { id });
    if (payment?.status === "error" || payment?.status === "reversed") continue;
    if (payment?.status === "approved") await edit(run, `payment ${id}: reverse`, reverse({ id }, requestId()));
    else if (payment?.status === "success") await refundWhole(run, id, isFirst ? [PART, AMOUNT - PART] : [AMOUNT]);
    isFirst = false;
    if (!(await isBack(run, id))) left.push(`payment ${id} is not given back, as far as the gateway says: refund it in the cabinet`);
  }
  return left;
}

async function refundWhole(run: TrialRun, id: string, parts: readonly number[]): Promise<void> {
  for (const amount of parts) {
    await edit(run, `payment ${id}: refund of ${amount}`, refund({ id, amount }, requestId()));
    await settled(run, id);
  }
}

async function edit(run: TrialRun, step: string, call: UnsignedCall<EditedPayment>): Promise<void> {
  await run.journal.ask(step, call, (outcome) => {
    if (outcome.kind !== "answered") return ["not accepted"];
    const { refund_payment: row } = outcome.answer;
    if (row === undefined) return call.action.name.endsWith("refund") ? ["no refund_payment"] : [];
    return Number(row.amount) < 0 ? [] : [`refund_payment.amount is ${row.amount} (contract: negative)`];
  });
  await pauseOf(run);
}

/** Reads until no refund is under way. */
async function settled(run: TrialRun, id: string): Promise<PaymentState | null> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const outcome = await run.journal.ask(`payment ${id}: its rows`, paymentStatus({ id }, requestId()));
    const payment = outcome.kind === "answered" ? outcome.answer : null;
    const rows = [...(payment?.refund_payments ?? []), ...(payment?.reverse_payments ?? [])];
    if ((payment !== null && rows.every(({ status }) => status === "success" || status === "error")) || Date.now() > end) return payment;
    await pauseOf(run);
  }
}

async function isBack(run: TrialRun, id: string): Promise<boolean> {
  const payment = await settled(run, id);
  if (payment?.status === "reversed") return true;
  const rows = (payment?.refund_payments ?? []).filter(({ status }) => status === "success");
  return rows.reduce((sum, { amount }) => sum + Math.abs(Number(amount ?? 0)), 0) >= AMOUNT;
}

function pauseOf({ pause = PAUSE }: TrialRun): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pause));
}
