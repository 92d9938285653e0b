/**
 * Everything that a line of the log may hold. What is not here is not written: no header, no body, no token, no ticket, no
 * address of a person.
 */
export interface LogLine {
  readonly event: "request" | "error" | "attention";
  readonly request_id: string;
  readonly method?: string;
  /** The pattern that matched, never the path: a path can hold a ticket. */
  readonly route?: string | null;
  readonly order_id?: string | null;
  /** With `attention`: what the merchant has to look at, and the attempt it is about. */
  readonly reason?: string;
  readonly attempt?: number | null;
  readonly caller?: "shopper" | "merchant" | null;
  readonly status?: number;
  /** Of a refusal. */
  readonly code?: string | null;
  readonly milliseconds?: number;
  /** Of the caller's `traceparent` (W3C Trace Context). */
  readonly trace_id?: string | null;
  /** Of an unexpected error: its class, and where. Not its message, which can quote what was being read. */
  readonly error?: string;
  readonly stack?: string;
}

const FIELDS = [
  "event",
  "request_id",
  "method",
  "route",
  "order_id",
  "reason",
  "attempt",
  "caller",
  "status",
  "code",
  "milliseconds",
  "trace_id",
  "error",
  "stack",
] as const satisfies readonly (keyof LogLine)[];

/** A line as it is written: JSON, in one order, with the allowed fields alone. */
export function formatLine(line: LogLine): string {
  return JSON.stringify(line, [...FIELDS]);
}

/** Writes one line: to the error stream where the edge is at fault. */
export function log(line: LogLine): void {
  if (line.event === "error") console.error(formatLine(line));
  else console.log(formatLine(line));
}

/** What is written of an unexpected error. */
export function describeError(error: unknown): Pick<LogLine, "error" | "stack"> {
  if (!(error instanceof Error)) return { error: typeof error };
  // The stack begins with the message, which may have lines of its own.
  const frames = (error.stack ?? "")
    .replace(error.message, "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return { error: error.name, stack: frames.map((frame) => frame.trim()).join("\n") };
}

/** The trace id of a `traceparent` header, or null. */
export function traceId(header: string | null): string | null {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header ?? "")?.[1] ?? null;
}
