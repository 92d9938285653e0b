/** The installed package, for the code of a page. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Installs the main entry into a folder's `node_modules`, so that code there can import `freedom-pay-charge`. */
export function installPackage(folder: string): void {
  const installed = join(folder, "node_modules/freedom-pay-charge");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(installed, "index.js"), `export * from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};\n`);
}
