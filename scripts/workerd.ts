import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buildElementIfStale } from "./element.ts";
import { SETTINGS } from "./edge-settings.ts";
import { QUIET_WRANGLER, ROOT, runQuietly, toolCommand } from "./run.ts";

/** The networks that the edge may call, as in workerd.capnp, `Network.allow`. `private` includes `local`. */
export type Reach = readonly ("public" | "private" | "local")[];

/**
 * Builds the Worker like `wrangler deploy`, without a network, and writes a configuration for workerd to the same folder.
 *
 * @param folder - it is emptied first
 * @param reach - the networks that the edge may call (default: the internet)
 * @param entry - another entry point that exports the same classes, a file named `worker.ts` (default: that of wrangler.toml)
 * @returns the path of the configuration, for {@link startWorkerd}
 * @throws Error with the output of wrangler, when the build fails
 */
export async function bundleWorker(folder: string, reach: Reach = ["public"], entry?: string): Promise<string> {
  await buildElementIfStale();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { code, output } = await runQuietly(
    toolCommand("wrangler", "deploy", ...(entry === undefined ? [] : [entry]), "--dry-run", "--outdir", folder),
    QUIET_WRANGLER,
  );
  if (code !== 0) throw new Error(`The Worker does not build:\n${output}`);
  const config = join(folder, "edge.capnp");
  await writeFile(config, configOf(globSync("*.js", { cwd: folder }), reach));
  return config;
}

const ENTRY = "worker.js";

/** The configuration of the objects: each order and each day has its own SQLite file. There is no rate limiter, because it belongs to Cloudflare. */
function configOf(files: readonly string[], reach: Reach): string {
  const date = /^compatibility_date = "(.+)"$/m.exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))?.[1];
  if (date === undefined || !files.includes(ENTRY)) throw new Error("wrangler.toml, or what wrangler makes of it, is not as it was");
  // The other file is the element's, which the Worker imports as text.
  const modules = [`(name = "${ENTRY}", esModule = embed "${ENTRY}")`].concat(
    files.filter((file) => file !== ENTRY).map((file) => `(name = "${file}", text = embed "${file}")`),
  );
  const bindings = [
    `(name = "CHARGES", durableObjectNamespace = "Charge")`,
    `(name = "DAYS", durableObjectNamespace = "DailyIndex")`,
    ...SETTINGS.map((name) => `(name = "${name}", fromEnvironment = "${name}")`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "state", disk = (writable = true)),
    (name = "internet", network = (allow = ${JSON.stringify(reach)}, tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  compatibilityDate = "${date}",
  modules = [
    ${modules.join(",\n    ")},
  ],
  bindings = [
    ${bindings.join(",\n    ")},
  ],
  durableObjectNamespaces = [
    (className = "Charge", uniqueKey = "freedom-pay-charge", enableSql = true),
    (className = "DailyIndex", uniqueKey = "freedom-pay-charge-daily-index", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "state"),
);
`;
}

/** The workerd that belongs to the installed wrangler. */
function workerdFile(): string {
  const require = createRequire(import.meta.url);
  const { default: file }: { default: string } = createRequire(require.resolve("wrangler"))("workerd");
  return file;
}

/** A process of workerd. */
export interface Workerd {
  readonly process: ChildProcess;
  /** Resolves to the port when it listens. Rejects when the process ends before. */
  readonly listening: Promise<number>;
}

/**
 * Starts the edge on workerd, as one process.
 *
 * @param config - from {@link bundleWorker}
 * @param options.listen - `127.0.0.1:8787`; port 0 for a free one
 * @param options.state - an existing folder for the orders' files, which it keeps after the process
 * @param options.env - the settings; the edge can read no other variables
 * @param options.output - `inherit` for this terminal, `pipe` for the caller, `ignore` for /dev/null
 * @param options.args - more arguments of `workerd serve`
 */
export function startWorkerd(
  config: string,
  options: {
    readonly listen: string;
    readonly state: string;
    readonly env: Readonly<Record<string, string>>;
    readonly output: "inherit" | "pipe" | "ignore";
    readonly args?: readonly string[];
  },
): Workerd {
  const { listen, state, env, output } = options;
  const own = ["serve", config, "--socket-addr", `http=${listen}`, "--directory-path", `state=${state}`, "--control-fd=3"];
  const args = [...own, ...(options.args ?? [])];
  const child = spawn(workerdFile(), args, { env: { ...env }, stdio: ["ignore", output, output, "pipe"] });
  const listening = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => reject(new Error(`workerd ended with ${code ?? signal}`)));
    let messages = "";
    (child.stdio[3] as Readable).on("data", (chunk: Buffer) => {
      messages += chunk.toString();
      const port = /"event":"listen","socket":"http"[^\n]*"port":(\d+)/.exec(messages)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  // Callers that do not wait for the port see the end of the process itself.
  listening.catch(() => {});
  return { process: child, listening };
}
