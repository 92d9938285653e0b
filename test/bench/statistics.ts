/** Figures of several rounds. */

/** The figure of each round. */
export type Figures = readonly number[];

export function median(figures: Figures): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Each figure divided by the reference's figure of the same round. */
export function ratios(figures: Figures, reference: Figures): Figures {
  return figures.map((figure, round) => figure / (reference[round] ?? Number.NaN));
}

/** `123 (110–140)`: the median and its spread, in three significant digits. */
export function withSpread(figures: Figures): string {
  return `${short(median(figures))} (${short(Math.min(...figures))}–${short(Math.max(...figures))})`;
}

/** A number in three significant digits, without an exponent. */
export function short(figure: number): string {
  return figure >= 100 ? Math.round(figure).toLocaleString("en") : String(Number(figure.toPrecision(3)));
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A goal of the work order, and what was measured. */
export interface Goal {
  readonly text: string;
  readonly measured: Figures;
  readonly isMet: (figure: number) => boolean;
}

/** The goals as a table: a goal is met if the median meets it. */
export function goalTable(goals: readonly Goal[]): string {
  return table(
    ["goal", "measured", "met"],
    goals.map(({ text, measured, isMet }) => [text, withSpread(measured), isMet(median(measured)) ? "met" : "**not met**"]),
  );
}
