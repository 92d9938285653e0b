// node scripts/api-report.ts: the public API as API Extractor reads it, held against test/api/*.api.md. With --write: writes them anew.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { ENTRIES } from "./examples.ts";
import { ROOT, runQuietly, toolCommand } from "./run.ts";

const REPORTS = join(ROOT, "test/api");
const isWriting = process.argv.includes("--write");

/** A room of the package: the types it is written with, and its entries by name. */
interface Room {
  readonly project: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly entries: Readonly<Record<string, string>>;
}

const WEB = ["ES2024", "DOM", "DOM.Iterable"];

const ROOMS: readonly Room[] = [
  { project: "src", lib: WEB, types: [], entries: ENTRIES },
  { project: "widget", lib: WEB, types: [], entries: { "freedom-pay-charge/widget": "widget/freedom-pay-charge.ts" } },
  {
    project: "edge",
    lib: ["ES2024"],
    types: ["@cloudflare/workers-types"],
    entries: { "freedom-pay-charge/edge": "edge/worker.ts" },
  },
];

/** The declarations of a room, with imports that the extractor follows. */
async function declarations({ project }: Room, folder: string): Promise<void> {
  const emit = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", ROOT, "--outDir", folder];
  const { code, output } = await runQuietly(toolCommand("tsc", "-p", project, ...emit));
  if (code !== 0) throw new Error(output);
  for (const file of globSync("**/*.d.ts", { cwd: folder })) {
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'));
  }
}

/** Whether the report of an entry is as it is written down. Without `--write` the extractor changes nothing. */
function isCurrent(name: string, entry: string, { lib, types }: Room, folder: string): boolean {
  const main = join(folder, entry.replace(/\.ts$/, ".d.ts"));
  const compilerOptions = {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib,
    types,
    skipLibCheck: true,
  };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: main,
      compiler: { overrideTsconfig: { compilerOptions, files: [main] } },
      apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: REPORTS, reportTempFolder: folder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, "package.json"),
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: isWriting,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return isWriting || !apiReportChanged;
}

// Inside the project, where types of packages are found, and outside of node_modules, where everything counts as another package's.
mkdirSync(join(ROOT, "test-results"), { recursive: true });
mkdirSync(REPORTS, { recursive: true });
for (const room of ROOMS) {
  const folder = mkdtempSync(join(ROOT, "test-results/api-"));
  try {
    await declarations(room, folder);
    for (const [name, entry] of Object.entries(room.entries)) {
      const report = name.replaceAll("/", "-");
      if (isCurrent(report, entry, room, folder)) continue;
      console.log(`The public API of ${name} differs from test/api/${report}.api.md. If that is meant: node scripts/api-report.ts --write`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
