/** The stored days of an order: the updates of daily indexes that it has to send. */
import type { IndexDay } from "../../edge/storage/index-days.ts";
import { daysOf, daysText } from "../../edge/storage/index-days.ts";

export function storedDays({ sql }: DurableObjectStorage, orderId: string): readonly IndexDay[] {
  const [row] = sql.exec<{ days: string | null }>("SELECT days FROM record WHERE order_id = ?", orderId).toArray();
  return daysOf(row?.days ?? null);
}

/** The days whose indexes do not have the newest state. */
export function pendingDays(storage: DurableObjectStorage, orderId: string): readonly string[] {
  return storedDays(storage, orderId).flatMap(({ day, nextAt }) => (nextAt === null ? [] : [day]));
}

export function changeDays(storage: DurableObjectStorage, orderId: string, change: Partial<IndexDay>): void {
  const days = storedDays(storage, orderId).map((day) => ({ ...day, ...change }));
  storage.sql.exec("UPDATE record SET days = ? WHERE order_id = ?", daysText(days), orderId);
}
