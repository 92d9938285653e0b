/**
 * What an order's object does for others after a change: it sends the notifications that are due, and tells the lists of days. Outside
 * of every transition; each errand is taken from the rows, which have it until it is done, so that a crash costs at most a second try.
 */
import type { DailyIndex, DayEntry } from "../daily-index.ts";
import { dayName } from "../home.ts";
import type { PendingUpdate } from "../storage/index-rows.ts";
import { log } from "../log.ts";
import type { Receiver } from "./notify.ts";
import { deliver } from "./notify.ts";
import type { DeliveryResult } from "../storage/message.ts";
import type { LeasedRow } from "../storage/outbox-rows.ts";
import type { Settings } from "../settings.ts";
import type { SqlChargeStore } from "../storage/order-store.ts";
import { merchantChargeView } from "../machine/view.ts";

/** What errands need from the object. */
export interface DispatchPorts {
  readonly store: SqlChargeStore;
  readonly settings: Settings;
  /** Null where the edge is mounted without the lists of days. */
  readonly days: DurableObjectNamespace<DailyIndex> | null;
  /** Told when an errand has ended, whichever way: another may be due. */
  onEnd(): void;
  onError(error: unknown): void;
}

/** A row that is due while NOTIFY_URL is not set any more: as if nobody answered, so that it goes once it is set again. */
const NO_RECEIVER: DeliveryResult = { end: null, status: null, retryAfter: null };

/**
 * Takes all that is due, at once, and does it. Only of an object that has rows.
 * @returns settles when all of it has ended
 */
export async function dispatch(ports: DispatchPorts): Promise<void> {
  const { store, settings } = ports;
  // Nothing of an order leaves while the settings name another gateway or merchant (M1).
  if (store.isAway()) return;
  const now = Date.now();
  const notifications = store.outbox.lease(now);
  const updates = store.index.lease(now);
  const record = notifications.length + updates.length === 0 ? null : store.load();
  if (record === null) return;
  const view = merchantChargeView(record);
  const entry = { orderId: record.orderId, status: view.status, view: JSON.stringify(view) };
  const receiver = settings.notifyUrl === null ? null : { url: settings.notifyUrl, secrets: settings.notifySecrets };
  await Promise.all([
    ...notifications.map((row) => runSafely(ports, () => notify(ports, row, receiver))),
    ...updates.map((update) => runSafely(ports, () => updateIndex(ports, update, entry))),
  ]);
}

async function runSafely(ports: DispatchPorts, delivery: () => Promise<void>): Promise<void> {
  try {
    // Nothing is told that a crash could still undo.
    await ports.store.durable();
    await delivery();
  } catch (error) {
    ports.onError(error);
  }
  ports.onEnd();
}

async function notify({ store }: DispatchPorts, row: LeasedRow, receiver: Receiver | null): Promise<void> {
  const tried = receiver === null ? NO_RECEIVER : await deliver(row, receiver, Date.now());
  const isGivenUp = store.outbox.record(row, tried, Date.now(), Math.random());
  const record = store.load();
  if (record === null) return;
  if (isGivenUp) log({ event: "attention", order_id: record.orderId, reason: "notification_given_up" });
  // The order was redacted while this was still being sent.
  if (record.redactedAt !== null) store.outbox.forget();
}

async function updateIndex(
  { store, settings, days }: DispatchPorts,
  update: PendingUpdate,
  entry: Omit<DayEntry, "day" | "version">,
): Promise<void> {
  if (days === null) {
    // The binding was taken away: the day is told with the next change, once there are lists again.
    store.index.confirmed(update);
    return;
  }
  try {
    await days.getByName(dayName(settings, update.day)).put({ ...update, ...entry });
  } catch (error) {
    store.index.failed(update, Date.now());
    throw error;
  }
  store.index.confirmed(update);
}
