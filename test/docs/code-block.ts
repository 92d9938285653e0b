/** The code blocks of the documentation. */
import { readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/**
 * The code blocks of one language on a page of docs/, in their order.
 *
 * @param page Such as `docs/notifications.md`.
 * @param language What stands behind the opening fence, such as `js`.
 */
export function codeBlocks(page: string, language: string): readonly string[] {
  const text = readFileSync(new URL(page, ROOT), "utf8");
  return Array.from(text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm))
    .filter(([, fence]) => fence === language)
    .map(([, , code = ""]) => code);
}

/**
 * The one code block of a language on a page.
 *
 * @throws when there is none, or more than one
 */
export function onlyCodeBlock(page: string, language: string): string {
  const [first, ...others] = codeBlocks(page, language);
  if (first === undefined || others.length > 0)
    throw new Error(`${page} has ${others.length + (first === undefined ? 0 : 1)} blocks of ${language}`);
  return first;
}
