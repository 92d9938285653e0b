/** The headers that this API reads, `Accept` aside, which needs no permission. Every preflight is told of them. */
const ALLOW_HEADERS: readonly string[] = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer", "traceparent"];

/** How much a page may ask for beyond that. A browser sends a few names; tracing tools add one to six. */
const MAX_REQUESTED_HEADERS = { names: 32, characters: 1024 } as const;

/** A header's name (RFC 9110, section 5.6.2, "token"). */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

const EXPOSE_HEADERS = "ETag, Retry-After";
const ALLOW_METHODS = "GET, POST";

/** Seconds for which a browser may remember a preflight: two hours, the most that Chromium keeps. */
const MAX_AGE = 7200;

/**
 * Opens an answer to the page that asked, when its origin is one of the allowed ones, whatever the answer is: a page must
 * be able to read its refusals (Fetch standard, "CORS protocol"). Credentials mode is never allowed: there are no cookies.
 *
 * @param headers of the answer; changed in place
 */
export function openToPage(headers: Headers, origin: string | null, allowed: readonly string[]): void {
  headers.append("Vary", "Origin");
  if (origin === null || !allowed.includes(origin)) return;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Expose-Headers", EXPOSE_HEADERS);
}

/**
 * The origin of a page that may not read the answer, as it is written to the log; null where there is none. Without it a forgotten origin
 * looks to the merchant like a request that went well, and to the page like a dead network.
 */
export function refusedOrigin(origin: string | null, allowed: readonly string[]): string | null {
  if (origin === null || allowed.includes(origin)) return null;
  return /^https?:\/\/[\w.:[\]-]{1,100}$/.test(origin) ? origin : "(no address)";
}

/**
 * The answer to a preflight, before anybody's credentials are looked at. {@link openToPage} decides whom it lets through.
 *
 * A page of an allowed origin may send what it asks for: tools that trace requests add headers of their own to every fetch
 * (`sentry-trace`, `baggage`, `tracestate`), and one header that is not allowed fails the whole call as if the network were dead. The
 * names are repeated because `*` would not cover Authorization (Fetch standard, "CORS non-wildcard request-header name").
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
 * The names of an `Access-Control-Request-Headers` that are to be allowed beside {@link ALLOW_HEADERS}: in lower case, each once.
 *
 * @returns none when there are more than 32 or they are longer than 1 KB. What is no header's name is left out, and so is `*`, which would
 *   allow headers that nobody asked for.
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
