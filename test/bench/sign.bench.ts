/** Signing a body of 600 bytes on Node: this package beside less of it. */
import { createHmac } from "node:crypto";
import { FlattenedSign } from "jose";
import { expect, test } from "vitest";
import { createSigner } from "../../src/signature.ts";
import { MERCHANT } from "./fixture.ts";
import { writeSection } from "./results.ts";
import { IS_QUICK, ROUNDS } from "./rounds.ts";
import type { Figures } from "./statistics.ts";
import { goalTable, ratios, table, withSpread } from "./statistics.ts";

const URI = "/v5/g2g/create";
const BODY = new TextEncoder().encode(JSON.stringify({ description: "x".repeat(600 - '{"description":""}'.length) }));
const SECONDS = IS_QUICK ? 0.1 : 1;

/** Signatures between two looks at the clock. */
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

async function rateOf(sign: Sign): Promise<number> {
  const began = performance.now();
  let signatures = 0;
  while (performance.now() - began < SECONDS * 1000) {
    for (let index = 0; index < BATCH; index += 1) await sign();
    signatures += BATCH;
  }
  return (signatures * 1000) / (performance.now() - began);
}

test("signatures a second", { timeout: 600_000 }, async () => {
  const signers = await Promise.all(
    Object.entries(SIGNERS).map(async ([name, create]) => ({ name, sign: await create(), rates: [] as number[] })),
  );
  expect(BODY).toHaveLength(600);
  const signatures = new Set(await Promise.all(signers.map(({ sign }) => sign())));
  expect(signatures.size).toBe(1);
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const { sign, rates } of signers) {
      const rate = await rateOf(sign);
      if (round > 0) rates.push(rate);
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
