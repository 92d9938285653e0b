/**
 * The object of one order: the only place in which it is decided what happens to it. It keeps the rows, rings at the deadlines,
 * lets callers wait, and runs the state machine; it decides nothing by itself.
 */
import { DurableObject } from "cloudflare:workers";
import type { Charge as ChargeInput } from "../src/charge-token.ts";
import type { ChargeView, MerchantChargeAnswer, ProblemCode } from "../src/edge-api.ts";
import { MINUTE, SECOND } from "../src/lib/time.ts";
import { toMinorUnits } from "../src/money.ts";
import { requestId } from "../src/request-id.ts";
import { answerToCallback } from "./machine/events/callback.ts";
import type {
  CallbackRequest,
  CallbackResponse,
  CloseRequest,
  NotifyRequest,
  OperateRequest,
  OperationResponse,
  PayRequest,
  PayResponse,
  ReadRequest,
  ReadResponse,
  Refusal,
  ResolveRequest,
} from "./rpc.ts";
import type { DailyIndex } from "./daily-index.ts";
import { linesOf } from "./machine/decision-log.ts";
import { entityTag, isKnown, readIfNoneMatch } from "./http/entity-tag.ts";
import { dispatch } from "./delivery/dispatch.ts";
import type { ChargeEvent } from "./machine/event.ts";
import type { GatewayPort } from "./gateways/async.ts";
import { gatewayPort } from "./gateways/async.ts";
import type { RequestContext } from "./log.ts";
import { describeError, log } from "./log.ts";
import { homeOf } from "./home.ts";
import type { RequestedChange } from "./machine/not-allowed.ts";
import { whyEnded, whyNotAssigned, whyNotAllowed, whyNotSent } from "./machine/not-allowed.ts";
import type { ChargeRecord, Home, Operation, Resolution } from "./machine/record.ts";
import type { Ports } from "./machine/runner.ts";
import { currentRecord, refreshDeadlines, run } from "./machine/runner.ts";
import { startingWith } from "./machine/first-request-id.ts";
import type { Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { SqlChargeStore } from "./storage/order-store.ts";
import { CLOSE_SCOPE } from "./machine/events/close.ts";
import { RESOLVE_SCOPE } from "./machine/events/resolve.ts";
import { operationScope } from "./machine/events/operate.ts";
import { conflictsOnRead, payScope } from "./machine/events/pay.ts";
import { chargeView, merchantChargeView } from "./machine/view.ts";

/** How long a POST waits for the outcome, in milliseconds. */
const PAY_WAIT = 10 * SECOND;

/** POSTs that one order takes in a window, and the window (milliseconds). */
const MAX_POSTS = 20;
const POST_WINDOW = 10 * SECOND;

/** The alarm rings again after this, should a due deadline not get through. */
const ALARM_RETRY = MINUTE;

/** The scope of keys that send a notification again. */
const NOTIFY_SCOPE = "merchant notify";

/** One order. Called by the Worker alone. */
export class Charge extends DurableObject<Readonly<Record<string, unknown>>> {
  readonly #store: SqlChargeStore;
  readonly #settings: Settings | null;
  readonly #days: DurableObjectNamespace<DailyIndex> | null;
  readonly #home: Home;
  /** Whether the deadlines were computed anew since the object was opened: the settings may have changed. */
  #isRefreshed = false;
  readonly #gateway: GatewayPort | null;
  readonly #waiting = new Set<() => void>();
  /** Times of the last POSTs. In memory: a limit, not a truth. */
  #posts: number[] = [];

  constructor(state: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(state, env);
    const reading = readSettings(env);
    this.#settings = reading.ok ? reading.settings : null;
    this.#home = this.#settings === null ? { host: "", merchantId: "" } : homeOf(this.#settings);
    this.#days = (env["DAYS"] as DurableObjectNamespace<DailyIndex> | undefined) ?? null;
    this.#store = new SqlChargeStore(state.storage, {
      hasReceiver: typeof this.#settings?.notifyUrl === "string",
      hasIndex: this.#days !== null,
      // Without settings nothing is opened.
      retentionDays: this.#settings?.retentionDays ?? 0,
      home: this.#home,
    });
    this.#gateway = reading.ok ? gatewayPort(reading.settings) : null;
  }

  /** Begins an attempt, joins the one that is undecided, or answers what a known key has led to (M2). */
  async pay(call: PayRequest): Promise<PayResponse> {
    const { request, key, issuedAt, ...input } = call;
    const orderId = call.charge.order_id;
    const ports = this.#ports(orderId, request);
    if (ports === null) return { ok: false, code: "not_configured" };
    const bound = this.#store.binding(payScope(call.caller), key);
    const wait = bound === null ? this.#countPost() : 0;
    if (wait > 0) return { ok: false, code: "rate_limited", retryAfter: wait };
    const { reply, pending } = run(startingWith(request.requestId, ports), { type: "pay", key, bound, input, issuedAt });
    this.ctx.waitUntil(pending);
    if (reply === null) throw new Error("A pay event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply);
    await this.#until(() => !isUndecided(currentRecord(ports)), PAY_WAIT);
    return { ok: true, began: reply.began, charge: this.#viewFor(currentRecord(ports), call.caller, call.charge) };
  }

  /** A clearing, a reverse or a refund (M8). A lost answer leaves it undecided: the charge says so. */
  async operate({ request, orderId, kind, key, amount }: OperateRequest): Promise<OperationResponse> {
    const ports = this.#ports(orderId, request);
    if (ports === null) return { ok: false, code: "not_configured" };
    if (this.#store.load() === null) return { ok: false, code: "charge_not_found" };
    const bound = this.#store.binding(operationScope(kind), key);
    const requestedAmount = amount === null ? null : toMinorUnits(amount);
    const { reply, pending } = run(startingWith(request.requestId, ports), { type: "operate", kind, key, bound, requestedAmount });
    this.ctx.waitUntil(pending);
    if (reply === null) throw new Error("An operate event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply, kind);
    const operation = (): Operation | undefined => currentRecord(ports).operations[reply.subject - 1];
    await this.#until(() => operation()?.state !== "undecided", PAY_WAIT);
    const record = currentRecord(ports);
    const ended = operation();
    const code = ended?.refusal?.code;
    if (ended === undefined || code === undefined) return { ok: true, charge: this.#answer(record) };
    return code === "operation_not_allowed" ? { ok: false, code, detail: whyEnded(ended, record) } : { ok: false, code };
  }

  /** No attempt begins any more, also on an order that was never seen. */
  close({ request, orderId, key }: CloseRequest): OperationResponse {
    const ports = this.#ports(orderId, request);
    if (ports === null) return { ok: false, code: "not_configured" };
    const { reply } = run(ports, { type: "close", key, bound: this.#store.binding(CLOSE_SCOPE, key) });
    if (reply?.ok === false) return this.#refusal(orderId, reply);
    return { ok: true, charge: this.#answer(currentRecord(ports)) };
  }

  /** An operator's word on what is stuck (M8). */
  async resolve({ request, orderId, key, paymentId, note }: ResolveRequest): Promise<OperationResponse> {
    const ports = this.#ports(orderId, request);
    if (ports === null) return { ok: false, code: "not_configured" };
    if (this.#store.load() === null) return { ok: false, code: "charge_not_found" };
    const { reply, pending } = run(ports, { type: "resolve", key, paymentId, note, bound: this.#store.binding(RESOLVE_SCOPE, key) });
    this.ctx.waitUntil(pending);
    if (reply === null) throw new Error("A resolve event is always answered");
    if (!reply.ok) return this.#refusal(orderId, reply, paymentId === null ? "nothing_taken" : "payment_id");
    const state = (): Resolution["state"] | undefined => currentRecord(ports).resolutions[reply.subject - 1]?.state;
    await this.#until(() => state() !== "reading", PAY_WAIT);
    if (state() === "refused") return { ok: false, code: "operation_not_allowed", detail: whyNotAssigned(currentRecord(ports)) };
    if (state() === "unavailable") return { ok: false, code: "unavailable" };
    return { ok: true, charge: this.#answer(currentRecord(ports)) };
  }

  /** Sends a notification again, under its own id and with what it said then. */
  async notify({ request, orderId, key, sequence }: NotifyRequest): Promise<OperationResponse> {
    const ports = this.#ports(orderId, request);
    if (ports === null) return { ok: false, code: "not_configured" };
    if (this.#store.load() === null) return { ok: false, code: "charge_not_found" };
    const content = JSON.stringify([sequence]);
    const bound = this.#store.binding(NOTIFY_SCOPE, key);
    if (bound !== null && bound.content !== content) return { ok: false, code: "idempotency_key_reused" };
    const subject = bound?.subject ?? this.#store.outbox.resend(sequence, Date.now());
    if (subject === null) return { ok: false, code: "operation_not_allowed", detail: whyNotSent(sequence, currentRecord(ports)) };
    if (bound === null) {
      this.#store.bind({ scope: NOTIFY_SCOPE, key, content, subject });
      this.#dispatch();
    }
    await this.#until(() => !this.#store.outbox.isPending(subject), PAY_WAIT);
    return { ok: true, charge: this.#answer(currentRecord(ports)) };
  }

  /** The state of the order, at once or when it changes. Brings the next look forward. */
  async read(call: ReadRequest): Promise<ReadResponse> {
    const ports = this.#ports(call.orderId, call.request);
    if (ports === null) return { ok: false, code: "not_configured" };
    const record = this.#store.load();
    if (record === null && call.caller === "merchant") return { ok: false, code: "charge_not_found" };
    if (record !== null && isUnsettled(record)) this.ctx.waitUntil(run(ports, { type: "hint", ticket: null }).pending);
    const known = readIfNoneMatch(call.ifNoneMatch);
    const end = Date.now() + call.waitSeconds * 1000;
    for (;;) {
      const now = currentRecord(ports);
      if (call.charge !== null && conflictsOnRead(now, call.charge))
        return this.#refusal(call.orderId, { ok: false, code: "charge_conflict" });
      const etag = tagOf(now, call.caller, call.charge);
      if (!isKnown(etag, known)) return { ok: true, etag, charge: this.#viewFor(now, call.caller, call.charge) };
      const left = end - Date.now();
      if (left <= 0) return { ok: true, etag, notModified: true };
      await this.#nextChange(left);
    }
  }

  /** A callback whose ticket the Worker has verified: answered from storage alone; then the payment is read (M7). */
  callback({ request, kind, ticket, content }: CallbackRequest): CallbackResponse {
    const record = this.#settings === null ? null : this.#store.load();
    const ports = record === null ? null : this.#ports(record.orderId, request);
    if (ports !== null) this.ctx.waitUntil(run(ports, { type: "hint", ticket }).pending);
    return { answer: answerToCallback(record, { kind, ticket, content }) };
  }

  /** A deadline has come. Arms itself again first and never throws: an alarm that throws is given up after a few tries. */
  override async alarm(): Promise<void> {
    try {
      this.#store.arm(Date.now() + ALARM_RETRY);
      const record = this.#settings === null ? null : this.#store.load();
      const ports = record === null ? null : this.#ports(record.orderId, null);
      if (ports === null) return;
      const { pending } = run(ports, { type: "alarm" });
      this.#dispatch();
      await pending;
    } catch (error) {
      this.#onError(error, null);
    }
  }

  /** @param request the request that all of this is for; null for a deadline */
  #ports(orderId: string, request: RequestContext | null): Ports | null {
    const gateway = this.#gateway;
    if (gateway === null || this.#settings === null) return null;
    const ports = this.#portsOf(gateway, this.#settings, orderId, request);
    if (!this.#isRefreshed) refreshDeadlines(ports);
    this.#isRefreshed = true;
    return ports;
  }

  #portsOf(gateway: GatewayPort, settings: Settings, orderId: string, request: RequestContext | null): Ports {
    return {
      orderId,
      store: this.#store,
      random: { requestId: () => requestId(), fraction: () => Math.random() },
      gatewayKeys: settings.gatewayKeys.length,
      retentionDays: settings.retentionDays,
      home: this.#home,
      now: () => Date.now(),
      send: (call, key) => gateway.send(call, key),
      read: (call) => gateway.read(call),
      onCommit: (event, before, after) => this.#onCommit(event, before, after, request),
      onError: (error) => this.#onError(error, request),
    };
  }

  /** Wakes whoever waits, and writes to the log what was decided, and what the merchant has to look at. */
  #onCommit(event: ChargeEvent, before: ChargeRecord, after: ChargeRecord, request: RequestContext | null): void {
    for (const line of linesOf({ event, before, after, now: Date.now(), request })) log(line);
    this.#wake();
    this.#dispatch();
  }

  /**
   * Sends the notifications and tells the lists of days that are due, and sets the alarm to what is due next. Nobody waits for it: a
   * receiver that hangs holds up neither a caller nor a look.
   */
  #dispatch(): void {
    if (this.#settings === null) return;
    const onEnd = (): void => {
      this.#wake();
      this.#dispatch();
    };
    const onError = (error: unknown): void => this.#onError(error, null);
    this.ctx.waitUntil(dispatch({ store: this.#store, settings: this.#settings, days: this.#days, onEnd, onError }).catch(onError));
    this.#store.arm(null);
  }

  #onError(error: unknown, request: RequestContext | null): void {
    log({ event: "error", request_id: request?.requestId ?? null, trace_id: request?.traceId ?? null, ...describeError(error) });
  }

  #viewFor(record: ChargeRecord, caller: "shopper" | "merchant", requested: ChargeInput | null): ChargeView | MerchantChargeAnswer {
    return caller === "merchant" ? this.#answer(record) : chargeView(record, requested);
  }

  /** What a call of the merchant's is answered with. Only of an order that has rows. */
  #answer(record: ChargeRecord): MerchantChargeAnswer {
    return { ...merchantChargeView(record), notifications: this.#store.outbox.views() };
  }

  #refusal(
    orderId: string,
    { code, retryAfter }: { readonly ok: false; readonly code: ProblemCode; readonly retryAfter?: number },
    requested?: RequestedChange,
  ): Refusal {
    const record = this.#store.load();
    const why =
      code === "operation_not_allowed" && record !== null && requested !== undefined ? { detail: whyNotAllowed(requested, record) } : {};
    const shown = code === "charge_conflict" && record !== null && record.orderId === orderId ? { charge: chargeView(record, null) } : {};
    return { ok: false, code, ...(retryAfter === undefined ? {} : { retryAfter }), ...shown, ...why };
  }

  /** Counts a POST. Returns the seconds to wait where there were too many. */
  #countPost(): number {
    const now = Date.now();
    this.#posts = this.#posts.filter((at) => now - at < POST_WINDOW && at <= now);
    const oldest = this.#posts[0];
    if (oldest !== undefined && this.#posts.length >= MAX_POSTS) return Math.ceil((oldest + POST_WINDOW - now) / 1000);
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

/**
 * The tag of what a caller is shown. The merchant's leaves out what became of the notifications, so that it changes with the charge
 * alone, and is weak for that (RFC 9110 §8.8.1).
 */
function tagOf(record: ChargeRecord, caller: "shopper" | "merchant", requested: ChargeInput | null): string {
  return caller === "merchant" ? `W/${entityTag(merchantChargeView(record))}` : entityTag(chargeView(record, requested));
}
