/** JSON Web Tokens as an attacker, or a careless back end, would make them: with bare crypto.subtle, without any check. */

/** The key of the Worker under test (vite.config.ts). */
export const TOKEN_KEY = "test-secret-charge-token-key-0123456789abcdef";

/** The charge that tests pay. */
export const CHARGE = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "A book",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  auto_clearing: true,
} as const;

/** Seconds since the epoch. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** The claims of a valid token for {@link CHARGE} with some changes. A member that is undefined is left out. */
export function claims(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { iss: "shop.example", aud: "freedom-pay-charge", iat: now(), exp: now() + 1800, charge: CHARGE, ...changed };
}

/** The claims of a token with some members of its charge changed. */
export function claimsOf(charge: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return claims({ charge: { ...CHARGE, ...charge } });
}

/** How {@link forge} signs. */
export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: string;
  readonly hash?: "SHA-256" | "SHA-512";
}

/** A compact JWS over any text, with any header. */
export async function forge(payload: string | Readonly<Record<string, unknown>>, forgery: Forgery = {}): Promise<string> {
  const { header = { alg: "HS256", typ: "JWT" }, key = TOKEN_KEY, hash = "SHA-256" } = forgery;
  const input = signingInput(payload, header);
  const imported = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash }, false, ["sign"]);
  return `${input}.${base64url(new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes(input))))}`;
}

/** A token signed with a fresh RSA key (RS256). */
export async function forgeRsa(payload: Readonly<Record<string, unknown>>): Promise<string> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("RSA keys come in pairs");
  const input = signingInput(payload, { alg: "RS256", typ: "JWT" });
  return `${input}.${base64url(new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", pair.privateKey, bytes(input))))}`;
}

/** A token without a signature, as with `alg: none`. */
export function forgeUnsigned(payload: Readonly<Record<string, unknown>>): string {
  return `${signingInput(payload, { alg: "none", typ: "JWT" })}.`;
}

function signingInput(payload: string | Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>>): string {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return `${base64url(bytes(JSON.stringify(header)))}.${base64url(bytes(text))}`;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function base64url(raw: Uint8Array): string {
  return btoa(String.fromCharCode(...raw))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
