/** The official samples of the gateway's answers, and how a test fills in the ids of its own order. */
import file from "./official-samples.json" with { type: "json" };

/** The names in braces in a sample: their values differ from payment to payment. */
export type SampleValues = Readonly<Record<keyof typeof file.values, string>>;

/** One official sample: the answer to one call. */
export interface OfficialSample {
  /** For example `read: error`. */
  readonly name: string;
  /** Where the wire contract has it. */
  readonly source: string;
  /** The X-Action of the call. */
  readonly action: string;
  readonly httpStatus: number;
  /** With the names of {@link SampleValues} in braces. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An example of each value. */
export const EXAMPLE_VALUES: SampleValues = file.values;

/** Every official sample. */
export const OFFICIAL_SAMPLES: readonly OfficialSample[] = file.samples;

/** The sample of that name. @throws Error when there is none */
export function sampleNamed(name: string): OfficialSample {
  const sample = OFFICIAL_SAMPLES.find((one) => one.name === name);
  if (sample === undefined) throw new Error(`No official sample has the name ${name}`);
  return sample;
}

/**
 * The body of a sample as JSON text, with the names in braces replaced.
 *
 * @param values - the values of the names (default: {@link EXAMPLE_VALUES})
 */
export function sampleText(sample: OfficialSample, values: SampleValues = EXAMPLE_VALUES): string {
  const text = JSON.stringify(sample.body);
  return text.replaceAll(/"\{(\w+)\}"/g, (_, name: keyof SampleValues) => JSON.stringify(values[name]));
}

/**
 * The shape of a JSON value: the names of its members, sorted, with their types. Items of a list that have the same shape count once.
 * The same program can read two answers of one shape.
 */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))];
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, shapeOf(member)]));
}
