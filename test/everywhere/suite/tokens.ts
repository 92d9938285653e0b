/** Charge tokens: made byte for byte alike, opened, and refused alike. */
import { equal, refused } from "./assert.ts";
import { base64url, hmac, joined, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const KEY = "test-secret-charge-token-key-32-bytes";
const NOW = new Date("2026-11-22T10:00:00Z");
const SECONDS = NOW.getTime() / 1000;

const CHARGE = {
  order_id: "1234",
  amount: 4990.5,
  currency: "KZT",
  description: "Кофе ☕",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
} as const;

const CLAIMS = { iss: "shop.example", aud: "freedom-pay-charge", iat: SECONDS, exp: SECONDS + 1800, charge: CHARGE };
const HEADER = '{"alg":"HS256","typ":"JWT"}';

/** A token as any JWT library makes it, over any bytes. */
async function signed(payload: string | Uint8Array, header: string | Uint8Array = HEADER, key = KEY): Promise<string> {
  const content = `${base64url(header)}.${base64url(payload)}`;
  return `${content}.${base64url(await hmac("SHA-256", key, utf8(content)))}`;
}

const claims = (changes: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...CLAIMS, ...changes });

/** Payloads under a right signature that are no token. */
const WRONG_PAYLOADS: readonly (readonly [name: string, payload: string | Uint8Array])[] = [
  ["has a byte order mark", `\ufeff${claims({})}`],
  ["has a byte that is not UTF-8", joined(utf8(claims({})).subarray(0, -1), utf8(',"x":"'), Uint8Array.of(0xc3, 0x28), utf8('"}'))],
  ["is no JSON", "{"],
  ["has its time in a text", claims({ exp: String(SECONDS + 60) })],
  ["has a time that is no number", `${claims({}).slice(0, -1)},"exp":1e999}`],
  ["has no audience", claims({ aud: null })],
  ["lives for two days", claims({ exp: SECONDS + 172_800 })],
  ["is from the future", claims({ iat: SECONDS + 600, exp: SECONDS + 700 })],
  ["has an origin with a path", claims({ origin: "https://shop.example/" })],
  ["has an origin in capitals", claims({ origin: "https://SHOP.example" })],
  ["has an origin with its usual port", claims({ origin: "https://shop.example:443" })],
  ["has an origin that is Unicode", claims({ origin: "https://дүкен.example" })],
  ["has an unknown member in its charge", claims({ charge: { ...CHARGE, constructor: 1 } })],
  ["has a card number in its description", claims({ charge: { ...CHARGE, description: "4111 1111 1111 1111" } })],
  ["has half a surrogate in its description", claims({ charge: CHARGE }).replace("☕", "\\ud83c")],
];

/** Headers that JWT libraries were attacked with. */
const WRONG_HEADERS: readonly (readonly [name: string, header: string])[] = [
  ["alg none", '{"alg":"none"}'],
  ["HS512", '{"alg":"HS512"}'],
  ["crit", '{"alg":"HS256","crit":["b64"],"b64":true}'],
  ["b64 false", '{"alg":"HS256","b64":false}'],
  ["a byte order mark", `\ufeff${HEADER}`],
];

/** Issuing and opening. */
export function tokenCases({ main }: Subject): readonly Case[] {
  const { issueChargeToken, openChargeToken, parseCharge } = main;
  const issue = (changes: object = {}): Promise<string> =>
    issueChargeToken(CHARGE, { key: KEY, issuer: "shop.example", now: NOW, ...changes });
  const open = (token: string, now: Date = NOW): ReturnType<typeof openChargeToken> => openChargeToken(token, { keys: [KEY], now });
  return [
    {
      name: "a token is made byte for byte as another implementation makes it",
      run: async () => {
        const token = await issue({ origin: "https://xn--d1acon18c.example" });
        const { iss, aud, iat, exp } = CLAIMS;
        const written = { iss, aud, iat, exp, origin: "https://xn--d1acon18c.example", charge: { ...CHARGE, auto_clearing: true } };
        equal(token, await signed(JSON.stringify(written)));
      },
    },
    {
      name: "a token opens to its charge, until it has expired",
      run: async () => {
        const charge = { ...CHARGE, auto_clearing: true };
        const opened = { charge, issuedAt: SECONDS, expiresAt: SECONDS + 1800, origin: null, issuer: "shop.example", expired: false };
        equal(await open(await issue()), opened);
        equal(await openChargeToken(await issue(), { keys: ["test-secret-another-charge-token-key-", KEY], now: NOW }), opened);
        await refused("token_expired", async () => open(await issue(), new Date(NOW.getTime() + 1_860_000)));
      },
    },
    ...forEach(
      WRONG_PAYLOADS,
      (name) => `a token whose payload ${name} is refused, though its signature is right`,
      async (_, payload) => {
        await open(await signed(claims({})));
        await refused("token_invalid", async () => open(await signed(payload)), KEY);
      },
    ),
    ...forEach(
      WRONG_HEADERS,
      (name) => `a token with ${name} in its header is refused`,
      async (_, header) => refused("token_invalid", async () => open(await signed(claims({}), header)), KEY),
    ),
    {
      name: "a token that a lenient decoder would accept is refused",
      run: async () => {
        const token = await issue();
        const [header = "", payload = "", mac = ""] = token.split(".");
        const changed = [
          `${token}=`,
          `${token}\n`,
          ` ${token}`,
          `${header}.${payload}`,
          `${header}.${payload}.`,
          `${header}=.${payload}.${mac}`,
        ];
        for (const text of [...changed, `${token}.${mac}`, token.slice(0, -2), "x".repeat(40_000)])
          await refused("token_invalid", () => open(text));
        await refused("token_invalid", async () => open(await signed(claims({}), HEADER, "test-another-key")), KEY);
        await refused("token_invalid", () => open(new String(token) as unknown as string));
      },
    },
    {
      name: "weak keys, wrong options and card numbers are refused",
      run: async () => {
        await refused("key_invalid", () => issue({ key: "test-short" }), "test-short");
        await refused("key_invalid", () => issue({ key: `${KEY} ${KEY} ${KEY}` }));
        await refused("key_invalid", () => openChargeToken("a.b.c", { keys: [] }));
        await refused("input_invalid", () => issue({ origin: "https://shop.example/" }));
        await refused("input_invalid", () => issue({ now: new Date(Number.NaN) }));
        await refused("card_number_found", () => parseCharge({ ...CHARGE, description: "4111-1111-1111-1111" }), "1111");
        equal(parseCharge({ ...CHARGE, card: null }), { ...CHARGE, auto_clearing: true });
      },
    },
  ];
}
