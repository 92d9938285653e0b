import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LastPress } from "../../widget/last-press.ts";

let press: LastPress;
const click = (detail = 1): void => press.handleEvent({ isTrusted: true, detail });
const key = (repeat: boolean): void => press.handleEvent({ isTrusted: true, repeat, detail: 0 });

beforeEach(() => {
  vi.useFakeTimers();
  press = new LastPress();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the last press", () => {
  test("is none before the first, and one after it, once", () => {
    expect(press.consume()).toBe(false);
    click();
    expect([press.consume(), press.consume()]).toEqual([true, false]);
  });

  test("of a script is none", () => {
    press.handleEvent({ isTrusted: false, detail: 1 });
    expect(press.consume()).toBe(false);
  });

  test("counts for two minutes", () => {
    click();
    vi.advanceTimersByTime(120_000);
    expect(press.consume()).toBe(true);
    // The next one, not the other half of that one.
    vi.advanceTimersByTime(500);
    click();
    vi.advanceTimersByTime(120_001);
    expect(press.consume()).toBe(false);
  });

  test("is old after a sleep, in which the steady clock may stand still, and when the wall's goes back", () => {
    for (const shift of [3_600_000, -1]) {
      click();
      vi.setSystemTime(Date.now() + shift);
      expect(press.consume()).toBe(false);
    }
  });

  test("that comes within half a second of one that was taken is a double click's other half", () => {
    click();
    press.consume();
    vi.advanceTimersByTime(499);
    click(2);
    expect(press.consume()).toBe(false);
    vi.advanceTimersByTime(1);
    click();
    expect(press.consume()).toBe(true);
  });

  test("one that was not taken does not make the next wait", () => {
    click();
    vi.advanceTimersByTime(130_000);
    expect(press.consume()).toBe(false);
    click();
    expect(press.consume()).toBe(true);
  });

  test("of a key that is held is its first: the clicks of its repeats are none", () => {
    key(false);
    click(0);
    expect(press.consume()).toBe(true);
    vi.advanceTimersByTime(700);
    for (let repeat = 0; repeat < 10; repeat += 1) {
      key(true);
      click(0);
      expect(press.consume()).toBe(false);
      vi.advanceTimersByTime(30);
    }
    // Space clicks as it is let go, and so it counts then.
    key(false);
    click(0);
    expect(press.consume()).toBe(true);
  });

  test("of a pointer counts though the end of a key was never heard", () => {
    key(true);
    click(1);
    expect(press.consume()).toBe(true);
  });
});
