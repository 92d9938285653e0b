/** The days of an order. A late or repeated answer of a day's object must not count as the newest. */
import { expect, test } from "vitest";
import type { IndexDay } from "../../../edge/storage/index-days.ts";
import {
  changedDays,
  confirmedDays,
  daysOf,
  daysText,
  failedDays,
  leasedDays,
  nextUpdateAt,
  pendingUpdates,
} from "../../../edge/storage/index-days.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const OPTIONS = { retentionDays: 400, hasIndex: true };
const SECOND = 1000;

function one(days: readonly IndexDay[]): IndexDay {
  const [day] = days;
  if (day === undefined || days.length !== 1) throw new Error(`Expected one day, got ${days.length}`);
  return day;
}

test("an index with an older version of the charge gets the newer one, also if the older one was confirmed or refused", () => {
  const older = changedDays([], NOW, OPTIONS);
  const newer = changedDays(older, NOW + 3 * SECOND, OPTIONS);
  expect(newer).toEqual([{ day: "2026-11-22", version: NOW + 3 * SECOND, tries: 0, nextAt: NOW + 33 * SECOND }]);
  expect(confirmedDays(newer, one(older))).toEqual(newer);
  expect(failedDays(newer, one(older), NOW + 60 * SECOND)).toEqual(newer);
  expect(confirmedDays(newer, one(newer))).toEqual([{ ...one(newer), nextAt: null }]);
});

test("a version grows with every change, also while the clock stands still or was set back", () => {
  const first = changedDays([], NOW, OPTIONS);
  expect(one(changedDays(first, NOW, OPTIONS)).version).toBe(NOW + 1);
  expect(one(changedDays(first, NOW - SECOND, OPTIONS)).version).toBe(NOW + 1);
});

test("a change updates the index of every earlier day, up to the retention", () => {
  const days = ["2025-10-18", "2025-10-19", "2026-11-21"].map((day) => ({ day, version: 1, tries: 0, nextAt: null }));
  const changed = changedDays(days, NOW, OPTIONS);
  expect(changed.map(({ day }) => day)).toEqual(["2025-10-19", "2026-11-21", "2026-11-22"]);
  expect(new Set(changed.map(({ version, nextAt }) => `${version} ${nextAt}`)).size).toBe(1);
});

test("a day is stored once, however often the charge changes on it", () => {
  const yesterday = { day: "2026-11-21", version: 1, tries: 0, nextAt: null };
  const twice = changedDays(changedDays([yesterday], NOW, OPTIONS), NOW + SECOND, OPTIONS);
  expect(twice.map(({ day }) => day)).toEqual(["2026-11-21", "2026-11-22"]);
});

test("the answer of one day's object says nothing about the other days, which have the same version", () => {
  const days = changedDays([{ day: "2026-11-21", version: 1, tries: 0, nextAt: null }], NOW, OPTIONS);
  const update = { day: "2026-11-21", version: NOW };
  expect(pendingUpdates(confirmedDays(days, update), NOW + 60 * SECOND)).toEqual([{ day: "2026-11-22", version: NOW }]);
  expect(failedDays(days, update, NOW).map(({ tries, nextAt }) => [tries, nextAt])).toEqual([
    [1, NOW + SECOND],
    [0, NOW + 30 * SECOND],
  ]);
});

test("an order's next update is the earliest that is still pending", () => {
  const days = [null, NOW + 9, NOW + 5].map((nextAt, index) => ({ day: `2026-11-2${index}`, version: NOW, tries: 0, nextAt }));
  expect(nextUpdateAt(days)).toBe(NOW + 5);
});

test("the pauses begin anew once an index has answered", () => {
  const days = changedDays([], NOW, OPTIONS);
  const failed = [1, 2, 3].reduce((all) => failedDays(all, one(all), NOW), days);
  const answered = confirmedDays(failed, one(failed));
  const changed = changedDays(answered, NOW + SECOND, OPTIONS);
  expect(nextUpdateAt(failedDays(changed, one(changed), NOW))).toBe(NOW + SECOND);
});

test("without daily indexes the days are stored and nothing is due", () => {
  const days = changedDays([], NOW, { ...OPTIONS, hasIndex: false });
  expect([one(days).day, nextUpdateAt(days), pendingUpdates(days, Number.MAX_SAFE_INTEGER)]).toEqual(["2026-11-22", null, []]);
});

test("an update is due at the end of its lease, and leased again when it is sent", () => {
  const days = changedDays([], NOW, OPTIONS);
  expect(pendingUpdates(days, NOW + 30 * SECOND - 1)).toEqual([]);
  expect(leasedDays(days, NOW + 30 * SECOND - 1)).toEqual(days);
  const at = NOW + 30 * SECOND;
  expect(pendingUpdates(days, at)).toEqual([{ day: "2026-11-22", version: NOW }]);
  expect(nextUpdateAt(leasedDays(days, at))).toBe(at + 30 * SECOND);
});

test("an update that fails is due after 1, 2, 4, … 60 seconds", () => {
  let days = changedDays([], NOW, OPTIONS);
  const pauses = Array.from({ length: 8 }, () => {
    days = failedDays(days, one(days), NOW);
    return ((nextUpdateAt(days) ?? 0) - NOW) / SECOND;
  });
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test("days are stored as text, none as null", () => {
  const days = changedDays([], NOW, OPTIONS);
  expect(daysOf(daysText(days))).toEqual(days);
  expect([daysText([]), daysOf(null)]).toEqual([null, []]);
});

test("a damaged text counts as no day, because an index must not stop an order", () => {
  expect(daysOf("[{")).toEqual([]);
});
