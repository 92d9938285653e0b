import { describe, expect, test } from "vitest";
import type { KeyStorage } from "../../widget/attempt-key.ts";
import { createAttemptKeys, newAttemptKey, STORAGE_KEY } from "../../widget/attempt-key.ts";
import { elapsed } from "../../widget/clock.ts";

function memory(): KeyStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
  };
}

function counter(): () => string {
  let count = 0;
  return () => `key-${(count += 1)}`;
}

const NOON = 1_800_000_000_000;
const DAY = 86_400_000;

describe("attempt keys", () => {
  test("are stored under one entry of their own before they are returned", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    expect(keys.take("1234", 0, NOON)).toBe("key-1");
    expect([...storage.entries]).toEqual([[STORAGE_KEY, '[["1234","key-1",1800000000000,0]]']]);
  });

  test("are still open after a reload", () => {
    const storage = memory();
    createAttemptKeys(() => storage, counter()).take("1234", 2, NOON);
    expect(createAttemptKeys(() => storage, counter()).open("1234", NOON + 1)).toEqual({ key: "key-1", at: NOON, attempt: 2 });
  });

  test("belong to one order: another order has none", () => {
    const keys = createAttemptKeys(memory, counter());
    keys.take("1234", 0, NOON);
    expect(keys.open("5678", NOON)).toBeNull();
  });

  test("a second click uses the same key while no attempt has begun since the first", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    expect([keys.take("1234", 0, NOON), keys.take("1234", 0, NOON + 5000)]).toEqual(["key-1", "key-1"]);
    expect(keys.open("1234", NOON)?.at).toBe(NOON + 5000);
  });

  test("a click after another attempt has begun uses a new key", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    expect([keys.take("1234", 0, NOON), keys.take("1234", 1, NOON)]).toEqual(["key-1", "key-2"]);
  });

  test("a click after an answer uses a new key", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    keys.take("1234", 0, NOON);
    keys.close("1234", NOON);
    expect(keys.open("1234", NOON)).toBeNull();
    expect(keys.take("1234", 0, NOON)).toBe("key-2");
  });

  test("closing one order keeps the keys of the others; the last close removes the entry", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    keys.take("1234", 0, NOON);
    keys.take("5678", 0, NOON);
    keys.close("1234", NOON);
    expect(keys.open("5678", NOON)?.key).toBe("key-2");
    keys.close("5678", NOON);
    expect(storage.entries.size).toBe(0);
  });

  test("are deleted after two days, because a token is valid for one and the clock may be wrong by one", () => {
    const storage = memory();
    const keys = createAttemptKeys(() => storage, counter());
    keys.take("1234", 0, NOON);
    expect(keys.open("1234", NOON + 2 * DAY - 1)).not.toBeNull();
    expect(keys.open("1234", NOON + 2 * DAY)).toBeNull();
    keys.take("5678", 0, NOON + 2 * DAY);
    expect(storage.entries.get(STORAGE_KEY)).not.toContain("1234");
  });

  test.each([
    ["no JSON", "{"],
    ["an object", '{"1234":"key"}'],
    ["null", "null"],
    ["entries of another shape", '[1,null,["1234"],["1234","key","yesterday",0]]'],
  ])("a stored value that is %s is ignored", (_, stored) => {
    const storage = memory();
    storage.entries.set(STORAGE_KEY, stored);
    const keys = createAttemptKeys(() => storage, counter());
    expect(keys.open("1234", NOON)).toBeNull();
    expect(keys.take("1234", 0, NOON)).toBe("key-1");
    expect(keys.open("1234", NOON)?.key).toBe("key-1");
  });

  test("an order_id that is also the name of an object's member works like any other", () => {
    const keys = createAttemptKeys(memory, counter());
    expect(keys.open("__proto__", NOON)).toBeNull();
    expect(keys.open("constructor", NOON)).toBeNull();
  });

  test.each<[string, Partial<KeyStorage>]>([
    [
      "throws on writes",
      {
        setItem: () => {
          throw new DOMException("full", "QuotaExceededError");
        },
      },
    ],
    ["ignores writes", { setItem: () => {} }],
    ["ignores removals", { removeItem: () => {} }],
    [
      "throws on removals",
      {
        removeItem: () => {
          throw new DOMException("denied", "SecurityError");
        },
      },
    ],
  ])("are the same for two presses, and change after an answer, in a storage that %s", (_, broken) => {
    const storage = { ...memory(), ...broken };
    const keys = createAttemptKeys(() => storage, counter());
    expect([keys.take("1234", 0, NOON), keys.take("1234", 0, NOON), keys.take("5678", 0, NOON)]).toEqual(["key-1", "key-1", "key-2"]);
    keys.close("1234", NOON);
    expect(keys.open("1234", NOON)).toBeNull();
    expect([keys.take("1234", 0, NOON), keys.open("5678", NOON)?.key]).toEqual(["key-3", "key-2"]);
  });

  test("that a storage rejected at first are written as soon as it accepts them", () => {
    const storage = memory();
    const { setItem } = storage;
    storage.setItem = () => {};
    const keys = createAttemptKeys(() => storage, counter());
    keys.take("1234", 0, NOON);
    storage.setItem = setItem;
    keys.take("5678", 0, NOON);
    const other = createAttemptKeys(() => storage, counter());
    expect([other.open("1234", NOON)?.key, other.open("5678", NOON)?.key]).toEqual(["key-1", "key-2"]);
  });

  test("of the element are visible ASCII and unique, with crypto or without", () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "crypto") ?? expect.fail("no crypto");
    const made = [newAttemptKey(), newAttemptKey()];
    Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
    try {
      made.push(newAttemptKey(), newAttemptKey());
    } finally {
      Object.defineProperty(globalThis, "crypto", own);
    }
    for (const key of made) expect(key).toMatch(/^[\x21-\x7e]{7,255}$/);
    expect(new Set(made).size).toBe(4);
  });

  test("are kept in memory where storage is blocked", () => {
    const keys = createAttemptKeys(() => {
      throw new DOMException("denied", "SecurityError");
    }, counter());
    expect([keys.take("1234", 0, NOON), keys.take("1234", 0, NOON)]).toEqual(["key-1", "key-1"]);
    keys.close("1234", NOON);
    expect(keys.take("1234", 0, NOON)).toBe("key-2");
  });
});

describe("the time between two moments", () => {
  const from = { wall: NOON, steady: 5000 };

  test.each([
    ["is that of both clocks if they agree", 30_000, 30_000, 30_000],
    ["is the wall clock's after a sleep in which the monotonic clock stood still", 3_600_000, 30_000, 3_600_000],
    ["is the monotonic clock's if the wall clock was set back a little", 10, 119_000, 119_000],
    ["is infinite if the wall clock went backwards", -1, 30_000, Number.POSITIVE_INFINITY],
  ])("%s", (_, wall, steady, milliseconds) => {
    expect(elapsed(from, { wall: from.wall + wall, steady: from.steady + steady })).toBe(milliseconds);
  });
});
