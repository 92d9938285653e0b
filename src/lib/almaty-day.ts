/** The merchant's day in Asia/Almaty. Kazakhstan has been UTC+5 all year since 1 March 2024. */
import { DAY, HOUR } from "./time.ts";

const OFFSET = 5 * HOUR;

/** The day of an instant, such as `2026-11-22`. @param at milliseconds since the epoch */
export function dayOf(at: number): string {
  return new Date(at + OFFSET).toISOString().slice(0, 10);
}

/** The end of a day, in milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY - OFFSET;
}

/** Whether a text is a calendar day of this century, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && dayOf(endOfDay(text) - 1) === text;
}
