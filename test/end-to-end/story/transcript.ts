/** What a story tells as it goes: who asks whom for what, and what comes of it. It goes on a page, so nothing in it differs from run to run. */

/** Who takes part in a merchant's day. `server` is the merchant's own, beside the storefront that makes the pages. */
export type Actor = "shopper" | "storefront" | "server" | "receiver" | "stranger" | "engineer" | "edge" | "gateway";

/** A story while it is told. */
export interface Transcript {
  /** Everything that is told from here on belongs to it. */
  chapter(name: string): void;
  /** One line. @param came - what was answered, or became of it */
  tell(from: Actor, to: Actor, what: string, came: string): void;
  /** The lines of each chapter that was begun, in columns. */
  chapters(): ReadonlyMap<string, string>;
  /** All of it with the time of each line, for whoever looks at one run. */
  text(): string;
}

interface Line {
  readonly at: number;
  readonly way: string;
  readonly what: string;
  readonly came: string;
}

/** An empty transcript. */
export function createTranscript(): Transcript {
  const told = new Map<string, Line[]>();
  let current: Line[] = [];
  const widthOf = (part: "way" | "what"): number => Math.max(...[...told.values()].flat().map((line) => line[part].length));
  const written = ({ way, what, came }: Line): string => `${way.padEnd(widthOf("way"))}   ${what.padEnd(widthOf("what"))}   ${came}`;
  const time = ({ at }: Line): string => new Date(at).toISOString().slice(11, 23);
  return {
    chapter(name) {
      current = [];
      told.set(name, current);
    },
    tell: (from, to, what, came) => void current.push({ at: Date.now(), way: `${from} → ${to}`, what, came }),
    chapters: () => new Map([...told].map(([name, lines]) => [name, lines.map(written).join("\n")])),
    text: () => [...told].flatMap(([name, lines]) => [name, ...lines.map((line) => `${time(line)}  ${written(line)}`)]).join("\n"),
  };
}
