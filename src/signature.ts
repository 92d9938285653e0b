/**
 * The signature of the v5 API: a JWS in compact form with its payload cut out (RFC 7515, appendix F), over the
 * ordinary base64url of the body (not RFC 7797).
 */
import type { CryptoKey } from "jose";
import { base64url, FlattenedSign, flattenedVerify } from "jose";
import { decodeBase64url, decodeJson } from "./lib/base64url.ts";
import { FreedomPayError } from "./errors.ts";
import { keysOf } from "./lib/key-setting.ts";

/** HS256 for the Async API, HS512 for its siblings (Card API, older invoices). */
export type SignatureAlgorithm = "HS256" | "HS512";

/** Signs bodies in the name of one merchant. */
export interface Signer {
  readonly merchantId: string;
  readonly algorithm: SignatureAlgorithm;
  /**
   * The value of the header X-JWS-Signature for a POST.
   *
   * @param uri The path that is called, such as `/v5/g2g/create`.
   * @param body The exact bytes that are sent.
   * @throws {@link FreedomPayError} `input_invalid` when the uri does not begin with a slash.
   */
  sign(uri: string, body: Uint8Array): Promise<string>;
}

/** What {@link createSigner} takes. */
export interface SignerOptions {
  /** The merchant's number: a string of digits. */
  readonly merchantId: string;
  /**
   * FREEDOM_PAY_SECRET_KEY: the merchant's secret_key, taken as UTF-8 text of any length. White space around it does not count. Of two
   * keys separated by white space the first signs.
   */
  readonly secretKey: string;
  /** HS256 when left out. */
  readonly algorithm?: SignatureAlgorithm | undefined;
}

/** What {@link verifySignature} insists on. */
export interface ExpectedSignature {
  readonly merchantId: string;
  /** As {@link SignerOptions.secretKey}; of two keys either will do. */
  readonly secretKey: string;
  /** The path that was called. */
  readonly uri: string;
  /** POST when left out. */
  readonly method?: string | undefined;
  /** HS256 when left out; never taken from the signature. */
  readonly algorithm?: SignatureAlgorithm | undefined;
}

const HASHES: Readonly<Record<SignatureAlgorithm, string>> = { HS256: "SHA-256", HS512: "SHA-512" };

const MERCHANT_ID = /^\d{1,20}$/;

/** A signature is about 200 characters. */
const LONGEST_SIGNATURE = 4096;

const DETACHED = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/;

/**
 * A signer for one merchant. The key is imported once, here, and kept inside it.
 *
 * @throws {@link FreedomPayError} `input_invalid` for a merchant id or an algorithm that cannot be, `key_invalid` for an empty key.
 */
export async function createSigner(options: SignerOptions): Promise<Signer> {
  const { merchantId, secretKey, algorithm = "HS256" } = options;
  if (typeof merchantId !== "string" || !MERCHANT_ID.test(merchantId)) {
    throw new FreedomPayError("input_invalid", "the merchant id must be a string of digits");
  }
  const [key] = await importKeys(secretKey, algorithm, "sign");
  return {
    merchantId,
    algorithm,
    async sign(uri, body): Promise<string> {
      if (!uri.startsWith("/")) throw new FreedomPayError("input_invalid", "the uri must be the path that is called");
      // The member order of the official examples.
      const header = { uri, auth_id: merchantId, method: "POST", params: "", alg: algorithm };
      const { protected: protectedHeader = "", signature } = await new FlattenedSign(body).setProtectedHeader(header).sign(key);
      return `${protectedHeader}..${signature}`;
    },
  };
}

/**
 * Verifies a detached signature. The header is taken byte for byte as received, in any member order; it must hold the
 * five members of the contract and nothing else, so neither `crit` nor `b64`, each once.
 *
 * @param signature The value of X-JWS-Signature.
 * @param body The exact bytes that were received.
 * @throws {@link FreedomPayError} `signature_invalid` whatever is wrong with the signature; `key_invalid` for an empty
 * key; `input_invalid` for an unknown algorithm in `expected`.
 */
export async function verifySignature(signature: string, body: Uint8Array, expected: ExpectedSignature): Promise<void> {
  const { merchantId, secretKey, uri, method = "POST", algorithm = "HS256" } = expected;
  const keys = await importKeys(secretKey, algorithm, "verify");
  const parts = typeof signature === "string" && signature.length <= LONGEST_SIGNATURE ? DETACHED.exec(signature) : null;
  if (parts === null) throw invalid("it is not two base64url texts around two dots");
  const [, protectedHeader = "", mac = ""] = parts;
  checkHeader(protectedHeader, { uri, auth_id: merchantId, method, params: "", alg: algorithm });
  if (decodeBase64url(mac) === null) throw invalid("its last part is not base64url");
  const jws = { protected: protectedHeader, payload: base64url.encode(body), signature: mac };
  let cause: unknown;
  for (const key of keys) {
    try {
      await flattenedVerify(jws, key, { algorithms: [algorithm] });
      return;
    } catch (error) {
      cause = error;
    }
  }
  throw invalid("it does not belong to this body and key", cause);
}

function checkHeader(protectedHeader: string, expected: Readonly<Record<string, string>>): void {
  const decoded = decodeJson(protectedHeader);
  if (decoded === null || typeof decoded.value !== "object" || decoded.value === null) throw invalid("its header is not JSON in base64url");
  const header: Readonly<Record<string, unknown>> = { ...decoded.value };
  for (const [name, value] of Object.entries(expected)) {
    if (header[name] !== value) throw invalid(`its header does not name this ${name}`);
  }
  // All five members are texts, so the header holds ten texts: more mean a member too many, or one written twice.
  const texts = decoded.json.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (texts.length !== 10) throw invalid("its header has a member too many");
}

type Usage = "sign" | "verify";

/** The keys of a setting, the one that signs first. */
async function importKeys(setting: string, algorithm: SignatureAlgorithm, usage: Usage): Promise<readonly [CryptoKey, ...CryptoKey[]]> {
  if (!Object.hasOwn(HASHES, algorithm)) throw new FreedomPayError("input_invalid", "the algorithm must be HS256 or HS512");
  const [first, ...others] = keysOf(setting, "the secret key");
  if (first === "") throw new FreedomPayError("key_invalid", "the secret key must not be empty");
  const imported = (key: string): Promise<CryptoKey> =>
    crypto.subtle.importKey("raw", new TextEncoder().encode(key), { name: "HMAC", hash: HASHES[algorithm] }, false, [usage]);
  return [await imported(first), ...(await Promise.all(others.map(imported)))];
}

function invalid(why: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("signature_invalid", `the signature is not valid: ${why}`, { cause });
}
