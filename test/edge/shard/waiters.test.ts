import { beforeEach, expect, test } from "vitest";
import { MAX_WAITERS, MAX_WAITERS_OF_ORDER, Waiters } from "../../../edge/shard/waiters.ts";

interface Timer {
  readonly milliseconds: number;
  readonly act: () => void;
}

let timers: Set<Timer>;
let waiters: Waiters;
let woken: string[];

beforeEach(() => {
  timers = new Set();
  woken = [];
  waiters = new Waiters((milliseconds, act) => {
    const timer = { milliseconds, act };
    timers.add(timer);
    return () => timers.delete(timer);
  });
});

function wait(orderId: string, milliseconds = 25_000): Promise<void> {
  return waiters.nextChange(orderId, milliseconds).then(() => void woken.push(orderId));
}

/** Lets the promises run that have been resolved. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("a change wakes every caller that waits for that order, and no other", async () => {
  for (const orderId of ["1", "1", "2"]) void wait(orderId);
  waiters.wake("1");
  waiters.wake("3");
  await settled();
  expect(woken).toEqual(["1", "1"]);
});

test("without a change the wait ends after its time", async () => {
  void wait("1", 7_000);
  const [timer] = timers;
  expect(timer?.milliseconds).toBe(7_000);
  timer?.act();
  await settled();
  expect(woken).toEqual(["1"]);
});

test("no timer is left after a wait has ended, by a change or by its time", async () => {
  for (const orderId of ["1", "1", "2"]) void wait(orderId);
  expect(timers.size).toBe(3);
  waiters.wake("1");
  expect(timers.size).toBe(1);
  for (const { act } of timers) act();
  expect(timers.size).toBe(0);
});

test("a caller whose time is over leaves the others of its order waiting, and a change wakes them", async () => {
  void wait("1", 1_000);
  void wait("1");
  const [first] = timers;
  first?.act();
  await settled();
  expect(woken).toEqual(["1"]);
  waiters.wake("1");
  await settled();
  expect(woken).toEqual(["1", "1"]);
});

test("a caller who comes after all others have left is woken like the first", async () => {
  void wait("1");
  waiters.wake("1");
  void wait("1");
  await settled();
  waiters.wake("1");
  await settled();
  expect(woken).toEqual(["1", "1"]);
});

test("an order has twenty places, and a place is free again when a caller leaves", () => {
  for (let count = 1; count <= MAX_WAITERS_OF_ORDER; count += 1) {
    expect(waiters.hasRoom("1")).toBe(true);
    void wait("1");
  }
  expect([MAX_WAITERS_OF_ORDER, waiters.hasRoom("1"), waiters.hasRoom("2")]).toEqual([20, false, true]);
  waiters.wake("1");
  expect(waiters.hasRoom("1")).toBe(true);
});

test("a shard has five hundred places, and a place is free again when a caller leaves", () => {
  for (let count = 0; count < MAX_WAITERS; count += 1) {
    expect(waiters.hasRoom(`order-${count}`)).toBe(true);
    void wait(`order-${count}`);
  }
  expect([MAX_WAITERS, waiters.hasRoom("another")]).toEqual([500, false]);
  const [timer] = timers;
  timer?.act();
  expect(waiters.hasRoom("another")).toBe(true);
});

test("a caller that waits again after a change waits for the next one", async () => {
  void wait("1").then(() => wait("1"));
  waiters.wake("1");
  await settled();
  expect(woken).toHaveLength(1);
  waiters.wake("1");
  await settled();
  expect([woken.length, timers.size]).toEqual([2, 0]);
});
