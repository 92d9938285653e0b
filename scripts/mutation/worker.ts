/**
 * Runs inside vitest as its only test file. For every mutant it loads the real test files with fresh modules, and runs the tests that
 * execute the mutant until one fails.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { inject, test, vi } from "vitest";
import type { Coverage, Fate, Line, Plan } from "./plan.ts";
import type { Case } from "./registry.ts";
import { Switch } from "./switch.ts";

const plan: Plan = inject("plan");

const state = new Switch(plan.count);
globalThis.__mutation = state;

// Use the same cases for every mutant and in every run.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_122 });

function tell(line: Line): void {
  appendFileSync(plan.output, `${JSON.stringify(line)}\n`);
}

type Registry = typeof import("./registry.ts");

async function load(file: string): Promise<Registry> {
  vi.resetModules();
  await import(`${plan.root}${file}`);
  return import("./registry.ts");
}

/** Time limit of a test in milliseconds, from its time without a mutant. */
function timeFor(milliseconds: number): number {
  return Math.max(3_000, milliseconds * 20);
}

/** Runs one test: null when it passes. */
async function failure(registry: Registry, one: Case, milliseconds: number): Promise<"failed" | "timed out" | null> {
  const timer = new AbortController();
  const late = wait(timeFor(milliseconds), "timed out" as const, { signal: timer.signal });
  late.catch(() => undefined);
  try {
    const ended = await Promise.race([registry.runCase(one), late]);
    return state.isEndless ? "timed out" : (ended ?? null);
  } catch {
    return state.isEndless ? "timed out" : "failed";
  } finally {
    timer.abort();
  }
}

async function cover(file: string): Promise<Coverage> {
  state.takePassed();
  const registry = await load(file);
  const atImport = state.takePassed();
  const cases: Coverage["cases"][number][] = [];
  for (const one of registry.cases) {
    state.steps = 0;
    const begun = performance.now();
    await registry.runCase(one);
    cases.push({ name: one.name, mutants: state.takePassed(), steps: state.steps, milliseconds: performance.now() - begun });
  }
  await registry.endBlocks(registry.cases);
  vi.restoreAllMocks();
  return { file, atImport, cases };
}

/** The coverage of every file; null when a test fails without any mutant. */
async function coverAll(): Promise<readonly Coverage[] | null> {
  const all: Coverage[] = [];
  for (const file of plan.tests) {
    try {
      all.push(await cover(file));
    } catch (error) {
      tell({ broken: `${file}: ${String(error)}` });
      return null;
    }
  }
  tell({ coverage: all });
  return all;
}

/** Runs the tests of a file that execute a mutant, the fastest first, until one fails. */
async function tryFile(id: number, { file, atImport, cases }: Coverage): Promise<{ readonly fate: Fate; readonly by: string } | null> {
  const isAtImport = atImport.includes(id);
  const chosen = cases.map((one, number) => ({ ...one, number })).filter(({ mutants }) => isAtImport || mutants.includes(id));
  if (chosen.length === 0) return null;
  state.active = id;
  state.steps = 0;
  state.limit = 5_000_000;
  let registry: Registry;
  try {
    registry = await load(file);
  } catch {
    return { fate: "killed", by: `${file}: its modules do not load` };
  }
  if (registry.cases.length === 0) return { fate: "killed", by: `${file}: has no tests` };
  // Tests that are generated from a mutated table have other rows. Then all of them run.
  const isOther = registry.cases.length !== cases.length;
  const inOrder = isOther
    ? registry.cases.map((one) => ({ one, name: one.name, steps: 1_000_000, milliseconds: 0 }))
    : chosen
        .toSorted((one, other) => one.milliseconds - other.milliseconds)
        .flatMap(({ number, ...known }) => registry.cases.slice(number, number + 1).map((one) => ({ ...known, one })));
  const run: Case[] = [];
  try {
    for (const { one, name, steps, milliseconds } of inOrder) {
      run.push(one);
      state.steps = 0;
      state.limit = 200_000 + steps * 20;
      const ended = await failure(registry, one, milliseconds);
      if (ended !== null) return { fate: ended === "failed" ? "killed" : "timed out", by: `${file}: ${name}` };
    }
    return null;
  } finally {
    state.limit = Number.POSITIVE_INFINITY;
    await registry.endBlocks(run);
    vi.restoreAllMocks();
  }
}

/** Whether a test file mirrors a file of the product. */
function mirrors(test: string, file: string): boolean {
  return test === `test/${file.replace(/\.ts$/, ".test.ts")}`;
}

function cost({ cases }: Coverage): number {
  return cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

async function fateOf(
  id: number,
  file: string,
  coverage: readonly Coverage[],
): Promise<{ readonly fate: Fate; readonly by: string | null }> {
  const touching = coverage.filter(({ atImport, cases }) => atImport.includes(id) || cases.some(({ mutants }) => mutants.includes(id)));
  const inOrder = touching.toSorted(
    (one, other) => Number(mirrors(other.file, file)) - Number(mirrors(one.file, file)) || cost(one) - cost(other),
  );
  for (const one of inOrder) {
    const ended = await tryFile(id, one);
    if (ended !== null) return ended;
  }
  return { fate: touching.length === 0 ? "not covered" : "survived", by: null };
}

test("every mutant", { timeout: 0 }, async () => {
  tell({ worker: process.pid });
  const coverage = plan.coverage ?? (await coverAll());
  if (coverage === null) return;
  for (const [id, file] of plan.mutants) {
    tell({ begun: id });
    const { fate, by } = await fateOf(id, file, coverage);
    state.active = -1;
    tell({ ended: id, fate, by });
  }
});
