/**
 * What an order's object does for others after a change: it sends the notifications that are due, and tells the lists of days. Outside
 * of every transition; each errand is taken from the rows, which have it until it is done, so that a crash costs at most a second try.
 */
import type { Day, DayEntry } from "../daily-index.ts";
import { dayName } from "../home.ts";
import type { OwedDay } from "../storage/index-rows.ts";
import { log } from "../log.ts";
import type { Receiver } from "./notify.ts";
import { tryToNotify } from "./notify.ts";
import type { Tried } from "../storage/message.ts";
import type { ClaimedRow } from "../storage/outbox-rows.ts";
import type { Settings } from "../settings.ts";
import type { SqlChargeStore } from "../storage/order-store.ts";
import { merchantChargeView } from "../machine/view.ts";

/** What errands need from the object. */
export interface ErrandPorts {
  readonly store: SqlChargeStore;
  readonly settings: Settings;
  /** Null where the edge is mounted without the lists of days. */
  readonly days: DurableObjectNamespace<Day> | null;
  /** Told when an errand has ended, whichever way: another may be due. */
  done(): void;
  broke(error: unknown): void;
}

/** A row that is due while NOTIFY_URL is not set any more: as if nobody answered, so that it goes once it is set again. */
const NOBODY: Tried = { end: null, status: null, retryAfter: null };

/**
 * Takes all that is due, at once, and does it. Only of an object that has rows.
 * @returns settles when all of it has ended
 */
export async function runErrands(ports: ErrandPorts): Promise<void> {
  const { store, settings } = ports;
  // Nothing of an order leaves while the settings name another gateway or merchant (M1).
  if (store.isAway()) return;
  const now = Date.now();
  const notifications = store.outbox.claim(now);
  const owed = store.days.claim(now);
  const record = notifications.length + owed.length === 0 ? null : store.load();
  if (record === null) return;
  const view = merchantChargeView(record);
  const entry = { orderId: record.orderId, status: view.status, view: JSON.stringify(view) };
  const receiver = settings.notifyUrl === null ? null : { url: settings.notifyUrl, secrets: settings.notifySecrets };
  await Promise.all([
    ...notifications.map((row) => inPeace(ports, () => notify(ports, row, receiver))),
    ...owed.map((day) => inPeace(ports, () => tell(ports, day, entry))),
  ]);
}

async function inPeace(ports: ErrandPorts, errand: () => Promise<void>): Promise<void> {
  try {
    // Nothing is told that a crash could still undo.
    await ports.store.durable();
    await errand();
  } catch (error) {
    ports.broke(error);
  }
  ports.done();
}

async function notify({ store }: ErrandPorts, row: ClaimedRow, receiver: Receiver | null): Promise<void> {
  const tried = receiver === null ? NOBODY : await tryToNotify(row, receiver, Date.now());
  const isGivenUp = store.outbox.ended(row, tried, Date.now(), Math.random());
  const record = store.load();
  if (record === null) return;
  if (isGivenUp) log({ event: "attention", order_id: record.orderId, reason: "notification_given_up" });
  // The order was reduced while this was still owed.
  if (record.entombedAt !== null) store.outbox.forget();
}

async function tell({ store, settings, days }: ErrandPorts, owed: OwedDay, entry: Omit<DayEntry, "day" | "version">): Promise<void> {
  if (days === null) {
    // The binding was taken away: the day is told with the next change, once there are lists again.
    store.days.confirmed(owed);
    return;
  }
  try {
    await days.getByName(dayName(settings, owed.day)).put({ ...owed, ...entry });
  } catch (error) {
    store.days.failed(owed, Date.now());
    throw error;
  }
  store.days.confirmed(owed);
}
