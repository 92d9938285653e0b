/** The parts of docs/self-hosting.md that are run. */
import { readFileSync } from "node:fs";

const PAGE = readFileSync(new URL("../docs/self-hosting.md", import.meta.url), "utf8");

/**
 * The code block that follows `<!-- walk: name -->`.
 *
 * @throws Error if there is none
 */
export function walkBlock(name: string): string {
  const after = PAGE.split(`<!-- walk: ${name} -->\n`)[1];
  const code = after === undefined ? undefined : /^```\w+\n([\s\S]*?)^```$/m.exec(after)?.[1];
  if (code === undefined || after?.startsWith("```") !== true) throw new Error(`docs/self-hosting.md has no block "${name}"`);
  return code;
}

/** The values of a key of a unit, in their order. */
export function unitValues(unit: string, key: string): readonly string[] {
  return unit
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}
