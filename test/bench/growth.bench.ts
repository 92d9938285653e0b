/** What stays of many orders: disk, memory and the time of the next order. `BENCH_ORDERS=100000` goes on to that number. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import type { LoadResult } from "./load-generator.ts";
import { Cleanup, edgeSettings, memoryOf, serveOn, startGateway, startLoadGenerator, temporaryFolder } from "./processes.ts";
import { writeSection } from "./results.ts";
import { CONNECTIONS, IS_QUICK } from "./rounds.ts";
import { goalTable, short, table } from "./statistics.ts";

const MOST = Number(process.env["BENCH_ORDERS"] ?? 10_000);

/** Numbers of orders at which is measured. */
const STEPS = (IS_QUICK ? [50, 100] : [1000, 10_000, 100_000]).filter((orders) => orders <= MOST);

/** The last orders before a step, and as many reads after it: their p50 is reported. */
const MEASURED = IS_QUICK ? 10 : 500;

/** Milliseconds from the last call until the disk is measured. */
const REST = 15_000;

/** Orders that open nearly all 256 shards. */
const OPENING = 1500;

/** Bytes on disk below a folder. */
async function diskOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).blocks * 512));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("disk, memory and p50 by the number of orders", { timeout: 7_200_000 }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  const gateway = await startGateway(cleanup);
  const load = await startLoadGenerator(cleanup);
  const config = await bundleWorker(await temporaryFolder(cleanup, "edge"), ["local"]);
  const { port, pid, state, end } = await serveOn(cleanup, config, { env: edgeSettings(gateway) });
  let charged = 0;
  const charge = async (until: number): Promise<LoadResult> => {
    const job = { port, request: "charge", prefix: "growth", orders: null, from: charged + 1, connections: CONNECTIONS } as const;
    const result = await load({ ...job, seconds: null, requests: until - charged });
    expect(result.statuses).toEqual({ 201: until - charged });
    charged = until;
    return result;
  };
  const steps: { readonly orders: number; readonly p50: number; readonly read: number; readonly memory: number; readonly disk: number }[] =
    [];
  for (const orders of STEPS) {
    await charge(orders - MEASURED);
    const { p50 } = await charge(orders);
    const reads = { port, request: "read", prefix: "growth", orders, connections: CONNECTIONS, seconds: null, requests: MEASURED } as const;
    const { p50: read } = await load(reads);
    const memory = await memoryOf(pid);
    await new Promise((resolve) => setTimeout(resolve, REST));
    steps.push({ orders, p50, read, memory, disk: (await diskOf(state)) / orders / 1024 });
  }
  await end();
  const again = await serveOn(cleanup, config, { env: edgeSettings(gateway), state });
  const restarted: (readonly [what: string, memory: number])[] = [["the start", await memoryOf(again.pid)]];
  for (const orders of [Math.min(OPENING, charged), charged]) {
    await load({
      port: again.port,
      request: "read",
      prefix: "growth",
      orders,
      connections: CONNECTIONS,
      seconds: null,
      requests: orders,
    });
    restarted.push([`${orders.toLocaleString("en")} orders were read once`, await memoryOf(again.pid)]);
  }
  const { repeated, creates } = await gateway.counts();
  expect([repeated, creates]).toEqual([0, charged]);

  const head = ["orders", "p50 of new orders, ms", "p50 of reads, ms", "memory, MB", "disk for an order, KB"];
  const rows = steps.map(({ orders, p50, read, memory, disk }) => [orders.toLocaleString("en"), ...[p50, read, memory, disk].map(short)]);
  const [from, to] = [steps[0], steps.at(-1)];
  const isFlat = (ratio: number): boolean => ratio <= 1.2;
  const at = `at ${to?.orders.toLocaleString("en")} orders`;
  const goals = goalTable([
    { text: `${at}: at most 8 KB of disk for an order`, measured: [to?.disk ?? Number.NaN], isMet: (disk) => disk <= 8 },
    { text: `${at}: p50 of new orders at most 1.2 times the first step's`, measured: [(to?.p50 ?? 0) / (from?.p50 ?? 0)], isMet: isFlat },
    { text: `${at}: memory at most 1.2 times the first step's`, measured: [(to?.memory ?? 0) / (from?.memory ?? 0)], isMet: isFlat },
  ]);
  writeSection(
    "Growth",
    `One run. Disk is measured ${REST / 1000} s after the last call, write-ahead logs included.\n\n${table(head, rows)}\n\n${goals}\n\nAfter a restart with the same orders, of which none was paid again:\n\n${table(
      ["after", "memory, MB"],
      restarted.map(([what, memory]) => [what, short(memory)]),
    )}`,
  );
});
