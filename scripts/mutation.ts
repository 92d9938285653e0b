/**
 * npm run mutation [-- files]: measures how many small mistakes in src/ and in the state machine the unit tests find. It takes about
 * five minutes on one core, and no other command runs it.
 *
 * It has the operators of Stryker. Stryker 10 itself needs `parseConfigFileTextToJson`, which TypeScript 7 does not have, and restarts
 * vitest for each mutant. Here all mutants are in the code behind a switch, and one long-lived vitest worker runs the tests that
 * execute a mutant.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import type { MutatedFile } from "./mutation/mutants.ts";
import { mutate } from "./mutation/mutants.ts";
import type { Judgement, Score } from "./mutation/report.ts";
import { countOf, lineOf, reportOf, scoreOf, survivorsOf, tableOf } from "./mutation/report.ts";
import { tryMutants } from "./mutation/run.ts";
import { ROOT } from "./run.ts";

/** The state machine and its stored rows. The rest of edge/ is tested over HTTP. */
const STATE_MACHINE = ["edge/machine/**/*.ts", "edge/storage/migration.ts", "edge/delivery/notify.ts"];

const JUDGEMENTS = `${ROOT}test/mutation-survivors.json`;
const REPORT = `${ROOT}test/mutation-survivors.md`;

/** Minimum score, in percent. */
const MIN_SCORE = { all: 85, stateMachine: 90 };

/** Files of src without mutants: re-exports, and schemas that only openapi.json uses, which is compared with the running edge. */
const EXCLUDED: ReadonlySet<string> = new Set([
  "src/index.ts",
  "src/edge-api.ts",
  "src/lib/created-profile.ts",
  "src/lib/deployment-api.ts",
]);

function filesToMutate(): readonly string[] {
  return globSync(["src/*.ts", "src/lib/*.ts", ...STATE_MACHINE], { cwd: ROOT })
    .filter((file) => !EXCLUDED.has(file))
    .toSorted();
}

function testFiles(): readonly string[] {
  return globSync(["test/src/**/*.test.ts", "test/edge/**/*.test.ts"], { cwd: ROOT })
    .filter((file) => !/\.(workerd|browser)\.test\.ts$/.test(file))
    .toSorted();
}

const requestedFiles = process.argv.slice(2);
const all = filesToMutate();
const files = new Map<string, MutatedFile>();
let count = 0;
for (const file of requestedFiles.length === 0 ? all : all.filter((one) => requestedFiles.includes(one))) {
  const mutated = mutate(file, readFileSync(`${ROOT}${file}`, "utf8"), count);
  count += mutated.mutants.length;
  files.set(file, mutated);
}
const mutants = [...files.values()].flatMap((file) => file.mutants);
const startedAt = Date.now();
console.log(`${mutants.length} mutants in ${files.size} files`);
const { ended, tests } = await tryMutants(files, testFiles(), (done) => console.log(`${done} of ${mutants.length}`));
const minutes = (Date.now() - startedAt) / 60_000;

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
const total = scoreOf("all", mutants, ended);
const unjudged = survivors.filter(({ judgement }) => judgement === null);
for (const one of unjudged) console.log(`Not judged: ${lineOf(one)}`);
console.log(`${tableOf([...scores, core, machine, total])}\n${tests} tests, ${countOf(survivors)}; ${minutes.toFixed(1)} minutes`);
if (requestedFiles.length === 0) {
  writeFileSync(REPORT, reportOf([core, machine, total], scores, survivors, minutes));
  for (const place of outlived) console.log(`Fewer survivors than judged: ${JSON.stringify(place)}`);
}
const isEnough = total.percent >= MIN_SCORE.all && machine.percent >= MIN_SCORE.stateMachine;
// Exit here, because the worker's main thread may still wait for a task.
process.exit(requestedFiles.length > 0 || (isEnough && unjudged.length === 0) ? 0 : 1);
