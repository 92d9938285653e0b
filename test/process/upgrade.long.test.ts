/** An upgrade and a rollback with a second version of the Worker: it keeps records of the next version, with a new member. */
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { ELEMENT_FILE } from "../../scripts/element.ts";
import { ROOT } from "../../scripts/run.ts";
import { editedFiles } from "../simulation/edge-copy.ts";
import type { TestServer } from "./test-server.ts";
import {
  chargeOf,
  click,
  clickWithoutWaiting,
  expectCleanOutput,
  expectPaidOnce,
  refund,
  SECRETS,
  startTestServer,
} from "./test-server.ts";

/** What the next version changes. */
const CHANGES = [
  { file: "machine/record", find: "export const RECORD_VERSION = 1;", replace: "export const RECORD_VERSION = 2;" },
  {
    file: "storage/migration",
    find: "const MIGRATIONS: RecordMigrations = {};",
    replace: "const MIGRATIONS: RecordMigrations = { 1: (record) => ({ ...record, member_of_version_2: true }) };",
  },
] as const;

/** A copy of the sources. It lies inside the project, so that its imports resolve, in a folder that git ignores. */
const folder = join(ROOT, `test-results/newer-${process.pid}`);

/** The configuration of the next version. */
let newer: string;

beforeAll(async () => {
  for (const room of ["edge", "src"]) await cp(join(ROOT, room), join(folder, room), { recursive: true });
  await cp(ELEMENT_FILE, join(folder, "dist/cdn/freedom-pay-charge.js"));
  for (const [file, text] of editedFiles("the next version", CHANGES)) await writeFile(join(folder, `edge/${file}.ts`), text);
  newer = await bundleWorker(join(folder, "built"), ["local"], join(folder, "edge/worker.ts"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Kills the edge, and starts a version of it on the same state. Null: the version that is built from these sources. */
async function deploy({ edge }: TestServer, version: string | null): Promise<void> {
  await edge.kill();
  await edge.start({}, version ?? undefined);
}

/** The answer to the merchant's read, without a retry. */
async function readStatus({ edge }: TestServer, order: string): Promise<number> {
  const answer = await fetch(`${edge.origin}/v1/charges/${order}`, { headers: { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` } });
  await answer.body?.cancel();
  return answer.status;
}

/** How often the gateway was asked about an order. */
function callsAbout({ gateway }: TestServer, order: string): number {
  return gateway.simulator.log.entries.filter(({ what, body }) => what === "request" && body.includes(`"${order}"`)).length;
}

describe.concurrent("A second version", () => {
  test("opens the state of the first, and finishes what a restart cut in mid-flight", async (context) => {
    const testServer = await startTestServer(context);
    await click(testServer, "paid");
    const orders = ["one", "two", "three", "four"];
    const sent = testServer.gateway.next("received", "payment.create", () => {});
    for (const order of orders) clickWithoutWaiting(testServer, order);
    await sent;
    await deploy(testServer, newer);
    for (const order of [...orders, "paid"]) {
      await click(testServer, order);
      await expectPaidOnce(testServer, order);
    }
    expect((await refund(testServer, "paid", 1000))?.status).toBe(200);
    expect(await chargeOf(testServer, "paid")).toMatchObject({ refunded_amount: 1000 });
    expectCleanOutput(testServer);
  });

  test("after a rollback its orders are left alone, and the log names them; the orders of the first go on", async (context) => {
    const testServer = await startTestServer(context);
    await click(testServer, "older");
    await deploy(testServer, newer);
    await click(testServer, "newer");
    const sent = testServer.gateway.next("acted", "payment.create", () => testServer.gateway.hang());
    clickWithoutWaiting(testServer, "undecided");
    await sent;
    await deploy(testServer, null);
    testServer.gateway.resume();

    const asked = ["newer", "undecided"].map((order) => callsAbout(testServer, order));
    expect(await readStatus(testServer, "newer")).toBe(503);
    expect(await readStatus(testServer, "undecided")).toBe(503);
    expect((await refund(testServer, "newer", 1000))?.status).toBe(503);
    expect((await refund(testServer, "older", 1000))?.status).toBe(200);
    await click(testServer, "third");
    await expectPaidOnce(testServer, "third");
    expect(["newer", "undecided"].map((order) => callsAbout(testServer, order))).toEqual(asked);
    for (const order of ["newer", "undecided"])
      expect(testServer.edge.output()).toMatch(new RegExp(`"attention",.*"order_id":"${order}".*"reason":"record_unreadable"`));

    await deploy(testServer, newer);
    for (const order of ["newer", "undecided"]) await expectPaidOnce(testServer, order);
    expect(await chargeOf(testServer, "older")).toMatchObject({ refunded_amount: 1000 });
  });
});
