import { beforeEach, describe, expect, test } from "vitest";
import type { CallKind, QueuedCall } from "../../../edge/gateways/call-queue.ts";
import { CallQueue } from "../../../edge/gateways/call-queue.ts";
import type { Gate } from "../../gate.ts";
import { closedGate } from "../../gate.ts";

let now: number;
let queue: CallQueue;
let left: string[];
let ends: Map<string, Gate<string>>;

beforeEach(() => {
  now = 1_000;
  queue = new CallQueue(() => now);
  left = [];
  ends = new Map();
});

/** Queues a call that stays open until the test ends it. */
function call(kind: CallKind, name: string, expiresAt = Number.POSITIVE_INFINITY): Promise<QueuedCall<string>> {
  const end = closedGate<string>();
  ends.set(name, end);
  return queue.run(kind, { expiresAt }, () => {
    left.push(name);
    return end.passed;
  });
}

async function end(name: string): Promise<void> {
  ends.get(name)?.open(`end of ${name}`);
  await settled();
}

/** Lets everything happen that waits for nothing but its turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

describe("how many calls are open at once", () => {
  test.each([
    ["send", 6],
    ["read", 3],
    ["notification", 1],
  ] as const)("of the kind %s: %i; the next leaves when one has ended", async (kind, most) => {
    const all = names(kind, most + 2);
    for (const name of all) void call(kind, name);
    expect(left).toEqual(all.slice(0, most));
    expect(queue.waiting(kind)).toBe(2);
    await end(`${kind}1`);
    expect(left).toEqual(all.slice(0, most + 1));
    expect(queue.waiting(kind)).toBe(1);
  });

  test("six of all kinds", async () => {
    for (const name of names("read", 3)) void call("read", name);
    void call("notification", "notification1");
    for (const name of names("send", 3)) void call("send", name);
    expect(left).toEqual(["read1", "read2", "read3", "notification1", "send1", "send2"]);
    await end("read1");
    expect(left.at(-1)).toBe("send3");
  });

  test("reads and notifications that hang leave room for two sends", () => {
    for (const name of names("read", 10)) void call("read", name);
    for (const name of names("notification", 10)) void call("notification", name);
    for (const name of names("send", 2)) void call("send", name);
    expect(left).toEqual(["read1", "read2", "read3", "notification1", "send1", "send2"]);
  });
});

test("a place goes to a send first, then to a read, then to a notification", async () => {
  for (const name of names("send", 6)) void call("send", name);
  void call("notification", "notification1");
  void call("read", "read1");
  void call("send", "send7");
  await end("send1");
  await end("send2");
  await end("send3");
  expect(left.slice(6)).toEqual(["send7", "read1", "notification1"]);
});

test("a call that ended gives its value and the time when it left", async () => {
  for (const name of names("read", 3)) void call("read", name);
  const waiting = call("read", "read4", 5_000);
  now = 4_000;
  await end("read1");
  now = 9_000;
  await end("read4");
  expect(await waiting).toEqual({ left: true, leftAt: 4_000, value: "end of read4" });
});

test("a call whose window passed while it waited does not leave; the one after it does", async () => {
  void call("notification", "notification1");
  const [late, atTheEnd] = [call("notification", "late", 1_999), call("notification", "at the end", 2_000)];
  now = 2_000;
  await end("notification1");
  expect(await late).toEqual({ left: false });
  expect(left).toEqual(["notification1", "at the end"]);
  await end("at the end");
  expect(await atTheEnd).toMatchObject({ left: true });
});

test.each<readonly [string, () => Promise<never>]>([
  ["rejects", () => Promise.reject(new Error("broken"))],
  [
    "throws",
    () => {
      throw new Error("broken");
    },
  ],
])("a call that %s passes its error on and frees its place", async (_, broken) => {
  const failing = queue.run("notification", { expiresAt: 9_000 }, broken);
  void call("notification", "next");
  await expect(failing).rejects.toThrow("broken");
  await settled();
  expect(left).toEqual(["next"]);
});
