import { describe, expect, test } from "vitest";
import * as pace from "../../../edge/machine/schedule.ts";
import { firstPoll, nextHoldPoll, nextPoll, nextProvisionalPoll } from "../../../edge/machine/schedule.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An arbitrary time, because only differences count. */
const NOW = 1_000 * DAY;

test("the constants are those of M2 to M6", () => {
  expect({ ...pace }).toMatchObject({
    CALL_LOST_AFTER: 25 * SECOND,
    SEND_WINDOW: 2 * MINUTE,
    RESEND_PAUSE: 10 * SECOND,
    NEVER_SEEN_AFTER: 5 * MINUTE,
    NEVER_SEEN_APART: 30 * SECOND,
    PAUSE_AFTER_FAILURE: 2 * SECOND,
    HINT_PAUSE: 5 * SECOND,
    MAX_PAYMENT_AGE: HOUR,
    MAX_ATTEMPTS: 10,
    HOLD_ENDS_AFTER: 5 * DAY,
    HOLD_ATTENTION: 4 * DAY,
  });
});

test("attention is raised after 15 minutes and after a day", () => {
  expect(pace.UNDECIDED_ATTENTION).toEqual([
    ["undecided_15_minutes", 15 * MINUTE],
    ["undecided_1_day", DAY],
  ]);
});

describe("the next poll", () => {
  test.each([
    [0, 2 * SECOND],
    [10 * SECOND - 1, 2 * SECOND],
    [10 * SECOND, 5 * SECOND],
    [MINUTE - 1, 5 * SECOND],
    [MINUTE, 20 * SECOND],
    [10 * MINUTE - 1, 20 * SECOND],
    [10 * MINUTE, MINUTE],
    [3 * HOUR - 1, MINUTE],
    [3 * HOUR, 5 * MINUTE],
    [DAY - 1, 5 * MINUTE],
    [DAY, HOUR],
    [30 * DAY, HOUR],
  ])("at an age of %i ms comes %i ms after the last", (age, pause) => {
    expect(nextPoll({ now: NOW, startedAt: NOW, age, fraction: 0 }) - NOW).toBe(pause);
  });

  test("comes up to a fifth earlier by chance, to the millisecond", () => {
    expect(nextPoll({ now: NOW, startedAt: NOW, age: MINUTE, fraction: 0.5 }) - NOW).toBe(18 * SECOND);
    expect(nextPoll({ now: NOW, startedAt: NOW, age: MINUTE, fraction: 1 }) - NOW).toBe(16 * SECOND);
    expect(nextPoll({ now: NOW, startedAt: NOW, age: 0, fraction: 0.001 }) - NOW).toBe(2 * SECOND);
    expect(nextPoll({ now: NOW, startedAt: NOW, age: 0, fraction: 0.0014 }) - NOW).toBe(1_999);
  });

  test("counts from the start of the last poll, but at least half a second from now", () => {
    expect(nextPoll({ now: NOW, startedAt: NOW - SECOND, age: 0, fraction: 0 }) - NOW).toBe(SECOND);
    expect(nextPoll({ now: NOW, startedAt: NOW - 20 * SECOND, age: 0, fraction: 0 }) - NOW).toBe(500);
  });
});

test("the first poll comes within half a second after the end of a send", () => {
  expect(firstPoll({ now: NOW, fraction: 0 }) - NOW).toBe(500);
  expect(firstPoll({ now: NOW, fraction: 1 }) - NOW).toBe(400);
});

describe("the polls after a failure by silence", () => {
  test("come after 1, 5 and 20 minutes, then hourly for a day", () => {
    const polls: number[] = [];
    for (let now = NOW; ; ) {
      const next = nextProvisionalPoll({ now, decidedAt: NOW });
      if (next === null || next <= now || polls.length > 100) break;
      polls.push(next - NOW);
      now = next;
    }
    const hourly = Array.from({ length: 24 }, (_, hour) => (hour + 1) * HOUR + 20 * MINUTE);
    expect(polls).toEqual([MINUTE, 5 * MINUTE, 20 * MINUTE, ...hourly]);
  });

  test("end after a day", () => {
    expect(nextProvisionalPoll({ now: NOW + DAY + 20 * MINUTE - 1, decidedAt: NOW })).toBe(NOW + DAY + 20 * MINUTE);
    expect(nextProvisionalPoll({ now: NOW + DAY + 20 * MINUTE, decidedAt: NOW })).toBeNull();
  });
});

describe("the next poll of a hold", () => {
  test.each([
    [0, DAY],
    [3.5 * DAY, DAY],
    [4.5 * DAY, 0.5 * DAY],
    [5 * DAY - 1, 1],
    [5 * DAY, HOUR],
    [6 * DAY - 1, HOUR],
    [6 * DAY, DAY],
    [60 * DAY, DAY],
  ])("that is %i ms old comes %i ms later", (age, pause) => {
    expect(nextHoldPoll({ now: NOW, heldAt: NOW - age, autoClearing: false, fraction: 0 }) - NOW).toBe(pause);
  });

  test("that the gateway clears by itself has the intervals of an undecided charge for its first day", () => {
    expect(nextHoldPoll({ now: NOW, heldAt: NOW, autoClearing: true, fraction: 0 }) - NOW).toBe(2 * SECOND);
    expect(nextHoldPoll({ now: NOW, heldAt: NOW - 10 * MINUTE, autoClearing: true, fraction: 0.5 }) - NOW).toBe(54 * SECOND);
    expect(nextHoldPoll({ now: NOW, heldAt: NOW - DAY + 1, autoClearing: true, fraction: 0 }) - NOW).toBe(5 * MINUTE);
    expect(nextHoldPoll({ now: NOW, heldAt: NOW - DAY, autoClearing: true, fraction: 0 }) - NOW).toBe(DAY);
  });
});
