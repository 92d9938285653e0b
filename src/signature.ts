/**
 * The signature of the v5 API: a compact JWS with detached payload (RFC 7515, appendix F), over the
 * ordinary base64url of the body (not RFC 7797).
 */
import type { CryptoKey } from "jose";
import { base64url, flattenedVerify } from "jose";
import { decodeBase64url, decodeJson } from "./lib/base64url.ts";
import { FreedomPayError } from "./errors.ts";
import { hmacKey } from "./lib/hmac-key.ts";
import { keysOf } from "./lib/key-setting.ts";

/** HS256 for the Async API, HS512 for other APIs (Card API, older invoices). */
export type SignatureAlgorithm = "HS256" | "HS512";

/** Signs bodies for one merchant. */
export interface Signer {
  readonly merchantId: string;
  readonly algorithm: SignatureAlgorithm;
  /**
   * The value of the header X-JWS-Signature for a POST.
   *
   * @param uri The path of the call, such as `/v5/g2g/create`.
   * @param body The exact bytes of the body.
   * @throws {@link FreedomPayError} `input_invalid` when the uri does not begin with a slash.
   */
  sign(uri: string, body: Uint8Array): Promise<string>;
}

/** Options of {@link createSigner}. */
export interface SignerOptions {
  /** The merchant's number: a string of digits. */
  readonly merchantId: string;
  /**
   * FREEDOM_PAY_SECRET_KEY: the merchant's secret_key, a UTF-8 text of any length. White space around it is ignored. The first of two
   * keys separated by white space signs.
   */
  readonly secretKey: string;
  /** Default: HS256. */
  readonly algorithm?: SignatureAlgorithm | undefined;
}

/** The expected content of a signature. */
export interface ExpectedSignature {
  readonly merchantId: string;
  /** As {@link SignerOptions.secretKey}. A signature by either of two keys is valid. */
  readonly secretKey: string;
  /** The path that was called. */
  readonly uri: string;
  /** Default: POST. */
  readonly method?: string | undefined;
  /** Default: HS256. It is never read from the signature. */
  readonly algorithm?: SignatureAlgorithm | undefined;
}

const HASHES: Readonly<Record<SignatureAlgorithm, string>> = { HS256: "SHA-256", HS512: "SHA-512" };

const MERCHANT_ID = /^\d{1,20}$/;

/** Headers that a signer keeps encoded. The Async API has three paths. */
const MAX_HEADERS = 16;

const ENCODER = new TextEncoder();

/** A signature is about 200 characters. */
const MAX_SIGNATURE_LENGTH = 4096;

const DETACHED = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/;

/**
 * Creates a signer for one merchant. Imports the key once.
 *
 * @throws {@link FreedomPayError} `input_invalid` for an invalid merchant id or algorithm, `key_invalid` for an empty key.
 *
 * @example
 * ```ts
 * import { createSigner } from "freedom-pay-charge";
 *
 * const signer = await createSigner({ merchantId: "500000", secretKey: "test-secret-of-the-gateway" });
 * const body = new TextEncoder().encode(JSON.stringify({ order_id: "1234" }));
 * const signature = await signer.sign("/v5/g2g/read", body); // the header X-JWS-Signature
 * ```
 */
export async function createSigner(options: SignerOptions): Promise<Signer> {
  const { merchantId, secretKey, algorithm = "HS256" } = options;
  if (typeof merchantId !== "string" || !MERCHANT_ID.test(merchantId)) {
    throw new FreedomPayError("input_invalid", "the merchant id must be a string of digits");
  }
  const [key] = await importKeys(secretKey, algorithm, "sign");
  const headers = new Map<string, string>();
  const headerOf = (uri: string): string => {
    // This is the member order of the official examples.
    const header =
      headers.get(uri) ?? base64url.encode(JSON.stringify({ uri, auth_id: merchantId, method: "POST", params: "", alg: algorithm }));
    if (headers.size < MAX_HEADERS) headers.set(uri, header);
    return header;
  };
  return {
    merchantId,
    algorithm,
    async sign(uri, body): Promise<string> {
      if (!uri.startsWith("/")) throw new FreedomPayError("input_invalid", "the uri must be the path that is called");
      // By its tag, because a test runner's sandbox may have another class of this name.
      if (body[Symbol.toStringTag] !== "Uint8Array")
        throw new FreedomPayError("input_invalid", "the body must be a Uint8Array of the bytes that are sent");
      const protectedHeader = headerOf(uri);
      const signed = ENCODER.encode(`${protectedHeader}.${base64url.encode(body)}`);
      const mac = await crypto.subtle.sign("HMAC", key, signed);
      return `${protectedHeader}..${base64url.encode(new Uint8Array(mac))}`;
    },
  };
}

/**
 * Verifies a detached signature over the header as received. The header may have any member order. It must have the five
 * members of the contract, each once, and no others: `crit` and `b64` are refused.
 *
 * @param signature The value of X-JWS-Signature.
 * @param body The exact bytes that were received.
 * @throws {@link FreedomPayError} `signature_invalid` for an invalid signature; `key_invalid` for an empty
 * key; `input_invalid` for an unknown algorithm in `expected`.
 *
 * @example
 * ```ts
 * import { createSigner, verifySignature } from "freedom-pay-charge";
 *
 * const merchant = { merchantId: "500000", secretKey: "test-secret-of-the-gateway" };
 * const body = new TextEncoder().encode("{}");
 * const signature = await (await createSigner(merchant)).sign("/v5/g2g/read", body);
 * await verifySignature(signature, body, { ...merchant, uri: "/v5/g2g/read" }); // throws if it does not verify
 * ```
 */
export async function verifySignature(signature: string, body: Uint8Array, expected: ExpectedSignature): Promise<void> {
  const { merchantId, secretKey, uri, method = "POST", algorithm = "HS256" } = expected;
  const keys = await importKeys(secretKey, algorithm, "verify");
  const parts = typeof signature === "string" && signature.length <= MAX_SIGNATURE_LENGTH ? DETACHED.exec(signature) : null;
  if (parts === null) throw invalid("it is not two base64url texts with two dots between them");
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
  throw invalid("it was made for another body or with another key", cause);
}

function checkHeader(protectedHeader: string, expected: Readonly<Record<string, string>>): void {
  const decoded = decodeJson(protectedHeader);
  if (decoded === null || typeof decoded.value !== "object" || decoded.value === null) throw invalid("its header is not JSON in base64url");
  const header: Readonly<Record<string, unknown>> = { ...decoded.value };
  for (const [name, value] of Object.entries(expected)) {
    if (header[name] !== value) throw invalid(`its header has another ${name}`);
  }
  // The five members are texts, so the header has ten texts. More texts mean an unexpected or a repeated member.
  const texts = decoded.json.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (texts.length !== 10) throw invalid("its header has an unexpected or repeated member");
}

type Usage = "sign" | "verify";

/** The keys of a setting; the first one signs. */
async function importKeys(setting: string, algorithm: SignatureAlgorithm, usage: Usage): Promise<readonly [CryptoKey, ...CryptoKey[]]> {
  if (!Object.hasOwn(HASHES, algorithm)) throw new FreedomPayError("input_invalid", "the algorithm must be HS256 or HS512");
  const [first, ...others] = keysOf(setting, "the secret key");
  if (first === "") throw new FreedomPayError("key_invalid", "the secret key must not be empty");
  const imported = (key: string): Promise<CryptoKey> => hmacKey(ENCODER.encode(key), HASHES[algorithm], usage);
  return [await imported(first), ...(await Promise.all(others.map(imported)))];
}

function invalid(why: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("signature_invalid", `the signature is not valid: ${why}`, { cause });
}
