/**
 * The platform of one simulated object: what the host of a Durable Object does, in virtual time. It starts the object for a caller, fires
 * its alarm, keeps its storage, and evicts it. The object itself is the edge's own code (edge/shard).
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import { requestId } from "../../src/request-id.ts";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import type { LogLine, RequestContext } from "../../edge/log.ts";
import type { ChargeEvent, Decision, Random } from "../../edge/machine/event.ts";
import type { ChargeRecord, Home, OperationKind } from "../../edge/machine/record.ts";
import { newRecord } from "../../edge/machine/record.ts";
import type { Shard } from "../../edge/shard/shard.ts";
import type { Prng } from "./prng.ts";
import type { Modules } from "./edge-modules.ts";
import type { ClientRequest, CallbackAnswer, SimulationEvent } from "./simulation-event.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import type { Rows } from "./shard-storage.ts";
import { SimulatedStorage, StorageRefused } from "./shard-storage.ts";
import type { Scenario } from "./scenario.ts";
import { ORDER_ID, SECOND } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

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
  /** Notes that something may delay the edge, from now on for this many ms. */
  noteDisturbance(milliseconds?: number): void;
  emit(event: SimulationEvent): void;
}

/** One object over all its incarnations. */
export class SimulatedObject {
  readonly #storage: SimulatedStorage;
  readonly #world: ObjectWorld;
  readonly #random: Random;
  readonly #flushes: Prng;
  readonly #deliveries: Prng;
  #incarnation = 1;
  #shard: { readonly shard: Shard; readonly openedAt: number } | null = null;
  #tickets = 0;
  #alarms = 0;
  #scheduledAlarm: { readonly at: number } | null = null;
  /** The order as parsed from its stored text. */
  #parsed: { readonly text: string; readonly record: ChargeRecord } | null = null;
  /** Before an older state is restored: no call is answered and no alarm fires. */
  isOffline = false;

  constructor(world: ObjectWorld, prng: Prng) {
    this.#world = world;
    const ids = prng.fork("request ids");
    const fractions = prng.fork("fractions");
    this.#random = {
      fraction: () => fractions.fraction(),
      requestId: () =>
        requestId(this.now, (bytes) => {
          for (const index of bytes.keys()) bytes[index] = ids.int(0, 255);
        }),
    };
    this.#flushes = prng.fork("flushes");
    this.#deliveries = prng.fork("deliveries");
    this.#storage = new SimulatedStorage({
      schedule: world.schedule,
      flushTime: () => this.#flushes.int(1, 12),
      refusesCommit: () => world.refusesCommit(),
      failsFlush: () => world.failsFlush(),
      onAlarmChanged: () => this.#scheduleAlarm(),
      onFlushFailed: () => this.evict(false, "its storage failed"),
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
    const input = { caller, charge, userIp: "192.0.2.77", ticket, urls };
    const bound = this.#binding(this.#world.edge.pay.payScope(caller), key);
    this.#handle({ type: "pay", key, bound, input, issuedAt }, (shard) => shard.pay({ request: this.#request(), key, issuedAt, ...input }));
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
    const read = this.#open().read({
      request: this.#request(),
      caller: "merchant",
      orderId: ORDER_ID,
      charge: null,
      ifNoneMatch: null,
      waitSeconds: 0,
    });
    void read.catch((error: unknown) => this.#world.emit({ type: "error_thrown", error }));
  }

  /** A callback, as the Worker hands it to the object. */
  callback(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    if (this.isOffline || !ticket.startsWith(`${ORDER_ID}.`)) return "not found";
    const answer = this.#callbackAnswer(kind, ticket, facts);
    this.#world.emit({ type: "callback_answered", kind, answer });
    return answer;
  }

  #callbackAnswer(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    const { order_id = null, id = null, amount = null, currency = null } = facts ?? {};
    const content = { orderId: order_id, paymentId: id, amount, currency };
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    const isStored = this.rows.record !== null;
    const before = this.record;
    const shard = this.#open();
    const refusesCommit = this.#world.refusesCommit();
    let failed = false;
    void shard.callback({ request: this.#request(), orderId: ORDER_ID, kind, ticket, content }).catch((error: unknown) => {
      failed = true;
      this.#world.emit({ type: "error_thrown", error });
    });
    // The shard decides and stores in the same step, before anything is awaited; only its promise settles later.
    if (refusesCommit && isStored && this.#wouldStoreHint(before, ticket)) return "unanswered";
    if (failed) return "unanswered";
    if (isStored)
      void this.#storage.durable().then(() => {
        if (incarnation === this.#incarnation) this.#world.emit({ type: "hint_stored", ticket, at });
      });
    return this.#world.edge.callback.answerToCallback(isStored ? before : null, { kind, ticket, content });
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
    this.#world.emit({ type: "evicted", why });
  }

  /** Restores an older state, after a minute in which no call is answered. */
  restore(to: number): void {
    const { schedule } = this.#world;
    this.isOffline = true;
    this.evict(true, "it is stopped for a restore");
    schedule.after(60 * SECOND, () => {
      this.isOffline = false;
      this.#storage.restore(to);
      this.#incarnation += 1;
      this.#shard = null;
      this.#world.noteDisturbance();
      this.#world.emit({ type: "evicted", why: "an older state is restored" });
    });
  }

  /** The edge's clock was set: deadlines may be due earlier or later. */
  clockChanged(): void {
    this.#scheduledAlarm = null;
    this.#scheduleAlarm();
  }

  /** A request as the Worker describes it: each has an id of its own. */
  #request(): RequestContext {
    return { requestId: this.#random.requestId(), traceId: null };
  }

  #binding(scope: string, key: string): Extract<ClientRequest, { readonly type: "pay" }>["bound"] {
    return this.rows.bindings.get(`${scope} ${key}`) ?? null;
  }

  #decided: Decision | null = null;

  #handle(request: ClientRequest, call: (shard: Shard) => Promise<unknown>): void {
    if (this.isOffline) return;
    const before = this.record;
    const incarnation = this.#incarnation;
    this.#decided = null;
    const shard = this.#open();
    let hasThrown = false;
    const handled = call(shard).catch((error: unknown) => {
      hasThrown = true;
      this.#world.emit({ type: "error_thrown", error });
    });
    // The shard decides in the same step; its promise settles later.
    const reply = this.#decided as Decision | null;
    if (reply === null) {
      void handled.then(() => {
        if (hasThrown) this.#world.emit({ type: "request_handled", request, before, after: this.record, reply: null });
      });
      return;
    }
    this.#world.emit({ type: "request_handled", request, before, after: this.record, reply });
    // The platform holds back every answer and call until the writes before it are durable.
    void this.#storage.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ type: "reply_delivered", request, reply });
    });
  }

  #scheduleAlarm(): void {
    const { alarm } = this.#storage;
    if (alarm === null) {
      this.#scheduledAlarm = null;
      return;
    }
    if (this.#scheduledAlarm?.at === alarm) return;
    const scheduled = { at: alarm };
    this.#scheduledAlarm = scheduled;
    const { schedule, scenario } = this.#world;
    const fault = scenario.alarms.find(({ nth }) => nth === this.#alarms + 1);
    const firesAt = alarm - this.#world.clockOffset() + (fault?.late ?? 0);
    if (fault !== undefined && fault.late > 0) this.#world.noteDisturbance(firesAt - schedule.now);
    schedule.at(firesAt, () => {
      if (this.#scheduledAlarm !== scheduled) return;
      this.#scheduledAlarm = null;
      if (this.isOffline) {
        schedule.after(SECOND, () => this.#scheduleAlarm());
        return;
      }
      this.#alarms += 1;
      this.#world.emit({ type: "alarm_fired", late: fault?.late ?? 0 });
      this.#storage.setAlarm(null);
      this.#fireAlarm();
      if (fault !== undefined && fault.again !== null) schedule.after(fault.again, () => this.#fireAlarm());
    });
  }

  #failures = 0;

  #fireAlarm(): void {
    if (this.isOffline) return;
    const before = this.#failures;
    this.#open().alarm();
    if (this.#failures === before) this.#world.emit({ type: "alarm_done" });
  }

  /** The shard of this incarnation. */
  #open(): Shard {
    this.#shard ??= { shard: this.#newShard(), openedAt: this.#world.schedule.now };
    return this.#shard.shard;
  }

  #newShard(): Shard {
    const { schedule, connection } = this.#world;
    const incarnation = this.#incarnation;
    const isAlive = (): boolean => incarnation === this.#incarnation;
    const keys = this.#world.keys();
    const keyAt = (index: number): string => keys[index] ?? keys[0] ?? "none";
    const send = async <Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>> => {
      // The platform holds back a call until the writes before it are durable.
      await this.#storage.durable();
      return isAlive() ? connection.send(call, keyAt(key), isAlive) : new Promise(() => {});
    };
    return new this.#world.edge.shard.Shard({
      storage: this.#storage,
      alarm: { get: () => Promise.resolve(this.#storage.alarm), set: (at) => this.#storage.setAlarm(at) },
      random: () => this.#random,
      gateway: () => ({
        send,
        // As gateways/async.ts: if the first key is refused, the read is sent once more with the other key, under a fresh id.
        read: async (call) => {
          const outcome = await send(call, 0);
          const refused = outcome.kind === "refused" && this.#world.edge.pendingCall.isSignatureRefusal({ how: "refused", ...outcome });
          return refused && keys.length > 1 ? send({ ...call, requestId: this.#random.requestId() }, 1) : outcome;
        },
      }),
      timer: (milliseconds, ring) => {
        let isCleared = false;
        schedule.after(milliseconds, () => {
          if (!isCleared && isAlive()) ring();
        });
        return () => {
          isCleared = true;
        };
      },
      deliver: () => this.#deliver(isAlive),
      updateIndex: () => this.#updateIndex(isAlive),
      settings: { home: this.#world.home(), gatewayKeyCount: keys.length, retentionDays: this.#world.retentionDays() },
      now: () => this.now,
      log: (line) => this.#log(line),
      waitUntil: () => {},
      observer: {
        onCommit: (chargeEvent, before, after) => this.#world.emit({ type: "applied", chargeEvent, before, after }),
        onDecision: (_event: ChargeEvent, decision) => {
          this.#decided = decision;
        },
      },
    });
  }

  /** Most notifications arrive. */
  #deliver(isAlive: () => boolean): Promise<{ readonly end: "delivered"; readonly status: number } | FailedDelivery> {
    const arrives = this.#deliveries.bool(0.9);
    return this.#afterLatency(isAlive, () => (arrives ? { end: "delivered", status: 204 } : { end: null, status: 500, retryAfter: null }));
  }

  #updateIndex(isAlive: () => boolean): Promise<void> {
    const arrives = this.#deliveries.bool(0.9);
    return this.#afterLatency(isAlive, () => {
      if (!arrives) throw new IndexUnreachable();
    });
  }

  #afterLatency<Value>(isAlive: () => boolean, end: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#world.schedule.after(this.#deliveries.int(2, 40), () => {
        if (!isAlive()) return;
        try {
          resolve(end());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #log(line: LogLine): void {
    if (line.event !== "error" || line.error === "IndexUnreachable") return;
    this.#failures += 1;
    const error = line.error === "StorageRefused" ? new StorageRefused() : Object.assign(new Error(line.error), { stack: line.stack });
    this.#world.emit({ type: "error_thrown", error });
  }
}

interface FailedDelivery {
  readonly end: null;
  readonly status: number;
  readonly retryAfter: null;
}

/** The object of a day does not answer. */
class IndexUnreachable extends Error {
  override readonly name: string = "IndexUnreachable";
}
