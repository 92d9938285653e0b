/** The merchant's day: that of Asia/Almaty, which is UTC+5 all the year, as all of Kazakhstan has been since 1 March 2024. Pure. */
import { DAY, HOUR } from "./time.ts";

const OFFSET = 5 * HOUR;

/** The day of an instant, such as `2026-11-22`. @param at milliseconds since the epoch */
export function dayOf(at: number): string {
  return new Date(at + OFFSET).toISOString().slice(0, 10);
}

/** When a day is over, in milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY - OFFSET;
}

/** Whether a text is a day of the calendar, `YYYY-MM-DD`, of this century. */
export function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && dayOf(endOfDay(text) - 1) === text;
}
