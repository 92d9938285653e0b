/**
 * Orders of one shard with the edge's dispatcher, its queue and its storage on real SQLite, in virtual time. The test says how receivers
 * answer.
 */
import { Dispatcher } from "../../../edge/delivery/dispatch.ts";
import { CallQueue } from "../../../edge/gateways/call-queue.ts";
import type { LogLine } from "../../../edge/log.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import type { ChargeRecord } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import type { DayEntry } from "../../../edge/rpc.ts";
import type { DeliveryResult, Message } from "../../../edge/storage/message.ts";
import type { OrderStore } from "../../../edge/storage/order-store.ts";
import { ShardStore } from "../../../edge/storage/shard-store.ts";
import type { NotificationView } from "../../../src/edge-api.ts";
import { Schedule, settle } from "../../simulation/schedule.ts";
import { SimulatedStorage } from "../../simulation/shard-storage.ts";

export const START: number = Date.parse("2026-11-22T10:00:00.000Z");

/** What a deployment has: NOTIFY_URL, and the binding DAYS. */
export interface Deployment {
  readonly hasReceiver?: boolean;
  readonly hasIndex?: boolean;
}

/** A change of an order. */
export interface Change {
  /** The numbers of its notifications. */
  readonly notifies?: readonly number[];
  /** Whether the merchant's view changes, so that the daily indexes get it. */
  readonly isViewChanged?: boolean;
  readonly isRedacted?: boolean;
}

const RETENTION_DAYS = 400;

export class DispatchedOrders {
  readonly #schedule = new Schedule(START);
  readonly #storage: SimulatedStorage;
  #incarnation = 0;
  #store: ShardStore;
  #dispatcher: Dispatcher;
  #deployment: Required<Deployment>;
  /** Whether the storage refuses every write. */
  refusesWrites = false;
  /** The random numbers of the orders; 0 for any other. */
  readonly fractions = new Map<string, number>();
  receiver: (message: Message) => Promise<DeliveryResult> = async () => ({ end: "delivered", status: 204 });
  index: (entry: DayEntry) => Promise<void> = async () => undefined;
  /** The notifications that left: `1234/1` is the first of order 1234. */
  readonly notified: string[] = [];
  /** The updates that left. */
  readonly updates: DayEntry[] = [];
  readonly log: LogLine[] = [];
  /** Errors as `1234: TypeError`. */
  readonly errors: string[] = [];
  /** The orders of the deliveries that have ended. */
  readonly ended: string[] = [];
  /** How often a due time was computed. */
  timesArmed = 0;
  openTimers = 0;
  /** Deliveries that keep the shard alive. */
  openWork = 0;

  constructor(deployment: Deployment = {}) {
    this.#storage = new SimulatedStorage({
      schedule: this.#schedule,
      flushTime: () => 1,
      refusesCommit: () => this.refusesWrites,
      failsFlush: () => false,
      onAlarmChanged: () => undefined,
      onFlushFailed: () => undefined,
    });
    this.#deployment = { hasReceiver: true, hasIndex: true, ...deployment };
    this.#store = this.#openStore();
    this.#dispatcher = this.#openDispatcher();
  }

  get now(): number {
    return this.#schedule.now;
  }

  /** Starts the shard again with another deployment. Earlier timers do not fire. */
  deploy(deployment: Deployment): void {
    this.#incarnation += 1;
    this.openTimers = 0;
    this.#deployment = { ...this.#deployment, ...deployment };
    this.#store = this.#openStore();
    this.#dispatcher = this.#openDispatcher();
  }

  commit(orderId: string, { notifies = [], isViewChanged = false, isRedacted = false }: Change): ChargeRecord {
    const record = { ...newRecord(orderId), redactedAt: isRedacted ? this.now : null };
    const outbox = notifies.map((sequence) => {
      const data = JSON.stringify({ order_id: orderId, status: "succeeded", sequence });
      return { sequence, type: "charge.succeeded", at: this.now, data };
    });
    const deadlines = deadlinesOf(record, { retentionDays: RETENTION_DAYS, isAway: false });
    const order = this.order(orderId);
    order.commit({ record, binding: null, outbox, deadlines, forget: isRedacted, isViewChanged });
    this.#dispatcher.afterCommit(orderId, order.takeLeased());
    return record;
  }

  /** A commit has stored something of an order. */
  afterCommit(orderId: string): void {
    this.#dispatcher.afterCommit(orderId, []);
  }

  /** The alarm has taken the order as due. */
  resume(orderId: string): void {
    this.#dispatcher.resume(orderId);
  }

  /** Lets time pass until the order is due, and takes it. */
  async resumeWhenDue(orderId: string): Promise<void> {
    await this.pass((this.due(orderId) ?? this.now) - this.now);
    this.resume(orderId);
    await settle();
  }

  /** Makes a notification due at once, as the merchant can. */
  requestAgain(orderId: string, sequence: number): void {
    this.order(orderId).outbox.resend(sequence, this.now);
  }

  /** Damages the stored record of an order. */
  damage(orderId: string): void {
    this.#storage.sql.exec("UPDATE record SET record = '{' WHERE order_id = ?", orderId);
  }

  due(orderId: string): number | null {
    return this.#storage.rows(orderId).due;
  }

  /** The stored notifications of an order, as the merchant sees them. */
  notifications(orderId: string): readonly NotificationView[] {
    return this.order(orderId).outbox.views();
  }

  /** Lets everything happen within this time. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    this.#schedule.at(until, () => undefined);
    await settle();
    while (this.#schedule.step(until)) await settle();
  }

  order(orderId: string): OrderStore {
    return this.#store.order(orderId, 0);
  }

  #openStore(): ShardStore {
    return new ShardStore(this.#storage, {
      home: { host: "test-api.freedompay.kz", merchantId: "999999" },
      retentionDays: RETENTION_DAYS,
      ...this.#deployment,
      now: () => this.now,
      arm: () => {
        this.timesArmed += 1;
      },
    });
  }

  #openDispatcher(): Dispatcher {
    const { hasReceiver, hasIndex } = this.#deployment;
    return new Dispatcher({
      queue: new CallQueue(() => this.now),
      timer: (milliseconds, act) => this.#setTimer(milliseconds, act),
      now: () => this.now,
      fraction: (orderId) => this.fractions.get(orderId) ?? 0,
      order: (orderId) => this.order(orderId),
      deliver: hasReceiver ? (message) => this.#deliver(message) : null,
      updateIndex: hasIndex ? (entry) => this.#updateIndex(entry) : null,
      log: (line) => this.log.push(line),
      waitUntil: (pending) => {
        this.openWork += 1;
        void pending.then(() => {
          this.openWork -= 1;
        });
      },
      onEnd: (orderId) => this.ended.push(orderId),
      onError: (error, orderId) => this.errors.push(`${orderId}: ${error instanceof Error ? error.name : String(error)}`),
    });
  }

  #setTimer(milliseconds: number, act: () => void): () => void {
    const incarnation = this.#incarnation;
    this.openTimers += 1;
    this.#schedule.after(milliseconds, () => {
      if (incarnation !== this.#incarnation) return;
      this.openTimers -= 1;
      act();
    });
    return () => undefined;
  }

  #deliver(message: Message): Promise<DeliveryResult> {
    const { data } = JSON.parse(message.body) as { readonly data: { readonly order_id: string; readonly sequence: number } };
    this.notified.push(`${data.order_id}/${data.sequence}`);
    return this.receiver(message);
  }

  #updateIndex(entry: DayEntry): Promise<void> {
    this.updates.push(entry);
    return this.index(entry);
  }
}
