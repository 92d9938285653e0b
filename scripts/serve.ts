// npm run serve -- [--listen 127.0.0.1:8787] [--state FOLDER]: the edge on bare workerd, for a server of one's own.
// Settings and secrets come from the environment. The orders' state stays in the folder over a restart.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Problem } from "../src/edge-api.ts";
import { ROOT } from "./run.ts";
import { SETTINGS } from "./edge-settings.ts";
import { bundleWorker, startWorkerd } from "./workerd.ts";

const { values: flags } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:8787" },
    state: { type: "string", default: join(ROOT, ".wrangler/serve") },
  },
});

/** What is set, and nothing else of this environment. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(SETTINGS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** The gateway and the merchant's server are the only addresses that the edge calls: those by http are near, and were named so. */
function callsNearby(settings: Readonly<Record<string, string>>): boolean {
  return ["FREEDOM_PAY_URL", "NOTIFY_URL"].some((name) => settings[name]?.startsWith("http:"));
}

/** An edge that is not configured answers, and takes no money: says so before a shopper finds out. */
async function tellWhatIsMissing(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
  if (!answer.ok) console.error(`Not ready to charge: ${((await answer.json()) as Problem).detail}`);
}

/** Serves until a signal comes. @returns the exit code */
async function serve(settings: Readonly<Record<string, string>>): Promise<number> {
  await mkdir(flags.state, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "edge-worker-"));
  try {
    const config = await bundleWorker(folder, callsNearby(settings) ? ["public", "private"] : ["public"]);
    const { process: edge, listening } = startWorkerd(config, { ...flags, env: settings, output: "inherit" });
    let isAsked = false;
    const end = (): void => {
      isAsked = true;
      edge.kill("SIGTERM");
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
    const ended = new Promise<number>((resolve) => edge.once("close", (code) => resolve(isAsked ? 0 : (code ?? 1))));
    listening
      .then(async (port) => {
        console.log(`Ready on http://${flags.listen.replace(/:\d+$/, `:${port}`)}`);
        await tellWhatIsMissing(port);
      })
      .catch(() => {});
    return await ended;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.env["CLIENT_IP_HEADER"] === undefined) {
  // Where no proxy overwrites the header, whoever calls writes it; where one stands and it is not read, every shopper is the proxy.
  console.error("CLIENT_IP_HEADER is not set: name the header in which your proxy writes who calls, or set it empty if there is no proxy");
  process.exitCode = 1;
} else {
  process.exitCode = await serve(settingsOf(process.env));
}
