/**
 * The platform around one order's object: what the host of a Durable Object does, in virtual time. It starts the object for a caller, fires
 * its alarm, keeps its storage, and evicts it. The code around the runner mirrors charge.ts.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import { requestId } from "../../src/request-id.ts";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import type { Decision, Random } from "../../edge/machine/event.ts";
import type { ChargeRecord, Home, OperationKind } from "../../edge/machine/record.ts";
import type { Ports } from "../../edge/machine/runner.ts";
import type { Prng } from "./prng.ts";
import type { Modules } from "./edge-modules.ts";
import type { ClientRequest, CallbackAnswer, SimulationEvent } from "./simulation-event.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Scenario } from "./scenario.ts";
import { ORDER_ID, SECOND } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** As charge.ts: the alarm fires again after this time if a due deadline could not be handled. */
const ALARM_RETRY = 60 * SECOND;

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

/** One order's object over all its incarnations. */
export class SimulatedObject {
  readonly store: MemoryStore;
  readonly #world: ObjectWorld;
  readonly #random: Random;
  readonly #flushes: Prng;
  #incarnation = 1;
  /** The incarnation that recomputed the deadlines, as each one does on its first call, and when. */
  #opened: { readonly incarnation: number; readonly at: number } = { incarnation: 0, at: 0 };
  #tickets = 0;
  #alarms = 0;
  #scheduledAlarm: { readonly at: number } | null = null;
  #alarmIsRunning = false;
  /** The order as parsed from its stored text. */
  #parsed: { readonly text: string | null; readonly record: ChargeRecord };
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
    this.store = new MemoryStore({
      schedule: world.schedule,
      edgeNow: () => this.now,
      flushTime: () => this.#flushes.int(1, 12),
      refusesCommit: () => world.refusesCommit(),
      failsFlush: () => world.failsFlush(),
      onAlarmChanged: () => this.#scheduleAlarm(),
      onFlushFailed: () => this.evict(false, "its storage failed"),
    });
    this.#parsed = { text: null, record: this.record };
  }

  /** When a caller or the alarm first reached the object since its last eviction. Null: not yet. True time. */
  get openedAt(): number | null {
    return this.#opened.incarnation === this.#incarnation ? this.#opened.at : null;
  }

  /** The time by the edge's clock. */
  get now(): number {
    return this.#world.schedule.now + this.#world.clockOffset();
  }

  /** The order as the object sees it: a new one if nothing is stored. */
  get record(): ChargeRecord {
    const text = this.store.rows.record;
    if (text !== null && text === this.#parsed.text) return this.#parsed.record;
    const record = this.#world.edge.runner.currentRecord({ store: this.store, orderId: ORDER_ID, home: this.#world.home() });
    if (text !== null) this.#parsed = { text, record };
    return record;
  }

  /** The order as it would survive a crash now. Null if nothing is durable. */
  get durableRecord(): ChargeRecord | null {
    const text = this.store.durableRows.record;
    if (text === null || text === this.store.rows.record) return text === null ? null : this.record;
    return JSON.parse(text) as ChargeRecord;
  }

  pay(caller: "shopper" | "merchant", key: string, charge: Charge, issuedAt: number | null): void {
    this.#tickets += 1;
    const ticket = `${ORDER_ID}.test-secret-ticket-${this.#tickets}`;
    const { callbacks } = this.#world.scenario;
    const result_url = `https://edge.example/callbacks/result/${ticket}`;
    const check = callbacks === "both" ? { check_url: `https://edge.example/callbacks/check/${ticket}` } : {};
    const urls = callbacks === "none" ? null : { ...check, result_url };
    const scope = this.#world.edge.pay.payScope(caller);
    this.#handle(() => ({
      type: "pay",
      key,
      bound: this.store.binding(scope, key),
      input: { caller, charge, userIp: "192.0.2.77", ticket, urls },
      issuedAt,
    }));
  }

  operate(kind: OperationKind, key: string, requestedAmount: number | null): void {
    if (this.store.load() === null) return;
    const scope = this.#world.edge.operate.operationScope(kind);
    this.#handle(() => ({ type: "operate", kind, key, requestedAmount, bound: this.store.binding(scope, key) }));
  }

  close(key: string): void {
    this.#handle(() => ({ type: "close", key, bound: this.store.binding(this.#world.edge.close.CLOSE_SCOPE, key) }));
  }

  resolve(key: string, paymentId: string | null): void {
    if (this.store.load() === null) return;
    const scope = this.#world.edge.resolve.RESOLVE_SCOPE;
    this.#handle(() => ({ type: "resolve", key, paymentId, note: "An operator checked", bound: this.store.binding(scope, key) }));
  }

  /** A GET. It opens the object even if nothing is stored. */
  get(): void {
    if (this.isOffline) return;
    try {
      const ports = this.#ports();
      const record = this.store.load();
      if ([...(record?.attempts ?? []), ...(record?.operations ?? [])].some(({ state }) => state === "undecided"))
        this.#world.edge.runner.run(ports, { type: "hint", ticket: null });
    } catch (error) {
      this.#world.emit({ type: "error_thrown", error });
    }
  }

  /** A callback, as charge.ts answers it. */
  callback(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    if (this.isOffline || !ticket.startsWith(`${ORDER_ID}.`)) return "not found";
    const answer = this.#callbackAnswer(kind, ticket, facts);
    this.#world.emit({ type: "callback_answered", kind, answer });
    return answer;
  }

  #callbackAnswer(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    const { order_id = null, id = null, amount = null, currency = null } = facts ?? {};
    const content = { orderId: order_id, paymentId: id, amount, currency };
    try {
      const record = this.store.load();
      if (record !== null) this.#hint(ticket);
      return this.#world.edge.callback.answerToCallback(record, { kind, ticket, content });
    } catch (error) {
      this.#world.emit({ type: "error_thrown", error });
      return "unanswered";
    }
  }

  #hint(ticket: string): void {
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    this.#world.edge.runner.run(this.#ports(), { type: "hint", ticket });
    void this.store.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ type: "hint_stored", ticket, at });
    });
  }

  /** Evicts the object: answers to its open calls are lost. The next caller or alarm starts a new incarnation. */
  evict(keepsUnflushed: boolean, why: string): void {
    this.#incarnation += 1;
    this.#alarmIsRunning = false;
    this.#world.noteDisturbance();
    this.store.crash(keepsUnflushed);
    this.#world.emit({ type: "evicted", why });
  }

  /** Restores an older state, after a minute in which no call is answered. */
  restore(to: number): void {
    const { schedule } = this.#world;
    this.isOffline = true;
    this.evict(true, "it is stopped for a restore");
    schedule.after(60 * SECOND, () => {
      this.isOffline = false;
      this.store.restore(to);
      this.#incarnation += 1;
      this.#alarmIsRunning = false;
      this.#world.noteDisturbance();
      this.#world.emit({ type: "evicted", why: "an older state is restored" });
    });
  }

  /** The edge's clock was set: deadlines may be due earlier or later. */
  clockChanged(): void {
    this.#scheduledAlarm = null;
    this.#scheduleAlarm();
  }

  #handle(makeRequest: () => ClientRequest): void {
    if (this.isOffline) return;
    const request = makeRequest();
    const before = this.record;
    const incarnation = this.#incarnation;
    let reply: Decision | null = null;
    try {
      reply = this.#world.edge.runner.run(this.#ports(), request).reply;
    } catch (error) {
      this.#world.emit({ type: "error_thrown", error });
    }
    this.#world.emit({ type: "request_handled", request, before, after: this.record, reply });
    if (reply === null) return;
    const answer = reply;
    // The platform holds back every answer and call until the writes before it are durable.
    void this.store.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ type: "reply_delivered", request, reply: answer });
    });
  }

  #scheduleAlarm(): void {
    const { alarm } = this.store.rows;
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
      if (this.#alarmIsRunning || this.isOffline) {
        // One alarm runs at a time. The next waits until this one has ended.
        this.#scheduledAlarm = null;
        schedule.after(SECOND, () => this.#scheduleAlarm());
        return;
      }
      this.#scheduledAlarm = null;
      this.#alarms += 1;
      this.#world.emit({ type: "alarm_fired", late: fault?.late ?? 0 });
      this.store.startAlarm();
      this.#fireAlarm();
      if (fault !== undefined && fault.again !== null) schedule.after(fault.again, () => this.#fireAlarm());
    });
  }

  /** As charge.ts: sets the alarm again first, and never throws. */
  #fireAlarm(): void {
    if (this.isOffline) return;
    const incarnation = this.#incarnation;
    try {
      this.store.arm(this.now + ALARM_RETRY);
      if (this.store.load() === null) return;
      const { pending } = this.#world.edge.runner.run(this.#ports(), { type: "alarm" });
      this.store.arm(null);
      this.#world.emit({ type: "alarm_done" });
      this.#alarmIsRunning = true;
      void pending.then(() => {
        if (incarnation === this.#incarnation) this.#alarmIsRunning = false;
      });
    } catch (error) {
      this.#world.emit({ type: "error_thrown", error });
    }
  }

  /** As charge.ts: the first call of an incarnation recomputes the deadlines, because the settings may have changed. */
  #ports(): Ports {
    const ports = this.#newPorts();
    if (this.openedAt !== null) return ports;
    this.#world.edge.runner.refreshDeadlines(ports);
    this.#opened = { incarnation: this.#incarnation, at: this.#world.schedule.now };
    return ports;
  }

  #newPorts(): Ports {
    const { connection } = this.#world;
    const incarnation = this.#incarnation;
    const isAlive = (): boolean => incarnation === this.#incarnation;
    const keys = this.#world.keys();
    const keyAt = (index: number): string => keys[index] ?? keys[0] ?? "none";
    const send = <Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>> => connection.send(call, keyAt(key), isAlive);
    return {
      orderId: ORDER_ID,
      store: this.store,
      random: this.#random,
      gatewayKeys: keys.length,
      retentionDays: this.#world.retentionDays(),
      home: this.#world.home(),
      now: () => this.now,
      send,
      // As gateways/async.ts: if the first key is refused, the read is sent once more with the other key, under a fresh id.
      read: async (call) => {
        const outcome = await send(call, 0);
        const refused = outcome.kind === "refused" && this.#world.edge.pendingCall.isSignatureRefusal({ how: "refused", ...outcome });
        return refused && keys.length > 1 ? send({ ...call, requestId: this.#random.requestId() }, 1) : outcome;
      },
      onCommit: (chargeEvent, before, after) => this.#world.emit({ type: "applied", chargeEvent, before, after }),
      onError: (error) => this.#world.emit({ type: "error_thrown", error }),
    };
  }
}
