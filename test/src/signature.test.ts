import fc from "fast-check";
import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import type { SignatureAlgorithm } from "../../src/signature.ts";
import { createSigner, verifySignature } from "../../src/signature.ts";
import { cases } from "../length.ts";
import vectors from "./jws-vectors.json" with { type: "json" };

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const SECRET = "test-secret-of-the-merchant";
const URI = "/v5/g2g/create";
const BODY = utf8('{"order_id":"1234"}');
const EXPECTED = { merchantId: "123456", secretKey: SECRET, uri: URI };

/** A MAC made with crypto.subtle only. It shares no code with src. */
async function mac(protectedHeader: string, body: Uint8Array<ArrayBuffer>, hash = "SHA-256", secret = SECRET): Promise<string> {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash }, false, ["sign"]);
  const input = utf8(`${protectedHeader}.${base64url.encode(body)}`);
  return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, input)));
}

/** A detached JWS with any header text and a valid MAC. */
async function signedWith(
  headerText: string | Uint8Array<ArrayBuffer>,
  body: Uint8Array<ArrayBuffer> = BODY,
  hash = "SHA-256",
): Promise<string> {
  const protectedHeader = base64url.encode(headerText);
  return `${protectedHeader}..${await mac(protectedHeader, body, hash)}`;
}

const HEADER = { uri: URI, auth_id: "123456", method: "POST", params: "", alg: "HS256" };

const refusal = expect.objectContaining({ name: "FreedomPayError", code: "signature_invalid" });

describe.each(vectors)("The official vector $name", (vector) => {
  const { uri, auth_id } = JSON.parse(vector.header_json) as { uri: string; auth_id: string };
  const algorithm = vector.alg as SignatureAlgorithm;
  const body = utf8(vector.payload_text);

  test("is signed byte for byte", async () => {
    const signer = await createSigner({ merchantId: auth_id, secretKey: vector.secret, algorithm });
    expect(await signer.sign(uri, body)).toBe(vector.detached_jws);
  });

  test("verifies", async () => {
    await expect(
      verifySignature(vector.detached_jws, body, { merchantId: auth_id, secretKey: vector.secret, uri, algorithm }),
    ).resolves.toBeUndefined();
  });

  test("does not verify under the other algorithm, another key, or with a byte more", async () => {
    const expected = { merchantId: auth_id, secretKey: vector.secret, uri, algorithm };
    const other = algorithm === "HS256" ? "HS512" : "HS256";
    await expect(verifySignature(vector.detached_jws, body, { ...expected, algorithm: other })).rejects.toThrow(refusal);
    await expect(verifySignature(vector.detached_jws, body, { ...expected, secretKey: `${vector.secret}x` })).rejects.toThrow(refusal);
    await expect(verifySignature(vector.detached_jws, utf8(`${vector.payload_text}\n`), expected)).rejects.toThrow(refusal);
  });
});

describe("createSigner", () => {
  test("has the merchant's id, and signs with HS256 by default", async () => {
    const signer = await createSigner({ merchantId: "123456", secretKey: SECRET });
    expect(signer).toMatchObject({ merchantId: "123456", algorithm: "HS256" });
    const signature = await signer.sign(URI, BODY);
    expect(signature).toBe(await signedWith(JSON.stringify(HEADER)));
  });

  test("accepts a key of any length, as UTF-8 text", async () => {
    for (const secretKey of ["x", "ключ", "00ff", "a".repeat(200)]) {
      const signer = await createSigner({ merchantId: "1", secretKey, algorithm: "HS512" });
      const signature = await signer.sign("/v5/x", BODY);
      const [protectedHeader = ""] = signature.split(".");
      expect(signature).toBe(`${protectedHeader}..${await mac(protectedHeader, BODY, "SHA-512", secretKey)}`);
    }
  });

  test.each([
    ["with a line end", `${SECRET}\n`],
    ["with white space around it", `\ufeff \t${SECRET}\r\n`],
    ["the new one of two while it is rotated", `${SECRET} test-secret-old`],
    ["the new one of two, a line each", `${SECRET}\ntest-secret-old\n`],
  ])("signs with the key %s", async (_, secretKey) => {
    const signer = await createSigner({ merchantId: "123456", secretKey });
    const signature = await signer.sign(URI, BODY);
    expect(signature).toBe(await signedWith(JSON.stringify(HEADER)));
    await expect(verifySignature(signature, BODY, { ...EXPECTED, secretKey })).resolves.toBeUndefined();
  });

  test("signs any bytes so that they verify, and not with one byte changed", async () => {
    const signer = await createSigner({ merchantId: "123456", secretKey: SECRET });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), async (body, place) => {
        const signature = await signer.sign(URI, body);
        await expect(verifySignature(signature, body, EXPECTED)).resolves.toBeUndefined();
        const changed = body.slice();
        changed[place % body.length] = ((changed[place % body.length] ?? 0) + 1) % 256;
        await expect(verifySignature(signature, changed, EXPECTED)).rejects.toThrow(refusal);
      }),
      cases(100),
    );
  });

  test.each(["", "12a", " 12", "12\n", "123456789012345678901"])("refuses the merchant id %j", async (merchantId) => {
    await expect(createSigner({ merchantId, secretKey: SECRET })).rejects.toMatchObject({ code: "input_invalid" });
  });

  test("refuses an empty key, an unknown algorithm and a uri that is not a path", async () => {
    await expect(createSigner({ merchantId: "1", secretKey: "" })).rejects.toMatchObject({ code: "key_invalid" });
    await expect(createSigner({ merchantId: "1", secretKey: SECRET, algorithm: "none" as SignatureAlgorithm })).rejects.toMatchObject({
      code: "input_invalid",
    });
    await expect(createSigner({ merchantId: "1", secretKey: SECRET, algorithm: "toString" as SignatureAlgorithm })).rejects.toMatchObject({
      code: "input_invalid",
    });
    const signer = await createSigner({ merchantId: "1", secretKey: SECRET });
    await expect(signer.sign("v5/g2g/create", BODY)).rejects.toMatchObject({ code: "input_invalid" });
  });
});

describe("verifySignature accepts", () => {
  test.each([
    ["another member order", '{"alg":"HS256","params":"","method":"POST","auth_id":"123456","uri":"/v5/g2g/create"}'],
    ["spaces and line ends", '{ "uri": "/v5/g2g/create", "auth_id": "123456",\n "method": "POST", "params": "", "alg": "HS256" }'],
    ["escaped slashes", '{"uri":"\\/v5\\/g2g\\/create","auth_id":"123456","method":"POST","params":"","alg":"HS256"}'],
  ])("a header with %s", async (_, header) => {
    await expect(verifySignature(await signedWith(header), BODY, EXPECTED)).resolves.toBeUndefined();
  });

  test("the expected method", async () => {
    const signature = await signedWith(JSON.stringify({ ...HEADER, method: "GET" }));
    await expect(verifySignature(signature, BODY, { ...EXPECTED, method: "GET" })).resolves.toBeUndefined();
  });

  test("an empty body", async () => {
    const empty = new Uint8Array();
    await expect(verifySignature(await signedWith(JSON.stringify(HEADER), empty), empty, EXPECTED)).resolves.toBeUndefined();
  });
});

describe("verifySignature refuses a valid MAC with", () => {
  const { params: _, ...withoutParams } = HEADER;

  test.each([
    ["another uri", JSON.stringify({ ...HEADER, uri: "/v5/g2g/read" })],
    ["another merchant", JSON.stringify({ ...HEADER, auth_id: "123457" })],
    ["a merchant id that is a number", JSON.stringify({ ...HEADER, auth_id: 123456 })],
    ["another method", JSON.stringify({ ...HEADER, method: "GET" })],
    ["a lower-case method", JSON.stringify({ ...HEADER, method: "post" })],
    ["params that are not empty", JSON.stringify({ ...HEADER, params: "x" })],
    ["params that are missing", JSON.stringify(withoutParams)],
    ["params that are null", JSON.stringify({ ...HEADER, params: null })],
    ["HS512 in the header", JSON.stringify({ ...HEADER, alg: "HS512" })],
    ["none in the header", JSON.stringify({ ...HEADER, alg: "none" })],
    ["crit", JSON.stringify({ ...HEADER, crit: ["b64"], b64: true })],
    ["an empty crit", JSON.stringify({ ...HEADER, crit: [] })],
    ["b64 false", JSON.stringify({ ...HEADER, b64: false })],
    ["b64 true", JSON.stringify({ ...HEADER, b64: true })],
    ["typ", JSON.stringify({ ...HEADER, typ: "JWT" })],
    ["an additional number", JSON.stringify({ ...HEADER, x: 1 })],
    ["__proto__", JSON.stringify(HEADER).replace("{", '{"__proto__":{"uri":"x"},')],
    ["a member inherited by __proto__", JSON.stringify(withoutParams).replace("{", '{"__proto__":{"params":""},')],
    ["a member written twice, the wrong one first", JSON.stringify(HEADER).replace("{", '{"uri":"/v5/g2g/edit",')],
    ["a member written twice, the same", JSON.stringify(HEADER).replace("{", '{"uri":"/v5/g2g/create",')],
    ["a member written twice, as a number", JSON.stringify(HEADER).replace("{", '{"uri":1,')],
    ["a member written twice, once with an escape", JSON.stringify(HEADER).replace("{", '{"\\u0075ri":"/v5/g2g/create",')],
    ["a byte order mark", `\ufeff${JSON.stringify(HEADER)}`],
    ["an array", JSON.stringify([HEADER])],
    ["null", "null"],
    ["a text", '"HS256"'],
    ["no JSON", "{"],
    ["no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
  ])("%s", async (_, header) => {
    await expect(verifySignature(await signedWith(header), BODY, EXPECTED)).rejects.toThrow(refusal);
  });

  test("an algorithm that the caller does not expect", async () => {
    const signature = await signedWith(JSON.stringify({ ...HEADER, alg: "HS512" }), BODY, "SHA-512");
    await expect(verifySignature(signature, BODY, EXPECTED)).rejects.toThrow(refusal);
    await expect(verifySignature(signature, BODY, { ...EXPECTED, algorithm: "HS512" })).resolves.toBeUndefined();
  });

  test("a header that is too long", async () => {
    const uri = `/v5/${"x".repeat(4096)}`;
    const signature = await signedWith(JSON.stringify({ ...HEADER, uri }));
    await expect(verifySignature(signature, BODY, { ...EXPECTED, uri })).rejects.toThrow(refusal);
  });
});

describe("verifySignature refuses the form", () => {
  const forms: readonly (readonly [string, (protectedHeader: string, mac: string) => string])[] = [
    ["with the payload inside", (header, mac) => `${header}.${base64url.encode(BODY)}.${mac}`],
    ["of two parts", (header, mac) => `${header}.${mac}`],
    ["of four parts", (header, mac) => `${header}..${mac}.`],
    ["with three dots", (header, mac) => `${header}...${mac}`],
    ["without a header", (_, mac) => `..${mac}`],
    ["without a MAC", (header) => `${header}..`],
    ["with padding after the MAC", (header, mac) => `${header}..${mac}=`],
    ["with padding after the header", (header, mac) => `${header}=..${mac}`],
    ["with the other base64 alphabet", (header, mac) => `${header}..${mac.replaceAll("-", "+").replaceAll("_", "/")}`],
    ["with a space before it", (header, mac) => ` ${header}..${mac}`],
    ["with a line end after it", (header, mac) => `${header}..${mac}\n`],
    ["with a MAC cut short", (header, mac) => `${header}..${mac.slice(0, -4)}`],
    ["with a longer MAC", (header, mac) => `${header}..${mac}AAAA`],
    ["that is empty", () => ""],
    ["of the word Bearer", (header, mac) => `Bearer ${header}..${mac}`],
  ];

  test.each(forms)("%s", async (_, form) => {
    // A body whose MAC has characters of the url alphabet, so that the other alphabet is another text.
    let body = BODY;
    let [header = "", , code = ""] = (await signedWith(JSON.stringify(HEADER), body)).split(".");
    for (let n = 0; !/[-_]/.test(code); n += 1) {
      body = utf8(`{"n":${n}}`);
      [header = "", , code = ""] = (await signedWith(JSON.stringify(HEADER), body)).split(".");
    }
    await expect(verifySignature(`${header}..${code}`, body, EXPECTED)).resolves.toBeUndefined();
    await expect(verifySignature(form(header, code), body, EXPECTED)).rejects.toThrow(refusal);
  });

  test("whose last character carries bits that no byte has", async () => {
    const signature = await signedWith(JSON.stringify(HEADER));
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(signature.slice(-1));
    // 32 bytes leave 2 unused bits in the 43rd character.
    const others = [1, 2, 3].map((bits) => signature.slice(0, -1) + alphabet[last + bits]);
    for (const other of others) await expect(verifySignature(other, BODY, EXPECTED)).rejects.toThrow(refusal);
  });

  test("that is no text at all", async () => {
    await expect(verifySignature(null as unknown as string, BODY, EXPECTED)).rejects.toThrow(refusal);
  });
});

test("A refusal names neither the key nor the signature", async () => {
  const signature = await signedWith(JSON.stringify(HEADER));
  const error: unknown = await verifySignature(signature, utf8("{}"), EXPECTED).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "signature_invalid" });
  expect(String(error)).not.toContain(SECRET);
  expect(String(error)).not.toContain(signature);
});

test("Either of two keys verifies while one is rotated, and no third", async () => {
  const signature = await signedWith(JSON.stringify(HEADER));
  for (const secretKey of [`test-secret-new ${SECRET}`, `${SECRET} test-secret-old`])
    await expect(verifySignature(signature, BODY, { ...EXPECTED, secretKey })).resolves.toBeUndefined();
  await expect(verifySignature(signature, BODY, { ...EXPECTED, secretKey: "test-secret-new test-secret-old" })).rejects.toThrow(refusal);
});

test.each(["", " \n", "one two three"])("The key %j verifies nothing, and signs nothing", async (secretKey) => {
  await expect(verifySignature("", BODY, { ...EXPECTED, secretKey })).rejects.toMatchObject({ code: "key_invalid" });
  await expect(createSigner({ merchantId: "1", secretKey })).rejects.toMatchObject({ code: "key_invalid" });
});
