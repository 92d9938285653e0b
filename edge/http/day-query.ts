import * as v from "valibot";
import type { ChargeStatus } from "../../src/lib/charge-status.ts";
import { chargeStatus } from "../../src/lib/charge-status.ts";
import type { Input } from "../../src/lib/entries.ts";
import { matching } from "../../src/lib/members.ts";
import { isDay } from "../../src/lib/almaty-day.ts";
import { parse } from "./validate.ts";
import { Refused } from "./problem.ts";

const INVALID_DAY = "is not a day, such as 2026-11-22";

const parameters = {
  /** A day in Asia/Almaty (UTC+5). */
  day: v.pipe(v.string(INVALID_DAY), v.check(isDay, INVALID_DAY)),
  /** Only charges that have this status now. */
  status: v.optional(chargeStatus),
  /** The `next` of the previous page. */
  after: v.optional(matching(/^[1-9][0-9]{0,14}$/, "is not the next of an earlier page")),
};

/** The query of `GET /v1/charges`. */
export interface DayParameters extends Input<typeof parameters> {}

export const dayParameters = v.strictObject(parameters);

/** A parsed query of a day's list. */
export interface DayQuery {
  /** `YYYY-MM-DD`, Asia/Almaty. */
  readonly day: string;
  /** Only charges that have this status now. Null: all. */
  readonly status: ChargeStatus | null;
  /** The position at which the previous page ended. 0 for the first page. */
  readonly after: number;
}

/**
 * Reads the query of `GET /v1/charges`: `day`, and optionally `status` and `after`, each once, nothing else.
 *
 * @throws Refused body_invalid, with a detail that names the parameter and not its value
 */
export function readDayQuery(query: URLSearchParams): DayQuery {
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (!Object.hasOwn(parameters, name)) throw invalidQuery("The query has a parameter other than day, status and after");
    if (given.has(name)) throw invalidQuery(`${name} is in the query twice`);
    given.set(name, value);
  }
  const { day, status = null, after = "0" } = parse(dayParameters, { day: "", ...Object.fromEntries(given) });
  return { day, status, after: Number(after) };
}

function invalidQuery(detail: string): Refused {
  return new Refused("body_invalid", { detail });
}
