/** The signature of the v5 API: the official vectors, and texts that base64 and UTF-8 decoders read differently. */
import vectors from "../../src/jws-vectors.json" with { type: "json" };
import { equal, refused } from "./assert.ts";
import { base64url, hmac, joined, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const SECRET = "test-secret-of-the-merchant";
const URI = "/v5/g2g/create";
const BODY = utf8('{"order_id":"заказ-1234"}');
const EXPECTED = { merchantId: "123456", secretKey: SECRET, uri: URI };
const HEADER = '{"uri":"/v5/g2g/create","auth_id":"123456","method":"POST","params":"","alg":"HS256"}';

/** A signature over any header, as another implementation makes it. */
async function signed(header: string | Uint8Array, body: Uint8Array = BODY): Promise<string> {
  const first = base64url(header);
  return `${first}..${base64url(await hmac("SHA-256", SECRET, utf8(`${first}.${base64url(body)}`)))}`;
}

/** Headers that are not the five members in UTF-8. */
const WRONG_HEADERS: readonly (readonly [name: string, header: string | Uint8Array])[] = [
  ["has a byte order mark", `\ufeff${HEADER}`],
  ["has a byte that is not UTF-8", joined(utf8(HEADER.slice(0, 10)), Uint8Array.of(0xff), utf8(HEADER.slice(10)))],
  ["has an overlong slash", joined(utf8('{"uri":"'), Uint8Array.of(0xc0, 0xaf), utf8(HEADER.slice(9)))],
  ["has half a surrogate", joined(utf8('{"x":"'), Uint8Array.of(0xed, 0xa0, 0x80), utf8(`",${HEADER.slice(1)}`))],
  ["repeats a member", HEADER.replace('"params"', '"alg":"none","params"')],
  ["has crit", HEADER.replace("}", ',"crit":["b64"],"b64":false}')],
  ["names another algorithm", HEADER.replace("HS256", "HS512")],
  ["is an array", `[${HEADER}]`],
  ["is cut off", HEADER.slice(0, -1)],
];

/** Changes of a valid signature that a lenient base64 decoder ignores. */
const LENIENT: readonly (readonly [name: string, change: (signature: string) => string])[] = [
  ["padding", (signature) => `${signature}=`],
  ["a line end", (signature) => `${signature}\n`],
  ["a space inside", (signature) => signature.replace("..", ".. ")],
  ["the alphabet of plain base64", (signature) => signature.replaceAll("-", "+").replaceAll("_", "/").replace("..", "../")],
  ["unused bits that are set", (signature) => signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1)],
  ["a payload between the dots", (signature) => signature.replace("..", `.${base64url(BODY)}.`)],
];

/** Signing and verifying. */
export function signatureCases({ main }: Subject): readonly Case[] {
  const { createSigner, verifySignature } = main;
  return [
    ...vectors.flatMap(({ name, alg, secret, header_json, payload_text, detached_jws }): readonly Case[] => {
      const { uri, auth_id: merchantId } = JSON.parse(header_json) as { uri: string; auth_id: string };
      const algorithm = alg === "HS512" ? "HS512" : "HS256";
      const expected = { merchantId, secretKey: secret, uri, algorithm } as const;
      return [
        {
          name: `the official signature of ${name} is made byte for byte`,
          run: async () => {
            const signer = await createSigner({ merchantId, secretKey: secret, algorithm });
            equal(await signer.sign(uri, utf8(payload_text)), detached_jws);
          },
        },
        {
          name: `the official signature of ${name} verifies, and not with a byte or a key changed`,
          run: async () => {
            await verifySignature(detached_jws, utf8(payload_text), expected);
            await refused("signature_invalid", () => verifySignature(detached_jws, utf8(`${payload_text}\n`), expected));
            await refused("signature_invalid", () => verifySignature(detached_jws, utf8(payload_text), { ...expected, secretKey: "test" }));
          },
        },
      ];
    }),
    ...forEach(
      [
        ["of one letter", "x", "x"],
        ["in Cyrillic", "тест-ключ", "тест-ключ"],
        ["longer than a block", "a".repeat(200), "a".repeat(200)],
        ["with a line end", `${SECRET}\r\n`, SECRET],
        ["with a byte order mark", `\ufeff${SECRET}`, SECRET],
        ["with a no-break space", `${SECRET}\u00a0`, SECRET],
        ["beside its successor", `${SECRET} test-old`, SECRET],
      ],
      (name) => `a key ${name} signs as HMAC says`,
      async (_, secretKey, key) => {
        const signer = await createSigner({ merchantId: "123456", secretKey });
        const [first = ""] = (await signer.sign(URI, BODY)).split(".");
        const mac = base64url(await hmac("SHA-256", key, utf8(`${first}.${base64url(BODY)}`)));
        equal(await signer.sign(URI, BODY), `${base64url(HEADER)}..${mac}`);
        await verifySignature(`${first}..${mac}`, BODY, { ...EXPECTED, secretKey });
      },
    ),
    ...forEach(
      [
        ["empty", ""],
        ["of white space", " \n\u2003"],
        ["that is not a text", undefined as unknown as string],
      ],
      (name) => `a key ${name} is refused, and never reaches Web Crypto`,
      async (_, secretKey) => {
        await refused("key_invalid", () => createSigner({ merchantId: "123456", secretKey }));
        await refused("key_invalid", () => verifySignature(`${base64url(HEADER)}..AAAA`, BODY, { ...EXPECTED, secretKey }));
      },
    ),
    {
      name: "a body that is not bytes, an unknown algorithm and a wrong path are refused",
      run: async () => {
        const signer = await createSigner({ merchantId: "123456", secretKey: SECRET });
        for (const body of ["{}", BODY.buffer, new DataView(BODY.buffer), [1, 2]])
          await refused("input_invalid", () => signer.sign(URI, body as unknown as Uint8Array));
        await refused("input_invalid", () => signer.sign("v5/g2g/create", BODY));
        await refused("input_invalid", () => createSigner({ merchantId: "123456", secretKey: SECRET, algorithm: "toString" as "HS256" }));
        await refused("input_invalid", () => createSigner({ merchantId: "１２３", secretKey: SECRET }));
      },
    },
    {
      name: "a body is signed as its own bytes, also those of a part of a buffer",
      run: async () => {
        const signer = await createSigner({ merchantId: "123456", secretKey: SECRET });
        const part = joined(utf8("xx"), BODY, utf8("yy")).subarray(2, 2 + BODY.length);
        equal(await signer.sign(URI, part), await signed(HEADER));
        equal(await signer.sign(URI, Uint8Array.of(0, 255, 254)), await signed(HEADER, Uint8Array.of(0, 255, 254)));
        equal(await signer.sign(URI, new Uint8Array()), await signed(HEADER, new Uint8Array()));
      },
    },
    ...forEach(
      WRONG_HEADERS,
      (name) => `a signature whose header ${name} does not verify, though its MAC is right`,
      async (_, header) => refused("signature_invalid", async () => verifySignature(await signed(header), BODY, EXPECTED)),
    ),
    ...forEach(
      LENIENT,
      (name) => `a signature with ${name} does not verify`,
      async (_, change) => {
        const signature = await signed(HEADER);
        await verifySignature(signature, BODY, EXPECTED);
        await refused("signature_invalid", () => verifySignature(change(signature), BODY, EXPECTED));
      },
    ),
  ];
}
