import { base64url } from "jose";
import { describe, expect, test, vi } from "vitest";
import type { SignatureAlgorithm } from "../../src/signature.ts";
import { createSigner, verifySignature } from "../../src/signature.ts";

const BODY = new TextEncoder().encode('{"order_id":"1234"}');
const SECRET = "test-secret-of-the-merchant";
const EXPECTED = { merchantId: "123456", secretKey: SECRET, uri: "/v5/g2g/create" };
const HEADER = { uri: "/v5/g2g/create", auth_id: "123456", method: "POST", params: "", alg: "HS256" };

function detached(header: unknown, mac = "AAAA"): string {
  return `${base64url.encode(typeof header === "string" ? header : JSON.stringify(header))}..${mac}`;
}

describe("The error text of verifySignature", () => {
  test.each([
    ["for no signature", "", "it is not two base64url texts with two dots between them"],
    ["for three parts", "a.b.c", "it is not two base64url texts with two dots between them"],
    ["for one that is too long", `${"A".repeat(4094)}..A`, "it is not two base64url texts with two dots between them"],
    ["for one of the maximum length", `${"A".repeat(4093)}..A`, "its header is not JSON in base64url"],
    ["for a header that is not JSON", detached("{"), "its header is not JSON in base64url"],
    ["for a header that is null", detached("null"), "its header is not JSON in base64url"],
    ["for a header that is a number", detached("5"), "its header is not JSON in base64url"],
    ["for another path", detached({ ...HEADER, uri: "/v5/g2g/edit" }), "its header has another uri"],
    ["for another merchant", detached({ ...HEADER, auth_id: "1" }), "its header has another auth_id"],
    ["for another method", detached({ ...HEADER, method: "PUT" }), "its header has another method"],
    ["for parameters", detached({ ...HEADER, params: "x" }), "its header has another params"],
    ["for another algorithm", detached({ ...HEADER, alg: "HS512" }), "its header has another alg"],
    ["for an unexpected member", detached({ ...HEADER, kid: "x" }), "its header has an unexpected or repeated member"],
    ["for a part of impossible length", detached(HEADER, "A"), "its last part is not base64url"],
    ["for another body", detached(HEADER), "it was made for another body or with another key"],
  ])("%s", async (_, signature, why) => {
    await expect(verifySignature(signature, BODY, EXPECTED)).rejects.toMatchObject({
      code: "signature_invalid",
      message: `the signature is not valid: ${why}`,
    });
  });

  test("has the cause", async () => {
    const error: unknown = await verifySignature(detached(HEADER), BODY, EXPECTED).catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty("cause.name", "JWSSignatureVerificationFailed");
  });
});

describe("The error text of createSigner", () => {
  test.each([
    [{ merchantId: "12a", secretKey: SECRET }, "input_invalid", "the merchant id must be a string of digits"],
    [{ merchantId: 12 as unknown as string, secretKey: SECRET }, "input_invalid", "the merchant id must be a string of digits"],
    [{ merchantId: "1", secretKey: "" }, "key_invalid", "the secret key must not be empty"],
    [{ merchantId: "1", secretKey: 5 as unknown as string }, "key_invalid", "the secret key must not be empty"],
    [
      { merchantId: "1", secretKey: SECRET, algorithm: "none" as SignatureAlgorithm },
      "input_invalid",
      "the algorithm must be HS256 or HS512",
    ],
  ])("for %j", async (options, code, message) => {
    await expect(createSigner(options)).rejects.toMatchObject({ code, message });
  });

  test.each([new ArrayBuffer(3), new Uint16Array(3), "{}"])("for a body that is no Uint8Array: %o", async (body) => {
    const signer = await createSigner({ merchantId: "1", secretKey: SECRET });
    await expect(signer.sign("/v5", body as never)).rejects.toMatchObject({ code: "input_invalid" });
  });

  test("for a uri that is not a path", async () => {
    const signer = await createSigner({ merchantId: "1", secretKey: SECRET });
    await expect(signer.sign("v5", BODY)).rejects.toMatchObject({ message: "the uri must be the path that is called" });
  });
});

test("An imported key cannot be exported", async () => {
  const spy = vi.spyOn(crypto.subtle, "importKey");
  try {
    // A key is kept, so it is one that no other test has.
    const secretKey = `${SECRET}-not-imported-yet`;
    await createSigner({ merchantId: "1", secretKey });
    await verifySignature("", BODY, { ...EXPECTED, secretKey }).catch(() => undefined);
    expect(spy.mock.calls.map(([, , , extractable, usages]) => [extractable, usages])).toEqual([
      [false, ["sign"]],
      [false, ["verify"]],
    ]);
  } finally {
    spy.mockRestore();
  }
});
