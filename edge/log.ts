/** All fields of a log line. Nothing else is written: no header, no body, no token, no ticket, no person's address. */
export interface LogLine {
  readonly event: "request" | "decision" | "attention" | "error";
  /** ISO 8601, UTC. */
  readonly at?: string;
  /** The id of the request that is answered, or that caused the event. Left out if a deadline caused it. */
  readonly request_id?: string | null;
  readonly method?: string;
  /** The pattern that matched, never the path, because a path can contain a ticket. */
  readonly route?: string | null;
  readonly order_id?: string | null;
  /** With `decision`: see {@link Decided}. */
  readonly what?: string;
  /** With `decision` and `attention`: the X-Request-Id that the gateway knows. */
  readonly gateway_request_id?: string | null;
  readonly from?: string | null;
  readonly to?: string;
  readonly order_from?: string | null;
  readonly order_to?: string | null;
  readonly why?: string;
  readonly category?: string | null;
  readonly gateway_code?: string | null;
  /** With `attention`: the reason, and the attempt it is about. */
  readonly reason?: string;
  readonly attempt?: number | null;
  readonly caller?: "shopper" | "merchant" | null;
  readonly status?: number;
  /** The code of a refusal. */
  readonly code?: string | null;
  /** The page's origin if ALLOWED_ORIGINS does not name it. The browser does not show the answer to that page. */
  readonly refused_origin?: string | null;
  /** From the request to its answer. With `decision`: since the attempt or operation was requested. */
  readonly milliseconds?: number | null;
  /** The trace id of the caller's `traceparent` (W3C Trace Context). */
  readonly trace_id?: string | null;
  /** The class of an unexpected error. Not its message, because a message can quote input. */
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
  "order_from",
  "order_to",
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

/** The request that caused an event. The Worker passes it with a call to an order's object. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceId: string | null;
}

/** A log line as JSON: the allowed fields in a fixed order, without null. */
export function formatLine(line: LogLine): string {
  return JSON.stringify(Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null)), [...FIELDS]);
}

/** Writes one line, errors to the error stream. */
export function log(line: LogLine): void {
  const text = formatLine({ at: new Date().toISOString(), ...line });
  if (line.event === "error") console.error(text);
  else console.log(text);
}

/** The fields that describe an unexpected error. */
export function describeError(error: unknown): Pick<LogLine, "error" | "stack"> {
  if (!(error instanceof Error)) return { error: typeof error };
  // The stack begins with the message, which may have several lines.
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
