import type { ChargeStatus } from "../src/edge-api.ts";
import { isDay } from "./almaty-day.ts";
import { Refused } from "./problem.ts";

/** What is asked of a day's list. */
export interface DayQuery {
  /** `YYYY-MM-DD`, Asia/Almaty. */
  readonly day: string;
  /** Only charges that are this now; null: all. */
  readonly status: ChargeStatus | null;
  /** The position that the last page ended with; 0 for the first. */
  readonly after: number;
}

const STATUSES: Readonly<Record<ChargeStatus, true>> = {
  ready: true,
  closed: true,
  processing: true,
  unconfirmed: true,
  authorized: true,
  succeeded: true,
  failed: true,
  reversed: true,
  refunded: true,
};

/**
 * Reads the query of `GET /v1/charges`: `day`, and where they are there `status` and `after`, each once, nothing else.
 *
 * @throws Refused body_invalid, with a detail that names the parameter and not its value
 */
export function readDayQuery(query: URLSearchParams): DayQuery {
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (!["day", "status", "after"].includes(name)) throw wrong("The query holds something other than day, status and after");
    if (given.has(name)) throw wrong(`${name} stands in the query twice`);
    given.set(name, value);
  }
  const day = given.get("day") ?? "";
  const status = given.get("status") ?? null;
  const after = given.get("after") ?? null;
  if (!isDay(day)) throw wrong("day is not a day, such as 2026-11-22");
  if (status !== null && !isStatus(status)) throw wrong("status is not one that a charge can have");
  if (after !== null && !/^[1-9]\d{0,14}$/.test(after)) throw wrong("after is not the next of an earlier page");
  return { day, status, after: Number(after ?? 0) };
}

function isStatus(text: string): text is ChargeStatus {
  return Object.hasOwn(STATUSES, text);
}

function wrong(detail: string): Refused {
  return new Refused("body_invalid", { detail });
}
