/**
 * The codes of {@link FreedomPayError}. The union is closed: in a switch over it the compiler reports a missing case.
 *
 * - `input_invalid`: an argument breaks the rules of its docstring (a wrong amount, id, option).
 * - `key_invalid`: a key is missing or too weak for its use.
 * - `card_number_found`: a text that must not contain a card number contains one.
 * - `signature_invalid`: a detached JWS, or a notification's signature, does not verify.
 * - `timestamp_invalid`: a notification is older than 5 minutes, or from the future.
 * - `notification_invalid`: a header of a notification is missing or malformed, or its body is not a notification.
 * - `token_invalid`: a charge token is malformed or forged, or its content is not allowed.
 * - `token_expired`: a valid charge token has expired.
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
  /** The cause, for a log. It is never part of the message. */
  readonly cause?: unknown;
}

/**
 * The only class of errors that this package throws. The message is for developers, in English. It never contains a key,
 * a token, a card number or personal data.
 *
 * @example
 * ```ts
 * import { FreedomPayError, parseCharge } from "freedom-pay-charge";
 *
 * try {
 *   parseCharge({ order_id: "1234", amount: -1 });
 * } catch (error) {
 *   if (error instanceof FreedomPayError) console.log(error.code, error.message); // input_invalid, and the member that is wrong
 * }
 * ```
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
