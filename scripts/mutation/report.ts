/** The score of a run, and its survivors with what was judged of them. */
import type { Mutant } from "./mutants.ts";
import type { Fate } from "./plan.ts";
import type { Ended } from "./run.ts";

/** One judgement, of one survivor or of several that live for the same reason. */
export interface Judgement {
  /** `equivalent`: no test can tell it from the original. `accepted`: a test could, and none should. */
  readonly verdict: Verdict;
  /** One sentence: why. */
  readonly why: string;
  readonly places: readonly JudgedPlace[];
}

export type Verdict = "equivalent" | "accepted";

/** Which survivors a judgement is about, in the words of the report. A member that is left out fits all. */
export interface JudgedPlace {
  readonly file: string;
  readonly within?: string;
  readonly operator?: string;
  readonly was?: string;
  readonly becomes?: string;
  /** How many they are; 1 when left out. Where more fit, one of them is new, and none of them is judged. */
  readonly times?: number;
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

function fits(place: JudgedPlace, mutant: Mutant): boolean {
  return (["file", "within", "operator", "was", "becomes"] as const).every(
    (member) => place[member] === undefined || place[member] === shown(mutant[member]),
  );
}

/** A text of the source, cut where it is long. */
export function shown(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/**
 * The mutants that no test found, each with the judgement of the first place that fits.
 *
 * @returns beside them the places that fewer survivors fit than they say
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
  ["equivalent", "Equivalent: no test can tell it from the original"],
  ["accepted", "Accepted: a test could tell it, and none should"],
];

function listed(survivors: readonly Survivor[]): string {
  return survivors.map((one) => `- ${lineOf(one)}`).join("\n");
}

/** How many survivors there are, by what was judged of them. */
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
    "Written by `npm run mutation`; what is said of the survivors is kept in `mutation-survivors.json`. A mutant is one small mistake, made\non purpose. It is found when a unit test fails or does not come to an end. Score: those that were found, of all.",
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
