/** docs/any-language.md: runs its code in every installed language. The names of the tests list them. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { openChargeToken } from "../../src/charge-token.ts";
import { signNotification } from "../../src/notification.ts";
import type { Answer, Question } from "./languages.ts";
import { ask, INSTALLED, NAMES } from "./languages.ts";

const KEY = "test-secret-charge-token-key-0123456789-ключ";

/** The key as in a setting or a file; the last two are from a rotation. */
const KEYS = [
  KEY,
  `${KEY}\n`,
  ` ${KEY}\r\n`,
  `${KEY} test-secret-old-charge-token-key-0123456789`,
  `${KEY}\ntest-secret-old-charge-token-key-0123456789\n`,
];
const SECRET = `whsec_${btoa("test-secret-of-notifications??>>")}`;
const OLD_SECRET = `whsec_${btoa("test-secret-from-before-rotation")}`;

const CHARGE = {
  order_id: "1234",
  amount: 1999.9,
  currency: "KZT",
  description: 'Кофе "Ақ" & чай / <b>№ 1</b> 😀',
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  auto_clearing: false,
  card: { brand: "visa", last4: "4242" },
};

const CONTENT = {
  type: "charge.succeeded",
  timestamp: "2026-11-22T10:00:00.000Z",
  data: {
    order_id: "1234",
    status: "succeeded",
    sequence: 3,
    amount: 1999.9,
    description: CHARGE.description,
    failure: null,
    attempts: [],
  },
};
const BODY = JSON.stringify(CONTENT);

/** A received notification, valid or not. */
interface Arrival {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The change to its signature. */
  readonly altered?: (signature: string) => string;
  readonly signedWith?: string;
  /** Seconds since it was sent. */
  readonly age?: number;
  readonly secrets?: string;
}

async function arrival(made: Arrival): Promise<Question> {
  const { body = BODY, headers = {}, altered = String, signedWith = SECRET, age = 0, secrets = SECRET } = made;
  const signed = await signNotification(BODY, { id: "1234-3", secret: signedWith, now: new Date(Date.now() - age * 1000) });
  return { body, headers: { ...signed, "webhook-signature": altered(signed["webhook-signature"]), ...headers }, secrets };
}

const GENUINE: readonly (readonly [string, () => Arrival | Promise<Arrival>])[] = [
  ["signed with the secret", () => ({})],
  ["signed with the new and the old secret", () => ({ signedWith: `${SECRET} ${OLD_SECRET}`, secrets: OLD_SECRET })],
  ["signed with the old secret while two are known", () => ({ signedWith: OLD_SECRET, secrets: `${SECRET} ${OLD_SECRET}` })],
  ["signed with the new secret while two are known", () => ({ secrets: `${SECRET} ${OLD_SECRET}` })],
  ["with the secret of a file, which ends with a line end", () => ({ secrets: `${SECRET}\n` })],
  ["with two secrets, a line each", () => ({ signedWith: OLD_SECRET, secrets: `${SECRET}\r\n${OLD_SECRET}\r\n` })],
  ["that is minutes old", () => ({ age: 150 })],
  ["by a clock that is minutes ahead", () => ({ age: -240 })],
  ["with another signature of another version", () => ({ altered: (signature) => `v1a,AAAA ${signature}` })],
];

const REFUSED: readonly (readonly [string, () => Arrival | Promise<Arrival>])[] = [
  ["whose amount was altered", () => ({ body: BODY.replace("1999.9", "9999.9") })],
  ["that was parsed and written again", () => ({ body: JSON.stringify(CONTENT, null, 1) })],
  ["without a body", () => ({ body: "" })],
  ["signed with another secret", () => ({ signedWith: OLD_SECRET })],
  ["that is more than 5 minutes old", () => ({ age: 330 })],
  ["that is more than 5 minutes from the future", () => ({ age: -900 })],
  ["that is old, with a changed time", () => ({ age: 330, headers: { "webhook-timestamp": String(Math.floor(Date.now() / 1000)) } })],
  ["under another id", () => ({ headers: { "webhook-id": "1234-4" } })],
  ["without an id", () => ({ headers: { "webhook-id": "" } })],
  ["without a time", () => ({ headers: { "webhook-timestamp": "" } })],
  ["with a time that is not a number", () => ({ headers: { "webhook-timestamp": "now" } })],
  ["with a time that is too long", () => ({ headers: { "webhook-timestamp": "9".repeat(40) } })],
  ["without a signature", () => ({ headers: { "webhook-signature": "" } })],
  ["with a signature of another version", () => ({ altered: (signature) => signature.replace("v1,", "v2,") })],
  ["with a signature cut short", () => ({ altered: (signature) => signature.slice(0, -4) })],
  ["with a signature that is not ASCII", () => ({ headers: { "webhook-signature": "v1,подпись" } })],
  ["signed with an empty secret that the receiver has not set", async () => ({ ...(await signedWithNothing()), secrets: "" })],
  ["signed with an empty secret while the receiver's is white space", async () => ({ ...(await signedWithNothing()), secrets: " \n" })],
  ["while the secret is only a prefix", async () => ({ ...(await signedWithNothing()), secrets: "whsec_" })],
  ["while the secret is short", () => ({ secrets: `whsec_${btoa("short")}` })],
];

/** A signature for a receiver whose secret is empty: for HMAC a zero byte is the same key (RFC 2104 §2). */
async function signedWithNothing(): Promise<Arrival> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = await crypto.subtle.importKey("raw", new Uint8Array(1), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`1234-3.${timestamp}.${BODY}`));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  return { headers: { "webhook-timestamp": timestamp, "webhook-signature": signature } };
}

/** Charges of an order of 4,999.90 tenge, and whether it is paid. */
const PRICE = { price: 499_990, currency: "KZT" };
const PAID = { status: "succeeded", currency: "KZT", amount: 4999.9, cleared_amount: 4999.9, refunded_amount: 0 };
const CHARGES: readonly (readonly [string, Readonly<Record<string, unknown>>, boolean])[] = [
  ["all of which was taken", PAID, true],
  ["that took more than the price and refunded the rest", { ...PAID, amount: 5000.1, cleared_amount: 5000.1, refunded_amount: 0.2 }, true],
  ["of which a part was cleared", { ...PAID, cleared_amount: 4999.89 }, false],
  ["that was refunded in part", { ...PAID, refunded_amount: 0.01 }, false],
  ["that was refunded completely", { ...PAID, status: "refunded", refunded_amount: 4999.9 }, false],
  ["with a pending complete refund", { ...PAID, refunded_amount: 4999.9 }, false],
  ["that took more than the price", { ...PAID, amount: 5000, cleared_amount: 5000 }, false],
  ["that is only held", { ...PAID, status: "authorized", cleared_amount: 0 }, false],
  ["that is not decided", { ...PAID, status: "unconfirmed", cleared_amount: 0 }, false],
  ["in another currency", { ...PAID, currency: "KGS" }, false],
  ["that is whole, with an amount without decimals", { ...PAID, cleared_amount: 5000, refunded_amount: 0.1 }, true],
  ["that is a problem answer", { type: "about:blank", title: "No such charge", status: 404, code: "charge_not_found" }, false],
];

describe.each(INSTALLED.map((language) => [language.name, language] as const))("The code of the page in %s", (_name, language) => {
  const startedAt = Math.floor(Date.now() / 1000);
  let tokens: readonly Answer[];
  let genuine: readonly Answer[];
  let refused: readonly Answer[];
  let paid: readonly Answer[];

  beforeAll(async () => {
    const questions: readonly Question[] = [
      { charge: CHARGE, key: KEY, issuer: "shop.example" },
      ...KEYS.map((key) => ({ charge: { ...CHARGE, amount: 10 }, key, issuer: "shop.example" })),
      ...(await Promise.all([...GENUINE, ...REFUSED].map(async ([, made]) => arrival(await made())))),
      ...CHARGES.map(([, view]) => ({ view, ...PRICE })),
    ];
    const answers = ask(language, questions);
    const made = 1 + KEYS.length;
    const verified = made + GENUINE.length + REFUSED.length;
    tokens = answers.slice(0, made);
    genuine = answers.slice(made, made + GENUINE.length);
    refused = answers.slice(made + GENUINE.length, verified);
    paid = answers.slice(verified);
  });

  test("makes a charge token that the edge accepts, with the same claims, with any white space around its key", async () => {
    for (const [index, amount] of [1999.9, ...KEYS.map(() => 10)].entries()) {
      const answer = tokens[index];
      const opened = await openChargeToken(answer !== undefined && "token" in answer ? answer.token : "", { keys: [KEY] });
      expect(opened).toMatchObject({ charge: { ...CHARGE, amount }, issuer: "shop.example", origin: null, expired: false });
      expect(opened.expiresAt - opened.issuedAt).toBe(1800);
      expect(opened.issuedAt).toBeGreaterThanOrEqual(startedAt);
      expect(opened.issuedAt).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });

  test.each(GENUINE.map(([name], index) => [name, index] as const))("accepts a notification %s", (_case, index) => {
    expect(genuine[index]).toEqual({ notification: { id: "1234-3", ...CONTENT } });
  });

  test.each(REFUSED.map(([name], index) => [name, index] as const))("refuses a notification %s", (_case, index) => {
    expect(refused[index]).toEqual({ refused: expect.stringMatching(/old|signed|NOTIFY_SECRET/) });
  });

  test.each(CHARGES.map(([name, , isPaid], index) => [name, isPaid, index] as const))(
    "a charge %s: is paid is %s",
    (_case, isPaid, index) => {
      expect(paid[index]).toEqual({ paid: isPaid });
    },
  );
});

test(`of the page's languages ${NAMES.join(", ")} these were run: ${INSTALLED.map(({ name }) => name).join(", ")}`, () => {
  expect(INSTALLED.map(({ name }) => name)).toContain("JavaScript");
  const page = readFileSync(new URL("../../docs/any-language.md", import.meta.url), "utf8");
  expect(Array.from(page.matchAll(/^```(\w+)$/gm), ([, fence]) => fence)).toEqual(["js", "php", "python", "go"]);
});
