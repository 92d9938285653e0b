import type { ProblemCode } from "../src/edge-api.ts";
import type { ErrorReason } from "./events.ts";

/** What is wrong, by what the shopper can do about it. */
export type SessionErrorKind =
  /** No answer, or none that can be read. */
  | "unreachable"
  /** 429 or 5xx. */
  | "server"
  /** A definite no that this page can do nothing about. */
  | "refused"
  /** This order may not be tried again with this card. */
  | "barred"
  | "expired"
  | "conflict"
  | "misconfigured"
  /** A press could not be sent. */
  | "unsent";

/** An error of a session, and its name for the page. */
export interface SessionError {
  readonly kind: SessionErrorKind;
  readonly reason: ErrorReason;
}

const KINDS: Readonly<Partial<Record<ProblemCode, SessionErrorKind>>> = {
  token_missing: "misconfigured",
  token_invalid: "misconfigured",
  api_key_invalid: "misconfigured",
  origin_not_allowed: "misconfigured",
  order_mismatch: "misconfigured",
  route_not_found: "misconfigured",
  method_not_allowed: "misconfigured",
  token_expired: "expired",
  charge_conflict: "conflict",
  retry_not_allowed: "barred",
};

/** The error of a refusal. */
export function errorOf(code: ProblemCode): SessionError {
  return { kind: KINDS[code] ?? "refused", reason: code };
}

/** Whether the next answer of the edge ends an error. The others stay until the token is exchanged or the shopper presses again. */
export function isPassing(error: SessionError | null): boolean {
  return error?.reason === "no_answer" || error?.kind === "conflict";
}
