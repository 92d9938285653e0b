import { existsSync, globSync } from "node:fs";
import { expect, test } from "vitest";
import { deadLinks, linksOf, readText, root } from "./links.ts";

const PAGE = "docs/architecture.md";

const page = readText(PAGE);

/** The paths in backticks: with a folder, or files of the project's own folder. */
const paths = [...page.matchAll(/`([\w.-]+(?:\/[\w.-]*)+|[\w.-]+\.(?:md|json|toml|example))`/g)].map(([, path = ""]) => path);

/** The rooms: folders with sources, and the folders of the core and the edge. */
const rooms = ["{src,edge,widget,command,demo,scripts,test}/", "{src,edge}/*/"].flatMap((pattern) => globSync(pattern, { cwd: root }));

test("every file and folder that docs/architecture.md names exists", () => {
  expect(paths.length).toBeGreaterThan(80);
  expect(paths.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  expect(deadLinks(linksOf(page, PAGE))).toEqual([]);
});

test("every room has a row in docs/architecture.md", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const missing = rooms.filter((room) => !rows.some((row) => row.startsWith(`| \`${room.replace(/\/?$/, "/")}\``)));
  expect(rooms.length).toBeGreaterThan(12);
  // The files of the edge's own folder have rows of their own.
  expect(missing.map((room) => room.replace(/\/?$/, "/"))).toEqual(["edge/"]);
});

test("every file of the edge's own folder is named in docs/architecture.md", () => {
  expect(globSync("edge/*.ts", { cwd: root }).filter((path) => !path.endsWith(".d.ts") && !paths.includes(path))).toEqual([]);
});

test("docs/architecture.md is one page", () => {
  expect(page.split("\n").length).toBeLessThanOrEqual(121);
});
