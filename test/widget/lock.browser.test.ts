import { afterEach, describe, expect, test, vi } from "vitest";
import { withLock } from "../../widget/lock.ts";

afterEach(() => vi.restoreAllMocks());

describe("withLock", () => {
  test("runs nothing while another function has a lock of the same name, and returns false at once", async () => {
    let end: () => void = () => {};
    const other = vi.fn(async () => {});
    const first = withLock("order 1", () => new Promise((resolve) => (end = resolve)));
    expect(await withLock("order 1", other)).toBe(false);
    expect(other).not.toHaveBeenCalled();
    expect(await withLock("order 2", other)).toBe(true);
    end();
    expect(await first).toBe(true);
    expect(await withLock("order 1", other)).toBe(true);
    expect(other).toHaveBeenCalledTimes(2);
  });

  test("runs the function once without a lock if the page may not use locks", async () => {
    vi.spyOn(navigator.locks, "request").mockRejectedValue(new DOMException("not here", "SecurityError"));
    const run = vi.fn(async () => {});
    expect(await withLock("order 1", run)).toBe(true);
    expect(run).toHaveBeenCalledOnce();
  });
});
