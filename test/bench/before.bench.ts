/** Charges of v5 at the edge of another checkout and at this one, in turn: what a change costs. Only with `BENCH_BEFORE`, its folder. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleWarmEdge } from "./peer-config.ts";
import { Cleanup, edgeSettings, serveOn, startGateway, startLoadGenerator, temporaryFolder } from "./processes.ts";
import { writeSection } from "./results.ts";
import type { Variant } from "./rounds.ts";
import { CONNECTIONS, measure } from "./rounds.ts";
import { goalTable, ratios, table, withSpread } from "./statistics.ts";

const LIMIT = 3_600_000;

const before = process.env["BENCH_BEFORE"];

test.skipIf(before === undefined)("new orders a second, before and now", { timeout: LIMIT }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  const gateway = await startGateway(cleanup);
  const load = await startLoadGenerator(cleanup);
  const variants: Variant[] = [];
  for (const [name, entry] of [["before", join(before ?? "", "edge/worker.ts")] as const, ["now", "edge/worker.ts"] as const]) {
    const edge = await bundleWarmEdge(await temporaryFolder(cleanup, name), entry);
    const server = await serveOn(cleanup, edge, { env: edgeSettings(gateway) });
    variants.push({ name, server, job: { request: "charge", prefix: name, orders: null } });
  }
  const all = await measure(variants, load);
  const [was, is] = all;
  if (was === undefined || is === undefined) throw new Error("Both are measured");

  // Every order was charged once.
  const { repeated, byPrefix } = await gateway.counts();
  expect(repeated).toBe(0);
  for (const { name, requests } of all) expect(byPrefix[name], name).toBe(requests);

  const rows = all.map(({ name, rate, p50, p99, cpu }) => [name, ...[rate, p50, p99, cpu].map(withSpread)]);
  const goal = {
    text: "new order: at least 0.95 of the rate before",
    measured: ratios(is.rate, was.rate),
    isMet: (ratio: number) => ratio >= 0.95,
  };
  const notes = `Charges of v5, ${CONNECTIONS} connections. The edge before the Merchant API beside this one.`;
  writeSection(
    "Before",
    `${notes}\n\n${table(["edge", "requests/s", "p50 ms", "p99 ms", "CPU ms/request"], rows)}\n\n${goalTable([goal])}`,
  );
});
