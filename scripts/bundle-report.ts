// npm run bundle-report: what a bundler makes of every public export of the package, in bytes, and what must not be in it. Ends with 1 when
// something is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { ELEMENT_LIMIT, gzipped } from "./element.ts";
import { ROOT } from "./run.ts";

/** A text that must not be in a bundle, and how it is found. */
export interface Forbidden {
  readonly text: string;
  readonly pattern: RegExp;
}

/** What is told of an export. */
export interface Bundle {
  /** The name in the package's `exports`. */
  readonly name: string;
  readonly raw: number;
  readonly gz: number;
  /** The forbidden texts that are in it. */
  readonly found: readonly string[];
}

type Room = "core" | "edge" | "element";

function forbidden(...texts: readonly string[]): readonly Forbidden[] {
  return texts.map((text) => ({ text, pattern: new RegExp(text, "i") }));
}

/** An import of a module of Node: minified code has `{node:…}` too. */
const NODE: Forbidden = { text: "node:", pattern: /["'`]node:/ };

/** A card's security code: neither the edge nor a page of ours ever has one. */
const CARD_CODE = forbidden("cvc");

/** The one that the gateway's documentation has in its example of a signature, which `GET /healthz` signs to check the signer. */
const PUBLISHED_CODE = /\\?"cvc\\?":\\?"012\\?"/;

const FORBIDDEN: Readonly<Record<Room, readonly Forbidden[]>> = {
  core: [...forbidden("lit-html", "lit-element"), NODE],
  edge: CARD_CODE,
  element: [...forbidden("importKey", "HS256", "X-JWS", "secret"), ...CARD_CODE],
};

/** The most that a bundle may weigh, in bytes of `gzip -9`. */
const LIMITS: Readonly<Record<string, number>> = { "./cdn/freedom-pay-charge.js": ELEMENT_LIMIT };

/** The exports by their names: the source of each that is code, the file of each that is data. */
function entries(): readonly (readonly [name: string, file: string])[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  return Object.entries(exports).map(([name, target]) => {
    const file = typeof target === "string" ? target : target.default;
    const source = file.replace(/^\.\/dist\/cdn\/.*/, "widget/cdn.ts").replace(/^\.\/(dist\/)?/, "");
    return [name, source.replace(/\.js$/, ".ts")] as const;
  });
}

function roomOf(source: string): Room {
  if (source.startsWith("widget/")) return "element";
  return source.startsWith("edge/") ? "edge" : "core";
}

/** The files that a page's or a server's bundler makes of an entry, with all that it imports. */
async function bundle(source: string): Promise<string> {
  const outputs = await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { conditions: ["module", "browser", "production"] },
    plugins: [
      // The edge takes the element's file as text, and that has its own line in the report.
      {
        name: "element-as-text",
        enforce: "pre",
        load: (id) => (id.endsWith("/dist/cdn/freedom-pay-charge.js") ? 'export default "";' : null),
      },
    ],
    build: {
      target: "es2022",
      write: false,
      lib: { entry: source, formats: ["es"] },
      rolldownOptions: { external: [/^node:/, /^cloudflare:/], output: { minify: true, comments: false } },
    },
  });
  const files = (Array.isArray(outputs) ? outputs : []).flatMap(({ output }) => output);
  return files.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
}

/** The forbidden texts that are in a bundle's code. */
export function foundIn(code: string, source: string): readonly string[] {
  const searched = roomOf(source) === "edge" ? code.replace(PUBLISHED_CODE, "") : code;
  return FORBIDDEN[roomOf(source)].filter(({ pattern }) => pattern.test(searched)).map(({ text }) => text);
}

/** Every public export as a bundle. */
export async function bundleReport(): Promise<readonly Bundle[]> {
  const bundles: Bundle[] = [];
  for (const [name, source] of entries()) {
    const code = source.endsWith(".json") ? readFileSync(join(ROOT, source), "utf8") : await bundle(source);
    bundles.push({ name, raw: Buffer.byteLength(code), gz: gzipped(code), found: source.endsWith(".json") ? [] : foundIn(code, source) });
  }
  return bundles;
}

/** What is wrong with bundles, one line each. */
export function faultsOf(bundles: readonly Bundle[]): readonly string[] {
  return bundles.flatMap(({ name, gz, found }) => [
    ...found.map((text) => `${name} contains ${text}`),
    ...(gz > (LIMITS[name] ?? Number.POSITIVE_INFINITY) ? [`${name} weighs ${gz} bytes of gzip -9, at most ${LIMITS[name]}`] : []),
  ]);
}

/** The report as a table. */
export function reportTable(bundles: readonly Bundle[]): string {
  const rows = bundles.map(({ name, raw, gz, found }) => `| \`${name}\` | ${raw} | ${gz} | ${found.join(", ") || "none"} |`);
  return ["| export | bytes | bytes of gzip -9 | forbidden texts |", "|---|---:|---:|---|", ...rows].join("\n");
}

if (import.meta.main) {
  const bundles = await bundleReport();
  console.log(reportTable(bundles));
  for (const fault of faultsOf(bundles)) {
    console.error(fault);
    process.exitCode = 1;
  }
}
