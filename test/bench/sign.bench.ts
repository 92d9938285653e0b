/** Signing a body of 600 bytes on Node: this package beside less of it. */
import { createHmac } from "node:crypto";
import { FlattenedSign } from "jose";
import { expect, test } from "vitest";
import { createSigner } from "../../src/signature.ts";
import { MERCHANT } from "./fixture.ts";
import { writeSection } from "./results.ts";
import { IS_QUICK, ROUNDS } from "./rounds.ts";
import type { Figures } from "./statistics.ts";
import { goalTable, median, ratios, table, withSpread } from "./statistics.ts";
import { timed } from "./timed.ts";

const URI = "/v5/g2g/create";
const BODY = new TextEncoder().encode(JSON.stringify({ description: "x".repeat(600 - '{"description":""}'.length) }));

/** Turns of all variants in a round. They are short, so that what else happens on the machine meets all variants alike. */
const TURNS = IS_QUICK ? 10 : 200;

/** Signatures in a turn. */
const BATCH = 100;

const { merchantId, secretKey } = MERCHANT;
const secret = new TextEncoder().encode(secretKey);
const header = { uri: URI, auth_id: merchantId, method: "POST", params: "", alg: "HS256" };

function base64url(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes as Uint8Array).toString("base64url");
}

function headerText(): string {
  return Buffer.from(JSON.stringify(header)).toString("base64url");
}

type Sign = () => Promise<string> | string;

const SIGNERS: Readonly<Record<string, () => Promise<Sign>>> = {
  "this package": async () => {
    const signer = await createSigner({ merchantId, secretKey });
    return () => signer.sign(URI, BODY);
  },
  "bare subtle, kept key": async () => {
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return async () => {
      const head = headerText();
      const mac = await crypto.subtle.sign("HMAC", key, Buffer.from(`${head}.${base64url(BODY)}`));
      return `${head}..${base64url(mac)}`;
    };
  },
  "jose, raw secret": async () => async () => {
    const { protected: head, signature } = await new FlattenedSign(BODY).setProtectedHeader(header).sign(secret);
    return `${head}..${signature}`;
  },
  "node:crypto": async () => () => {
    const head = headerText();
    return `${head}..${createHmac("sha256", secretKey)
      .update(`${head}.${base64url(BODY)}`)
      .digest("base64url")}`;
  },
};

async function signBatch(sign: Sign): Promise<void> {
  for (let index = 0; index < BATCH; index += 1) await sign();
}

/** Signatures a second of each variant in one round. */
async function roundOf(signers: readonly Sign[]): Promise<readonly number[]> {
  const times = signers.map(() => [] as number[]);
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [index, sign] of signers.entries()) times[index]?.push((await timed(() => signBatch(sign)))[1]);
  // The median of the turns: a turn in which another process had the core is not the variant's.
  return times.map((taken) => (BATCH * 1000) / median(taken));
}

test("signatures a second", { timeout: 600_000 }, async () => {
  const signers = await Promise.all(
    Object.entries(SIGNERS).map(async ([name, create]) => ({ name, sign: await create(), rates: [] as number[] })),
  );
  expect(BODY).toHaveLength(600);
  const signatures = new Set(await Promise.all(signers.map(({ sign }) => sign())));
  expect(signatures.size).toBe(1);
  for (let round = 0; round <= ROUNDS; round += 1) {
    const rates = await roundOf(signers.map(({ sign }) => sign));
    if (round > 0) for (const [index, signer] of signers.entries()) signer.rates.push(rates[index] ?? Number.NaN);
  }
  const of = (name: string): Figures => signers.find((signer) => signer.name === name)?.rates ?? [];
  const bare = of("bare subtle, kept key");
  const rows = signers.map(({ name, rates }) => [name, withSpread(rates), withSpread(ratios(rates, bare))]);
  const goals = goalTable([
    { text: "at least 0.8 of bare subtle", measured: ratios(of("this package"), bare), isMet: (ratio) => ratio >= 0.8 },
    {
      text: "at least 1.25 times jose with the raw secret",
      measured: ratios(of("this package"), of("jose, raw secret")),
      isMet: (ratio) => ratio >= 1.25,
    },
  ]);
  writeSection(
    "Sign",
    `${BODY.length} bytes, one signature after another.\n\n${table(["variant", "signatures/s", "of bare subtle"], rows)}\n\n${goals}`,
  );
});
