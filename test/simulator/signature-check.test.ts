import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkSignature } from "../../src/simulator/index.ts";
import { MERCHANT, SECRET, sign } from "./gateway-calls.ts";

interface Vector {
  readonly name: string;
  readonly alg: "HS256" | "HS512";
  readonly secret: string;
  readonly header_json: string;
  readonly payload_text: string;
  readonly detached_jws: string;
}

const vectors = JSON.parse(readFileSync(new URL("../src/jws-vectors.json", import.meta.url), "utf8")) as readonly Vector[];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const URI = "/v5/g2g/create";
const expected = { merchantId: MERCHANT, secretKeys: [SECRET], uri: URI };
const BODY = '{"amount":10}';

const check = (signature: string, body: string = BODY): ReturnType<typeof checkSignature> =>
  checkSignature(signature, bytes(body), expected);

describe("the official examples", () => {
  test("there are two of them", () => {
    expect(vectors.map((vector) => vector.alg).sort()).toEqual(["HS256", "HS512"]);
  });

  test.each(vectors)("$name verifies, and not with one byte changed", async (vector) => {
    const header = JSON.parse(vector.header_json) as { uri: string; auth_id: string };
    const options = { merchantId: header.auth_id, secretKeys: [vector.secret], uri: header.uri, algorithm: vector.alg };
    expect(await checkSignature(vector.detached_jws, bytes(vector.payload_text), options)).toEqual({ valid: true, key: 0 });
    expect(await checkSignature(vector.detached_jws, bytes(`${vector.payload_text} `), options)).toMatchObject({ valid: false });
  });
});

describe("what is accepted", () => {
  test("any of the keys will do, and the verdict says which", async () => {
    const secretKeys = ["test-secret-old", SECRET];
    expect(await checkSignature(sign(URI, BODY), bytes(BODY), { ...expected, secretKeys })).toEqual({ valid: true, key: 1 });
  });

  test("the header counts as it came, in whatever member order", async () => {
    const members = { alg: "HS256", params: "", method: "POST", auth_id: MERCHANT, uri: URI };
    const header = Buffer.from(JSON.stringify(members)).toString("base64url");
    const same = sign(URI, BODY).split(".");
    expect(await check(`${header}..${same[2]}`)).toMatchObject({ valid: false });
    const { createHmac } = await import("node:crypto");
    const mac = createHmac("sha256", SECRET)
      .update(`${header}.${Buffer.from(BODY).toString("base64url")}`)
      .digest("base64url");
    expect(await check(`${header}..${mac}`)).toEqual({ valid: true, key: 0 });
  });

  test.each([0, 1, 2, 3, 4, 63, 64, 65])("a body of %i bytes", async (length) => {
    const body = "я".repeat(length).slice(0, length);
    expect(await check(sign(URI, body), body)).toEqual({ valid: true, key: 0 });
  });
});

describe("what is refused", () => {
  const good = sign(URI, BODY);
  const [header = "", , mac = ""] = good.split(".");
  const payload = Buffer.from(BODY).toString("base64url");

  test.each([
    ["nothing", ""],
    ["a payload that is not cut out", `${header}.${payload}.${mac}`],
    ["a part too many", `${good}.`],
    ["padding", `${good}=`],
    ["the other base64 alphabet", `${header}..+${mac.slice(1)}`],
    ["a blank", `${good} `],
    [
      "stray bits at the end",
      `${header}..${mac.slice(0, -1)}${mac.endsWith("A") ? "B" : String.fromCharCode(mac.charCodeAt(mac.length - 1) + 1)}`,
    ],
    ["a signature that is cut", `${header}..${mac.slice(0, -4)}`],
    ["a header that is no JSON", `${Buffer.from("hello").toString("base64url")}..${mac}`],
    ["a header that is an array", `${Buffer.from("[]").toString("base64url")}..${mac}`],
    ["a header that is null", `${Buffer.from("null").toString("base64url")}..${mac}`],
    ["another key", sign(URI, BODY, "test-secret-another")],
    ["another path", sign("/v5/g2g/edit", BODY)],
    ["another merchant", sign(URI, BODY, SECRET, { auth_id: "999" })],
    ["a merchant id that is a number", sign(URI, BODY, SECRET, { auth_id: 123456 })],
    ["another method", sign(URI, BODY, SECRET, { method: "GET" })],
    ["params", sign(URI, BODY, SECRET, { params: "a=b" })],
    ["params left out", sign(URI, BODY, SECRET, { params: undefined })],
    ["HS512 where HS256 is due", sign(URI, BODY, SECRET, { alg: "HS512" })],
    ["none", sign(URI, BODY, SECRET, { alg: "none" })],
    ["crit", sign(URI, BODY, SECRET, { crit: ["b64"], b64: true })],
    ["b64", sign(URI, BODY, SECRET, { b64: false })],
    ["typ", sign(URI, BODY, SECRET, { typ: "JOSE" })],
  ])("%s", async (_, signature) => {
    const verdict = await check(signature);
    expect(verdict.valid).toBe(false);
    expect(JSON.stringify(verdict)).not.toContain(SECRET);
  });

  test("another body", async () => {
    expect(await check(good, `${BODY} `)).toMatchObject({ valid: false });
  });
});
