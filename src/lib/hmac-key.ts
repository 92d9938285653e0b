/** HMAC keys as the platform uses them. A key is imported once and kept, because an import costs as much as a signature. */

/** Keys that are kept. A deployment has fewer; callers with many keys import some of them again. */
const MAX_KEPT = 16;

const kept = new Map<string, CryptoKey>();

/**
 * The key of a secret. The key itself is kept and not its promise, because on Cloudflare a request must not wait for another request's
 * promise.
 */
export async function hmacKey(secret: Uint8Array, hash: string, usage: "sign" | "verify"): Promise<CryptoKey> {
  const name = `${usage} ${hash} ${secret.join()}`;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), { name: "HMAC", hash }, false, [usage]);
  const oldest = kept.keys().next();
  if (kept.size >= MAX_KEPT && !oldest.done) kept.delete(oldest.value);
  kept.set(name, key);
  return key;
}
