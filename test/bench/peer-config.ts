/**
 * Builds the peers of test/bench/peers and the edge, and writes how workerd serves them: objects that orders share stay in memory. workerd
 * would drop them after 10 seconds, so the pauses between rounds would make each round open all of them again, which a busy server does not.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { QUIET_WRANGLER, runQuietly, toolCommand } from "../../scripts/run.ts";

/** Namespaces of objects, by binding. */
const OBJECTS = { WARM: "WarmObject", BARE: "BareObject", SKELETON: "Skeleton", TWO_COMMITS: "TwoCommitSkeleton" } as const;

const SETTINGS = ["PEER", "GATEWAY_URL", "MERCHANT_ID", "SECRET_KEY", "CHARGE_TOKEN_KEY"] as const;

/** @returns the path of the configuration, for startWorkerd */
export async function bundlePeers(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const wrangler = toolCommand("wrangler", "deploy", "--dry-run", "--outdir", folder, "--config", "test/bench/peers/wrangler.toml");
  const { code, output } = await runQuietly(wrangler, QUIET_WRANGLER);
  if (code !== 0) throw new Error(`The peers do not build:\n${output}`);
  const config = join(folder, "peers.capnp");
  await writeFile(config, CONFIG);
  return config;
}

/** The edge. @param entry - as in bundleWorker, with its flags */
export async function bundleWarmEdge(folder: string, entry?: string, flags?: readonly string[]): Promise<string> {
  const config = await bundleWorker(folder, ["local"], entry, flags);
  await writeFile(config, (await readFile(config, "utf8")).replaceAll("enableSql = true)", "enableSql = true, preventEviction = true)"));
  return config;
}

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "peer", worker = .peer),
    (name = "state", disk = (writable = true)),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", http = (), service = "peer")],
);

const peer :Workerd.Worker = (
  compatibilityDate = "2026-09-01",
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  bindings = [
    ${[
      ...Object.entries(OBJECTS).map(([binding, className]) => `(name = "${binding}", durableObjectNamespace = "${className}")`),
      ...SETTINGS.map((name) => `(name = "${name}", fromEnvironment = "${name}")`),
    ].join(",\n    ")},
  ],
  durableObjectNamespaces = [
    ${Object.values(OBJECTS)
      .map(
        (name) =>
          `(className = "${name}", uniqueKey = "${name}", enableSql = true${name === OBJECTS.BARE ? "" : ", preventEviction = true"})`,
      )
      .join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "state"),
);
`;
