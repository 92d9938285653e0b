/** The lock of a state folder, with processes that come in an unlucky order. Real processes: test/process/lock.test.ts. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { StateLock } from "../../command/state-lock.ts";
import { isLocked, isTooLong, lockState } from "../../command/state-lock.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function take(folder: string, found?: () => Promise<void>): Promise<StateLock> {
  const lock = await lockState(folder, found);
  if (!isLocked(lock)) throw new Error("The folder is locked");
  onTestFinished(() => lock.release());
  return lock;
}

test("a second one gets the pid of the owner, and leaves no file behind", async () => {
  const folder = temporaryFolder();
  await take(folder);
  const files = readdirSync(folder);
  expect(await lockState(folder)).toEqual({ pid: process.pid });
  expect(readdirSync(folder)).toEqual(files);
});

test("a lock that was given back is taken over", async () => {
  const folder = temporaryFolder();
  (await take(folder)).release();
  await take(folder);
  expect(await lockState(folder)).toEqual({ pid: process.pid });
});

test("of two that find a stale lock the first one gets it", async () => {
  const folder = temporaryFolder();
  (await take(folder)).release();
  const second = lockState(folder, async () => void (await take(folder)));
  expect(await second).toEqual({ pid: process.pid });
});

test("one that comes late, after the lock it found was replaced twice, backs off", async () => {
  const folder = temporaryFolder();
  (await take(folder)).release();
  const late = lockState(folder, async () => {
    (await take(folder)).release();
    await take(folder);
    // The numbers before the owner's are free again.
    expect(readdirSync(folder)).toEqual(["lock.3"]);
  });
  expect(await late).toEqual({ pid: process.pid });
  expect(readdirSync(folder)).toEqual(["lock.3"]);
});

test("a path that no socket can have is recognized", () => {
  expect(isTooLong("/var/lib/freedom-pay-charge")).toBe(false);
  expect(isTooLong(`/${"long/".repeat(20)}`)).toBe(true);
});
