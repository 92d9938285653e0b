/** The text under `pg_sig`, the signature of the older API and its callbacks (Merchant API, "Signature"). The caller hashes it, because Web Crypto has no MD5. */
import { FreedomPayError } from "../errors.ts";

/**
 * The allowed scripts. This package signs no others.
 *
 * The signed text is `script;value;…;key`, and it does not mark the end of the script. The signature of a script with a `;`,
 * such as `init_payment.php;25;Order`, is also that of another request: `init_payment.php` with these values. A caller who can
 * choose the script of an answer could therefore get the merchant's signature for any request. This pattern alone does not
 * make a caller's script safe, because `init_payment.php` matches it. Sign only your own scripts.
 */
export const SCRIPT = /^[A-Za-z0-9._-]+$/;

/**
 * The text whose lower-case hex MD5, over its UTF-8, is `pg_sig`.
 *
 * @param script The last segment of the called URL's path: `init_payment.php`, or a callback's ticket. Of `[A-Za-z0-9._-]`.
 * @param values All values except `pg_sig`, as sent, in the order of their field names.
 * @param secretKey The merchant's `secret_key`.
 * @throws {@link FreedomPayError} `input_invalid` for any other script.
 */
export function pgSignatureText(script: string, values: readonly string[], secretKey: string): string {
  if (!SCRIPT.test(script)) throw new FreedomPayError("input_invalid", "the script must consist of A-Z, a-z, 0-9, '.', '_' and '-'");
  return [script, ...values, secretKey].join(";");
}
