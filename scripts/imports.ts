// npm run imports -- [FOLDER]: draws who imports whom in a folder (edge by default), and fails on a circle.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const [folder = "edge"] = process.argv.slice(2);

/** The box of a file: its subfolder, or the file itself at the top. */
function boxOf(path: string): string {
  const [first = path, ...rest] = posix.relative(folder, path).split("/");
  return rest.length > 0 ? `${first}/` : first;
}

/** Arrows by box. An import of types alone counts too. */
const arrows = new Map<string, Set<string>>();
for (const path of globSync(`${folder}/**/*.ts`).filter((file) => !file.endsWith(".d.ts"))) {
  const from = boxOf(path);
  const targets = arrows.get(from) ?? new Set();
  arrows.set(from, targets);
  for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(/^(?:import|export) [^;]*? from "(\.[^"]+)";$/gm)) {
    const target = join(dirname(path), specifier);
    if (target.startsWith(`${folder}/`) && boxOf(target) !== from) targets.add(boxOf(target));
  }
}

/** Boxes from the top: each imports only boxes below it. What is left over is in a circle. */
const levels: string[][] = [];
const open = new Set(arrows.keys());
while (open.size > 0) {
  const level = [...open].filter((box) => ![...open].some((other) => other !== box && arrows.get(other)?.has(box)));
  if (level.length === 0) break;
  levels.push(level.sort());
  for (const box of level) open.delete(box);
}

console.log(`${arrows.size} boxes in ${folder}/, from the top. An arrow leads down only.\n`);
for (const level of levels)
  for (const box of level) {
    const targets = [...(arrows.get(box) ?? [])].sort();
    console.log(`  ${box.padEnd(16)}${targets.length === 0 ? "" : ` -> ${targets.join("  ")}`}`);
  }
if (open.size > 0) {
  console.error(`\nIn a circle: ${[...open].sort().join(", ")}`);
  process.exitCode = 1;
}
