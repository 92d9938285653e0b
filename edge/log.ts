/**
 * Everything that a line of the log may hold. What is not here is not written: no header, no body, no token, no ticket, no
 * address of a person.
 */
export interface LogLine {
  readonly event: "request" | "decision" | "attention" | "error";
  /** ISO 8601, UTC. */
  readonly at?: string;
  /** Of the request that is answered, or that caused this. Left out of what a deadline caused, and nobody who asked. */
  readonly request_id?: string | null;
  readonly method?: string;
  /** The pattern that matched, never the path: a path can hold a ticket. */
  readonly route?: string | null;
  readonly order_id?: string | null;
  /** With `decision`: see {@link Decided}. */
  readonly what?: string;
  /** With `decision` and `attention`: the X-Request-Id under which the gateway knows it. */
  readonly gateway_request_id?: string | null;
  readonly from?: string | null;
  readonly to?: string;
  readonly why?: string;
  readonly category?: string | null;
  readonly gateway_code?: string | null;
  /** With `attention`: what the merchant has to look at, and the attempt it is about. */
  readonly reason?: string;
  readonly attempt?: number | null;
  readonly caller?: "shopper" | "merchant" | null;
  readonly status?: number;
  /** Of a refusal. */
  readonly code?: string | null;
  /** The page's origin that ALLOWED_ORIGINS does not name: the browser keeps the answer from it. */
  readonly refused_origin?: string | null;
  /** From the request to its answer; with `decision` since the attempt or operation was asked for. */
  readonly milliseconds?: number | null;
  /** Of the caller's `traceparent` (W3C Trace Context). */
  readonly trace_id?: string | null;
  /** Of an unexpected error: its class, and where. Not its message, which can quote what was being read. */
  readonly error?: string;
  readonly stack?: string;
}

const FIELDS = [
  "event",
  "at",
  "request_id",
  "method",
  "route",
  "order_id",
  "what",
  "gateway_request_id",
  "from",
  "to",
  "why",
  "category",
  "gateway_code",
  "reason",
  "attempt",
  "caller",
  "status",
  "code",
  "refused_origin",
  "milliseconds",
  "trace_id",
  "error",
  "stack",
] as const satisfies readonly (keyof LogLine)[];

/** The request that caused something: what is passed on with a call to an order's object. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceId: string | null;
}

/** A line as it is written: JSON, in one order, with the allowed fields alone, and of these the ones that say something. */
export function formatLine(line: LogLine): string {
  return JSON.stringify(Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)), [...FIELDS]);
}

/** Writes one line: to the error stream where the edge is at fault. */
export function log(line: LogLine): void {
  const text = formatLine({ at: new Date().toISOString(), ...line });
  if (line.event === "error") console.error(text);
  else console.log(text);
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
