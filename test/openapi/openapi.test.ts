import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import document from "../../openapi.json" with { type: "json" };
import { openApi } from "../../scripts/openapi.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("openapi.json matches the types and routes: `npm run openapi` writes it", () => {
  expect(read("openapi.json")).toBe(openApi());
});

describe("The document", () => {
  function nodes(value: unknown): readonly Readonly<Record<string, unknown>>[] {
    if (typeof value !== "object" || value === null) return [];
    return [value as Readonly<Record<string, unknown>>, ...Object.values(value).flatMap(nodes)];
  }

  test("has no dangling reference", () => {
    const refs = nodes(document).flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : []));
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of refs) {
      const found = ref
        .slice(2)
        .split("/")
        .reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], document);
      expect(found, ref).toBeTypeOf("object");
    }
  });

  test("names every operation once, and declares exactly the parameters of its path", () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, ...operation } of operations) {
      const parameters = nodes("parameters" in operation ? operation.parameters : []).filter(({ in: where }) => where === "path");
      expect(
        parameters.map(({ name }) => name),
        path,
      ).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
    }
  });

  test("gives components valid names only (OpenAPI 3.1, Components Object)", () => {
    for (const group of Object.values(document.components))
      for (const name of Object.keys(group)) expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test("has every code of a refusal in some answer", () => {
    const shown = new Set(nodes(document.components.responses).flatMap((node) => (Array.isArray(node["enum"]) ? node["enum"] : [])));
    expect([...shown].sort()).toEqual(Object.keys(PROBLEMS).sort());
  });
});
