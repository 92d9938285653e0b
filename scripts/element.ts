import { randomUUID } from "node:crypto";
import { existsSync, globSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { ELEMENT_TARGETS } from "./element-browsers.ts";
import { ROOT } from "./run.ts";

/** The element as one file for a script tag, as it is served by the edge and hosted from the package. */
export const ELEMENT_FILE: string = join(ROOT, "dist/cdn/freedom-pay-charge.js");

/** The most that {@link ELEMENT_FILE} may weigh, in bytes of `gzip -9`: Lit and all languages included. */
export const ELEMENT_LIMIT = 20 * 1024;

/** The element as one chunk: its code, and by module what went into it. */
async function bundle(minify: boolean): Promise<{ readonly code: string; readonly modules: ReadonlyMap<string, string> }> {
  // Loaded where something is built, because it takes longer to load than everything else that imports this file.
  const { build } = await import("vite");
  const outputs = await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    // The same file wherever it is built: Vite goes by NODE_ENV otherwise, which a test runner sets.
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { conditions: ["module", "browser", "production"] },
    build: {
      target: [...ELEMENT_TARGETS],
      write: false,
      lib: { entry: "widget/cdn.ts", formats: ["es"] },
      // Vite's own minifier. By itself Vite leaves white space and hints for bundlers in a library's modules.
      rolldownOptions: { output: { minify, comments: false } },
    },
  });
  const chunks = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output);
  const [chunk] = chunks;
  if (chunk?.type !== "chunk" || chunks.length > 1) throw new Error("The element is no longer one file");
  const modules = Object.entries(chunk.modules).map(
    ([id, { code }]) => [id.replace(/.*[\\/](?:widget|node_modules)[\\/]/, ""), code ?? ""] as const,
  );
  return { code: chunk.code, modules: new Map(modules) };
}

/** Builds {@link ELEMENT_FILE}: the element, its styles, its words and Lit, minified into one ES module. */
export async function buildElement(): Promise<void> {
  const { code } = await bundle(true);
  await mkdir(dirname(ELEMENT_FILE), { recursive: true });
  // Two builds may run beside each other, and a Worker may read the file meanwhile: it is always whole.
  const draft = `${ELEMENT_FILE}.${randomUUID()}`;
  await writeFile(draft, code);
  await rename(draft, ELEMENT_FILE);
}

/**
 * What the script-tag file weighs in bytes of `gzip -9`, and about what each module adds to it. What two modules share is counted in
 * neither.
 */
export async function measureElement(): Promise<{ readonly total: number; readonly modules: Readonly<Record<string, number>> }> {
  const { minifySync } = await import("vite");
  const { modules } = await bundle(false);
  const minified = [...modules]
    .filter(([, code]) => code.trim())
    .map(([name, code]) => [name, minifySync(`${name}.js`, code, { mangle: { toplevel: false } }).code] as const);
  const weight = (without: string | null): number => gzipped(minified.flatMap(([name, code]) => (name === without ? [] : code)).join(""));
  const all = weight(null);
  return {
    total: gzipped((await bundle(true)).code),
    modules: Object.fromEntries(minified.map(([name]) => [name, all - weight(name)])),
  };
}

/** Which modules weigh more than they did, the most first, in words. */
export function grownModules(now: Readonly<Record<string, number>>, then: Readonly<Record<string, number>>): string {
  const grown = Object.entries(now)
    .map(([name, weight]) => ({ name, weight, by: weight - (then[name] ?? 0) }))
    .filter(({ by }) => by > 0)
    .toSorted((one, other) => other.by - one.by);
  return grown.map(({ name, weight, by }) => `${name} by ${by} to ${weight}`).join(", ") || "no module";
}

/** Bytes of `gzip -9`. */
export function gzipped(text: string | Uint8Array): number {
  return gzipSync(text, { level: 9 }).length;
}

/** Builds {@link ELEMENT_FILE} when it is missing or older than any of its sources. */
export async function buildElementIfStale(): Promise<void> {
  if (isStale()) await buildElement();
}

function isStale(): boolean {
  if (!existsSync(ELEMENT_FILE)) return true;
  const built = statSync(ELEMENT_FILE).mtimeMs;
  const sources = globSync(["widget/**/*.ts", "src/*.ts", "scripts/element*.ts", "package-lock.json"], { cwd: ROOT });
  return sources.some((source) => statSync(join(ROOT, source)).mtimeMs > built);
}
