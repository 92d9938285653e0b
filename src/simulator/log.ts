/** The log of requests, answers and callbacks, as text and as data, without secrets. */

/** One entry of the log. A request and its answer, or a callback and its answer, have the same exchange number. */
export interface Entry {
  /** Counts all entries from 1. */
  readonly number: number;
  readonly exchange: number;
  /** Epoch ms. */
  readonly at: number;
  readonly what: "request" | "answer" | "callback" | "callback_answer";
  /** A one-line description. */
  readonly title: string;
  /** Only of a `request` and a `callback`. */
  readonly method: string | null;
  readonly url: string | null;
  /** Only of an answer; null when no answer arrived. */
  readonly httpStatus: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, with keys, card numbers and security codes redacted. */
  readonly body: string;
  /** The fault, or what is wrong with the request. */
  readonly note: string | null;
}

/** An entry without its number. */
export type NewEntry = Omit<Entry, "number">;

/** The log of a simulator. */
export interface Log {
  /** The newest entries, oldest first. */
  readonly entries: readonly Entry[];
  /** The whole log as text. */
  text(): string;
}

const REDACTED = "[redacted]";
const SECRET_MEMBERS = /("(?:pan|cvc|online_payment_cryptogram)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[^\s,}\]]+)/g;
const SECRET_HEADERS: readonly string[] = ["authorization", "cookie", "set-cookie"];

/** Shorter keys, such as the official samples' `123456`, could occur in other text. */
const SHORTEST_KEY = 8;

/**
 * Creates a function that redacts secrets in a text.
 *
 * @param secretKeys - the merchant's keys; those of 8 characters or more are redacted everywhere.
 */
export function createRedactor(secretKeys: readonly string[]): (text: string) => string {
  const keys = secretKeys.filter((key) => key.length >= SHORTEST_KEY);
  return (text) => {
    const shown = text.replaceAll(SECRET_MEMBERS, `$1"${REDACTED}"`);
    return keys.reduce((rest, key) => rest.replaceAll(key, REDACTED), shown);
  };
}

/**
 * One entry as text: the title, the headers, the body.
 *
 * @example
 * ```ts
 * import { createSimulator, formatEntry } from "freedom-pay-charge/simulator";
 *
 * const simulator = createSimulator({ merchantId: "500000", secretKeys: ["test-secret-of-the-gateway"] });
 * await simulator.fetch(new Request("https://test-api.freedompay.kz/v5/g2g/read", { method: "POST", body: "{}" }));
 * for (const entry of simulator.log.entries) console.log(formatEntry(entry));
 * simulator.close();
 * ```
 */
export function formatEntry(entry: Entry): string {
  const time = new Date(entry.at).toISOString();
  const note = entry.note === null ? "" : ` (${entry.note})`;
  const headers = Object.entries(entry.headers).map(([name, value]) => `    ${name}: ${value}`);
  const body = entry.body === "" ? [] : [`    ${entry.body}`];
  return [`${time} #${entry.exchange} ${entry.title}${note}`, ...headers, ...body].join("\n");
}

/** A writable log. */
export interface WritableLog extends Log {
  add(entry: NewEntry): void;
  onEntry(listener: (entry: Entry) => void): () => void;
  /** Starts an exchange and returns its number. */
  nextExchange(): number;
}

/**
 * Creates a log of the newest entries.
 *
 * @param maxEntries - maximum number of entries.
 * @param secretKeys - keys to redact.
 */
export function createLog(maxEntries: number, secretKeys: readonly string[]): WritableLog {
  const redact = createRedactor(secretKeys);
  const listeners = new Set<(entry: Entry) => void>();
  const entries: Entry[] = [];
  let number = 0;
  let exchange = 0;
  return {
    entries,
    text: () => entries.map(formatEntry).join("\n\n"),
    add(entry): void {
      number += 1;
      const headers = Object.entries(entry.headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.includes(name.toLowerCase()) ? REDACTED : redact(value),
      ]);
      const url = entry.url === null ? null : redact(entry.url);
      const kept: Entry = {
        ...entry,
        number,
        url,
        title: redact(entry.title),
        headers: Object.fromEntries(headers),
        body: redact(entry.body),
      };
      entries.push(kept);
      entries.splice(0, entries.length - maxEntries);
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
