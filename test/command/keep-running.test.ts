/** When workerd is started again. Real processes: test/process/serve.test.ts. */
import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { keepRunning } from "../../command/keep-running.ts";
import type { Workerd } from "../../command/workerd-process.ts";

/** A workerd that ends at once. @param port where it listened; null if it did not */
function shortLived(port: number | null): Workerd {
  const child = Object.assign(new EventEmitter(), { kill: () => true });
  setImmediate(() => child.emit("close", 1, null));
  const listening = port === null ? Promise.reject(new Error("It ended")) : Promise.resolve(port);
  listening.catch(() => {});
  return { process: child as unknown as ChildProcess, listening };
}

test("the pause before a start doubles up to 30 seconds, with one line each", async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  const lines: string[] = [];
  const code = await keepRunning({
    start: () => shortLived(8787),
    onListening: () => {},
    write: (text) => lines.push(text),
    stop: stop.signal,
    pause: async (milliseconds) => {
      if (pauses.push(milliseconds) === 7) stop.abort();
    },
  });
  expect(code).toBe(0);
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(lines).toHaveLength(7);
  expect(lines[0]).toBe("workerd ended with 1; it starts again in 1 s\n");
});

test("one that never listened is not started again", async () => {
  const lines: string[] = [];
  const code = await keepRunning({
    start: () => shortLived(null),
    onListening: () => {},
    write: (text) => lines.push(text),
    stop: new AbortController().signal,
  });
  expect(code).toBe(1);
  expect(lines).toEqual(["workerd did not start: it ended with 1\n"]);
});

test("one that does not listen after a restart is started again", async () => {
  const stop = new AbortController();
  const ports = [8787, null, 8787];
  let starts = 0;
  await keepRunning({
    start: () => shortLived(ports[starts++] ?? null),
    onListening: () => {},
    write: () => {},
    stop: stop.signal,
    pause: async () => {
      if (starts === ports.length) stop.abort();
    },
  });
  expect(starts).toBe(3);
});
