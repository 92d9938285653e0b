/** The Worker's size, and how long workerd takes to evaluate its script. */
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { Cleanup, serveOn, temporaryFolder } from "./processes.ts";
import { writeSection } from "./results.ts";
import { IS_QUICK } from "./rounds.ts";
import type { Figures } from "./statistics.ts";
import { goalTable, table, withSpread } from "./statistics.ts";
import { timed } from "./timed.ts";

const ROUNDS = IS_QUICK ? 2 : 15;

/** A Worker that does nothing, with the same objects. */
const EMPTY = `import { DurableObject } from "cloudflare:workers";
export class Charge extends DurableObject {}
export class DailyIndex extends DurableObject {}
export default { fetch: () => new Response() };
`;

/** Milliseconds until a new process listens. It evaluates the script before. */
async function startOf(config: string): Promise<number> {
  const cleanup = new Cleanup();
  const [, took] = await timed(() => serveOn(cleanup, config, { env: {} }));
  await cleanup.run();
  return took;
}

test("the size of the Worker, and the evaluation of its script", { timeout: 600_000 }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  const config = await bundleWorker(await temporaryFolder(cleanup, "edge"), ["local"]);
  const folder = join(config, "..");
  const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  expect(scripts).toContain("worker.js");
  const sizes = await Promise.all(
    scripts.map(async (name) => gzipSync(await readFile(join(folder, name)), { level: 9 }).byteLength / 1024),
  );
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const own = sizes[scripts.indexOf("worker.js")] ?? Number.NaN;

  const emptyFolder = await temporaryFolder(cleanup, "empty");
  await cp(folder, emptyFolder, { recursive: true });
  await writeFile(join(emptyFolder, "worker.js"), EMPTY);
  const emptyConfig = join(emptyFolder, "edge.capnp");
  const starts: (readonly [edge: number, empty: number])[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) starts.push([await startOf(config), await startOf(emptyConfig)]);
  const counted = starts.slice(1);
  const evaluation: Figures = counted.map(([edge, empty]) => edge - empty);

  const rows = [
    ["the edge's own script, KB gz", withSpread([own])],
    ["with the element's file, which it serves, KB gz", withSpread([size])],
    ["start of workerd with the edge, ms", withSpread(counted.map(([edge]) => edge))],
    ["start of workerd with an empty Worker, ms", withSpread(counted.map(([, empty]) => empty))],
    ["difference: evaluation of the script, ms", withSpread(evaluation)],
  ];
  const goals = goalTable([
    { text: "Worker: at most 60 KB gz", measured: [size], isMet: (figure) => figure <= 60 },
    { text: "script evaluated in at most 30 ms", measured: evaluation, isMet: (figure) => figure <= 30 },
  ]);
  writeSection("Worker", `${table(["", ""], rows)}\n\n${goals}`);
});
