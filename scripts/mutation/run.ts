/** Runs the mutants in one long-lived vitest worker, and skips those that hang it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { startVitest } from "vitest/node";
import { ROOT } from "../run.ts";
import type { MutatedFile } from "./mutants.ts";
import type { Coverage, Fate, Line, Plan } from "./plan.ts";

/** The result of a mutant, and the test that found it. */
export interface Ended {
  readonly fate: Fate;
  readonly by: string | null;
}

/** Milliseconds without output after which the worker counts as hung. */
const SILENCE = 90_000;

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
const REGISTRY = fileURLToPath(new URL("registry.ts", import.meta.url));

/** Serves the instrumented files instead of the real ones, and the registry instead of vitest. */
function mutating(files: ReadonlyMap<string, MutatedFile>): Plugin {
  return {
    name: "mutating",
    enforce: "pre",
    transform(source: string, id: string): string | null {
      const path = id.startsWith(ROOT) ? id.slice(ROOT.length) : "";
      if (path.startsWith("test/")) return source.replaceAll(/from "vitest";/g, `from ${JSON.stringify(REGISTRY)};`);
      return files.get(path)?.instrumented ?? null;
    },
  };
}

function linesOf(output: string): readonly Line[] {
  let text: string;
  try {
    text = readFileSync(output, "utf8");
  } catch {
    return [];
  }
  // The last line may be half written.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}

/**
 * Ends the worker when it hangs or is done, because vitest would wait for the promises of every hung test.
 */
function watch(output: string, most: number): NodeJS.Timeout {
  let length = 0;
  let since = Date.now();
  return setInterval(() => {
    const lines = linesOf(output);
    if (lines.length !== length) {
      length = lines.length;
      since = Date.now();
    }
    const worker = lines.find((line) => "worker" in line)?.worker;
    const isDone = lines.filter((line) => "ended" in line).length === most;
    if ((!isDone && Date.now() - since < SILENCE) || worker === undefined) return;
    since = Date.now();
    end(worker);
  }, 2_000);
}

function end(worker: number): void {
  try {
    process.kill(worker, "SIGKILL");
  } catch {
    // It has already ended.
  }
}

async function runWorker(plan: Plan, files: ReadonlyMap<string, MutatedFile>): Promise<void> {
  const vitest = await startVitest(
    [WORKER],
    {
      config: false,
      root: ROOT,
      include: [WORKER],
      watch: false,
      pool: "forks",
      maxWorkers: 1,
      isolate: false,
      fileParallelism: false,
      // vitest's cache on disk may have an older instrumented file.
      fsModuleCache: false,
      reporters: [{}],

      dangerouslyIgnoreUnhandledErrors: true,
      provide: { plan },
    },
    { plugins: [mutating(files)], logLevel: "error" },
  );
  await vitest.close();
  process.exitCode = 0;
}

/**
 * Tries every mutant.
 *
 * @param files the mutated files by their path
 * @param tests the test files, relative to the project's folder
 * @param progress receives the number of finished mutants from time to time
 * @returns the result of each mutant, and the number of tests
 * @throws {Error} when a test fails without any mutant
 */
export async function tryMutants(
  files: ReadonlyMap<string, MutatedFile>,
  tests: readonly string[],
  progress: (ended: number) => void,
): Promise<{ readonly ended: ReadonlyMap<number, Ended>; readonly tests: number }> {
  const all = [...files.values()].flatMap(({ mutants }) => mutants);
  const folder = mkdtempSync(join(tmpdir(), "mutation-"));
  const ended = new Map<number, Ended>();
  let coverage: readonly Coverage[] | null = null;
  try {
    for (let round = 0; ended.size < all.length; round += 1) {
      const output = join(folder, `${round}.jsonl`);
      const left = all.filter(({ id }) => !ended.has(id)).map(({ id, file }) => [id, file] as const);
      const count = Math.max(...all.map(({ id }) => id)) + 1;
      const watching = watch(output, left.length);
      const reporting = setInterval(() => progress(ended.size + linesOf(output).filter((line) => "ended" in line).length), 30_000);
      await runWorker({ root: ROOT, tests, mutants: left, count, coverage, output }, files);
      clearInterval(watching);
      clearInterval(reporting);
      const before = ended.size;
      let begun: number | null = null;
      for (const line of linesOf(output)) {
        if ("broken" in line) throw new Error(`The tests fail without a mutant: ${line.broken}`);
        if ("coverage" in line) ({ coverage } = line);
        if ("begun" in line) ({ begun } = line);
        if ("ended" in line) ended.set(line.ended, { fate: line.fate, by: line.by });
      }
      if (begun !== null && !ended.has(begun)) ended.set(begun, { fate: "timed out", by: null });
      if (ended.size === before) throw new Error("The worker ended without output");
    }
    return { ended, tests: coverage?.reduce((sum, { cases }) => sum + cases.length, 0) ?? 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
