/**
 * The platform around one order's object: what a Durable Object's host does, in virtual time. It wakes the object for whoever calls,
 * rings its alarm, keeps its storage, throws it out of memory. What charge.ts does around the runner is done here the same way.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import { requestId } from "../../src/request-id.ts";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import type { Decision, Random } from "../../edge/machine/event.ts";
import type { ChargeRecord, Home, OperationKind } from "../../edge/machine/record.ts";
import type { Ports } from "../../edge/machine/runner.ts";
import type { Chance } from "./chance.ts";
import type { Modules } from "./edge-modules.ts";
import type { Asking, CallbackAnswer, Happening } from "./happening.ts";
import type { Line } from "./line.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Scenario } from "./scenario.ts";
import { ORDER_ID, SECOND } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** As charge.ts: the alarm rings again after this, should a due deadline not get through. */
const ALARM_AGAIN = 60 * SECOND;

/** What the object's host needs from the world it is in. */
export interface ObjectWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  /** The edge as it is deployed now. */
  readonly edge: Modules;
  /** The wire to the gateway that the settings name. */
  readonly line: Line;
  /** The edge's clock, ms ahead of the true time. */
  ahead(): number;
  /** The edge's gateway keys, newest first. */
  keys(): readonly string[];
  /** The gateway and merchant that the edge's settings name. */
  home(): Home;
  /** The edge's RETENTION_DAYS. */
  retentionDays(): number;
  storageRefuses(): boolean;
  storageLoses(): boolean;
  /** Something may cost time: from now on, for so many ms. */
  disturb(milliseconds?: number): void;
  emit(happening: Happening): void;
}

/** One order's object over all its incarnations. */
export class SimulatedObject {
  readonly store: MemoryStore;
  readonly #world: ObjectWorld;
  readonly #random: Random;
  readonly #flushes: Chance;
  #incarnation = 1;
  /** The incarnation that has computed the deadlines anew, as it does when it is first called; and when. */
  #refreshed: { readonly incarnation: number; readonly at: number } = { incarnation: 0, at: 0 };
  #tickets = 0;
  #alarms = 0;
  #alarmPlanned: { readonly at: number } | null = null;
  #isRinging = false;
  /** The order as it was last read from its stored text. */
  #seen: { readonly text: string | null; readonly record: ChargeRecord };
  /** Away, before an older state is put in: nobody is answered, nothing rings. */
  isAway = false;

  constructor(world: ObjectWorld, chance: Chance) {
    this.#world = world;
    const ids = chance.fork("request ids");
    const fractions = chance.fork("fractions");
    this.#random = {
      fraction: () => fractions.fraction(),
      requestId: () =>
        requestId(this.now, (bytes) => {
          for (const index of bytes.keys()) bytes[index] = ids.int(0, 255);
        }),
    };
    this.#flushes = chance.fork("flushes");
    this.store = new MemoryStore({
      schedule: world.schedule,
      edgeNow: () => this.now,
      flushTakes: () => this.#flushes.int(1, 12),
      refuses: () => world.storageRefuses(),
      loses: () => world.storageLoses(),
      armed: () => this.#planAlarm(),
      lost: () => this.evict(false, "its storage failed"),
    });
    this.#seen = { text: null, record: this.record };
  }

  /** When somebody, or the alarm, first called the object since it was last thrown out of memory; null: nobody yet. True time. */
  get openSince(): number | null {
    return this.#refreshed.incarnation === this.#incarnation ? this.#refreshed.at : null;
  }

  /** The time by the edge's clock. */
  get now(): number {
    return this.#world.schedule.now + this.#world.ahead();
  }

  /** The order as the object sees it: a new one where nothing is stored. */
  get record(): ChargeRecord {
    const text = this.store.rows.record;
    if (text !== null && text === this.#seen.text) return this.#seen.record;
    const record = this.#world.edge.runner.currentRecord({ store: this.store, orderId: ORDER_ID, home: this.#world.home() });
    if (text !== null) this.#seen = { text, record };
    return record;
  }

  /** The order as it would survive a crash now; null where nothing is stored. */
  get safeRecord(): ChargeRecord | null {
    const text = this.store.safe.record;
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
    this.#ask(() => ({
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
    this.#ask(() => ({ type: "operate", kind, key, requestedAmount, bound: this.store.binding(scope, key) }));
  }

  close(key: string): void {
    this.#ask(() => ({ type: "close", key, bound: this.store.binding(this.#world.edge.close.CLOSE_SCOPE, key) }));
  }

  resolve(key: string, paymentId: string | null): void {
    if (this.store.load() === null) return;
    const scope = this.#world.edge.resolve.RESOLVE_SCOPE;
    this.#ask(() => ({ type: "resolve", key, paymentId, note: "An operator looked", bound: this.store.binding(scope, key) }));
  }

  /** A GET. It opens the object, also where there is nothing to read. */
  get(): void {
    if (this.isAway) return;
    try {
      const ports = this.#ports();
      const record = this.store.load();
      if ([...(record?.attempts ?? []), ...(record?.operations ?? [])].some(({ state }) => state === "undecided"))
        this.#world.edge.runner.run(ports, { type: "hint", ticket: null });
    } catch (error) {
      this.#world.emit({ what: "broke", error });
    }
  }

  /** A callback, as charge.ts answers it. */
  callback(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    if (this.isAway || !ticket.startsWith(`${ORDER_ID}.`)) return "not found";
    const answer = this.#answerTo(kind, ticket, facts);
    this.#world.emit({ what: "replied", kind, answer });
    return answer;
  }

  #answerTo(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null): CallbackAnswer {
    const { order_id = null, id = null, amount = null, currency = null } = facts ?? {};
    const content = { orderId: order_id, paymentId: id, amount, currency };
    try {
      const record = this.store.load();
      if (record !== null) this.#hint(ticket);
      return this.#world.edge.callback.answerToCallback(record, { kind, ticket, content });
    } catch (error) {
      this.#world.emit({ what: "broke", error });
      return "unanswered";
    }
  }

  #hint(ticket: string): void {
    const incarnation = this.#incarnation;
    const at = this.#world.schedule.now;
    this.#world.edge.runner.run(this.#ports(), { type: "hint", ticket });
    void this.store.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ what: "hinted", ticket, at });
    });
  }

  /** Throws the object out of memory: what it waited for reaches nobody. The next caller or alarm wakes a new incarnation. */
  evict(keeps: boolean, why: string): void {
    this.#incarnation += 1;
    this.#isRinging = false;
    this.#world.disturb();
    this.store.crash(keeps);
    this.#world.emit({ what: "evicted", why });
  }

  /** Puts the rows back to an older state, after a minute in which nobody is answered. */
  restore(to: number): void {
    const { schedule } = this.#world;
    this.isAway = true;
    this.evict(true, "it is taken away to be restored");
    schedule.after(60 * SECOND, () => {
      this.isAway = false;
      this.store.restore(to);
      this.#incarnation += 1;
      this.#isRinging = false;
      this.#world.disturb();
      this.#world.emit({ what: "evicted", why: "it is put back to an older state" });
    });
  }

  /** The edge's clock was set: what is due by it may be due earlier, or later. */
  clockChanged(): void {
    this.#alarmPlanned = null;
    this.#planAlarm();
  }

  #ask(eventNow: () => Asking): void {
    if (this.isAway) return;
    const event = eventNow();
    const before = this.record;
    const incarnation = this.#incarnation;
    let reply: Decision | null = null;
    try {
      reply = this.#world.edge.runner.run(this.#ports(), event).reply;
    } catch (error) {
      this.#world.emit({ what: "broke", error });
    }
    this.#world.emit({ what: "asked", event, before, after: this.record, reply });
    if (reply === null) return;
    const answer = reply;
    // Nothing leaves an object before what it wrote is safe, an answer no more than a call.
    void this.store.durable().then(() => {
      if (incarnation === this.#incarnation) this.#world.emit({ what: "told", event, reply: answer });
    });
  }

  #planAlarm(): void {
    const { alarm } = this.store.rows;
    if (alarm === null) {
      this.#alarmPlanned = null;
      return;
    }
    if (this.#alarmPlanned?.at === alarm) return;
    const planned = { at: alarm };
    this.#alarmPlanned = planned;
    const { schedule, scenario } = this.#world;
    const fault = scenario.alarms.find(({ nth }) => nth === this.#alarms + 1);
    const rings = alarm - this.#world.ahead() + (fault?.late ?? 0);
    if (fault !== undefined && fault.late > 0) this.#world.disturb(rings - schedule.now);
    schedule.at(rings, () => {
      if (this.#alarmPlanned !== planned) return;
      if (this.#isRinging || this.isAway) {
        // One alarm rings at a time; the next waits for the end of this one.
        this.#alarmPlanned = null;
        schedule.after(SECOND, () => this.#planAlarm());
        return;
      }
      this.#alarmPlanned = null;
      this.#alarms += 1;
      this.#world.emit({ what: "rang", late: fault?.late ?? 0 });
      this.store.ring();
      this.#ring();
      if (fault !== undefined && fault.again !== null) schedule.after(fault.again, () => this.#ring());
    });
  }

  /** As charge.ts rings: armed again first, never throws. */
  #ring(): void {
    if (this.isAway) return;
    const incarnation = this.#incarnation;
    try {
      this.store.arm(this.now + ALARM_AGAIN);
      if (this.store.load() === null) return;
      const { pending } = this.#world.edge.runner.run(this.#ports(), { type: "alarm" });
      this.store.arm(null);
      this.#world.emit({ what: "rung" });
      this.#isRinging = true;
      void pending.then(() => {
        if (incarnation === this.#incarnation) this.#isRinging = false;
      });
    } catch (error) {
      this.#world.emit({ what: "broke", error });
    }
  }

  /** As charge.ts: whoever opens the object computes its deadlines anew, because the settings may have changed. */
  #ports(): Ports {
    const ports = this.#portsOfNow();
    if (this.openSince !== null) return ports;
    this.#world.edge.runner.refreshDeadlines(ports);
    this.#refreshed = { incarnation: this.#incarnation, at: this.#world.schedule.now };
    return ports;
  }

  #portsOfNow(): Ports {
    const { line } = this.#world;
    const incarnation = this.#incarnation;
    const isAlive = (): boolean => incarnation === this.#incarnation;
    const keys = this.#world.keys();
    const keyAt = (index: number): string => keys[index] ?? keys[0] ?? "none";
    const send = <Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>> => line.send(call, keyAt(key), isAlive);
    return {
      orderId: ORDER_ID,
      store: this.store,
      random: this.#random,
      gatewayKeys: keys.length,
      retentionDays: this.#world.retentionDays(),
      home: this.#world.home(),
      now: () => this.now,
      send,
      // As gateway-port.ts reads: once more with the other key, under a fresh id, where the first is refused.
      read: async (call) => {
        const outcome = await send(call, 0);
        const refused = outcome.kind === "refused" && this.#world.edge.pendingCall.isSignatureRefusal({ how: "refused", ...outcome });
        return refused && keys.length > 1 ? send({ ...call, requestId: this.#random.requestId() }, 1) : outcome;
      },
      onCommit: (event, before, after) => this.#world.emit({ what: "applied", event, before, after }),
      onError: (error) => this.#world.emit({ what: "broke", error }),
    };
  }
}
