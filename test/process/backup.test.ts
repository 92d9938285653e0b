/** Backup and restore of the state of a real edge. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import type { Gateway } from "./gateway.ts";
import { openGateway } from "./gateway.ts";
import type { Cleanup, Served } from "./served.ts";
import { origin, SETTINGS_TO_SERVE, startCommand, startServe, temporaryFolder } from "./served.ts";
import { AMOUNT, SECRETS, tokenFor, until } from "./test-server.ts";
import { repeatedTest } from "../repeated-test.ts";

/** A served edge with its gateway. */
interface Shop {
  readonly gateway: Gateway;
  readonly folder: string;
  readonly state: string;
  /** Starts the edge on the state. */
  start(): Promise<RunningEdge>;
}

interface RunningEdge {
  readonly served: Served;
  click(order: string, profile?: string): Promise<Partial<ChargeView>>;
  /** Repeats one key until the order is paid. */
  pay(order: string): Promise<Partial<ChargeView>>;
  /** What the merchant's server reads: the status of the answer, and the charge. */
  read(order: string): Promise<readonly [number, Partial<ChargeView>]>;
  kill(): Promise<void>;
}

async function openShop(context: Cleanup): Promise<Shop> {
  const gateway = await openGateway("999999", [SECRETS.FREEDOM_PAY_SECRET_KEY]);
  context.onTestFinished(() => gateway.close());
  const folder = await temporaryFolder(context);
  const state = join(folder, "state");
  const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin };
  return {
    gateway,
    folder,
    state,
    start: async () => runningEdge(startServe(context, settings, "--listen", "127.0.0.1:0", "--state", state)),
  };
}

async function runningEdge(served: Served): Promise<RunningEdge> {
  const edge = await origin(served);
  const post = async (order: string, key: string, profile?: string): Promise<Partial<ChargeView>> => {
    const headers = { Authorization: `Bearer ${await tokenFor(order, profile)}`, "Idempotency-Key": key, Prefer: "wait=2" };
    return (await fetch(`${edge}/v1/charges`, { method: "POST", headers })).json() as Promise<Partial<ChargeView>>;
  };
  return {
    served,
    click: (order, profile) => post(order, crypto.randomUUID(), profile),
    pay: async (order) => {
      const key = crypto.randomUUID();
      return until(`${order} is paid`, async () => {
        const charge = await post(order, key);
        return charge.status === "succeeded" ? charge : null;
      });
    },
    read: async (order) => {
      const answer = await fetch(`${edge}/v1/charges/${order}`, { headers: { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` } });
      return [answer.status, (await answer.json()) as Partial<ChargeView>];
    },
    kill: async () => {
      served.child.kill("SIGKILL");
      await served.ended;
    },
  };
}

/** Runs the package's command. */
async function command(context: Cleanup, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const { ended, output } = startCommand(context, {}, process.execPath, "command/freedom-pay-charge.ts", ...args);
  return { code: await ended, output: output() };
}

/** Deletes all alarms from the class's file of a backup, as if that had been copied at an unlucky moment. */
function loseAlarms(backup: string): void {
  const file = new DatabaseSync(join(backup, "objects/freedom-pay-charge/metadata.sqlite"));
  file.exec("DELETE FROM _cf_ALARM");
  file.close();
}

describe.concurrent("A restored backup", () => {
  test("charges nobody twice: known orders are there, unknown ones are found at the gateway, undecided ones are polled", async (context) => {
    const { gateway, folder, state, start } = await openShop(context);
    const backup = join(folder, "backup");
    const before = await start();
    await before.pay("paid-before");
    const sent = gateway.next("acted", "payment.create", () => gateway.hang());
    const undecided = before.click("undecided").catch(() => null);
    await sent;
    const made = await command(context, "backup", backup, "--state", state);
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining(`of ${state} to ${backup}.`) });
    gateway.resume();
    await before.pay("paid-after");
    await before.kill();
    await undecided;
    loseAlarms(backup);

    const restored = await command(context, "restore", backup, "--state", state, "--replace");
    expect(restored).toMatchObject({ code: 0, output: expect.stringContaining("does not know orders that began after") });
    const since = Date.now();
    const after = await start();
    // No other order has a read to come.
    await until(
      "the undecided order is polled without a request",
      () => gateway.calls("payment.status").find(({ at }) => at >= since) ?? null,
    );
    await until("it is decided", async () => ((await after.read("undecided"))[1].status === "succeeded" ? true : null));
    expect(await after.read("paid-before")).toMatchObject([200, { status: "succeeded", cleared_amount: AMOUNT }]);
    expect((await after.read("paid-after"))[0]).toBe(404);
    for (const order of ["paid-before", "undecided"]) await after.pay(order);
    expect(await after.pay("paid-after")).toMatchObject({ cleared_amount: AMOUNT });
    for (const order of ["paid-before", "undecided", "paid-after"])
      expect(gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, payments: 1 });

    const [replaced] = (await readdir(state)).filter((name) => name.startsWith("replaced-"));
    expect(await readdir(join(state, replaced ?? ""))).toContain("freedom-pay-charge");
    expect(restored.output).toContain(join(state, replaced ?? ""));
  });

  repeatedTest("was made while shoppers pay, and is whole", async (context) => {
    const { gateway, folder, state, start } = await openShop(context);
    const edge = await start();
    const orders = Array.from({ length: 40 }, (_, index) => `order-${index}`);
    await Promise.all(orders.slice(0, 20).map((order) => edge.click(order)));
    const clicks = Promise.all(orders.slice(20).map((order) => edge.click(order)));
    const backups = ["one", "two", "three"].map((name) => join(folder, name));
    for (const backup of backups) expect(await command(context, "backup", backup, "--state", state)).toMatchObject({ code: 0 });
    await clicks;
    await edge.kill();
    await rm(state, { recursive: true });
    expect(await command(context, "restore", join(folder, "one"), "--state", state)).toMatchObject({ code: 0 });
    const after = await start();
    for (const order of orders.slice(0, 20)) expect((await after.read(order))[0]).toBe(200);
    await Promise.all(orders.slice(20).map((order) => after.click(order)));
    for (const order of orders) {
      // On a slow machine a click is answered before its order is decided.
      await until(`${order} is paid`, async () => ((await after.read(order))[1].status === "succeeded" ? true : null));
      expect(gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, payments: 1 });
    }
    expect(after.served.output()).not.toContain('"event":"error"');
  });

  test("is refused in the place of a state, beside a running edge, or where it is not whole", async (context) => {
    const { folder, state, start } = await openShop(context);
    const edge = await start();
    await edge.click("order-1");
    const backup = join(folder, "backup");
    expect(await command(context, "backup", backup, "--state", state)).toMatchObject({ code: 0 });
    const running = await command(context, "restore", backup, "--state", state, "--replace");
    expect(running).toEqual({ code: 1, output: `Another process (pid ${edge.served.child.pid}) uses the state folder ${state}\n` });
    await edge.kill();
    const occupied = await command(context, "restore", backup, "--state", state);
    expect(occupied).toMatchObject({ code: 1, output: expect.stringContaining(`There is a state in ${state}`) });

    const empty = join(folder, "empty");
    const broken = join(folder, "broken");
    await cp(backup, broken, { recursive: true });
    const [file = ""] = (await readdir(join(broken, "objects/freedom-pay-charge"))).filter((name) => name !== "metadata.sqlite");
    await writeFile(join(broken, "objects/freedom-pay-charge", file), "no SQLite file, though of some length".repeat(200));
    const damaged = await command(context, "restore", broken, "--state", empty);
    expect(damaged).toMatchObject({ code: 1, output: expect.stringMatching(/ is damaged\n$/) });
    await rm(join(broken, "objects/freedom-pay-charge", file));
    const partial = await command(context, "restore", broken, "--state", empty);
    expect(partial).toMatchObject({ code: 1, output: expect.stringMatching(/ has \d+ of its \d+ files\n$/) });
    await rm(join(broken, "manifest.json"));
    const half = await command(context, "restore", broken, "--state", empty);
    expect(half).toEqual({ code: 1, output: `${broken} is not a backup: it has no readable manifest.json\n` });
  });
});

test("serve refuses a state whose restore was cut off", async (context) => {
  const state = await temporaryFolder(context);
  await mkdir(join(state, "restoring"), { mode: 0o700 });
  const served = startServe(context, SETTINGS_TO_SERVE, "--listen", "127.0.0.1:0", "--state", state);
  expect(await served.ended).toBe(1);
  expect(served.output()).toBe(`A restore of ${state} was cut off: run it again with --replace\n`);
});

test("a backup is refused without a state, into the state, and over other files; it says what it is", async (context) => {
  const { folder, state, start } = await openShop(context);
  const backup = join(folder, "backup");
  expect(await command(context, "backup", backup, "--state", state)).toEqual({ code: 1, output: `There is no state in ${state}\n` });
  const edge = await start();
  await edge.click("order-1");
  const inside = await command(context, "backup", join(state, "backup"), "--state", state);
  expect(inside).toEqual({ code: 1, output: "The backup cannot be in the state folder\n" });
  const over = await command(context, "backup", folder, "--state", state);
  expect(over).toEqual({ code: 1, output: `${folder} is not empty\n` });
  expect(await command(context, "backup", backup, "--state", state)).toMatchObject({ code: 0 });
  const manifest = JSON.parse(await readFile(join(backup, "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ format: 1, version: expect.any(String), workerd: expect.any(String), files: expect.any(Number) });
  expect(manifest.begun_at <= manifest.ended_at).toBe(true);
  // No logs beside the files, and nothing beside the backup.
  const files = await readdir(join(backup, "objects"), { recursive: true });
  expect(files.filter((name) => name.includes(".")).every((name) => name.endsWith(".sqlite"))).toBe(true);
  expect((await readdir(folder)).toSorted()).toEqual(["backup", "state"]);
});
