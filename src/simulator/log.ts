/** What the simulator saw and said, readable by a person and as data, without secrets. */

/** One line of the log. A request and its answer, or a callback and its answer, share the number of their exchange. */
export interface Entry {
  /** Counts from 1, over all entries. */
  readonly number: number;
  readonly exchange: number;
  /** Epoch ms. */
  readonly at: number;
  readonly what: "request" | "answer" | "callback" | "callback_answer";
  /** One line for a reader. */
  readonly title: string;
  /** With `request` and `callback`. */
  readonly method: string | null;
  readonly url: string | null;
  /** With the answers; null when nothing came back. */
  readonly httpStatus: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, but for what is left out: keys, card numbers, security codes. */
  readonly body: string;
  /** What the simulator did on purpose, or found wrong. */
  readonly note: string | null;
}

/** An entry before it has its number. */
export type NewEntry = Omit<Entry, "number">;

/** The log of a simulator. */
export interface Log {
  /** The entries that are kept, oldest first. */
  readonly entries: readonly Entry[];
  /** The whole log as text. */
  text(): string;
}

const LEFT_OUT = "[left out]";
const SECRET_MEMBERS = /("(?:pan|cvc|online_payment_cryptogram)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[^\s,}\]]+)/g;
const SECRET_HEADERS: readonly string[] = ["authorization", "cookie", "set-cookie"];

/** Shorter keys, such as the official samples' `123456`, could be part of anything. */
const SHORTEST_KEY = 8;

/**
 * A function that leaves secrets out of a text.
 *
 * @param secretKeys - the merchant's keys; those of 8 characters or more are looked for everywhere.
 */
export function leavesOut(secretKeys: readonly string[]): (text: string) => string {
  const keys = secretKeys.filter((key) => key.length >= SHORTEST_KEY);
  return (text) => {
    const shown = text.replaceAll(SECRET_MEMBERS, `$1"${LEFT_OUT}"`);
    return keys.reduce((rest, key) => rest.replaceAll(key, LEFT_OUT), shown);
  };
}

/** One entry as text: the title, the headers, the body. */
export function readable(entry: Entry): string {
  const time = new Date(entry.at).toISOString();
  const note = entry.note === null ? "" : ` (${entry.note})`;
  const headers = Object.entries(entry.headers).map(([name, value]) => `    ${name}: ${value}`);
  const body = entry.body === "" ? [] : [`    ${entry.body}`];
  return [`${time} #${entry.exchange} ${entry.title}${note}`, ...headers, ...body].join("\n");
}

/** A log that can be written to. */
export interface WritableLog extends Log {
  add(entry: NewEntry): void;
  onEntry(listener: (entry: Entry) => void): () => void;
  /** The number of a new exchange. */
  nextExchange(): number;
}

/**
 * A log that keeps the last entries.
 *
 * @param keeps - how many.
 * @param secretKeys - what must not be in it.
 */
export function createLog(keeps: number, secretKeys: readonly string[]): WritableLog {
  const clean = leavesOut(secretKeys);
  const listeners = new Set<(entry: Entry) => void>();
  const entries: Entry[] = [];
  let number = 0;
  let exchange = 0;
  return {
    entries,
    text: () => entries.map(readable).join("\n\n"),
    add(entry): void {
      number += 1;
      const headers = Object.entries(entry.headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.includes(name.toLowerCase()) ? LEFT_OUT : clean(value),
      ]);
      const url = entry.url === null ? null : clean(entry.url);
      const kept: Entry = {
        ...entry,
        number,
        url,
        title: clean(entry.title),
        headers: Object.fromEntries(headers),
        body: clean(entry.body),
      };
      entries.push(kept);
      entries.splice(0, entries.length - keeps);
      for (const listener of listeners) {
        listener(kept);
      }
    },
    onEntry(listener): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    nextExchange(): number {
      exchange += 1;
      return exchange;
    },
  };
}
