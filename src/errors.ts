/**
 * Every code a {@link FreedomPayError} can carry. A closed union: a caller may switch over it and the
 * compiler says when a case is missing.
 *
 * - `input_invalid`: an argument is not what the docstring asks for (a wrong amount, id, option).
 * - `key_invalid`: a key is missing or too weak for its use.
 * - `card_number_found`: a text that must be free of card numbers holds one.
 * - `signature_invalid`: a detached JWS, or a notification's signature, does not verify.
 * - `timestamp_invalid`: a notification is older than 5 minutes, or from the future.
 * - `notification_invalid`: a notification lacks a header or has a malformed one, or its body is none of the edge's.
 * - `token_invalid`: a charge token is malformed, forged, or says something that is not allowed.
 * - `token_expired`: a charge token was good and its time is over.
 */
export type ErrorCode =
  | "input_invalid"
  | "key_invalid"
  | "card_number_found"
  | "signature_invalid"
  | "timestamp_invalid"
  | "notification_invalid"
  | "token_invalid"
  | "token_expired";

/** Options of {@link FreedomPayError}. */
export interface FreedomPayErrorOptions {
  /** What caused it, for a log; never part of the message. */
  readonly cause?: unknown;
}

/**
 * The one class of errors that this package throws. The message is for a developer, in English, and never
 * holds a key, a token, a card number or a personal datum.
 */
export class FreedomPayError extends Error {
  override readonly name = "FreedomPayError";

  /** The stable code: see {@link ErrorCode}. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: FreedomPayErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
  }
}
