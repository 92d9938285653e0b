/** The headers that this API reads, listed in every preflight. `Accept` needs no permission. */
const ALLOW_HEADERS: readonly string[] = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer", "traceparent"];

/** The most headers that a page may request beyond those. A browser sends a few names; tracing tools add one to six. */
const MAX_REQUESTED_HEADERS = { names: 32, characters: 1024 } as const;

/** A header's name (RFC 9110, section 5.6.2, "token"). */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

const EXPOSE_HEADERS = "ETag, Retry-After";
const ALLOW_METHODS = "GET, POST";

/** Seconds for which a browser may cache a preflight: two hours, the most that Chromium allows. */
const MAX_AGE = 7200;

/**
 * Allows a page to read an answer if its origin is allowed, whatever the answer is, because a page must be able to read its refusals (Fetch
 * standard, "CORS protocol"). Credentials mode is never allowed, because there are no cookies.
 *
 * @param headers of the answer; changed in place
 */
export function allowOrigin(headers: Headers, origin: string | null, allowed: readonly string[]): void {
  headers.append("Vary", "Origin");
  if (origin === null || !allowed.includes(origin)) return;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Expose-Headers", EXPOSE_HEADERS);
}

/**
 * The origin of a page that may not read the answer, for the log. Null if there is none. Without it a forgotten origin looks like a
 * successful request to the merchant, and like a network error to the page.
 */
export function refusedOrigin(origin: string | null, allowed: readonly string[]): string | null {
  if (origin === null || allowed.includes(origin)) return null;
  return /^https?:\/\/[\w.:[\]-]{1,100}$/.test(origin) ? origin : "(no address)";
}

/**
 * The answer to a preflight, before any credentials are checked. {@link allowOrigin} decides which origins may read it.
 *
 * A page of an allowed origin may send every header that it requests. Tracing tools add headers of their own to every fetch
 * (`sentry-trace`, `baggage`, `tracestate`), and one header that is not allowed fails the whole call like a network error. The names are
 * repeated because `*` would not cover Authorization (Fetch standard, "CORS non-wildcard request-header name").
 */
export function preflight(request: Headers, allowed: readonly string[]): Response {
  const origin = request.get("Origin");
  const requested = origin !== null && allowed.includes(origin) ? readRequestedHeaders(request.get("Access-Control-Request-Headers")) : [];
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": ALLOW_METHODS,
      "Access-Control-Allow-Headers": [...ALLOW_HEADERS, ...requested].join(", "),
      "Access-Control-Max-Age": String(MAX_AGE),
      Vary: "Access-Control-Request-Headers",
    },
  });
}

/**
 * The names in an `Access-Control-Request-Headers` that are allowed beside {@link ALLOW_HEADERS}, in lower case, each once.
 *
 * @returns none if there are more than 32 or they are longer than 1 KB. Invalid names are left out, and so is `*`, because it would allow
 * headers that were not requested.
 */
export function readRequestedHeaders(header: string | null): readonly string[] {
  if (header === null || header.length > MAX_REQUESTED_HEADERS.characters) return [];
  const listed = header.split(",").map((name) => name.trim());
  const names = listed.filter((name) => HEADER_NAME.test(name) && name !== "*").map((name) => name.toLowerCase());
  const requested = new Set(names);
  if (requested.size > MAX_REQUESTED_HEADERS.names) return [];
  for (const known of ALLOW_HEADERS) requested.delete(known.toLowerCase());
  return [...requested];
}
