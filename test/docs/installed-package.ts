/** The installed package, for the code of a page. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { ROOT } from "../../scripts/run.ts";

/** Installs the main entry into a folder's `node_modules`, so that code there can import `freedom-pay-charge`. */
export function installPackage(folder: string): void {
  install(folder, `export * from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};\n`);
}

/** The same as JavaScript, for a Node that reads no TypeScript. */
export async function installBuiltPackage(folder: string): Promise<void> {
  const outputs = await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    publicDir: false,
    build: { write: false, target: "node20", lib: { entry: "src/index.ts", formats: ["es"] } },
  });
  const chunks = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output);
  const [chunk] = chunks;
  if (chunk?.type !== "chunk" || chunks.length > 1) throw new Error("The main entry is no longer one file");
  install(folder, chunk.code);
}

function install(folder: string, code: string): void {
  const installed = join(folder, "node_modules/freedom-pay-charge");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(installed, "index.js"), code);
}
