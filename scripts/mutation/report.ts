/** The score of a run, and its survivors with what was judged of them. */
import type { Mutant } from "./mutants.ts";
import type { Fate } from "./plan.ts";
import type { Ended } from "./run.ts";

/** What was judged of survivors. A member that is left out fits all: one judgement can be about every text of a table. */
export interface Judgement {
  readonly file: string;
  readonly within?: string;
  readonly operator?: string;
  readonly was?: string;
  readonly becomes?: string;
  /** One sentence: why no test can tell it from the original, or why none should. */
  readonly why: string;
}

/** One mutant that no test found. */
export interface Survivor {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly judgement: Judgement | null;
}

/** How the mutants of one file, or of several, ended. */
export interface Score {
  readonly name: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly notCovered: number;
  /** Found of all, in percent: killed or timed out. */
  readonly percent: number;
}

/** The score of some mutants. */
export function scoreOf(name: string, mutants: readonly Mutant[], ended: ReadonlyMap<number, Ended>): Score {
  const count = (fate: Fate): number => mutants.filter(({ id }) => ended.get(id)?.fate === fate).length;
  const [killed, timedOut] = [count("killed"), count("timed out")];
  const percent = mutants.length === 0 ? 100 : (100 * (killed + timedOut)) / mutants.length;
  return { name, mutants: mutants.length, killed, timedOut, survived: count("survived"), notCovered: count("not covered"), percent };
}

/** The longest text of the source that a report shows. */
const LONGEST = 100;

function fits(judgement: Judgement, mutant: Mutant): boolean {
  return (["file", "within", "operator", "was", "becomes"] as const).every(
    (member) => judgement[member] === undefined || judgement[member] === shown(mutant[member]),
  );
}

/** A text of the source, cut where it is long. */
export function shown(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The mutants that no test found. */
export function survivorsOf(
  mutants: readonly Mutant[],
  ended: ReadonlyMap<number, Ended>,
  judgements: readonly Judgement[],
): readonly Survivor[] {
  return mutants.flatMap((mutant) => {
    const fate = ended.get(mutant.id)?.fate;
    if (fate !== "survived" && fate !== "not covered") return [];
    return [{ mutant, fate, judgement: judgements.find((one) => fits(one, mutant)) ?? null }];
  });
}

function code(text: string): string {
  const one = shown(text);
  return one.includes("`") ? `\`\` ${one} \`\`` : `\`${one}\``;
}

/** One line about a survivor. */
export function lineOf({ mutant, fate, judgement }: Survivor): string {
  const { line, within, operator, was, becomes } = mutant;
  const where = `${line}${within === "" ? "" : ` ${within}`}`;
  return `${where}: ${code(was)} → ${code(becomes)} (${operator}${fate === "survived" ? "" : `, ${fate}`}). ${judgement?.why ?? "**Not judged.**"}`;
}

function row({ name, mutants, killed, timedOut, survived, notCovered, percent }: Score): string {
  return `| ${name} | ${mutants} | ${killed} | ${timedOut} | ${survived} | ${notCovered} | ${percent.toFixed(1)} % |`;
}

/** The table of scores, in Markdown. */
export function tableOf(scores: readonly Score[]): string {
  return [
    "| file | mutants | killed | timed out | survived | not covered | score |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...scores.map(row),
  ].join("\n");
}

/** The whole report, in Markdown. */
export function reportOf(totals: readonly Score[], files: readonly Score[], survivors: readonly Survivor[], minutes: number): string {
  const lists = files.flatMap(({ name }) => {
    const lines = survivors.filter(({ mutant }) => mutant.file === name).map((one) => `- ${lineOf(one)}`);
    return lines.length === 0 ? [] : [`### ${name}`, lines.join("\n")];
  });
  return [
    "# Mutation testing",
    "Written by `npm run mutation`; what is said of the survivors is kept in `mutation-survivors.json`. A mutant is one small mistake, made\non purpose. It is found when a unit test fails or does not come to an end. Score: those that were found, of all.",
    tableOf(totals),
    `One core, ${minutes.toFixed(0)} minutes.`,
    "## By file",
    tableOf(files),
    "## Survivors, judged",
    ...lists,
  ]
    .join("\n\n")
    .concat("\n");
}
