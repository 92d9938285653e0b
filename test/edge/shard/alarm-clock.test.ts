import { beforeEach, describe, expect, test } from "vitest";
import { AlarmClock } from "../../../edge/shard/alarm-clock.ts";
import { MINUTE } from "../../../src/lib/time.ts";

/** The platform's alarm: its time, and every time that was set. */
let alarm: number | null;
let sets: number[];
let clock: AlarmClock;
/** The earliest due time of all rows. */
let due: number | null;
let now: number;

const NOW = 1_000_000;

beforeEach(() => {
  alarm = null;
  sets = [];
  due = null;
  now = NOW;
  open();
});

/** Opens the object with empty memory. */
function open(): void {
  const get = async (): Promise<number | null> => alarm;
  const set = (at: number): void => {
    alarm = at;
    sets.push(at);
  };
  clock = new AlarmClock(
    { get, set },
    () => now,
    () => due,
  );
}

test("the alarm is set if it becomes earlier, and not if it would become later", () => {
  for (const at of [NOW + 9, NOW + 9, NOW + 20, NOW + 5]) clock.arm(at);
  clock.arm(null);
  expect(sets).toEqual([NOW + 9, NOW + 5]);
});

test("no alarm is set in the past", () => {
  clock.arm(NOW - 60_000);
  expect(sets).toEqual([NOW]);
});

test("after it has fired it is set again, also to a later time; while its orders are taken nothing sets it", () => {
  clock.arm(NOW + 5);
  clock.fired();
  clock.arm(NOW + 10);
  expect(sets).toEqual([NOW + 5]);
  clock.setAfterFiring(NOW + 20);
  clock.arm(NOW + 30);
  clock.arm(NOW + 15);
  expect(sets).toEqual([NOW + 5, NOW + 20, NOW + 15]);
});

test("after it has fired without a next order the next deadline sets it", () => {
  clock.fired();
  clock.setAfterFiring(null);
  clock.arm(NOW + 30);
  expect(sets).toEqual([NOW + 30]);
});

test("an alarm that was lost is set again when the object is opened", async () => {
  due = NOW + 30;
  await clock.compare();
  expect(sets).toEqual([NOW + 30]);
});

test.each([
  ["as early as the earliest deadline", NOW + 30, NOW + 30],
  ["earlier than the earliest deadline", NOW + 10, NOW + 30],
  ["set while nothing is due", NOW + 10, null],
])("an alarm that is %s stays unchanged when the object is opened", async (_, at, earliest) => {
  alarm = at;
  due = earliest;
  await clock.compare();
  expect(sets).toEqual([]);
  clock.arm(at + 1);
  expect(sets).toEqual([]);
});

test("an alarm that is later than the earliest deadline is set to that when the object is opened", async () => {
  alarm = NOW + 90;
  due = NOW + 30;
  await clock.compare();
  expect(sets).toEqual([NOW + 30]);
});

test("an alarm that fires while its time is read is not taken for a set one", async () => {
  alarm = NOW - 10;
  const comparing = clock.compare();
  alarm = null;
  clock.fired();
  clock.setAfterFiring(null);
  await comparing;
  due = NOW + 90;
  clock.arm(NOW + 90);
  expect(sets).toEqual([NOW + 90]);
});

test("a call that sets it before its time has been read counts all rows: the earlier alarm of another order stays", async () => {
  alarm = NOW + 10;
  due = NOW + 10;
  const comparing = clock.compare();
  clock.arm(NOW + 90);
  expect(alarm).toBe(NOW + 10);
  await comparing;
  expect(alarm).toBe(NOW + 10);
});

describe("an alarm that has not fired a minute after its time, while the object stays open", () => {
  beforeEach(() => {
    due = NOW + 30;
    clock.arm(NOW + 30);
    sets = [];
    now = NOW + 30 + MINUTE;
  });

  test("is only late until then", async () => {
    await clock.compare();
    clock.arm(NOW + 90);
    expect([clock.isLost(), sets]).toEqual([false, []]);
  });

  test.each([
    ["no alarm", null],
    ["the alarm that did not fire", NOW + 30],
  ])("is lost, and set again when it is compared and the platform has %s", async (_, at) => {
    alarm = at;
    now += 1;
    expect(clock.isLost()).toBe(true);
    await clock.compare();
    expect([clock.isLost(), sets]).toEqual([false, [now]]);
  });

  test("is lost, and the next commit sets it by all rows", () => {
    now += 1;
    clock.arm(now + 900);
    expect(sets).toEqual([now]);
  });

  test("is forgotten if nothing is due", async () => {
    now += 1;
    due = null;
    await clock.compare();
    expect([clock.isLost(), sets]).toEqual([false, []]);
  });
});

test("after it has fired it is set to the given time: an order that failed keeps its due time", () => {
  due = NOW - 5;
  clock.fired();
  clock.setAfterFiring(NOW + 60);
  expect(sets).toEqual([NOW + 60]);
});
