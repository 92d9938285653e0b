import { stripTypeScriptTypes } from "node:module";
import { describe, expect, test } from "vitest";
import { mutate } from "../../scripts/mutation/mutants.ts";
import type { JudgedPlace } from "../../scripts/mutation/report.ts";
import { countOf, reportOf, survivorsOf } from "../../scripts/mutation/report.ts";
import { Switch } from "../../scripts/mutation/switch.ts";

/** The mutants of a source, as text. */
function mutantsOf(source: string): readonly string[] {
  return mutate("a.ts", source, 0).mutants.map(({ was, becomes }) => `${was} → ${becomes}`);
}

/** The result of an instrumented function body with one active mutant; -1: none. */
function run(source: string, active: number, ...given: readonly unknown[]): unknown {
  const { mutants, instrumented } = mutate("a.ts", source, 0);
  const state = new Switch(mutants.length);
  state.active = active;
  state.limit = 1_000;
  const code = stripTypeScriptTypes(instrumented).replaceAll("globalThis.__mutation", "__mutation");
  return new Function("__mutation", "given", `${code}; return f(...given);`)(state, given);
}

describe("the mutations", () => {
  test.each([
    ["const a = b < c;", ["b < c → true", "b < c → false", "b < c → b <= c", "b < c → b >= c"]],
    [
      "const a = b === c && d;",
      ["b === c && d → true", "b === c && d → false", "b === c && d → b === c || d", "b === c → true", "b === c → b !== c"],
    ],
    ["const a = b ?? c;", ["b ?? c → (b) && (c)"]],
    ["const a = b + c * 2;", ["b + c * 2 → b - c * 2", "c * 2 → c / 2", "2 → 3"]],
    ['const a = b + "x";', ['"x" → ""']],
    ["const a = !b;", ["!b → b"]],
    ["const a = b?.c?.(1)[0];", ["b?.c?.(1) → b?.c(1)", "b?.c → b.c", "1 → 2", "0 → 1"]],
    ["const a = b.some(c);", ["b.some(c) → b.every(c)"]],
    ["const a = b.filter(c).toString();", ["b.filter(c) → b"]],
    ["const a = Math.min(b, c);", ["Math.min(b, c) → Math.max(b, c)"]],
    ["const a = [b];", ["[b] → []"]],
    ["const a = { b };", ["{ b } → {}"]],
    ["b += 1;", ["b += 1; → ;", "b += 1 → b -= 1", "1 → 2"]],
    ["const a = (b) => b.c;", ["b.c → undefined"]],
    ["if (b) c();", ["b → true", "b → false"]],
    ["while (b) c();", ["b → false", "c(); → ;"]],
    ["function f() { a(); return b; }", ["{ a(); return b; } → {}", "a(); → ;", "b → undefined"]],
  ])("%s", (source, expected) => {
    expect(mutantsOf(source)).toEqual(expected);
  });

  test.each([
    'import { a } from "b";',
    'export { a } from "b";',
    'type A = "b" | 5;',
    'interface A { readonly b: "c" }',
    "const a = b as C<5>;",
    "const a = /x/;",
    "const { b: a } = c;",
  ])("none in %s", (source) => {
    expect(mutantsOf(source)).toEqual([]);
  });

  test("have their line and their function", () => {
    const { mutants } = mutate("a.ts", "const A = 5;\n\nfunction f() {\n  const g = () => 6;\n}\n", 7);
    expect(mutants.map(({ id, line, within, was }) => [id, line, within, was])).toEqual([
      [7, 1, "A", "5"],
      [8, 3, "f", "{ const g = () => 6; }"],
      [9, 4, "f", "6"],
      [10, 4, "f", "6"],
    ]);
  });
});

describe("the instrumented source", () => {
  const source = `function f(a: number, b?: { c: number }): unknown {
    const list = [a, 2] as const;
    for (const one of list) if (one > 1 && one !== 3) return b?.c ?? one;
    return "none";
  }`;

  test("equals the original without an active mutant", () => {
    expect(run(source, -1, 2)).toBe(2);
    expect(run(source, -1, 2, { c: 9 })).toBe(9);
    expect(run(source, -1, 3)).toBe(2);
  });

  test("equals the active mutant, and keeps its lines", () => {
    const { mutants, instrumented } = mutate("a.ts", source, 0);
    const id = (becomes: string): number => mutants.find((mutant) => mutant.becomes === becomes)?.id ?? -2;
    expect(run(source, id("{}"), 2)).toBeUndefined();
    expect(run(source, id("[]"), 2)).toBe("none");
    expect(run(source, id("one >= 1"), 1)).toBe(1);
    expect(run(source, id("b.c"), 2, { c: 9 })).toBe(9);
    expect(() => run(source, id("b.c"), 2)).toThrow(TypeError);
    expect(run(source, id('""'), 0)).toBe(2);
    expect(instrumented.split("\n")).toHaveLength(source.split("\n").length);
  });

  test("ends an endless loop", () => {
    const loop = "function f(n: number): number { let i = 0; while (i < n) { i += 1; } return i; }";
    const { mutants } = mutate("a.ts", loop, 0);
    const endless = mutants.find(({ becomes }) => becomes === "i -= 1")?.id ?? -2;
    expect(run(loop, -1, 3)).toBe(3);
    expect(() => run(loop, endless, 3)).toThrow("The test does not end");
  });
});

describe("the judgements of the survivors", () => {
  const { mutants } = mutate("a.ts", "function f() { return g(5, 5); }\nconst A = 7;", 0);

  /** Only the numbers survive: the two of f and the one of A. */
  function judged(...places: readonly JudgedPlace[]): ReturnType<typeof survivorsOf> {
    const fate = (operator: string): "survived" | "killed" => (operator === "number" ? "survived" : "killed");
    const ended = new Map(mutants.map(({ id, operator }) => [id, { fate: fate(operator), by: null }]));
    return survivorsOf(mutants, ended, [{ verdict: "equivalent", why: "g counts to four.", places }]);
  }

  test.each<[string, readonly JudgedPlace[], string]>([
    ["nothing said", [], "3 survivors: 0 equivalent, 0 accepted, 3 not judged"],
    ["a place for one of them", [{ file: "a.ts", within: "A" }], "3 survivors: 1 equivalent, 0 accepted, 2 not judged"],
    ["a place for two", [{ file: "a.ts", within: "f", was: "5", times: 2 }], "3 survivors: 2 equivalent, 0 accepted, 1 not judged"],
    [
      "a place for fewer than it matches: one of them is new",
      [{ file: "a.ts", within: "f" }],
      "3 survivors: 0 equivalent, 0 accepted, 3 not judged",
    ],
    ["a place in another file", [{ file: "b.ts", times: 9 }], "3 survivors: 0 equivalent, 0 accepted, 3 not judged"],
  ])("%s", (_, places, count) => {
    expect(countOf(judged(...places).survivors)).toBe(count);
  });

  test("places with fewer survivors than their number are reported", () => {
    const [many, none] = [
      { file: "a.ts", within: "f", times: 3 },
      { file: "a.ts", was: "8" },
    ];
    expect(judged(many, { file: "a.ts", within: "A" }, none).outlived).toEqual([many, none]);
  });

  test("the report has each judgement once, above its places, after the survivors without one", () => {
    const { survivors } = judged({ file: "a.ts", within: "f", times: 2 });
    const report = reportOf([], [], survivors, 0);
    expect(report).toContain(
      [
        "## Not judged\n\n- a.ts:2 A: `7` → `8` (number)\n",
        "## Equivalent: no test can distinguish it from the original\n",
        "**g counts to four.**\n",
        "- a.ts:1 f: `5` → `6` (number)\n- a.ts:1 f: `5` → `6` (number)\n",
      ].join("\n"),
    );
    expect(report).not.toContain("## Accepted");
  });
});
