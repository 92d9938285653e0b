/** The machine, the versions and the day of a measurement. */
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";

/** The load average of the last minute before the measurement. */
const [LOAD_BEFORE = 0] = loadavg();

/** Above this something else ran beside it. */
const QUIET = 0.5;

const require = createRequire(import.meta.url);

function versionOf(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

/** Whether other work ran when the measurement began. */
export function wasBusy(): boolean {
  return LOAD_BEFORE > QUIET;
}

/** One line about the machine and the versions. @param versions more of them, by name */
export function circumstances(versions: Readonly<Record<string, string>> = {}): string {
  const [first] = cpus();
  const workerd = (createRequire(require.resolve("wrangler"))("workerd/package.json") as { version: string }).version;
  const all = { node: process.version.slice(1), workerd, wrangler: versionOf("wrangler"), ...versions };
  const listed = Object.entries(all).map(([name, version]) => `${name} ${version}`);
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${memory} GB, load average ${LOAD_BEFORE.toFixed(1)} before; ${listed.join(", ")}.`;
}
