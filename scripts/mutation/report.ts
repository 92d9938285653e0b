/** The score of a run, and its survivors with their judgements. */
import type { Mutant } from "./mutants.ts";
import type { Fate } from "./plan.ts";
import type { Ended } from "./run.ts";

/** One judgement for one survivor, or for several with the same reason. */
export interface Judgement {
  /** `equivalent`: no test can distinguish it from the original. `accepted`: a test could, but none should. */
  readonly verdict: Verdict;
  /** The reason, one sentence. */
  readonly why: string;
  readonly places: readonly JudgedPlace[];
}

export type Verdict = "equivalent" | "accepted";

/** The survivors of a judgement, as in the report. A member that is left out matches all. */
export interface JudgedPlace {
  readonly file: string;
  readonly within?: string;
  readonly operator?: string;
  readonly was?: string;
  readonly becomes?: string;
  /** Their number (default 1). If more survivors match, one of them is new, and none of them counts as judged. */
  readonly times?: number;
}

/** A mutant that no test found. */
export interface Survivor {
  readonly mutant: Mutant;
  readonly fate: Fate;
  readonly judgement: Judgement | null;
}

/** The results of the mutants of one or more files. */
export interface Score {
  readonly name: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly notCovered: number;
  /** Percentage of mutants that were killed or timed out. */
  readonly percent: number;
}

/** The score of some mutants. */
export function scoreOf(name: string, mutants: readonly Mutant[], ended: ReadonlyMap<number, Ended>): Score {
  const count = (fate: Fate): number => mutants.filter(({ id }) => ended.get(id)?.fate === fate).length;
  const [killed, timedOut] = [count("killed"), count("timed out")];
  const percent = mutants.length === 0 ? 100 : (100 * (killed + timedOut)) / mutants.length;
  return { name, mutants: mutants.length, killed, timedOut, survived: count("survived"), notCovered: count("not covered"), percent };
}

/** Maximum length of source text in a report. */
const LONGEST = 100;

function fits(place: JudgedPlace, mutant: Mutant): boolean {
  return (["file", "within", "operator", "was", "becomes"] as const).every(
    (member) => place[member] === undefined || place[member] === shown(mutant[member]),
  );
}

/** A source text, shortened if it is long. */
export function shown(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/**
 * The mutants that no test found, each with the judgement of the first matching place.
 *
 * @returns also the places with fewer matching survivors than their number
 */
export function survivorsOf(
  mutants: readonly Mutant[],
  ended: ReadonlyMap<number, Ended>,
  judgements: readonly Judgement[],
): { readonly survivors: readonly Survivor[]; readonly outlived: readonly JudgedPlace[] } {
  const places = judgements.flatMap((judgement) => judgement.places.map((place) => ({ judgement, place })));
  const found = mutants.flatMap((mutant) => {
    const fate = ended.get(mutant.id)?.fate;
    if (fate !== "survived" && fate !== "not covered") return [];
    return [{ mutant, fate, judged: places.find(({ place }) => fits(place, mutant)) ?? null }];
  });
  const many = (place: JudgedPlace): number => found.filter(({ judged }) => judged?.place === place).length;
  return {
    survivors: found.map(({ mutant, fate, judged }) => {
      const isJudged = judged !== null && many(judged.place) <= (judged.place.times ?? 1);
      return { mutant, fate, judgement: isJudged ? judged.judgement : null };
    }),
    outlived: places.map(({ place }) => place).filter((place) => many(place) < (place.times ?? 1)),
  };
}

function code(text: string): string {
  const one = shown(text);
  return one.includes("`") ? `\`\` ${one} \`\`` : `\`${one}\``;
}

/** One line about a survivor. */
export function lineOf({ mutant, fate }: Survivor): string {
  const { file, line, within, operator, was, becomes } = mutant;
  const where = `${file}:${line}${within === "" ? "" : ` ${within}`}`;
  return `${where}: ${code(was)} → ${code(becomes)} (${operator}${fate === "survived" ? "" : `, ${fate}`})`;
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

const VERDICTS: readonly (readonly [Verdict, string])[] = [
  ["equivalent", "Equivalent: no test can distinguish it from the original"],
  ["accepted", "Accepted: a test could distinguish it, but none should"],
];

function listed(survivors: readonly Survivor[]): string {
  return survivors.map((one) => `- ${lineOf(one)}`).join("\n");
}

/** The numbers of survivors by judgement. */
export function countOf(survivors: readonly Survivor[]): string {
  const count = (verdict: Verdict | undefined): number => survivors.filter(({ judgement }) => judgement?.verdict === verdict).length;
  return `${survivors.length} survivors: ${count("equivalent")} equivalent, ${count("accepted")} accepted, ${count(undefined)} not judged`;
}

/** The whole report, in Markdown. */
export function reportOf(totals: readonly Score[], files: readonly Score[], survivors: readonly Survivor[], minutes: number): string {
  const unjudged = survivors.filter(({ judgement }) => judgement === null);
  const sections = VERDICTS.flatMap(([verdict, title]) => {
    const judgements = new Set(survivors.map(({ judgement }) => judgement).filter((one) => one?.verdict === verdict));
    const blocks = [...judgements].flatMap((judgement) => [
      `**${judgement?.why ?? ""}**`,
      listed(survivors.filter((one) => one.judgement === judgement)),
    ]);
    return blocks.length === 0 ? [] : [`## ${title}`, ...blocks];
  });
  return [
    "# Mutation testing",
    "Written by `npm run mutation`; `mutation-survivors.json` has the judgements of the survivors. A mutant is one deliberate small mistake.\nIt is found when a unit test fails or does not end. The score is the percentage of mutants that were found.",
    tableOf(totals),
    `${countOf(survivors)}. One core, ${minutes.toFixed(0)} minutes.`,
    "## By file",
    tableOf(files),
    ...(unjudged.length === 0 ? [] : ["## Not judged", listed(unjudged)]),
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}
