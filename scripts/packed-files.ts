// npm run packed-files: packs the package as for publication, and writes what is in the file, and how large it is, into docs/self-hosting.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { between } from "./element-docs.ts";
import { ROOT, runQuietly } from "./run.ts";

interface Packed {
  /** Bytes of the packed file, and of its files unpacked. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** What the folders are for. The first one that a path begins with counts. */
const CONTENTS: readonly (readonly [folder: string, about: string])[] = [
  ["dist/worker/", "the built Worker that `freedom-pay-charge serve` runs on workerd"],
  ["dist/command/", "the command: serve, backup, restore, doctor"],
  ["dist/edge/", "the edge as modules, for a Worker of one's own"],
  ["dist/widget/", "the element as modules, with types"],
  ["dist/cdn/", "the element as one file for a script tag"],
  ["dist/src/simulator/", "the simulated gateway"],
  ["dist/src/", "the core"],
  ["docs/", "documentation"],
  ["edge/", "documentation of the edge"],
  ["src/", "documentation of the simulator"],
  ["", "README, changelog, license, `openapi.json`, the editors' data of the element"],
];

const kilobytes = (bytes: number): string => (bytes / 1024).toLocaleString("en", { maximumFractionDigits: 0 });

function tableOf({ size, unpackedSize, files }: Packed): string {
  const left = new Set(files);
  const rows = CONTENTS.map(([folder, about]) => {
    const own = [...left].filter(({ path }) => path.startsWith(folder));
    for (const file of own) left.delete(file);
    const bytes = own.reduce((sum, file) => sum + file.size, 0);
    return `| ${folder === "" ? "(the rest)" : `\`${folder}\``} | ${about} | ${own.length} | ${kilobytes(bytes)} |`;
  });
  const total = `| **all** | ${kilobytes(size)} KB packed | ${files.length} | ${kilobytes(unpackedSize)} |`;
  return ["| folder | what it is | files | KB |", "|---|---|---:|---:|", ...rows, total].join("\n");
}

const { code, output } = await runQuietly(["npm", "pack", "--dry-run", "--json", "--loglevel=error"]);
// The build writes before it.
const json = /^\[\n[\s\S]*^\]$/m.exec(output)?.[0];
if (code !== 0 || json === undefined) throw new Error(`npm pack failed:\n${output}`);
const [packed] = JSON.parse(json) as readonly Packed[];
if (packed === undefined) throw new Error(`npm pack named no package:\n${output}`);
const table = tableOf(packed);
console.log(table);
const page = join(ROOT, "docs/self-hosting.md");
writeFileSync(page, between(readFileSync(page, "utf8"), "packed files", table));
