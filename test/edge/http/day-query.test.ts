import { expect, test } from "vitest";
import { readDayQuery } from "../../../edge/http/day-query.ts";
import { Refused } from "../../../edge/http/problem.ts";

function read(query: string): unknown {
  return readDayQuery(new URLSearchParams(query));
}

test.each([
  ["day=2026-11-22", { day: "2026-11-22", status: null, after: 0 }],
  ["day=2026-11-22&status=unconfirmed", { day: "2026-11-22", status: "unconfirmed", after: 0 }],
  ["after=50&status=failed&day=2026-11-22", { day: "2026-11-22", status: "failed", after: 50 }],
])("%s", (query, expected) => {
  expect(read(query)).toEqual(expected);
});

test.each([
  ["", "day is not a day, such as 2026-11-22"],
  ["day=", "day is not a day, such as 2026-11-22"],
  ["day=2026-11-31", "day is not a day, such as 2026-11-22"],
  ["day=today", "day is not a day, such as 2026-11-22"],
  ["day=2026-11-22&status=", "status is not a status of a charge"],
  ["day=2026-11-22&status=paid", "status is not a status of a charge"],
  ["day=2026-11-22&status=toString", "status is not a status of a charge"],
  ["day=2026-11-22&after=", "after is not the next of an earlier page"],
  ["day=2026-11-22&after=0", "after is not the next of an earlier page"],
  ["day=2026-11-22&after=-1", "after is not the next of an earlier page"],
  ["day=2026-11-22&after=1e3", "after is not the next of an earlier page"],
  ["day=2026-11-22&after=9999999999999999", "after is not the next of an earlier page"],
  ["day=2026-11-22&day=2026-11-23", "day is in the query twice"],
  ["day=2026-11-22&limit=10", "The query has a parameter other than day, status and after"],
])("%s is refused: %s", (query, detail) => {
  const refused = new Refused("body_invalid", { detail });
  expect(() => read(query)).toThrow(expect.objectContaining({ code: refused.code, extras: refused.extras }));
});
