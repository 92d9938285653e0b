/** The documents as a reader of the repository and of the packed package finds them. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { expect, test } from "vitest";
import { deadLinks, linksOf, readText, root } from "./links.ts";

const DOCUMENTS = globSync(["*.md", "{docs,edge,src,test}/**/*.md", ".github/**/*.md"], { cwd: root }).filter(
  (path) => !path.includes("node_modules"),
);

/** The pages for those who change the package, which are in the repository alone. */
const FOR_CONTRIBUTORS = ["docs/architecture.md", "docs/money-rules.md", "docs/simulation.md"];

/** The files of the packed package, without what a build makes. */
function packedFiles(): readonly string[] {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"], {
    cwd: root,
    encoding: "utf8",
  });
  const [packed] = JSON.parse(stdout) as readonly { readonly files: readonly { readonly path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

const packed = packedFiles();
const packedDocuments = packed.filter((path) => path.endsWith(".md"));

/** The ids that GitHub and npm give the headings of a page. */
function headingsOf(markdown: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const [, heading = ""] of withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const id = heading
      .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    let unique = id;
    for (let count = 1; ids.has(unique); count++) unique = `${id}-${count}`;
    ids.add(unique);
  }
  return ids;
}

/** A page without its code blocks, in which `#` begins a comment. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```$/gm, "");
}

/** The links of a page to a heading that does not exist. */
function lostHeadings(page: string): readonly string[] {
  return [...withoutCode(readText(page)).matchAll(/\]\(([^)\s:]*)#([^)\s]+)\)/g)]
    .filter(([, path = "", id = ""]) => {
      const to = path === "" ? page : new URL(path, `file:///${page}`).pathname.slice(1);
      return to.endsWith(".md") && !headingsOf(readText(to)).has(id);
    })
    .map(([link]) => link);
}

test("the README has at most 300 lines and 20 KB", () => {
  const readme = readText("README.md");
  expect(readme.split("\n").length - 1).toBeLessThanOrEqual(300);
  expect(new TextEncoder().encode(readme).length).toBeLessThanOrEqual(20_000);
});

test.each(DOCUMENTS)("every link of %s leads to a file, and to a heading in it", (page) => {
  expect(deadLinks(linksOf(withoutCode(readText(page)), page))).toEqual([]);
  expect(lostHeadings(page)).toEqual([]);
});

test("all documents are packed but those for contributors", () => {
  const docs = globSync("docs/*.md", { cwd: root });
  expect(docs.filter((page) => !packed.includes(page)).toSorted()).toEqual(FOR_CONTRIBUTORS);
  expect(packedDocuments).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", "CHANGELOG.md", "edge/README.md"]));
});

test.each(packedDocuments)("a link in the packed %s leads to a packed file, or to an absolute address", (page) => {
  const links = linksOf(withoutCode(readText(page)), page).map(({ to }) => to);
  expect(links.filter((to) => !/^https:/.test(to) && !packed.includes(to))).toEqual([]);
});

test("every file that CONTRIBUTING.md and docs/README.md name exists", () => {
  for (const page of ["CONTRIBUTING.md", "docs/README.md"]) {
    const named = [...readText(page).matchAll(/`((?:src|edge|widget|command|demo|scripts|test|docs|\.github)\/[\w./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    expect(named.length).toBeGreaterThan(page === "CONTRIBUTING.md" ? 50 : 2);
    expect(named.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  }
});

test("docs/README.md names every page of docs/, and links to every packed one", () => {
  const index = readText("docs/README.md");
  const linked = linksOf(index, "docs/README.md").map(({ to }) => to);
  const pages = globSync("docs/*.md", { cwd: root }).filter((page) => page !== "docs/README.md");
  expect(pages.filter((page) => !FOR_CONTRIBUTORS.includes(page) && !linked.includes(page))).toEqual([]);
  expect(FOR_CONTRIBUTORS.filter((page) => !index.includes(`\`${page}\``))).toEqual([]);
});
