/** A runtime without a part of Web Crypto, such as a page without https: nothing verifies, nothing is signed, and no key is in the error. */
import { equal, ok, thrownBy } from "./assert.ts";
import { base64url, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const NOW = new Date("2026-11-22T10:00:00Z");

/** What of Web Crypto is there. */
type Part = Readonly<Record<string, unknown>>;

const fails = (): Promise<never> => Promise.reject(new DOMException("test failure", "OperationError"));

/** The runtime's own import of keys. */
const { subtle } = crypto;
const importKey = subtle.importKey.bind(subtle);

/** Runtimes without a part of it. */
const BROKEN: readonly (readonly [name: string, replaced: Part | undefined])[] = [
  ["without crypto", undefined],
  ["without crypto.subtle", {}],
  ["whose importKey is missing", { subtle: {} }],
  ["whose importKey fails", { subtle: { importKey: fails } }],
  ["whose sign and verify are missing", { subtle: { importKey } }],
  ["whose sign and verify fail", { subtle: { importKey, sign: fails, verify: fails } }],
  ["whose verify says false", { subtle: { importKey, sign: fails, verify: async () => false } }],
];

/** Runs work while the global is another. */
async function withCrypto(replaced: Part | undefined, work: () => Promise<void>): Promise<void> {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: replaced, configurable: true, writable: true });
  try {
    equal(globalThis.crypto as unknown, replaced, "the replaced global");
    await work();
  } finally {
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, "crypto");
    else Object.defineProperty(globalThis, "crypto", descriptor);
  }
}

/** Every function that uses Web Crypto. */
export function webCryptoCases({ main, merchant }: Subject): readonly Case[] {
  let count = 0;
  // A key is kept once it is imported, so each case has its own.
  const fresh = (): string => `test-secret-without-web-crypto-${String((count += 1)).padStart(4, "0")}`;
  const charge = { order_id: "1", amount: 1, currency: "KZT", description: "Tea", user_id: "1", profile_id: "1" } as const;
  const failsWithout = async (work: () => Promise<unknown>, secret: string): Promise<void> => {
    const error = await thrownBy(work);
    ok(error instanceof Error || error instanceof DOMException, `it ends with ${String(error)}`);
    ok(!String(error).includes(secret), "the key is in the error");
  };
  return [
    ...forEach(
      BROKEN,
      (name) => `in a runtime ${name} nothing is signed and nothing verifies`,
      async (_, replaced) => {
        const secret = fresh();
        const whsec = `whsec_${btoa(secret)}`;
        const expected = { merchantId: "1", secretKey: secret, uri: "/v5/x" };
        const body = utf8("{}");
        const signature = await (await main.createSigner({ merchantId: "1", secretKey: secret })).sign("/v5/x", body);
        const token = await main.issueChargeToken(charge, { key: secret, issuer: "shop.example", now: NOW });
        const headers = { ...(await main.signNotification("{}", { id: "1", secret: whsec, now: NOW })) };
        const request = new Request("https://shop.example/", { method: "POST", headers, body: "{}" });
        const other = fresh();
        await withCrypto(replaced, async () => {
          await failsWithout(() => main.verifySignature(signature, body, expected), secret);
          await failsWithout(() => main.openChargeToken(token, { keys: [secret], now: NOW }), secret);
          await failsWithout(() => main.verifyNotification(request, whsec, { now: NOW }), secret);
          await failsWithout(() => main.issueChargeToken(charge, { key: other, issuer: "shop.example" }), other);
          await failsWithout(() => main.signNotification("{}", { id: "1", secret: `whsec_${btoa(other)}` }), other);
          await failsWithout(async () => (await main.createSigner({ merchantId: "1", secretKey: other })).sign("/v5/x", body), other);
          await failsWithout(() => merchant.bindProfile("1", "1", [other]), other);
        });
        await main.verifySignature(signature, body, expected);
      },
    ),
    {
      name: "in a runtime without random bits there is no request id, and none that repeats",
      run: () =>
        withCrypto({}, async () => {
          await failsWithout(async () => main.requestId(), "test-secret");
          equal(
            main.requestId(0, (bytes) => void bytes.fill(0)),
            "00000000-0000-7000-8000-000000000000",
          );
        }),
    },
    {
      name: "the runtime refuses a MAC of another length without an error",
      run: async () => {
        const secret = fresh();
        const expected = { merchantId: "1", secretKey: secret, uri: "/v5/x" };
        const [header = ""] = (await (await main.createSigner({ merchantId: "1", secretKey: secret })).sign("/v5/x", utf8("{}"))).split(
          ".",
        );
        for (const length of [1, 31, 33, 64]) {
          const error = await thrownBy(() => main.verifySignature(`${header}..${base64url(new Uint8Array(length))}`, utf8("{}"), expected));
          equal((error as { code?: unknown }).code, "signature_invalid");
        }
      },
    },
  ];
}
