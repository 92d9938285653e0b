// npm run build: builds dist/ for publication.
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPackagedWorker } from "./bundle-worker.ts";
import { buildElement, ELEMENT_FILE } from "./element.ts";
import { ROOT, run, toolCommand } from "./run.ts";

const EMIT = ["--noEmit", "false", "--declaration", "--rewriteRelativeImportExtensions", "--rootDir", ".", "--outDir", "dist"];

async function emit(folder: string): Promise<void> {
  const code = await run(toolCommand("tsc", "-p", folder, ...EMIT));
  if (code !== 0) throw new Error(`tsc ended with ${code} for ${folder}/`);
}

/** Copies the hand-written declarations for the frameworks, because tsc does not emit them. */
function copyDeclarations(): void {
  for (const file of globSync("widget/*.d.ts", { cwd: ROOT })) copyFileSync(join(ROOT, file), join(ROOT, "dist", file));
}

/** Rewrites `./money.ts` to `./money.js` in declarations, because tsc does so only in code. */
function rewriteDeclarations(): void {
  for (const file of globSync("dist/{src,edge,widget,command}/**/*.d.ts", { cwd: ROOT })) {
    const path = join(ROOT, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'));
  }
}

/**
 * Replaces the import of the element's file by a module with its text. In the source a rule of wrangler.toml imports the
 * file as text, but users of the published edge do not have that rule.
 */
function inlineElement(): void {
  const importer = join(ROOT, "dist/edge/http/element-file.js");
  const code = readFileSync(importer, "utf8");
  const inlined = code
    .replace(/^\/\/\/ <reference .*\n/m, "")
    .replace(/"\.\.\/\.\.\/dist\/cdn\/freedom-pay-charge\.js"/, '"./element-source.js"');
  if (!inlined.includes("./element-source.js"))
    throw new Error("dist/edge/http/element-file.js does not import the element's file as expected");
  writeFileSync(importer, inlined);
  writeFileSync(join(ROOT, "dist/edge/http/element-source.js"), `export default ${JSON.stringify(readFileSync(ELEMENT_FILE, "utf8"))};\n`);
}

// Keep the element's file until it is replaced, because a running edge watches it.
for (const room of ["src", "edge", "widget", "command"]) rmSync(join(ROOT, "dist", room), { recursive: true, force: true });
await buildElement();
await buildPackagedWorker();
await emit("edge");
await emit("widget");
await emit("src");
await emit("command");
copyDeclarations();
rewriteDeclarations();
inlineElement();
process.exitCode = await run(toolCommand("publint", "run", "--strict", "--pack=false"));
