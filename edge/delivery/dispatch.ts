/**
 * Sends the notifications and index updates of a shard's orders, after the commit that wrote them. Every row is leased until its try has
 * ended, so a reset costs at most a second try.
 */
import type { DayEntry } from "../rpc.ts";
import type { LogLine } from "../log.ts";
import { merchantChargeView } from "../machine/view.ts";
import type { CallQueue } from "../gateways/call-queue.ts";
import type { PendingUpdate } from "../storage/index-days.ts";
import { UPDATE_AFTER } from "../storage/index-days.ts";
import type { DeliveryResult, Message } from "../storage/message.ts";
import type { OrderStore } from "../storage/order-store.ts";
import type { LeasedRow } from "../storage/outbox-rows.ts";
import { TRY_WINDOW } from "../machine/notification-retries.ts";
import type { Timer } from "../../src/lib/time.ts";
import { SECOND } from "../../src/lib/time.ts";

/** What the dispatcher needs of its shard. */
export interface DispatchPorts {
  readonly queue: CallQueue;
  readonly timer: Timer;
  now(): number;
  /** A random number from 0 up to 1. */
  fraction(orderId: string): number;
  order(orderId: string): OrderStore;
  /** Sends one notification; null without a NOTIFY_URL. Never rejects. */
  readonly deliver: ((message: Message) => Promise<DeliveryResult>) | null;
  /** Sends an update to the object of its day; null without the binding DAYS. */
  readonly updateIndex: ((entry: DayEntry) => Promise<void>) | null;
  log(line: LogLine): void;
  /** Keeps the shard alive until the promise has settled. */
  waitUntil(pending: Promise<void>): void;
  /** Called when a delivery of an order has ended. */
  onEnd(orderId: string): void;
  onError(error: unknown, orderId: string): void;
}

/** NOTIFY_URL was removed: treat the row as unanswered, so it is retried when the URL returns. */
const NO_RECEIVER: DeliveryResult = { end: null, status: null, retryAfter: null };

/** A notification that did not get its turn is due again after this, and up to twice as long. */
const RETRY_TURN = 20 * SECOND;

export class Dispatcher {
  readonly #ports: DispatchPorts;
  /** Deliveries that are under way, by order. */
  readonly #open = new Map<string, number>();
  /** Orders whose index update waits for further changes. */
  readonly #timers = new Set<string>();

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
  }

  /** Sends what a commit leased, and the index update a second later. */
  afterCommit(orderId: string, leased: readonly LeasedRow[]): void {
    for (const row of leased) this.#start(orderId, (order) => this.#notify(order, orderId, row));
    if (this.#timers.has(orderId) || this.#ports.updateIndex === null) return;
    this.#timers.add(orderId);
    this.#ports.timer(UPDATE_AFTER, () => {
      this.#timers.delete(orderId);
      this.#start(orderId, (order) => this.#update(order, orderId, order.pendingUpdates(Number.MAX_SAFE_INTEGER)));
    });
  }

  /** Leases and sends what is due of an order: its lease has ended, or its retry has come. */
  resume(orderId: string): void {
    const order = this.#ports.order(orderId);
    const now = this.#ports.now();
    for (const row of order.outbox.lease(now)) this.#start(orderId, (store) => this.#notify(store, orderId, row));
    const updates = order.leaseUpdates(now);
    if (updates.length > 0) this.#start(orderId, (store) => this.#update(store, orderId, updates));
  }

  /** Starts a delivery. When the last one of an order has ended, the order's due time is computed again, once for all of them. */
  #start(orderId: string, deliver: (order: OrderStore) => Promise<void>): void {
    this.#open.set(orderId, (this.#open.get(orderId) ?? 0) + 1);
    this.#ports.waitUntil(this.#runSafely(orderId, deliver));
  }

  async #runSafely(orderId: string, deliver: (order: OrderStore) => Promise<void>): Promise<void> {
    try {
      await deliver(this.#ports.order(orderId));
    } catch (error) {
      this.#ports.onError(error, orderId);
    }
    const open = (this.#open.get(orderId) ?? 1) - 1;
    if (open > 0) this.#open.set(orderId, open);
    else this.#open.delete(orderId);
    try {
      if (open === 0) this.#ports.order(orderId).reschedule();
    } catch (error) {
      this.#ports.onError(error, orderId);
    }
    this.#ports.onEnd(orderId);
  }

  async #notify(order: OrderStore, orderId: string, row: LeasedRow): Promise<void> {
    const { deliver, queue } = this.#ports;
    const expiresAt = this.#ports.now() + TRY_WINDOW;
    const call = deliver === null ? null : await queue.run("notification", { expiresAt }, () => deliver(row));
    const now = this.#ports.now();
    if (call !== null && !call.left) {
      order.outbox.release(row, Math.round(now + RETRY_TURN * (1 + this.#ports.fraction(orderId))));
      return;
    }
    const isGivenUp = order.outbox.record(row, call === null ? NO_RECEIVER : call.value, now, this.#ports.fraction(orderId));
    if (isGivenUp) this.#ports.log({ event: "attention", order_id: orderId, reason: "notification_given_up" });
    // The order was redacted while this was still to be sent.
    if (order.load()?.redactedAt !== null) order.outbox.forgetEnded();
    for (const next of order.outbox.lease(now)) this.#start(orderId, (store) => this.#notify(store, orderId, next));
  }

  async #update(order: OrderStore, orderId: string, updates: readonly PendingUpdate[]): Promise<void> {
    const { updateIndex } = this.#ports;
    const record = order.load();
    if (record === null) return;
    const view = merchantChargeView(record);
    for (const update of updates) {
      if (updateIndex === null) {
        // The binding was removed: the index gets the next change, once there is one again.
        order.updateConfirmed(update);
        continue;
      }
      try {
        await updateIndex({ ...update, orderId, status: view.status, view: JSON.stringify(view) });
        order.updateConfirmed(update);
      } catch (error) {
        order.updateFailed(update, this.#ports.now());
        this.#ports.onError(error, orderId);
      }
    }
  }
}
