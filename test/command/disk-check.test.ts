/** What the server's log says about a full disk. A real one: test/process/full-disk.long.test.ts. */
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { createDiskCheck } from "../../command/disk-check.ts";

const MB = 1024 ** 2;

/** The lines of checks that find these free bytes, one after another. */
function linesFor(...free: readonly number[]): readonly string[] {
  const lines: string[] = [];
  const left = [...free];
  const write = (text: string): void => void lines.push(text);
  const check = createDiskCheck({ folder: "/state", write, onRoom: () => write("restarted"), freeBytes: () => left.shift() ?? 0 });
  for (const _ of free) check();
  return lines;
}

const FULL = "The disk of /state is full, 3 KB are free: new payments are refused (503 unavailable) until it has room\n";
const ROOM = "The disk of /state has room again: workerd starts again, so that no alarm waits longer\n";

test("a disk with room is not written about", () => {
  expect(linesFor(100 * MB, MB, 5 * MB)).toEqual([]);
});

test("a full disk is one line, however often it is checked, and so is its end", () => {
  expect(linesFor(5 * MB, 3 * 1024, 0, 0, 2 * MB, 5 * MB)).toEqual([FULL, ROOM, "restarted"]);
});

test("a few bytes more are no room yet, so that the lines do not alternate", () => {
  expect(linesFor(3 * 1024, MB, 3 * 1024, 2 * MB - 1)).toEqual([FULL]);
});

test("a disk that fills again is another line", () => {
  expect(linesFor(3 * 1024, 2 * MB, 3 * 1024)).toEqual([FULL, ROOM, "restarted", FULL]);
});

test("the file system says how much is free; one that says nothing is not written about, and ends nothing", () => {
  const lines: string[] = [];
  for (const folder of [tmpdir(), "/no such folder"])
    createDiskCheck({ folder, write: (text) => void lines.push(text), onRoom: () => {} })();
  expect(lines.filter((line) => line.includes("NaN") || line.includes("no such folder"))).toEqual([]);
});
