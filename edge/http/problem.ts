import type { ChargeView, Problem, ProblemCode } from "../../src/edge-api.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";

/** The members of a refusal beside its code. */
export interface ProblemExtras {
  /** For a developer, in English. Never a value of the caller or the environment. */
  readonly detail?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** With `charge_conflict`: the charge in its current state. */
  readonly charge?: ChargeView;
  /** With `not_configured`: the names of the settings. */
  readonly settings?: readonly string[];
  /** With `method_not_allowed`: the methods of the address, as in `Allow` (RFC 9110 §10.2.1). */
  readonly allow?: string;
}

/** Thrown inside the edge to refuse a request. {@link problem} makes the answer of it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(PROBLEMS[code][1]);
    this.code = code;
    this.extras = extras;
  }
}

/** The challenges that a 401 must carry (RFC 9110 §11.6.1, RFC 6750 §3). */
const CHALLENGES: Readonly<Partial<Record<ProblemCode, string>>> = {
  token_missing: "Bearer",
  token_invalid: 'Bearer error="invalid_token"',
  token_expired: 'Bearer error="invalid_token"',
  api_key_invalid: 'Bearer error="invalid_token"',
};

/**
 * The answer of a refusal (RFC 9457).
 *
 * @param code decides status, title and the stable `type`
 * @param requestId of the edge's request, as in its log
 */
export function problem(code: ProblemCode, requestId: string, extras: ProblemExtras = {}): Response {
  const [status, title] = PROBLEMS[code];
  const { retryAfter, allow, ...members } = extras;
  const body: Problem = { type: `urn:problem-type:freedom-pay-charge:${code}`, title, status, code, request_id: requestId, ...members };
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  const challenge = CHALLENGES[code];
  if (challenge !== undefined) headers.set("WWW-Authenticate", challenge);
  if (retryAfter !== undefined) headers.set("Retry-After", String(Math.max(1, Math.ceil(retryAfter))));
  if (allow !== undefined) headers.set("Allow", allow);
  return new Response(JSON.stringify(body), { status, headers });
}
