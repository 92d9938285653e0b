// npm run build: dist/, as it is published.
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildElement, ELEMENT_FILE } from "./element.ts";
import { ROOT, run, toolCommand } from "./run.ts";

const EMIT = ["--noEmit", "false", "--declaration", "--rewriteRelativeImportExtensions", "--rootDir", ".", "--outDir", "dist"];

async function emit(folder: string): Promise<void> {
  const code = await run(toolCommand("tsc", "-p", folder, ...EMIT));
  if (code !== 0) throw new Error(`tsc ended with ${code} for ${folder}/`);
}

/** tsc takes no declarations that are written by hand along: those for the frameworks. */
function copyDeclarations(): void {
  for (const file of globSync("widget/*.d.ts", { cwd: ROOT })) copyFileSync(join(ROOT, file), join(ROOT, "dist", file));
}

/** tsc rewrites `./money.ts` to `./money.js` in code but not in declarations. */
function rewriteDeclarations(): void {
  for (const file of globSync("dist/{src,edge,widget,command}/**/*.d.ts", { cwd: ROOT })) {
    const path = join(ROOT, file);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'));
  }
}

/**
 * In the source the edge takes the element's file as text by a rule of wrangler.toml. Whoever mounts the
 * published edge has no such rule, so there it becomes a module that holds the text.
 */
function inlineElement(): void {
  const importer = join(ROOT, "dist/edge/http/element-file.js");
  const code = readFileSync(importer, "utf8");
  const inlined = code
    .replace(/^\/\/\/ <reference .*\n/m, "")
    .replace(/"\.\.\/\.\.\/dist\/cdn\/freedom-pay-charge\.js"/, '"./element-source.js"');
  if (!inlined.includes("./element-source.js"))
    throw new Error("dist/edge/http/element-file.js no longer imports the element's file as it did");
  writeFileSync(importer, inlined);
  writeFileSync(join(ROOT, "dist/edge/http/element-source.js"), `export default ${JSON.stringify(readFileSync(ELEMENT_FILE, "utf8"))};\n`);
}

// The element's file stays until it is replaced: an edge that is running here watches it.
for (const room of ["src", "edge", "widget", "command"]) rmSync(join(ROOT, "dist", room), { recursive: true, force: true });
await buildElement();
await emit("edge");
await emit("widget");
await emit("src");
await emit("command");
copyDeclarations();
rewriteDeclarations();
inlineElement();
process.exitCode = await run(toolCommand("publint", "run", "--strict", "--pack=false"));
