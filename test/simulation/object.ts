/**
 * The platform of one simulated object: what the host of a Durable Object does, in virtual time. It starts the object for a caller, fires
 * its alarm, keeps its storage, and evicts it. The object itself is the edge's own code (edge/shard).
 */
import type { Charge } from "../../src/charge-token.ts";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import type { LogLine, RequestContext } from "../../edge/log.ts";
import type { ChargeEvent, Decision, Random } from "../../edge/machine/event.ts";
import { apiOfProfile } from "../../edge/machine/api-choice.ts";
import type { ChargeRecord, Home, OperationKind } from "../../edge/machine/record.ts";
import type { PageRequest } from "../../edge/machine/page-record.ts";
import { newRecord, RECORD_VERSION } from "../../edge/machine/record.ts";
import type { DayEntry, Refusal } from "../../edge/rpc.ts";
import type { Shard } from "../../edge/shard/shard.ts";
import { OpenPayments } from "../../edge/shard/open-payments.ts";
import type { Prng } from "./prng.ts";
import { Deliveries } from "./deliveries.ts";
import type { Modules } from "./edge-modules.ts";
import type { CallName, ClientRequest, CallbackAnswer, ReachedBy, SimulationEvent } from "./simulation-event.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import { gatewayOf, randomOf, timerOf } from "./object-ports.ts";
import type { ReceivedNotification } from "./page-notification.ts";
import type { Rows } from "./shard-storage.ts";
import { LONGEST_FLUSH, SimulatedStorage, StorageRefused } from "./shard-storage.ts";
import type { Scenario } from "./scenario.ts";
import { ORDER_ID, SECOND } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import { SimulatedAlarm } from "./simulated-alarm.ts";

/** The version that a record has for the deployment before: it cannot be read. */
const TOO_NEW = 1_000;

/** The part of the world that the object's host uses. */
export interface ObjectWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  /** The edge as it is deployed now. */
  readonly edge: Modules;
  /** The connection to the gateway that the settings name. */
  readonly connection: GatewayConnection;
  /** The edge's clock minus the true time, in ms. */
  clockOffset(): number;
  /** The edge's gateway keys, newest first. */
  keys(): readonly string[];
  /** The gateway and merchant that the edge's settings name. */
  home(): Home;
  /** The edge's RETENTION_DAYS. */
  retentionDays(): number;
  refusesCommit(): boolean;
  failsFlush(): boolean;
  /** Stores the order's state in the index of a day. */
  putIntoIndex(entry: DayEntry): void;
  /** Notes that something may delay the edge, from now on for this many ms. */
  noteDisturbance(milliseconds?: number): void;
  emit(event: SimulationEvent): void;
}

/** Whether a request is decided only once the open page was read. */
function asksFirst(reply: Decision): boolean {
  return !reply.ok && reply.asksPage !== undefined;
}

/** How a page is asked for, as the Worker says it; null for a stored card. */
function pageRequest({ payment_page }: Charge, number: number): PageRequest | null {
  if (payment_page === undefined) return null;
  const { return_url: returnUrl, language = null, save_card_months } = payment_page;
  const returnTicket = `${ORDER_ID}.test-secret-return-${number}`;
  const urls = {
    success_url: `https://edge.example/returns/${returnTicket}/paid`,
    failure_url: `https://edge.example/returns/${returnTicket}/failed`,
  };
  return { returnUrl, language, returnTicket, returnCode: save_card_months === undefined ? null : `return-code-${number}`, urls };
}

/** One object over all its incarnations. */
export class SimulatedObject {
  readonly #storage: SimulatedStorage;
  readonly alarm: SimulatedAlarm;
  readonly #world: ObjectWorld;
  readonly #random: Random;
  readonly #flushes: Prng;
  readonly #deliveries: Deliveries;
  #incarnation = 1;
  #shard: { readonly shard: Shard; readonly openedAt: number } | null = null;
  #tickets = 0;
  /** The order as parsed from its stored text. */
  #parsed: { readonly text: string; readonly record: ChargeRecord } | null = null;
  #putOffUntil = Number.NEGATIVE_INFINITY;
  /** The last such time, also after a commit that may still be lost. */
  #wasPutOffUntil: number | null = null;
  #isRolledBack = false;
  /** Before an older state is restored: no call is answered and no alarm fires. */
  isOffline = false;

  constructor(world: ObjectWorld, prng: Prng) {
    this.#world = world;
    this.#random = randomOf(prng, () => this.now);
    this.#flushes = prng.fork("flushes");
    this.#deliveries = new Deliveries(world, prng.fork("deliveries"));
    this.#storage = new SimulatedStorage({
      schedule: world.schedule,
      flushTime: () => this.#flushes.int(1, LONGEST_FLUSH),
      refusesCommit: () => world.refusesCommit(),
      failsFlush: () => world.failsFlush(),
      onAlarmChanged: () => this.alarm.schedule(),
      onFlushFailed: () => this.evict(false, "its storage failed"),
    });
    this.alarm = new SimulatedAlarm(world, {
      storage: this.#storage,
      isOffline: () => this.isOffline,
      isDue: () => this.rows.due !== null,
      fire: () => this.#fireAlarm(),
    });
  }

  /** When a caller or the alarm first reached the object since its last eviction. Null: not yet. True time. */
  get openedAt(): number | null {
    return this.#shard?.openedAt ?? null;
  }

  /** The time by the edge's clock. */
  get now(): number {
    return this.#world.schedule.now + this.#world.clockOffset();
  }

  /** Whether the storage has reached 90 % of what it can hold. */
  get isFull(): boolean {
    return this.#storage.isFull;
  }

  /** Whether the deployed edge is the version before, for which the stored record is too new. */
  get isUnreadable(): boolean {
    return this.rows.record?.startsWith(`{"version":${TOO_NEW},`) === true;
  }

  /** Until when the alarm has put off the order because its record could not be read. By the edge's clock. */
  get putOffUntil(): number {
    return this.#putOffUntil;
  }

  /** The rows of the order as the object sees them. */
  get rows(): Rows {
    return this.#storage.rows(ORDER_ID);
  }

  /** The rows of the order that would survive a crash now. */
  get durableRows(): Rows {
    return this.#storage.durableRows(ORDER_ID);
  }

  /** The order as the object sees it: a new one if nothing is stored. */
  get record(): ChargeRecord {
    const text = this.rows.record;
    if (text === null) return newRecord(ORDER_ID);
    if (this.#parsed?.text !== text) this.#parsed = { text, record: JSON.parse(text) as ChargeRecord };
    return this.#parsed.record;
  }

  /** The order as it would survive a crash now. Null if nothing is durable. */
  get durableRecord(): ChargeRecord | null {
    const text = this.durableRows.record;
    if (text === null || text === this.rows.record) return text === null ? null : this.record;
    return JSON.parse(text) as ChargeRecord;
  }

  pay(caller: "shopper" | "merchant", key: string, charge: Charge, issuedAt: number | null): void {
    this.#tickets += 1;
    const ticket = `${ORDER_ID}.test-secret-ticket-${this.#tickets}`;
    const { callbacks } = this.#world.scenario;
    const result_url = `https://edge.example/callbacks/result/${ticket}`;
    const check = callbacks === "both" ? { check_url: `https://edge.example/callbacks/check/${ticket}` } : {};
    const urls = callbacks === "none" ? null : { ...check, result_url };
    const page = pageRequest(charge, this.#tickets);
    const api = page === null ? apiOfProfile("auto", charge.profile_id ?? "") : "merchant";
    const input = { caller, api, charge, userIp: "192.0.2.77", ticket, urls, page };
    const bound = this.#binding(this.#world.edge.pay.payScope(caller), key);
    const incarnation = this.#incarnation;
    this.#handle({ type: "pay", key, bound, input, issuedAt, askedAt: null }, async (shard) => {
      const response = await shard.pay({ request: this.#request(), key, issuedAt, waitSeconds: 10, acceptsPayments: true, ...input });
      const url = response.ok ? response.charge.payment_page?.url : undefined;
      if (url === undefined) return response;
      // The platform holds back the answer until what was written is durable.
      void this.#storage.durable().then(() => {
        if (incarnation === this.#incarnation) this.#world.emit({ type: "page_shown", url, charge });
      });
      return response;
    });
  }

  operate(kind: OperationKind, key: string, requestedAmount: number | null): void {
    const bound = this.#binding(this.#world.edge.operate.operationScope(kind), key);
    const amount = requestedAmount === null ? null : requestedAmount / 100;
    this.#handle({ type: "operate", kind, key, requestedAmount, bound }, (shard) =>
      shard.operate({ request: this.#request(), orderId: ORDER_ID, kind, key, amount }),
    );
  }

  close(key: string): void {
    const bound = this.#binding(this.#world.edge.close.CLOSE_SCOPE, key);
    this.#handle({ type: "close", key, bound }, (shard) => shard.close({ request: this.#request(), orderId: ORDER_ID, key }));
  }

  resolve(key: string, paymentId: string | null): void {
    const note = "An operator checked";
    const bound = this.#binding(this.#world.edge.resolve.RESOLVE_SCOPE, key);
    this.#handle({ type: "resolve", key, paymentId, note, bound }, (shard) =>
      shard.resolve({ request: this.#request(), orderId: ORDER_ID, key, paymentId, note }),
    );
  }

  /** A GET of the merchant. It opens the object even if nothing is stored. */
  get(): void {
    if (this.isOffline) return;
    const isNew = this.rows.record === null;
    const read = this.#open().read({
      request: this.#request(),
      caller: "merchant",
      orderId: ORDER_ID,
      charge: null,
      ifNoneMatch: null,
      waitSeconds: 0,
    });
    void read.then(
      (response) => this.#noteRefusal("read", response, isNew),
      (error: unknown) => this.#world.emit({ type: "error_thrown", error }),
    );
  }

  /** A daily index calls the shard. */
  check(): void {
    if (this.isOffline) return;
    this.#world.emit({ type: "index_called" });
    this.#open("a daily index").check();
  }

  /** A callback, as the Worker hands it to the object. */
  callback(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null, isVerified = false): CallbackAnswer {
    if (this.isOffline || !ticket.startsWith(`${ORDER_ID}.`)) return "not found";
    const answer = this.#callbackAnswer(kind, ticket, facts, isVerified);
    this.#world.emit({ type: "callback_answered", kind, answer });
    return answer;
  }

  /** A notification about a page, as the Worker hands it to the object. It is answered once what it says is durable. */
  notified(kind: "check" | "result", ticket: string, { content, verified }: ReceivedNotification): Promise<CallbackAnswer> {
    if (this.isOffline) return Promise.resolve("unanswered");
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    const isStored = this.rows.record !== null;
    const handled = this.#open().callback({ request: this.#request(), orderId: ORDER_ID, kind, ticket, content, ...verified });
    return handled.then(
      async (response) => {
        this.#noteRefusal("callback", response, !isStored);
        if (!response.ok) return "unanswered";
        this.#world.emit({
          type: "notice_answered",
          kind,
          ticket,
          tryId: content.paymentId,
          answer: response.answer,
          record: isStored ? this.record : null,
        });
        await this.#storage.durable();
        if (incarnation !== this.#incarnation) return "unanswered";
        this.#world.emit({ type: "callback_answered", kind, answer: response.answer });
        if (isStored) this.#world.emit({ type: "hint_stored", ticket, at });
        return response.answer;
      },
      (error: unknown): CallbackAnswer => {
        this.#world.emit({ type: "error_thrown", error });
        return "unanswered";
      },
    );
  }

  /** A browser comes back from a page. */
  returned(ticket: string, by: "paid" | "failed"): void {
    if (this.isOffline) return;
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    const isStored = this.rows.record !== null;
    void this.#open()
      .returned({ request: this.#request(), orderId: ORDER_ID, ticket, by })
      .then(
        async (response) => {
          this.#noteRefusal("return", response, !isStored);
          await this.#storage.durable();
          if (incarnation !== this.#incarnation) return;
          const code = response.ok && "code" in response ? response.code : null;
          this.#world.emit({ type: "came_back", ticket, by, code, answered: response.ok });
          const attempt = this.record.attempts.find(({ page }) => page?.returnTicket === ticket);
          if (response.ok && attempt !== undefined) this.#world.emit({ type: "hint_stored", ticket: attempt.ticket, at });
        },
        (error: unknown) => this.#world.emit({ type: "error_thrown", error }),
      );
  }

  #callbackAnswer(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null, isVerified: boolean): CallbackAnswer {
    const { order_id = null, id = null, amount = null, currency = null } = facts ?? {};
    const content = { orderId: order_id, paymentId: id, amount, currency };
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    const isStored = this.rows.record !== null;
    const before = this.record;
    const shard = this.#open();
    const refusesCommit = this.#world.refusesCommit();
    void shard.callback({ request: this.#request(), orderId: ORDER_ID, kind, ticket, content, isVerified }).then(
      async (response) => {
        this.#noteRefusal("callback", response, !isStored);
        if (!response.ok || !isStored) return;
        await this.#storage.durable();
        if (incarnation === this.#incarnation) this.#world.emit({ type: "hint_stored", ticket, at });
      },
      (error: unknown) => this.#world.emit({ type: "error_thrown", error }),
    );
    if (this.isUnreadable) return "unanswered";
    // The shard decides and stores in the same step; only its promise settles later.
    if (refusesCommit && isStored && this.#wouldStoreHint(before, ticket)) return "unanswered";
    return this.#world.edge.callback.answerToCallback(isStored ? before : null, { kind, ticket, content, isVerified });
  }

  /** Whether a callback with this ticket writes anything. */
  #wouldStoreHint({ attempts }: ChargeRecord, ticket: string): boolean {
    return attempts.some((attempt) => attempt.ticket === ticket && attempt.sends.length > 0);
  }

  /** Evicts the object: answers to its open calls are lost. The next caller or alarm starts a new incarnation. */
  evict(keepsUnflushed: boolean, why: string): void {
    this.#incarnation += 1;
    this.#shard = null;
    this.#world.noteDisturbance();
    this.#storage.crash(keepsUnflushed);
    // A commit that is lost did not end that the order is put off.
    if (this.rows.due === this.#wasPutOffUntil) this.#putOffUntil = this.#wasPutOffUntil ?? this.#putOffUntil;
    this.alarm.rowsChanged();
    this.#world.emit({ type: "evicted", why });
  }

  /** The storage reports 90 % of what it can hold, or no longer. */
  fill(isFull: boolean): void {
    this.#storage.isFull = isFull;
  }

  /** A rollback: the version before is deployed, for which stored records are too new. */
  rollBack(): void {
    if (this.#isRolledBack) return;
    this.#isRolledBack = true;
    this.evict(true, "a rollback to the version before");
    this.#storage.setRecordVersion(TOO_NEW);
  }

  /** The newer version is deployed again. */
  rollForward(): void {
    if (!this.#isRolledBack) return;
    this.#isRolledBack = false;
    this.evict(true, "the newer version returns");
    this.#storage.setRecordVersion(RECORD_VERSION);
    // An order that was put off continues when it is due again.
    this.#world.noteDisturbance(Math.max(0, this.#putOffUntil - this.now));
  }

  /** Restores an older state, after a minute in which no call is answered. */
  restore(to: number): void {
    const { schedule } = this.#world;
    this.isOffline = true;
    this.evict(true, "it is stopped for a restore");
    schedule.after(60 * SECOND, () => {
      this.isOffline = false;
      this.#storage.restore(to);
      this.alarm.rowsChanged();
      this.#incarnation += 1;
      this.#shard = null;
      this.#world.noteDisturbance();
      this.#world.emit({ type: "evicted", why: "an older state is restored" });
    });
  }

  /** A request as the Worker describes it: each has an id of its own. */
  #request(): RequestContext {
    return { requestId: this.#random.requestId(), traceId: null };
  }

  #noteRefusal(call: CallName, response: { readonly ok: true } | Refusal, isNew: boolean): void {
    if (!response.ok) this.#world.emit({ type: "call_refused", call, code: response.code, isNew });
  }

  #binding(scope: string, key: string): Extract<ClientRequest, { readonly type: "pay" }>["bound"] {
    return this.rows.bindings.get(`${scope} ${key}`) ?? null;
  }

  #decided: Decision | null = null;
  /** The newest change of the order. */
  #applied: { readonly event: ChargeEvent; readonly before: ChargeRecord; readonly after: ChargeRecord } | null = null;

  #handle(request: ClientRequest, call: (shard: Shard) => Promise<{ readonly ok: true } | Refusal>): void {
    if (this.isOffline) return;
    const before = this.record;
    this.#decided = null;
    const shard = this.#open();
    const { isFull } = this;
    const isNew = this.rows.record === null;
    const handled = call(shard);
    // The shard decides in the same step; its promise settles later.
    const reply = this.#decided as Decision | null;
    void handled.then(
      (response) => {
        if (reply === null) this.#noteRefusal(request.type, response, isNew);
      },
      (error: unknown) => {
        this.#world.emit({ type: "error_thrown", error });
        if (reply === null) this.#world.emit({ type: "request_handled", request, before, after: this.record, reply, isFull });
      },
    );
    // The page is read first; then the request is decided.
    if (reply === null || asksFirst(reply)) return;
    this.#answer(request, { before, after: this.record, reply, isFull });
  }

  #answer(request: ClientRequest, answer: Omit<Extract<SimulationEvent, { readonly type: "request_handled" }>, "type" | "request">): void {
    const { reply } = answer;
    const incarnation = this.#incarnation;
    this.#world.emit({ type: "request_handled", request, ...answer });
    if (reply === null) return;
    // The platform holds back every answer and call until the writes before it are durable.
    void this.#storage.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ type: "reply_delivered", request, reply });
    });
  }

  #failures = 0;

  #fireAlarm(): void {
    if (this.isOffline) return;
    const before = this.#failures;
    const { due } = this.rows;
    this.#open().alarm();
    if (this.#failures === before) this.#world.emit({ type: "alarm_done" });
    if (!this.isUnreadable || this.rows.due === due) return;
    this.#putOffUntil = this.rows.due ?? this.#putOffUntil;
    this.#wasPutOffUntil = this.rows.due;
    this.#world.emit({ type: "put_off" });
  }

  /** The shard of this incarnation. */
  #open(by: ReachedBy = "a call"): Shard {
    this.alarm.reached(by, this.#shard === null);
    this.#shard ??= { shard: this.#newShard(), openedAt: this.#world.schedule.now };
    return this.#shard.shard;
  }

  #newShard(): Shard {
    const { schedule, connection, edge } = this.#world;
    const incarnation = this.#incarnation;
    const isAlive = (): boolean => incarnation === this.#incarnation;
    const keys = this.#world.keys();
    const durable = (): Promise<void> => this.#storage.durable();
    const ports = { schedule, connection, edge, keys, isAlive, durable, requestId: () => this.#random.requestId() };
    const gateway = gatewayOf(ports);
    return new edge.shard.Shard({
      storage: this.#storage,
      alarm: { get: () => Promise.resolve(this.#storage.alarm), set: (at) => this.#storage.setAlarm(at) },
      random: () => this.#random,
      gateway: () => gateway,
      timer: timerOf(ports),
      deliver: () => this.#deliveries.notify(isAlive),
      updateIndex: (entry) => this.#deliveries.updateIndex(entry, isAlive),
      settings: {
        home: this.#world.home(),
        gatewayUrl: `https://${this.#world.home().host}`,
        callbackKeys: ["test-secret-callback-key-0123456789abcdef"],
        gatewayKeyCount: keys.length,
        retentionDays: this.#world.retentionDays(),
      },
      openPayments: new OpenPayments(),
      now: () => this.now,
      log: (line) => this.#log(line),
      waitUntil: () => {},
      observer: {
        onCommit: (chargeEvent, before, after) => {
          this.#putOffUntil = Number.NEGATIVE_INFINITY;
          this.#applied = { event: chargeEvent, before, after };
          this.#world.emit({ type: "applied", chargeEvent, before, after });
        },
        onDecision: (event: ChargeEvent, decision) => {
          this.#decided = decision;
          if (event.type !== "pay" || event.askedAt === null) return;
          // The second decision, after the read of the page.
          const { before, after } = this.#applied?.event === event ? this.#applied : { before: this.record, after: this.record };
          this.#answer(event, { before, after, reply: decision, isFull: this.isFull });
        },
      },
    });
  }

  #log(line: LogLine): void {
    if (line.event === "attention" && (line.reason === "record_unreadable" || line.reason === "storage_full"))
      this.#world.emit({ type: "attention_logged", reason: line.reason });
    if (line.event !== "error" || line.error === "IndexUnreachable") return;
    this.#failures += 1;
    const error = line.error === "StorageRefused" ? new StorageRefused() : Object.assign(new Error(line.error), { stack: line.stack });
    this.#world.emit({ type: "error_thrown", error });
  }
}
