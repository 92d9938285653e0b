/**
 * npm run mutation [-- files]: how many small mistakes in src/ and in the state machine the unit tests find. About five minutes on one
 * core; part of no other command.
 *
 * A scripted equivalent of Stryker, with its operators: Stryker 10 reads tsconfig.json by `parseConfigFileTextToJson` of the
 * TypeScript that it finds, which TypeScript 7 does not have any more, and starts vitest anew for each mutant. Here every mutant is
 * in the code at once, behind a switch, and one long-lived vitest worker runs the tests that pass it.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import type { MutatedFile } from "./mutation/mutants.ts";
import { mutate } from "./mutation/mutants.ts";
import type { Judgement, Score } from "./mutation/report.ts";
import { countOf, lineOf, reportOf, scoreOf, survivorsOf, tableOf } from "./mutation/report.ts";
import { tryMutants } from "./mutation/run.ts";
import { ROOT } from "./run.ts";

/** What decides about money, and what is kept of it. The rest of edge/ is proven over HTTP. */
const STATE_MACHINE = ["edge/machine/**/*.ts", "edge/storage/{migration,retry-schedule}.ts", "edge/delivery/notify.ts"];

const JUDGEMENTS = `${ROOT}test/mutation-survivors.json`;
const REPORT = `${ROOT}test/mutation-survivors.md`;

/** The least score, in percent. */
const LEAST = { all: 85, stateMachine: 90 };

/** Of src: what only passes on, and what openapi.json alone is written from, which is held against the running edge. */
const LEFT_OUT: ReadonlySet<string> = new Set(["src/index.ts", "src/edge-api.ts", "src/lib/deployment-api.ts"]);

function filesToMutate(): readonly string[] {
  return globSync(["src/*.ts", "src/lib/*.ts", ...STATE_MACHINE], { cwd: ROOT })
    .filter((file) => !LEFT_OUT.has(file))
    .toSorted();
}

function testFiles(): readonly string[] {
  return globSync(["test/src/**/*.test.ts", "test/edge/**/*.test.ts"], { cwd: ROOT })
    .filter((file) => !/\.(workerd|browser)\.test\.ts$/.test(file))
    .toSorted();
}

const asked = process.argv.slice(2);
const all = filesToMutate();
const files = new Map<string, MutatedFile>();
let count = 0;
for (const file of asked.length === 0 ? all : all.filter((one) => asked.includes(one))) {
  const mutated = mutate(file, readFileSync(`${ROOT}${file}`, "utf8"), count);
  count += mutated.mutants.length;
  files.set(file, mutated);
}
const mutants = [...files.values()].flatMap((file) => file.mutants);
const begun = Date.now();
console.log(`${mutants.length} mutants in ${files.size} files`);
const { ended, tests } = await tryMutants(files, testFiles(), (done) => console.log(`${done} of ${mutants.length}`));
const minutes = (Date.now() - begun) / 60_000;

const judgements = existsSync(JUDGEMENTS) ? (JSON.parse(readFileSync(JUDGEMENTS, "utf8")) as readonly Judgement[]) : [];
const { survivors, outlived } = survivorsOf(mutants, ended, judgements);
const scores: readonly Score[] = [...files].map(([file, mutated]) => scoreOf(file, mutated.mutants, ended));
const core = scoreOf(
  "src",
  mutants.filter(({ file }) => file.startsWith("src/")),
  ended,
);
const machine = scoreOf(
  "the state machine (edge)",
  mutants.filter(({ file }) => file.startsWith("edge/")),
  ended,
);
const whole = scoreOf("all", mutants, ended);
const unjudged = survivors.filter(({ judgement }) => judgement === null);
for (const one of unjudged) console.log(`Not judged: ${lineOf(one)}`);
console.log(`${tableOf([...scores, core, machine, whole])}\n${tests} tests, ${countOf(survivors)}; ${minutes.toFixed(1)} minutes`);
if (asked.length === 0) {
  writeFileSync(REPORT, reportOf([core, machine, whole], scores, survivors, minutes));
  for (const place of outlived) console.log(`Fewer survivors than judged: ${JSON.stringify(place)}`);
}
const isEnough = whole.percent >= LEAST.all && machine.percent >= LEAST.stateMachine;
// The worker's main thread may still wait for what it was told.
process.exit(asked.length > 0 || (isEnough && unjudged.length === 0) ? 0 : 1);
