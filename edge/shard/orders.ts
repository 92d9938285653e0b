/**
 * The orders of one shard: opens them, runs their events, and makes what follows from a commit. Everything of one order stays within
 * that order: its store, its calls, its failures.
 */
import type { DispatchPorts } from "../delivery/dispatch.ts";
import { Dispatcher } from "../delivery/dispatch.ts";
import { bindProfile } from "../../src/merchant-api/bound-profile.ts";
import type { GatewayPort } from "../gateways/gateway-port.ts";
import { CallQueue } from "../gateways/call-queue.ts";
import type { LogLine, RequestContext } from "../log.ts";
import { describeError } from "../log.ts";
import { logLinesOf } from "../machine/decision-log.ts";
import type { ChargeEvent, Decision, Random } from "../machine/event.ts";
import type { ChargeRecord, Home } from "../machine/record.ts";
import type { Ports, Run } from "../machine/runner.ts";
import { run } from "../machine/runner.ts";
import type { OrderStore } from "../storage/order-store.ts";
import { GENERATION, shardOf, SHARDS, slotOf } from "../storage/placement.ts";
import { ShardStore } from "../storage/shard-store.ts";
import type { ShardStorage } from "../storage/sql.ts";
import type { Timer } from "../../src/lib/time.ts";
import type { AlarmPort } from "./alarm-clock.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { OpenPayments } from "./open-payments.ts";
import { Waiters } from "./waiters.ts";

/** The platform of a shard. */
export interface ShardPlatform {
  readonly storage: ShardStorage;
  readonly alarm: AlarmPort;
  /** The random values and the gateway of an order. The simulation gives each order its own. */
  random(orderId: string): Random;
  gateway(orderId: string): GatewayPort;
  readonly timer: Timer;
  readonly deliver: DispatchPorts["deliver"];
  readonly updateIndex: DispatchPorts["updateIndex"];
  readonly settings: ShardSettings;
  /** Shared by all shards of a process. */
  readonly openPayments: OpenPayments;
  now(): number;
  log(line: LogLine): void;
  /** Keeps the object alive until the promise has settled. */
  waitUntil(pending: Promise<void>): void;
  /** Sees what the shard does. The simulation checks it. */
  readonly observer?: ShardObserver;
}

/** Called in the same step as the thing itself. */
export interface ShardObserver {
  onCommit(event: ChargeEvent, before: ChargeRecord, after: ChargeRecord): void;
  onDecision(event: ChargeEvent, decision: Decision): void;
}

/** The settings that a shard depends on. */
export interface ShardSettings {
  readonly home: Home;
  readonly gatewayUrl: string;
  /** The values of CALLBACK_KEY: they bind profiles to their users. */
  readonly callbackKeys: readonly string[];
  readonly gatewayKeyCount: number;
  readonly retentionDays: number;
}

/** One order, as a call works on it. */
export interface OrderCall {
  readonly orderId: string;
  readonly store: OrderStore;
  readonly ports: Ports;
}

/** What an error is logged with. */
export interface ErrorContext {
  readonly orderId: string | null;
  readonly request: RequestContext | null;
}

/** A call for an order that this shard does not store. */
class WrongShard extends Error {
  override readonly name: string = "WrongShard";
}

/** The orders of one shard. */
export class Orders {
  readonly platform: ShardPlatform;
  readonly store: ShardStore;
  readonly clock: AlarmClock;
  readonly queue: CallQueue;
  readonly waiters: Waiters;
  readonly dispatcher: Dispatcher;
  /** Queued and open gateway calls, by order. */
  readonly #openCalls = new Map<string, Set<string>>();
  #isCompared = false;

  constructor(platform: ShardPlatform) {
    const { storage, settings, updateIndex, deliver } = platform;
    const now = (): number => platform.now();
    this.platform = platform;
    this.clock = new AlarmClock(platform.alarm, now, () => this.#earliest());
    this.queue = new CallQueue(now);
    this.waiters = new Waiters(platform.timer);
    this.store = new ShardStore(storage, {
      home: settings.home,
      retentionDays: settings.retentionDays,
      hasReceiver: deliver !== null,
      hasIndex: updateIndex !== null,
      now,
      arm: (at) => this.clock.arm(at),
    });
    this.dispatcher = new Dispatcher({
      queue: this.queue,
      timer: platform.timer,
      now,
      fraction: (orderId) => platform.random(orderId).fraction(),
      order: (orderId) => this.storeOf(orderId),
      deliver,
      updateIndex,
      log: (line) => platform.log(line),
      waitUntil: (pending) => platform.waitUntil(pending),
      onEnd: (orderId) => this.waiters.wake(orderId),
      onError: (error, orderId) => this.onError(error, { orderId, request: null }),
    });
  }

  /** Opens an order; null if it belongs to another shard, because looking in the wrong one would be a second charge. */
  open(orderId: string, request: RequestContext | null): OrderCall | null {
    const stored = this.store.identity();
    if (stored !== null && (stored.position !== positionOf(orderId) || stored.generation !== GENERATION || stored.shards !== SHARDS)) {
      this.onError(new WrongShard("The order belongs to another shard"), { orderId, request });
      return null;
    }
    this.compareAlarm();
    const store = this.storeOf(orderId);
    return { orderId, store, ports: this.#portsOf(orderId, store, request) };
  }

  storeOf(orderId: string): OrderStore {
    return this.store.order(orderId, positionOf(orderId));
  }

  /** Applies an event, and keeps the order's open calls as long as they are open. */
  run(ports: Ports, event: ChargeEvent): Run {
    this.#openCalls.set(ports.orderId, ports.openCalls);
    const { reply, pending } = run(ports, event);
    const ended = pending.then(() => {
      if (ports.openCalls.size === 0) this.#openCalls.delete(ports.orderId);
    });
    this.platform.waitUntil(ended);
    return { reply, pending: ended };
  }

  /** Applies an event that has a decision. */
  decide(ports: Ports, event: Extract<ChargeEvent, { type: "pay" | "operate" | "close" | "resolve" }>): Decision {
    const { reply, pending } = this.run(ports, event);
    if (event.type === "pay") this.platform.openPayments.add(this.platform.now(), pending);
    if (reply === null) throw new Error(`The event ${event.type} always has a decision`);
    this.platform.observer?.onDecision(event, reply);
    return reply;
  }

  /** Compares the alarm with the rows: once for each time that the object is opened, and when the alarm did not fire. */
  compareAlarm(): void {
    if (this.#isCompared && !this.clock.isLost()) return;
    this.#isCompared = true;
    const compared = this.clock.compare().catch((error: unknown) => {
      this.#isCompared = false;
      this.onError(error, { orderId: null, request: null });
    });
    this.platform.waitUntil(compared);
  }

  /** The alarm has fired. It is set again at its end, so there is nothing to compare. */
  alarmFired(): void {
    this.clock.fired();
    this.#isCompared = true;
  }

  onError(error: unknown, { orderId, request }: ErrorContext): void {
    const { requestId = null, traceId = null } = request ?? {};
    this.platform.log({ event: "error", request_id: requestId, trace_id: traceId, order_id: orderId, ...describeError(error) });
  }

  /** When the next order is due, or the sweep goes on. */
  #earliest(): number | null {
    return this.store.isSweeping() ? this.platform.now() : this.store.nextDue();
  }

  #portsOf(orderId: string, store: OrderStore, request: RequestContext | null): Ports {
    const { settings, timer } = this.platform;
    const gateway = this.platform.gateway(orderId);
    const openCalls = this.#openCalls.get(orderId) ?? new Set<string>();
    return {
      orderId,
      store,
      random: this.platform.random(orderId),
      gatewayKeyCount: settings.gatewayKeyCount,
      retentionDays: settings.retentionDays,
      isAway: this.store.isAway(),
      gatewayUrl: settings.gatewayUrl,
      bindProfile: (profileId, userId) => bindProfile(profileId, userId, settings.callbackKeys),
      openCalls,
      now: () => this.platform.now(),
      send: async (call, { key, expiresAt }) => {
        const sent = await this.queue.run("send", { expiresAt }, () => gateway.send(call, key));
        return sent.left ? { outcome: sent.value, leftAt: sent.leftAt } : { outcome: { kind: "not_sent" }, leftAt: null };
      },
      read: async (call, { expiresAt }) => {
        const sent = await this.queue.run("read", { expiresAt }, () => gateway.read(call));
        return sent.left ? sent.value : { kind: "not_sent" };
      },
      within: (milliseconds, value) =>
        new Promise((resolve, reject) => {
          const clear = timer(milliseconds, () => resolve(null));
          value.then(resolve, reject).finally(clear);
        }),
      until: (at) => new Promise((resolve) => void timer(at - this.platform.now(), resolve)),
      onCommit: (event, before, after) => this.#onCommit(store, { event, before, after, request }),
      onError: (error) => this.onError(error, { orderId, request }),
    };
  }

  #onCommit(store: OrderStore, change: CommittedChange): void {
    const { event, before, after } = change;
    for (const line of logLinesOf({ ...change, now: this.platform.now() })) this.platform.log(line);
    this.platform.observer?.onCommit(event, before, after);
    this.waiters.wake(after.orderId);
    if (!this.store.isAway()) this.dispatcher.afterCommit(after.orderId, store.takeLeased());
  }
}

interface CommittedChange {
  readonly event: ChargeEvent;
  readonly before: ChargeRecord;
  readonly after: ChargeRecord;
  readonly request: RequestContext | null;
}

function positionOf(orderId: string): number {
  return shardOf(slotOf(orderId));
}
