/**
 * Checks a detached JWS with `crypto.subtle` only. It shares no code with `src/signature.ts` and uses no JOSE library, so
 * that it disagrees when the signer is wrong (contract, "Signature"; RFC 7515, appendix F).
 */

/** The expected content of a signature. */
export interface ExpectedSignature {
  readonly merchantId: string;
  /** The accepted keys, as UTF-8 text. There are two while a key is rotated. */
  readonly secretKeys: readonly string[];
  /** The path that was called. */
  readonly uri: string;
  /** The HTTP method (default POST). */
  readonly method?: string;
  /** Default HS256, the Async API's. */
  readonly algorithm?: "HS256" | "HS512";
}

/** The verdict: the index of the key, or what is wrong. The reason contains no secret. */
export type SignatureVerdict = { readonly valid: true; readonly key: number } | { readonly valid: false; readonly reason: string };

const HASHES = { HS256: "SHA-256", HS512: "SHA-512" } as const;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    const digits = Math.min(bytes.length - index, 3) + 1;
    for (let digit = 0; digit < digits; digit += 1) {
      text += ALPHABET[(group >> (18 - 6 * digit)) & 63];
    }
  }
  return text;
}

/** Strict: null for padding, another alphabet or unused bits that are set (RFC 7515 §2, RFC 4648 §3.5). */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let filled = 0;
  for (const digit of text) {
    held = ((held << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[filled] = (held >> bits) & 0xff;
      filled += 1;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
}

function headerProblem(bytes: Uint8Array, expected: Readonly<Record<string, string>>): string | null {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return "its header is not JSON";
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    return "its header is not an object";
  }
  const members: Readonly<Record<string, unknown>> = { ...header };
  for (const [member, value] of Object.entries(expected)) {
    if (members[member] !== value) {
      return `${member} is missing or wrong`;
    }
  }
  const unexpected = Object.keys(members).find((member) => !Object.hasOwn(expected, member));
  return unexpected === undefined ? null : "its header has an unexpected member";
}

/**
 * Checks the X-JWS-Signature of a request.
 *
 * @param signature - the header's value: `b64url(header)..b64url(signature)`.
 * @param body - the exact bytes of the body.
 * @param expected - merchant, keys, path, method and algorithm.
 * @returns the verdict; a bad signature never throws.
 *
 * @example
 * ```ts
 * import { checkSignature } from "freedom-pay-charge/simulator";
 *
 * const verdict = await checkSignature("a..b", new TextEncoder().encode("{}"), {
 *   merchantId: "500000",
 *   secretKeys: ["test-secret-of-the-gateway"],
 *   uri: "/v5/g2g/read",
 * });
 * if (!verdict.valid) console.log(verdict.reason);
 * ```
 */
export async function checkSignature(signature: string, body: Uint8Array, expected: ExpectedSignature): Promise<SignatureVerdict> {
  const [header = "", payload, mac = "", ...rest] = signature.split(".");
  if (payload !== "" || rest.length > 0) {
    return { valid: false, reason: "it is not of the form header..signature" };
  }
  const headerBytes = fromBase64Url(header);
  const macBytes = fromBase64Url(mac);
  if (headerBytes === null || macBytes === null) {
    return { valid: false, reason: "it is not base64url without padding" };
  }
  const alg = expected.algorithm ?? "HS256";
  const members = { uri: expected.uri, auth_id: expected.merchantId, method: expected.method ?? "POST", params: "", alg };
  const reason = headerProblem(headerBytes, members);
  if (reason !== null) {
    return { valid: false, reason };
  }
  // Verify the header as received, because official tokens exist with another member order than ours.
  const signed = new TextEncoder().encode(`${header}.${toBase64Url(body)}`);
  for (const [key, secret] of expected.secretKeys.entries()) {
    const algorithm = { name: "HMAC", hash: HASHES[alg] };
    const imported = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
    if (await crypto.subtle.verify("HMAC", imported, macBytes, signed)) {
      return { valid: true, key };
    }
  }
  return { valid: false, reason: "another key or another body was signed" };
}
