/** Signed texts of an attacker, made with crypto.subtle only: charge tokens, detached signatures, tickets. */
import { CHARGE, claims, now, TOKEN_KEY } from "../edge/forged-token.ts";
import type { signatures, tickets, tokens } from "./inputs.ts";
import type { Recipe } from "./recipe.ts";
import { bytesOf, swapped, textOf } from "./recipe.ts";

type TokenInput = (typeof tokens)[number]["input"];
type SignatureInput = (typeof signatures)[number]["input"];
type TicketInput = Pick<(typeof tickets)[number], "input" | "key">;
type Members = Readonly<Record<string, unknown>>;

/** The keys of the Worker under test (vite.config.ts). */
export const CALLBACK_KEY = "test-secret-callback-key-0123456789abcdef";
export const GATEWAY_KEY = "test-secret-of-the-gateway";

/** The content of a valid detached signature. */
export const SIGNED = { merchantId: "999999", secretKey: GATEWAY_KEY, uri: "/v5/g2g/create" } as const;
export const SIGNED_BODY = '{"amount":10}';

const DEEP = "[".repeat(10_000) + "]".repeat(10_000);

/** A charge token that is valid except for the input's changes. */
export async function hostileToken(input: TokenInput): Promise<string> {
  const header = bytesOf(input.header ?? '{"alg":"HS256","typ":"JWT"}');
  const payload = payloadOf(input);
  const signed = `${base64url(header)}.${base64url(payload)}`;
  const mac = await macOf(signed, bytesOf(input.key ?? TOKEN_KEY), input.hash);
  return filled(input.token ?? "{header}.{payload}.{mac}", { header: base64url(header), payload: base64url(payload), mac });
}

function payloadOf({ claims: changed = {}, charge = {}, without = [], swap = [], payload }: TokenInput): Uint8Array {
  const said: Record<string, unknown> = claims({ charge: { ...CHARGE, ...expanded(charge) }, ...expanded(changed) });
  for (const claim of without) delete said[claim];
  const times = (text: string): string =>
    text
      .replace(/\{(iat|exp)(?:\+(\d+))?\}/g, (_, claim: string, more = "0") => String(Number(said[claim]) + Number(more)))
      .replace("{deep}", () => DEEP);
  const text = swapped(
    JSON.stringify(said),
    swap.map(([from, to]) => [times(from), times(to)]),
  );
  return bytesOf(payload ?? [{ good: true }], new TextEncoder().encode(text));
}

/** Replaces recipes and relative times by values: `"now+60"` is a minute from now, in seconds. */
function expanded(members: Members): Members {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, expandedValue(value)]));
}

function expandedValue(value: unknown): unknown {
  if (typeof value === "string") {
    const seconds = /^now([+-]\d+)$/.exec(value)?.[1];
    return seconds === undefined ? value : now() + Number(seconds);
  }
  const isRecipe = Array.isArray(value) && value.some((piece) => typeof piece === "object" && piece !== null && "times" in piece);
  return isRecipe ? textOf(value as Recipe) : value;
}

/** A detached signature over {@link SIGNED_BODY} that is valid except for the input's changes. */
export async function hostileSignature(input: SignatureInput): Promise<string> {
  const good = JSON.stringify({ uri: SIGNED.uri, auth_id: SIGNED.merchantId, method: "POST", params: "", alg: "HS256" });
  const header = base64url(bytesOf(input.header ?? swapped(good, input.swap ?? [])));
  const payload = base64url(bytesOf(SIGNED_BODY));
  const key = bytesOf(input.keyHex === undefined ? (input.key ?? GATEWAY_KEY) : [{ hex: input.keyHex }]);
  const mac = await macOf(`${header}.${payload}`, key, input.hash);
  return filled(textOf(input.token ?? "{header}..{mac}"), { header, payload, mac });
}

/** A ticket of a check of order 1234 that is valid except for the input's changes. */
export async function hostileTicket({ input, key = CALLBACK_KEY }: TicketInput): Promise<string> {
  const nonce = "bm9uY2Utb2YtdGVzdHM";
  return filled(textOf(input), { nonce, mac: await macOf(`check|1234.${nonce}`, bytesOf(key)) });
}

/** Fills in the parts: `{mac}`; `{mac/2}` is its first half, `{mac^}` another text that lax decoders decode to the same bytes. */
function filled(template: string, parts: Readonly<Record<string, string>>): string {
  return template.replace(/\{(header|payload|mac|nonce)([/^]?2?)\}/g, (_, name: string, how: string) => {
    const part = parts[name] ?? "";
    if (how === "^") return respelt(part);
    return how === "/2" ? part.slice(0, part.length / 2) : part;
  });
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The last base64url character of 32 bytes has two unused bits. */
function respelt(text: string): string {
  const last = ALPHABET.indexOf(text.slice(-1));
  return `${text.slice(0, -1)}${ALPHABET[last ^ 1]}`;
}

/** The HMAC of a text, in base64url. */
export async function macOf(text: string, key: Uint8Array<ArrayBuffer>, hash = "SHA-256"): Promise<string> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytesOf(text))));
}

/** Bytes in base64url, without padding. */
export function base64url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
