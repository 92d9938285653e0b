/** The parts of the pages about deployment that are run. */
import { readFileSync } from "node:fs";

/** A page whose commands are run: by `npm run test:deploy`, and by `npm run consumers`. */
export type DeployPage = "docs/self-hosting.md" | "docs/cloudflare.md";

/**
 * The code block that follows `<!-- walk: name -->`, without the indentation of both.
 *
 * @throws Error if there is none
 */
export function walkBlock(name: string, page: DeployPage = "docs/self-hosting.md"): string {
  const text = readFileSync(new URL(`../${page}`, import.meta.url), "utf8");
  const block = new RegExp(`^( *)<!-- walk: ${name} -->\\n\\1\`\`\`\\w+\\n([\\s\\S]*?)^\\1\`\`\`$`, "m");
  const [, indentation = "", code] = block.exec(text) ?? [];
  if (code === undefined) throw new Error(`${page} has no block "${name}"`);
  return code.replaceAll(new RegExp(`^${indentation}`, "gm"), "");
}

/** The values of a key of a unit, in their order. */
export function unitValues(unit: string, key: string): readonly string[] {
  return unit
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}
