import { randomUUID } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SETTINGS } from "../command/edge-settings.ts";
import type { BuiltConfig } from "../command/serve.ts";
import { buildElementIfStale } from "./element.ts";
import { QUIET_WRANGLER, ROOT, runQuietly, toolCommand } from "./run.ts";

/** The networks that the edge may call, as in workerd.capnp, `Network.allow`. `private` includes `local`. */
export type Reach = readonly ("public" | "private" | "local")[];

/** The Worker of the package, with its configurations for workerd. */
export const BUILT_WORKER: string = join(ROOT, "dist/worker");

/** The configurations of the package, and the networks that the edge may call with them. */
const BUILT_CONFIGS: Readonly<Record<BuiltConfig, Reach>> = { "public.capnp": ["public"], "private.capnp": ["public", "private"] };

const ENTRY = "worker.js";

/**
 * Builds the Worker like `wrangler deploy`, without a network, and writes a configuration for workerd to the same folder.
 *
 * @param folder - it is emptied first
 * @param reach - the networks that the edge may call (default: the internet)
 * @param entry - another entry point that exports the same classes, a file named `worker.ts` (default: that of wrangler.toml)
 * @param flags - more flags of wrangler
 * @returns the path of the configuration, for `startWorkerd`
 * @throws Error with the output of wrangler, when the build fails
 */
export async function bundleWorker(
  folder: string,
  reach: Reach = ["public"],
  entry?: string,
  flags: readonly string[] = [],
): Promise<string> {
  await buildElementIfStale();
  await rm(folder, { recursive: true, force: true });
  await build(folder, { "edge.capnp": reach }, [...(entry === undefined ? [] : [entry]), ...flags]);
  return join(folder, "edge.capnp");
}

/** Builds {@link BUILT_WORKER}. The element must have been built. */
export async function buildPackagedWorker(): Promise<void> {
  await replaceBuilt(await draftOfBuilt());
}

/** Builds {@link BUILT_WORKER} when it is missing or older than any of its sources. */
export async function buildPackagedWorkerIfStale(): Promise<void> {
  await buildElementIfStale();
  if (!isStale()) return;
  const draft = await draftOfBuilt();
  // Another build may have been faster, and a process may already read its files.
  if (isStale()) await replaceBuilt(draft);
  else await rm(draft, { recursive: true });
}

/** Builds the Worker beside its place. */
async function draftOfBuilt(): Promise<string> {
  const draft = `${BUILT_WORKER}.${randomUUID()}`;
  await build(draft, BUILT_CONFIGS, []);
  for (const file of ["README.md", ...globSync("*.map", { cwd: draft })]) await rm(join(draft, file));
  return draft;
}

async function replaceBuilt(draft: string): Promise<void> {
  await rm(BUILT_WORKER, { recursive: true, force: true });
  await rename(draft, BUILT_WORKER);
}

function isStale(): boolean {
  const built = Object.keys(BUILT_CONFIGS).map((name) => join(BUILT_WORKER, name));
  if (!built.every((file) => existsSync(file))) return true;
  const time = Math.min(...built.map((file) => statSync(file).mtimeMs));
  const sources = globSync(
    [
      "edge/**/*.ts",
      "src/**/*.ts",
      "dist/cdn/*.js",
      "scripts/bundle-worker.ts",
      "command/edge-settings.ts",
      "wrangler.toml",
      "package-lock.json",
    ],
    { cwd: ROOT },
  );
  return sources.some((source) => statSync(join(ROOT, source)).mtimeMs > time);
}

/** Builds the Worker with wrangler, and the configurations. */
async function build(folder: string, configs: Readonly<Record<string, Reach>>, args: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { code, output } = await runQuietly(toolCommand("wrangler", "deploy", ...args, "--dry-run", "--outdir", folder), QUIET_WRANGLER);
  if (code !== 0) throw new Error(`The Worker does not build:\n${output}`);
  const files = globSync("*.js", { cwd: folder });
  for (const [name, reach] of Object.entries(configs)) await writeFile(join(folder, name), configOf(files, reach));
}

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
