/**
 * The alarm of a shard. It takes the orders that are due, commits what follows, arms itself and returns without waiting for their calls, because
 * the platform starts no second alarm before the first has returned.
 */
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";
import { UnreadableRecord } from "../storage/order-store.ts";
import type { Orders } from "./orders.ts";

/** Orders that one alarm takes, and orders whose due times one alarm computes again. */
const MAX_DUE = 20;
const MAX_SWEPT = 200;

/** With more reads than this in the queue an alarm takes no further orders. */
const MAX_WAITING_READS = 100;

/** An order that failed in an alarm is taken again after this; one whose record cannot be read after an hour. */
const ALARM_RETRY = MINUTE;
const UNREADABLE_RETRY = HOUR;

export class DueOrders {
  readonly #orders: Orders;
  /** Orders that failed in an alarm, and when they are taken again. */
  readonly #failed = new Map<string, number>();
  /** When the sweep goes on after it has failed. */
  #sweepAfter = 0;

  constructor(orders: Orders) {
    this.#orders = orders;
  }

  /** The alarm has fired. Never throws: an alarm that throws is given up after a few tries. */
  onAlarm(): void {
    const { queue, platform } = this.#orders;
    this.#orders.alarmFired();
    const now = platform.now();
    // Before the due orders are taken, because an order may be due by the new rules.
    this.#sweep(now);
    try {
      if (queue.waiting("read") <= MAX_WAITING_READS) for (const orderId of this.#due(now)) this.#take(orderId, now);
    } catch (error) {
      this.#orders.onError(error, { orderId: null, request: null });
    }
    this.#arm(now);
  }

  #sweep(now: number): void {
    if (this.#sweepAfter > now) return;
    try {
      for (const orderId of this.#orders.store.sweep(MAX_SWEPT))
        this.#runSafely(orderId, now, () => this.#orders.storeOf(orderId).reschedule());
    } catch (error) {
      this.#orders.onError(error, { orderId: null, request: null });
      this.#sweepAfter = now + ALARM_RETRY;
    }
  }

  /** When the sweep goes on; null when there is nothing to sweep. */
  #nextSweep(now: number): number | null {
    return this.#orders.store.isSweeping() ? Math.max(now, this.#sweepAfter) : null;
  }

  /** The next orders to take. Those that failed are left out until their time, so they do not hold back the others. */
  #due(now: number): readonly string[] {
    for (const [orderId, until] of this.#failed) if (until <= now) this.#failed.delete(orderId);
    return this.#orders.store
      .due(now, MAX_DUE + this.#failed.size)
      .filter((orderId) => !this.#failed.has(orderId))
      .slice(0, MAX_DUE);
  }

  #take(orderId: string, now: number): void {
    this.#runSafely(orderId, now, () => {
      const order = this.#orders.open(orderId, null);
      // An order of another placement stays due, and does not hold back the others.
      if (order === null) return void this.#failed.set(orderId, now + ALARM_RETRY);
      // Before its notifications are sent: nothing of an order leaves while its record cannot be read.
      order.store.load();
      if (!order.ports.isAway) this.#orders.dispatcher.resume(orderId);
      this.#orders.run(order.ports, { type: "alarm" });
    });
  }

  /** Does something for one order of many. Its failure is logged and does not concern the others. */
  #runSafely(orderId: string, now: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#orders.onError(error, { orderId, request: null });
      this.#failed.set(orderId, now + (error instanceof UnreadableRecord ? UNREADABLE_RETRY : ALARM_RETRY));
      if (error instanceof UnreadableRecord) this.#postpone(orderId, now);
    }
  }

  #postpone(orderId: string, now: number): void {
    this.#orders.platform.log({ event: "attention", order_id: orderId, reason: "record_unreadable" });
    try {
      this.#orders.storeOf(orderId).postpone(now + UNREADABLE_RETRY);
    } catch (error) {
      this.#orders.onError(error, { orderId, request: null });
    }
  }

  /** Arms the alarm: for the next due order, a second later while the queue is full, at the latest a minute later after failures. */
  #arm(now: number): void {
    const { clock, store, queue } = this.#orders;
    try {
      const sweepAt = this.#nextSweep(now);
      const due = earliestOf([store.nextDue(), sweepAt]);
      if (due === null || due > now) clock.setAfterFiring(due);
      else if (queue.waiting("read") > MAX_WAITING_READS) clock.setAfterFiring(now + SECOND);
      else if (this.#due(now).length > 0 || sweepAt === now) clock.setAfterFiring(now);
      else clock.setAfterFiring(earliestOf([now + ALARM_RETRY, store.nextDue(now), sweepAt, ...this.#failed.values()]));
    } catch (error) {
      this.#orders.onError(error, { orderId: null, request: null });
      clock.setAfterFiring(now + ALARM_RETRY);
    }
  }
}

function earliestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
