// npm run serve -- [--listen 127.0.0.1:8787] [--state FOLDER]: runs the edge on workerd, for your own server.
// Settings and secrets come from the environment. The folder keeps the orders' state over a restart.
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

/** The settings of this environment, without its other variables. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(SETTINGS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Whether the edge must call private addresses. It calls only the gateway and the merchant's server, and http is allowed only for private addresses. */
function callsPrivateAddresses(settings: Readonly<Record<string, string>>): boolean {
  return ["FREEDOM_PAY_URL", "NOTIFY_URL"].some((name) => settings[name]?.startsWith("http:"));
}

/** Prints missing settings, because an edge that is not configured starts too. */
async function reportMissingSettings(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
  if (!answer.ok) console.error(`Not ready to charge: ${((await answer.json()) as Problem).detail}`);
}

/** Serves until a signal comes. @returns the exit code */
async function serve(settings: Readonly<Record<string, string>>): Promise<number> {
  await mkdir(flags.state, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "edge-worker-"));
  try {
    const config = await bundleWorker(folder, callsPrivateAddresses(settings) ? ["public", "private"] : ["public"]);
    const { process: edge, listening } = startWorkerd(config, { ...flags, env: settings, output: "inherit" });
    let isStopping = false;
    const end = (): void => {
      isStopping = true;
      edge.kill("SIGTERM");
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
    const ended = new Promise<number>((resolve) => edge.once("close", (code) => resolve(isStopping ? 0 : (code ?? 1))));
    listening
      .then(async (port) => {
        console.log(`Ready on http://${flags.listen.replace(/:\d+$/, `:${port}`)}`);
        await reportMissingSettings(port);
      })
      .catch(() => {});
    return await ended;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.env["CLIENT_IP_HEADER"] === undefined) {
  // Without a proxy that overwrites the header, a caller can choose it. With a proxy whose header is not read, every shopper has the proxy's address.
  console.error(
    "CLIENT_IP_HEADER is not set: set it to the header in which your proxy writes the client's address, or set it empty if there is no proxy",
  );
  process.exitCode = 1;
} else {
  process.exitCode = await serve(settingsOf(process.env));
}
