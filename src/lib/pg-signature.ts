/** What `pg_sig`, the signature of the older API and of its callbacks, is made of (Merchant API, "Signature"). Web Crypto has no MD5: the caller hashes. */
import { FreedomPayError } from "../errors.ts";

/**
 * Every script that is signed anywhere in this package.
 *
 * Why so narrow: the signed text is `script;value;…;key`, and nothing in it says where the script ends. A script with a `;`,
 * such as `init_payment.php;25;Order`, gives the signature of another request: that of `init_payment.php` with these values.
 * So whoever may choose the script of an answer could have the merchant's requests signed. This pattern alone does not make
 * a chosen script safe, because `init_payment.php` fits it too: sign only scripts that you made, never one that a caller names.
 */
const SCRIPT = /^[A-Za-z0-9._-]+$/;

/**
 * The text whose lower-case hex MD5, over its UTF-8, is `pg_sig`.
 *
 * @param script The last segment of the called URL's path: `init_payment.php`, or a callback's ticket. Of `[A-Za-z0-9._-]`.
 * @param values All values but `pg_sig`, in the order of their field names, as sent.
 * @param secretKey The merchant's `secret_key`.
 * @throws {@link FreedomPayError} `input_invalid` for any other script.
 */
export function pgSignatureText(script: string, values: readonly string[], secretKey: string): string {
  if (!SCRIPT.test(script)) throw new FreedomPayError("input_invalid", "the script must consist of A-Z, a-z, 0-9, '.', '_' and '-'");
  return [script, ...values, secretKey].join(";");
}
