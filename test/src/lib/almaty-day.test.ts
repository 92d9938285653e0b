import { expect, test } from "vitest";
import { dayOf, endOfDay, isDay } from "../../../src/lib/almaty-day.ts";

test("a day in Almaty begins five hours before the one in UTC", () => {
  expect(dayOf(Date.parse("2026-11-22T18:59:59.999Z"))).toBe("2026-11-22");
  expect(dayOf(Date.parse("2026-11-22T19:00:00.000Z"))).toBe("2026-11-23");
  expect(dayOf(Date.parse("2027-12-31T19:00:00.000Z"))).toBe("2028-01-01");
});

test("and ends when the next one begins", () => {
  expect(new Date(endOfDay("2026-11-22")).toISOString()).toBe("2026-11-22T19:00:00.000Z");
  expect(dayOf(endOfDay("2028-02-28"))).toBe("2028-02-29");
});

test.each(["2026-11-22", "2028-02-29", "2000-01-01", "2099-12-31"])("%s is a day", (text) => {
  expect(isDay(text)).toBe(true);
});

test.each([
  "",
  "2026-11-31",
  "2027-02-29",
  "2026-13-01",
  "2026-00-10",
  "2026-1-2",
  "22.11.2026",
  "1999-12-31",
  "20261122",
  "2026-11-22T00:00",
  "２026-11-22",
])("%s is not a day", (text) => {
  expect(isDay(text)).toBe(false);
});
