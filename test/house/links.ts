/** The links of a document, and what they lead to. A link to a test is `[a name in it](its file)`. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSource } from "./source.ts";

/** The project's folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** One link of a document. */
export interface Link {
  readonly says: string;
  /** A path from the project's folder, without the fragment; or a URL. */
  readonly to: string;
}

/** A text file of the project. @param path from the project's folder */
export function readText(path: string): string {
  return readFileSync(`${root}/${path}`, "utf8");
}

/**
 * Every link of a Markdown text.
 *
 * @param page the path of the document from the project's folder: links are relative to it
 */
export function linksOf(markdown: string, page: string): readonly Link[] {
  return [...markdown.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, says = "", to = ""]) => ({ says, to: resolved(to, page) }));
}

/** The links that name tests. */
export function testsNamed(links: readonly Link[]): readonly Link[] {
  return links.filter(({ to }) => to.startsWith("test/"));
}

/** The links to files and folders that do not exist. URLs are not checked. */
export function deadLinks(links: readonly Link[]): readonly Link[] {
  return links.filter(({ to }) => !isUrl(to) && !existsSync(`${root}/${to}`));
}

/** The string literals of the files that links lead to. Each file is parsed once, because hundreds of links lead to the same few. */
const literals = new Map<string, ReadonlySet<string>>();

/** Whether one of a file's string literals equals a text, such as the name of a test. */
export function hasLiteral({ says, to }: Link): boolean {
  const known = literals.get(to) ?? new Set(readSource(to, readText(to)).texts.map((text) => text.trim()));
  literals.set(to, known);
  return known.has(says);
}

function resolved(to: string, page: string): string {
  return isUrl(to) ? to : decodeURIComponent(new URL(to, `file:///${page}`).pathname.slice(1));
}

function isUrl(to: string): boolean {
  return /^[a-z]+:/.test(to);
}
