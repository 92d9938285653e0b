/**
 * The object of one order: the only place in which it is decided what happens to it. It keeps the rows, rings at the deadlines,
 * lets callers wait, and runs the state machine; it decides nothing by itself.
 */
import { DurableObject } from "cloudflare:workers";
import type { Charge as ChargeInput } from "../src/charge-token.ts";
import type { ChargeView, MerchantChargeView, ProblemCode } from "../src/edge-api.ts";
import { toMinorUnits } from "../src/money.ts";
import { requestId } from "../src/request-id.ts";
import { termsOf } from "./attempt.ts";
import { entityTag, isKnown, readIfNoneMatch } from "./entity-tag.ts";
import type { GatewayPort } from "./gateway-port.ts";
import { gatewayPort } from "./gateway-port.ts";
import { describeError, log } from "./log.ts";
import type { ChargeRecord, Operation, OperationKind, Resolution } from "./record.ts";
import { sameTerms } from "./record.ts";
import type { Ports } from "./runner.ts";
import { currentRecord, run } from "./runner.ts";
import type { Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { SqlChargeStore } from "./store.ts";
import { CLOSE_SCOPE, RESOLVE_SCOPE } from "./closing.ts";
import { operationScope } from "./operating.ts";
import { payScope } from "./paying.ts";
import { chargeView, currentAttempt, merchantChargeView, statusOf } from "./view.ts";

/** How long a POST waits for the outcome, in milliseconds. */
const PAY_WAIT = 10_000;

/** POSTs that one order takes in a window, and the window (milliseconds). */
const MOST_POSTS = 20;
const POST_WINDOW = 10_000;

/** The alarm rings again after this, should a due deadline not get through. */
const ALARM_AGAIN = 60_000;

/** A click, or a merchant's server, asks to pay. Everything in it was validated by the Worker. */
export interface PayCall {
  readonly caller: "shopper" | "merchant";
  /** The Idempotency-Key. */
  readonly key: string;
  readonly charge: ChargeInput;
  /** `iat` of the token in seconds; null for a server's call. */
  readonly issuedAt: number | null;
  /** The payer's address at the click, or at the consent. */
  readonly userIp: string;
  /** For the callbacks, should an attempt begin: the part of their address that nobody can guess, and where they arrive. */
  readonly ticket: string;
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
}

/** The merchant asks for a clearing, a reverse or a refund. */
export interface OperateCall {
  readonly orderId: string;
  readonly kind: OperationKind;
  readonly key: string;
  /** Major units, at most 2 decimals; null: all that is left. */
  readonly amount: number | null;
}

/** The merchant closes the order. */
export interface CloseCall {
  readonly orderId: string;
  readonly key: string;
}

/** An operator says what became of a stuck charge or operation. */
export interface ResolveCall {
  readonly orderId: string;
  readonly key: string;
  /** The payment that it is; null: nothing was taken. */
  readonly paymentId: string | null;
  /** Why, for the record. */
  readonly note: string;
}

/** The answer to an operation, a close or a resolve. */
export type OperationReply = { readonly ok: true; readonly charge: MerchantChargeView } | Refusal;

/** Somebody asks for the state. */
export interface ReadCall {
  readonly caller: "shopper" | "merchant";
  readonly orderId: string;
  /** What the token says; null for the merchant. */
  readonly charge: ChargeInput | null;
  /** The header, as received. */
  readonly ifNoneMatch: string | null;
  /** Seconds to wait for a change. */
  readonly waitSeconds: number;
}

/** The gateway called back. A hint, whatever it says (rule 7). */
export interface CallbackCall {
  readonly kind: "check" | "result";
  readonly ticket: string;
  /** What the body says, as far as it could be read. */
  readonly said: {
    readonly orderId: string | null;
    readonly paymentId: string | null;
    readonly amount: string | number | null;
    readonly currency: string | null;
  };
}

/** A refusal, to be put into words by the Worker. */
export interface Refusal {
  readonly ok: false;
  readonly code: ProblemCode;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly charge?: ChargeView;
}

/** The answer to a {@link PayCall}. */
export type PayReply = { readonly ok: true; readonly began: boolean; readonly charge: ChargeView | MerchantChargeView } | Refusal;

/** The answer to a {@link ReadCall}. */
export type ReadReply =
  | { readonly ok: true; readonly etag: string; readonly charge: ChargeView | MerchantChargeView }
  | { readonly ok: true; readonly etag: string; readonly notModified: true }
  | Refusal;

/** The answer to a {@link CallbackCall}. */
export type CallbackReply = { readonly found: false } | { readonly found: true; readonly answer: "ok" | "rejected" };

/** Statuses under which other terms are a conflict, on GET too (rule 2). */
const BOUND_TO_TERMS: ReadonlySet<string> = new Set(["processing", "unconfirmed", "authorized", "succeeded"]);

/** One order. Called by the Worker alone. */
export class Charge extends DurableObject<Readonly<Record<string, unknown>>> {
  readonly #store: SqlChargeStore;
  readonly #settings: Settings | null;
  readonly #gateway: GatewayPort | null;
  readonly #waiting = new Set<() => void>();
  /** Times of the last POSTs. In memory: a limit, not a truth. */
  #posts: number[] = [];

  constructor(state: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(state, env);
    this.#store = new SqlChargeStore(state.storage);
    const reading = readSettings(env);
    this.#settings = reading.ok ? reading.settings : null;
    this.#gateway = reading.ok ? gatewayPort(reading.settings) : null;
  }

  /** Begins an attempt, joins the one that is undecided, or answers what a known key has led to (rule 2). */
  async pay(call: PayCall): Promise<PayReply> {
    const { key, issuedAt, ...claim } = call;
    const orderId = call.charge.order_id;
    const ports = this.#ports(orderId);
    if (ports === null) return { ok: false, code: "not_configured" };
    const bound = this.#store.binding(payScope(call.caller), key);
    const wait = bound === null ? this.#waitToPost() : 0;
    if (wait > 0) return { ok: false, code: "rate_limited", retryAfter: wait };
    const { reply, work } = run(ports, { type: "pay", key, bound, claim, issuedAt });
    this.ctx.waitUntil(work);
    if (reply === null) throw new Error("A pay event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply);
    await this.#until(() => !isUndecided(currentRecord(ports)), PAY_WAIT);
    return { ok: true, began: reply.began, charge: viewOf(currentRecord(ports), call.caller, call.charge) };
  }

  /** A clearing, a reverse or a refund (rule 8). A lost answer leaves it undecided: the charge says so. */
  async operate({ orderId, kind, key, amount }: OperateCall): Promise<OperationReply> {
    const ports = this.#ports(orderId);
    if (ports === null) return { ok: false, code: "not_configured" };
    if (this.#store.load() === null) return { ok: false, code: "charge_not_found" };
    const bound = this.#store.binding(operationScope(kind), key);
    const asked = amount === null ? null : toMinorUnits(amount);
    const { reply, work } = run(ports, { type: "operate", kind, key, bound, asked });
    this.ctx.waitUntil(work);
    if (reply === null) throw new Error("An operate event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply);
    const operation = (): Operation | undefined => currentRecord(ports).operations[reply.subject - 1];
    await this.#until(() => operation()?.state !== "undecided", PAY_WAIT);
    const code = operation()?.refusal?.code;
    return code === undefined ? { ok: true, charge: merchantChargeView(currentRecord(ports)) } : { ok: false, code };
  }

  /** No attempt begins any more, also on an order that was never seen. */
  close({ orderId, key }: CloseCall): OperationReply {
    const ports = this.#ports(orderId);
    if (ports === null) return { ok: false, code: "not_configured" };
    const { reply } = run(ports, { type: "close", key, bound: this.#store.binding(CLOSE_SCOPE, key) });
    if (reply?.ok === false) return this.#refusal(orderId, reply);
    return { ok: true, charge: merchantChargeView(currentRecord(ports)) };
  }

  /** An operator's word on what is stuck (rule 8). */
  async resolve({ orderId, key, paymentId, note }: ResolveCall): Promise<OperationReply> {
    const ports = this.#ports(orderId);
    if (ports === null) return { ok: false, code: "not_configured" };
    if (this.#store.load() === null) return { ok: false, code: "charge_not_found" };
    const { reply, work } = run(ports, { type: "resolve", key, paymentId, note, bound: this.#store.binding(RESOLVE_SCOPE, key) });
    this.ctx.waitUntil(work);
    if (reply === null) throw new Error("A resolve event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply);
    const state = (): Resolution["state"] | undefined => currentRecord(ports).resolutions[reply.subject - 1]?.state;
    await this.#until(() => state() !== "reading", PAY_WAIT);
    if (state() === "refused") return { ok: false, code: "operation_not_allowed" };
    if (state() === "unavailable") return { ok: false, code: "unavailable" };
    return { ok: true, charge: merchantChargeView(currentRecord(ports)) };
  }

  /** The state of the order, at once or when it changes. Brings the next look forward. */
  async read(call: ReadCall): Promise<ReadReply> {
    const ports = this.#ports(call.orderId);
    if (ports === null) return { ok: false, code: "not_configured" };
    const record = this.#store.load();
    if (record === null && call.caller === "merchant") return { ok: false, code: "charge_not_found" };
    if (record !== null && isUnsettled(record)) this.ctx.waitUntil(run(ports, { type: "hint", ticket: null }).work);
    const known = readIfNoneMatch(call.ifNoneMatch);
    const end = Date.now() + call.waitSeconds * 1000;
    for (;;) {
      const now = currentRecord(ports);
      if (conflicts(now, call.charge)) return this.#refusal(call.orderId, { ok: false, code: "charge_conflict" });
      const charge = viewOf(now, call.caller, call.charge);
      const etag = entityTag(charge);
      if (!isKnown(etag, known)) return { ok: true, etag, charge };
      const left = end - Date.now();
      if (left <= 0) return { ok: true, etag, notModified: true };
      await this.#nextChange(left);
    }
  }

  /** A callback: answered from storage alone; then the payment is read (rule 7). */
  callback({ ticket, said }: CallbackCall): CallbackReply {
    const record = this.#store.load();
    const attempt = record?.attempts.find((one) => one.ticket === ticket);
    const ports = record === null ? null : this.#ports(record.orderId);
    if (attempt === undefined || ports === null) return { found: false };
    this.ctx.waitUntil(run(ports, { type: "hint", ticket }).work);
    const contradicted =
      (said.orderId !== null && said.orderId !== attempt.gatewayOrderId) ||
      (said.paymentId !== null && attempt.paymentId !== null && said.paymentId !== attempt.paymentId) ||
      (said.amount !== null && toMinorUnits(said.amount) !== attempt.terms.amount) ||
      (said.currency !== null && said.currency !== attempt.terms.currency);
    return { found: true, answer: attempt.state === "undecided" && !contradicted ? "ok" : "rejected" };
  }

  /** A deadline has come. Arms itself again first and never throws: an alarm that throws is given up after a few tries. */
  override async alarm(): Promise<void> {
    try {
      this.#store.arm(Date.now() + ALARM_AGAIN);
      const record = this.#store.load();
      const ports = record === null ? null : this.#ports(record.orderId);
      if (ports === null) return;
      const { work } = run(ports, { type: "due" });
      this.#store.arm(null);
      await work;
    } catch (error) {
      this.#broke(error);
    }
  }

  #ports(orderId: string): Ports | null {
    const gateway = this.#gateway;
    if (gateway === null || this.#settings === null) return null;
    return {
      orderId,
      store: this.#store,
      random: { requestId: () => requestId(), fraction: () => Math.random() },
      gatewayKeys: this.#settings.gatewayKeys.length,
      retentionDays: this.#settings.retentionDays,
      now: () => Date.now(),
      send: (call, key) => gateway.send(call, key),
      read: (call) => gateway.read(call),
      committed: (_, before, after) => this.#committed(before, after),
      broke: (error) => this.#broke(error),
    };
  }

  /** Wakes whoever waits, and writes what the merchant has to look at to the log. */
  #committed(before: ChargeRecord, after: ChargeRecord): void {
    for (const { reason, attempt } of after.attention.slice(before.attention.length)) {
      log({ event: "attention", request_id: requestId(), order_id: after.orderId, reason, attempt });
    }
    this.#wake();
  }

  #broke(error: unknown): void {
    log({ event: "error", request_id: requestId(), ...describeError(error) });
  }

  #refusal(
    orderId: string,
    { code, retryAfter }: { readonly ok: false; readonly code: ProblemCode; readonly retryAfter?: number },
  ): Refusal {
    const record = this.#store.load();
    const shown = code === "charge_conflict" && record !== null && record.orderId === orderId ? { charge: chargeView(record, null) } : {};
    return { ok: false, code, ...(retryAfter === undefined ? {} : { retryAfter }), ...shown };
  }

  /** Counts a POST. Returns the seconds to wait where there were too many. */
  #waitToPost(): number {
    const now = Date.now();
    this.#posts = this.#posts.filter((at) => now - at < POST_WINDOW && at <= now);
    const oldest = this.#posts[0];
    if (oldest !== undefined && this.#posts.length >= MOST_POSTS) return Math.ceil((oldest + POST_WINDOW - now) / 1000);
    this.#posts.push(now);
    return 0;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Settles with the next commit, or after `most` milliseconds. */
  #nextChange(most: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(wake);
        resolve();
      }, most);
      this.#waiting.add(wake);
    });
  }

  async #until(condition: () => boolean, most: number): Promise<void> {
    const end = Date.now() + most;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0) return;
      await this.#nextChange(left);
    }
  }
}

function isUndecided(record: ChargeRecord): boolean {
  return record.attempts.some((attempt) => attempt.state === "undecided");
}

function isUnsettled(record: ChargeRecord): boolean {
  return isUndecided(record) || record.operations.some((operation) => operation.state === "undecided");
}

function viewOf(record: ChargeRecord, caller: "shopper" | "merchant", asked: ChargeInput | null): ChargeView | MerchantChargeView {
  return caller === "merchant" ? merchantChargeView(record) : chargeView(record, asked);
}

function conflicts(record: ChargeRecord, asked: ChargeInput | null): boolean {
  const current = currentAttempt(record);
  return (
    asked !== null &&
    current !== null &&
    record.entombedAt === null &&
    BOUND_TO_TERMS.has(statusOf(record)) &&
    !sameTerms(current.terms, termsOf(asked))
  );
}
