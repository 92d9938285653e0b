/**
 * The element beside the web packages of two payment providers: bytes, and the page's work to load and evaluate the script. The others
 * render only with their own hosts, so no rendering is compared.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright";
import { chromium } from "playwright";
import { expect, test } from "vitest";
import { build } from "vite";
import { CHROMIUM_FLAGS, findChromium } from "../../scripts/chromium.ts";
import { buildElement, ELEMENT_FILE, gzipped } from "../../scripts/element.ts";
import { metrics } from "../../scripts/element-stage.ts";
import { runQuietly } from "../../scripts/run.ts";
import { Cleanup, temporaryFolder } from "./processes.ts";
import { writeSection } from "./results.ts";
import { IS_QUICK } from "./rounds.ts";
import type { Figures } from "./statistics.ts";
import { goalTable, ratios, table, withSpread } from "./statistics.ts";

const ROUNDS = IS_QUICK ? 2 : 15;

/** Chromium's own work for a new page is done by then. Milliseconds. */
const SETTLING = 1000;

/** What a shop imports from each package to take a card. The values are kept, so that a build keeps what they need. */
const PEERS = {
  "Adyen, core and card": `import { AdyenCheckout, Card } from "@adyen/adyen-web"; globalThis.kept = [AdyenCheckout, Card];`,
  "Braintree, client and hosted fields": `import client from "braintree-web/client"; import fields from "braintree-web/hosted-fields"; globalThis.kept = [client, fields];`,
} as const;

interface Peer {
  readonly name: string;
  readonly code: string;
}

/** A package's imports as one minified module, built like the element. */
async function bundle(folder: string, entry: string): Promise<string> {
  const file = join(folder, "entry.js");
  await writeFile(file, entry);
  const outputs = await build({
    root: folder,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, lib: { entry: file, formats: ["es"] }, rolldownOptions: { output: { minify: true, comments: false } } },
  });
  const chunks = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output).filter(({ type }) => type === "chunk");
  const [chunk] = chunks;
  if (chunk?.type !== "chunk" || chunks.length > 1) throw new Error("The peer is not one file");
  return chunk.code;
}

/** Installs the peers into a temporary folder, so that they are never in the lock file. */
async function installPeers(cleanup: Cleanup): Promise<{ readonly folder: string; readonly versions: Readonly<Record<string, string>> }> {
  const folder = await temporaryFolder(cleanup, "element-peers");
  const names = ["@adyen/adyen-web@6", "braintree-web@3"];
  const { code, output } = await runQuietly(["npm", "install", "--no-save", "--no-package-lock", "--prefix", folder, ...names]);
  if (code !== 0) throw new Error(`The peers are not installed:\n${output}`);
  const versionOf = async (name: string): Promise<string> =>
    (JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")) as { version: string }).version;
  return {
    folder,
    versions: { "@adyen/adyen-web": await versionOf("@adyen/adyen-web"), "braintree-web": await versionOf("braintree-web") },
  };
}

/** Serves the scripts by their place in the list, and a page without any. */
async function serve(cleanup: Cleanup, peers: readonly Peer[]): Promise<string> {
  const server = createServer(({ url }, response) => {
    const script = /^\/(\d+)\.js/.exec(url ?? "")?.[1];
    const type = script === undefined ? "text/html; charset=utf-8" : "text/javascript";
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" });
    response.end(script === undefined ? "<!doctype html><title>A shop</title>" : peers[Number(script)]?.code);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Milliseconds of the page's thread to load, compile and evaluate a script, in a fresh page on a CPU four times slower. */
async function workOf(browser: Browser, origin: string, index: number): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(origin);
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.waitForTimeout(SETTLING);
    const before = (await metrics(session))("TaskDuration");
    const expression = `import("/${index}.js").then(() => true)`;
    const { result } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    expect(result.value).toBe(true);
    return ((await metrics(session))("TaskDuration") - before) * 1000;
  } finally {
    await context.close();
  }
}

test("the element beside other providers' packages", { timeout: 600_000 }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  await buildElement();
  const { folder, versions } = await installPeers(cleanup);
  const peers: Peer[] = [{ name: "this element, with Lit and three languages", code: await readFile(ELEMENT_FILE, "utf8") }];
  for (const [name, entry] of Object.entries(PEERS)) peers.push({ name, code: await bundle(folder, entry) });
  const origin = await serve(cleanup, peers);
  const executablePath = findChromium();
  const browser = await chromium.launch({ args: [...CHROMIUM_FLAGS], ...(executablePath === null ? {} : { executablePath }) });
  cleanup.add(() => browser.close());

  const work: number[][] = peers.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const index of peers.keys()) {
      const took = await workOf(browser, origin, index);
      // The first round warms up the browser.
      if (round > 0) work[index]?.push(took);
    }
  const ours: Figures = work[0] ?? [];
  const rows = peers.map(({ name, code }, index) => [
    name,
    withSpread([code.length / 1024]),
    withSpread([gzipped(code) / 1024]),
    withSpread(work[index] ?? []),
    withSpread(ratios(work[index] ?? [], ours)),
  ]);
  const about =
    "What a shop loads before a shopper can pay, as one minified module. Work is that of the page's thread to load, compile and evaluate it, in a fresh page of Chromium on a CPU four times slower. The others then load more from their own hosts, which is not counted: they take card numbers, which this element does not.";
  const goals = goalTable([
    { text: "the element: at most 20 KB gz", measured: [gzipped(peers[0]?.code ?? "") / 1024], isMet: (figure) => figure <= 20 },
  ]);
  writeSection("Element", `${about}\n\n${table(["package", "KB", "KB gz", "work, ms", "of this element"], rows)}\n\n${goals}`, versions);
});
