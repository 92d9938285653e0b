const ALLOW_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Prefer, traceparent";
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

/** The answer to a preflight, before anybody's credentials are looked at. {@link openToPage} decides whom it lets through. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": ALLOW_METHODS,
      "Access-Control-Allow-Headers": ALLOW_HEADERS,
      "Access-Control-Max-Age": String(MAX_AGE),
    },
  });
}
