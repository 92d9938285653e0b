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
  test("does not exist before the first press, and can be consumed once after it", () => {
    expect(press.consume()).toBe(false);
    click();
    expect([press.consume(), press.consume()]).toEqual([true, false]);
  });

  test("does not come from a script's click", () => {
    press.handleEvent({ isTrusted: false, detail: 1 });
    expect(press.consume()).toBe(false);
  });

  test("is valid for two minutes", () => {
    click();
    vi.advanceTimersByTime(120_000);
    expect(press.consume()).toBe(true);
    // The next press, not the second half of a double click.
    vi.advanceTimersByTime(500);
    click();
    vi.advanceTimersByTime(120_001);
    expect(press.consume()).toBe(false);
  });

  test("expires during a sleep in which the monotonic clock may stand still, and when the wall clock goes back", () => {
    for (const shift of [3_600_000, -1]) {
      click();
      vi.setSystemTime(Date.now() + shift);
      expect(press.consume()).toBe(false);
    }
  });

  test("is not consumed within half a second of the one before, because that is a double click", () => {
    click();
    press.consume();
    vi.advanceTimersByTime(499);
    click(2);
    expect(press.consume()).toBe(false);
    vi.advanceTimersByTime(1);
    click();
    expect(press.consume()).toBe(true);
  });

  test("is recent for two minutes from when it was made, once it was consumed", () => {
    expect(press.isRecent).toBe(false);
    click();
    expect(press.isRecent).toBe(false);
    vi.advanceTimersByTime(60_000);
    press.consume();
    vi.advanceTimersByTime(60_000);
    expect(press.isRecent).toBe(true);
    vi.advanceTimersByTime(1);
    expect(press.isRecent).toBe(false);
  });

  test("is forgotten, consumed or not", () => {
    click();
    press.consume();
    vi.advanceTimersByTime(500);
    click();
    press.forget();
    expect([press.isRecent, press.consume()]).toEqual([false, false]);
  });

  test("that was not consumed does not delay the next one", () => {
    click();
    vi.advanceTimersByTime(130_000);
    expect(press.consume()).toBe(false);
    click();
    expect(press.consume()).toBe(true);
  });

  test("of a held key is its first one: the clicks of its repeats do not count", () => {
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
    // Space clicks when it is released, so the click counts then.
    key(false);
    click(0);
    expect(press.consume()).toBe(true);
  });

  test("of a pointer counts even if the keyup event of a key was missed", () => {
    key(true);
    click(1);
    expect(press.consume()).toBe(true);
  });
});
