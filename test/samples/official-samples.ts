/** The official samples of the gateway's answers, and how a test fills in the ids of its own order. */
import file from "./official-samples.json" with { type: "json" };

/** What stands in braces in a sample: it differs from payment to payment. */
export type SampleValues = Readonly<Record<keyof typeof file.values, string>>;

/** One official sample: the answer to one call. */
export interface OfficialSample {
  /** Such as `read: error`. */
  readonly name: string;
  /** Where the wire contract has it. */
  readonly source: string;
  /** The X-Action that is answered. */
  readonly action: string;
  readonly httpStatus: number;
  /** With the names of {@link SampleValues} in braces. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** One value of each. */
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
 * The body of a sample as JSON text. Nothing is changed but the names in braces.
 *
 * @param values - what they stand for (default: {@link EXAMPLE_VALUES})
 */
export function sampleText(sample: OfficialSample, values: SampleValues = EXAMPLE_VALUES): string {
  const text = JSON.stringify(sample.body);
  return text.replaceAll(/"\{(\w+)\}"/g, (_, name: keyof SampleValues) => JSON.stringify(values[name]));
}

/**
 * The shape of a JSON value: its members by name, sorted, and the type of each. Rows of a list that have the same shape count once.
 * Two answers of one shape can be read by the same program.
 */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))];
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, shapeOf(member)]));
}
