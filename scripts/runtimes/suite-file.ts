/** Builds the core's conformance suite (test/everywhere/run.ts) into one file. */
import { join, relative } from "node:path";
import type { Plugin } from "vite";
import { ROOT } from "../run.ts";

const ENTRY = join(ROOT, "test/everywhere/run.ts");

/** The entry points of the package, by the modules that they are built from. */
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  "src/index.ts": "freedom-pay-charge",
  "src/card-payment.ts": "freedom-pay-charge/card-payment",
  "src/simulator/index.ts": "freedom-pay-charge/simulator",
};

/** Modules that no entry point has yet: by their files in the installed package. */
const INTERNAL = /^src\/merchant-api\/([\w-]+)\.ts$/;

/** Leaves out the core: the file imports it by the names that a user of the package writes. */
const importPackage: Plugin = {
  name: "import-package",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!source.startsWith(".")) return null;
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    const path = resolved === null ? "" : relative(ROOT, resolved.id);
    const id = ENTRY_POINTS[path] ?? path.replace(INTERNAL, "freedom-pay-charge/dist/src/merchant-api/$1.js");
    return id.startsWith("freedom-pay-charge") ? { id, external: true } : null;
  },
};

async function bundle(entry: string, root: string, plugins: readonly Plugin[]): Promise<string> {
  const { build } = await import("vite");
  const outputs = await build({
    root,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    plugins: [...plugins],
    build: { target: "es2022", minify: false, write: false, lib: { entry, formats: ["es"] } },
  });
  const chunks = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output);
  const [chunk] = chunks;
  if (chunk?.type !== "chunk" || chunks.length > 1) throw new Error("The suite is not one file");
  return chunk.code;
}

/** The suite with the core of these sources in it. */
export function bundledFromSources(): Promise<string> {
  return bundle(ENTRY, ROOT, []);
}

/**
 * The suite without the core. It is for a folder in which the package is installed.
 *
 * Modules without an entry point are imported by their path, because the package's `exports` hide them.
 */
export async function suiteOfPackage(): Promise<string> {
  const code = await bundle(ENTRY, ROOT, [importPackage]);
  return code.replaceAll('"freedom-pay-charge/dist/', '"./node_modules/freedom-pay-charge/dist/');
}

/** A file with everything that it imports, for runtimes without node_modules. @param folder where the package is installed */
export function bundledFromPackage(file: string, folder: string): Promise<string> {
  return bundle(file, folder, []);
}
