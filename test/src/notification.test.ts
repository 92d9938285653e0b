import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../src/errors.ts";
import type { SignNotificationOptions } from "../../src/notification.ts";
import {
  isNotificationSecret,
  MAX_NOTIFICATION,
  NOTIFICATION_TOLERANCE,
  signNotification,
  verifyNotification,
} from "../../src/notification.ts";
import { cases } from "../length.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const secretOf = (text: string): string => `whsec_${base64(utf8(text))}`;

const SECRET = secretOf("test-secret-of-notifications");
const OLD_SECRET = secretOf("test-secret-from-before-rotation");
const NOW = new Date("2026-11-22T10:00:00Z");
const SECONDS = NOW.getTime() / 1000;

const CONTENT = {
  type: "charge.succeeded",
  timestamp: "2026-11-22T09:59:58.123Z",
  data: { order_id: "1234", status: "succeeded", sequence: 1, description: "Кофе и чай" },
};
const BODY = JSON.stringify(CONTENT);

/** The header made with crypto.subtle only. It shares no code with src. */
async function signature(id: string, timestamp: string, body: Uint8Array<ArrayBuffer>, secret = SECRET): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice("whsec_".length)), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const content = new Uint8Array([...utf8(`${id}.${timestamp}.`), ...body]);
  return `v1,${base64(new Uint8Array(await crypto.subtle.sign("HMAC", key, content)))}`;
}

function request(body: BodyInit, headers: Readonly<Record<string, string>>): Request {
  return new Request("https://shop.example/notifications", { method: "POST", body, headers });
}

/** A request with a valid signature over any body, then changed. */
async function signed(
  body: string | Uint8Array<ArrayBuffer> = BODY,
  changes: Readonly<Record<string, string | null>> = {},
): Promise<Request> {
  const bytes = typeof body === "string" ? utf8(body) : body;
  const headers = new Headers({
    "webhook-id": "1234-1",
    "webhook-timestamp": String(SECONDS),
    "webhook-signature": await signature("1234-1", String(SECONDS), bytes),
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return request(bytes, Object.fromEntries(headers));
}

const refusal = (code: ErrorCode, why = ""): unknown =>
  expect.objectContaining({ name: "FreedomPayError", code, message: expect.stringContaining(why) });

describe("signNotification", () => {
  test("makes the published example's signature", async () => {
    // From the tests of the scheme's reference libraries (github.com/standard-webhooks/standard-webhooks).
    const headers = await signNotification('{"test": 2432232314}', {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      now: new Date(1_614_265_330_000),
    });
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("signs with the current time by default", async () => {
    const before = Math.floor(Date.now() / 1000);
    const headers = await signNotification(BODY, { id: "1234-1", secret: SECRET });
    expect(Number(headers["webhook-timestamp"])).toBeGreaterThanOrEqual(before);
    expect(Number(headers["webhook-timestamp"])).toBeLessThanOrEqual(Date.now() / 1000);
    expect((await verifyNotification(request(BODY, headers), SECRET)).id).toBe("1234-1");
  });

  test.each([
    ["a text", `${SECRET} ${OLD_SECRET}`],
    ["a text with spaces around it", `  ${SECRET}   ${OLD_SECRET} `],
    ["a text with a line each", `${SECRET}\r\n${OLD_SECRET}\n`],
    ["a list", [SECRET, OLD_SECRET]],
    ["a list of texts from files", [`${SECRET}\n`, `\ufeff${OLD_SECRET}\n`]],
  ])("two secrets in %s sign both, the new one first", async (_name, secret) => {
    const headers = await signNotification(BODY, { id: "1234-1", secret, now: NOW });
    const ofEach = [SECRET, OLD_SECRET].map(async (one) => signature("1234-1", String(SECONDS), utf8(BODY), one));
    expect(headers["webhook-signature"]).toBe((await Promise.all(ofEach)).join(" "));
  });

  test.each<[string, Partial<SignNotificationOptions>, ErrorCode]>([
    ["an empty id", { id: "" }, "input_invalid"],
    ["an id with a full stop", { id: "a.1" }, "input_invalid"],
    ["an id with a space", { id: "a 1" }, "input_invalid"],
    ["an id with a line break at its end", { id: "a\n" }, "input_invalid"],
    ["an id beyond ASCII", { id: "заказ" }, "input_invalid"],
    ["an id of 256 characters", { id: "a".repeat(256) }, "input_invalid"],
    ["no id", { id: undefined as unknown as string }, "input_invalid"],
    ["no date", { now: new Date(Number.NaN) }, "input_invalid"],
    ["a date before 1970", { now: new Date(-1000) }, "input_invalid"],
    ["no secret", { secret: "" }, "key_invalid"],
    ["an empty list of secrets", { secret: [] }, "key_invalid"],
    ["a secret that is unset", { secret: undefined as unknown as string }, "key_invalid"],
    ["a secret without its prefix", { secret: SECRET.slice(6) }, "key_invalid"],
    ["a good secret and a bad one", { secret: `${SECRET} whsec_x` }, "key_invalid"],
  ])("refuses %s", async (_name, wrong, code) => {
    await expect(signNotification(BODY, { id: "1234-1", secret: SECRET, now: NOW, ...wrong })).rejects.toThrow(refusal(code));
  });

  test("refuses a body that is not a text, and accepts an id of any visible ASCII except the full stop", async () => {
    const options = { id: "1234-1", secret: SECRET, now: NOW };
    await expect(signNotification(CONTENT as unknown as string, options)).rejects.toThrow(refusal("input_invalid"));
    const id = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
      .join("")
      .replace(".", "");
    const headers = await signNotification(BODY, { ...options, id });
    expect((await verifyNotification(request(BODY, headers), SECRET, { now: NOW })).id).toBe(id);
  });

  test("no error contains the secret", async () => {
    const secret = `${SECRET}=`;
    const error = await signNotification(BODY, { id: "1", secret }).catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain(SECRET.slice(6));
  });
});

describe("isNotificationSecret", () => {
  const ofBytes = (length: number): string => `whsec_${base64(new Uint8Array(length).fill(7))}`;

  test("accepts only 24 to 64 bytes", () => {
    const good = Array.from({ length: 100 }, (_, length) => length).filter((length) => isNotificationSecret(ofBytes(length)));
    expect(good).toEqual(Array.from({ length: 41 }, (_, index) => 24 + index));
  });

  test.each([
    ["without its padding", ofBytes(25).replace(/=+$/, "")],
    ["with too much padding", `${ofBytes(24)}====`],
    ["in base64url", `whsec_${"-_".repeat(16)}`],
    ["with a space in it", ofBytes(24).replace("B", " ")],
    ["with a line break after it", `${ofBytes(24)}\n`],
    ["with another prefix", ofBytes(24).replace("whsec", "WHSEC")],
    ["that is too long", `whsec_${"A".repeat(1_000_000)}`],
    ["that is not a text", 5 as unknown as string],
  ])("refuses a secret %s", (_name, text) => {
    expect(isNotificationSecret(text)).toBe(false);
  });
});

describe("verifyNotification", () => {
  test("returns the id, the type, the time and the charge", async () => {
    expect(await verifyNotification(await signed(), SECRET, { now: NOW })).toEqual({ id: "1234-1", ...CONTENT });
  });

  test("returns an unknown type and unknown members of the charge unchanged, and drops unknown members beside the charge", async () => {
    const newer = { ...CONTENT, type: "charge.something_new", data: { ...CONTENT.data, new_member: [1] } };
    const body = JSON.stringify({ ...newer, id: "not the header's", extra: true });
    expect(await verifyNotification(await signed(body), SECRET, { now: NOW })).toEqual({ id: "1234-1", ...newer });
  });

  test("verifies the received bytes: spaces and the order of members count", async () => {
    const body = ` {"data": ${JSON.stringify(CONTENT.data)} ,\n"timestamp":"2026-11-22T09:59:58.123Z", "type":"charge.succeeded"} `;
    expect(await verifyNotification(await signed(body), SECRET, { now: NOW })).toEqual({ id: "1234-1", ...CONTENT });
  });

  test("accepts the new and the old secret", async () => {
    for (const secret of [`${OLD_SECRET} ${SECRET}`, `${SECRET}\n${OLD_SECRET}\n`, [OLD_SECRET, SECRET], `${SECRET}\n`]) {
      expect((await verifyNotification(await signed(), secret, { now: NOW })).data.order_id).toBe("1234");
    }
  });

  test("accepts any of several signatures, and ignores those of other versions", async () => {
    const good = await signature("1234-1", String(SECONDS), utf8(BODY));
    const other = await signature("1234-1", String(SECONDS), utf8(BODY), OLD_SECRET);
    for (const value of [`${other} ${good}`, `v1a,AAAA ${good}`, `v2,${good.slice(3)}  ${good}`, `x ${good} y`]) {
      const verified = verifyNotification(await signed(BODY, { "webhook-signature": value }), SECRET, { now: NOW });
      expect((await verified).id, value).toBe("1234-1");
    }
  });

  test("accepts a difference of 5 minutes, and refuses a second more", async () => {
    const at = (seconds: number): { now: Date } => ({ now: new Date(NOW.getTime() + seconds * 1000) });
    for (const seconds of [NOTIFICATION_TOLERANCE, -NOTIFICATION_TOLERANCE]) {
      expect((await verifyNotification(await signed(), SECRET, at(seconds))).id).toBe("1234-1");
    }
    await expect(verifyNotification(await signed(), SECRET, at(NOTIFICATION_TOLERANCE + 1))).rejects.toThrow(
      refusal("timestamp_invalid", "older than 5 minutes"),
    );
    await expect(verifyNotification(await signed(), SECRET, at(-NOTIFICATION_TOLERANCE - 1))).rejects.toThrow(
      refusal("timestamp_invalid", "from the future"),
    );
  });

  test("uses the current time by default", async () => {
    await expect(verifyNotification(await signed(), SECRET)).rejects.toThrow(refusal("timestamp_invalid"));
  });

  test.each([
    ["webhook-id", null, "webhook-id is missing"],
    ["webhook-id", "1234.1", "webhook-id is malformed"],
    ["webhook-id", "a, a", "webhook-id is malformed"],
    ["webhook-timestamp", null, "webhook-timestamp is missing"],
    ["webhook-timestamp", "1e9", "webhook-timestamp is malformed"],
    ["webhook-timestamp", `${SECONDS}.0`, "webhook-timestamp is malformed"],
    ["webhook-timestamp", `0${SECONDS}`, "webhook-timestamp is malformed"],
    ["webhook-timestamp", `-${SECONDS}`, "webhook-timestamp is malformed"],
    ["webhook-timestamp", "9".repeat(30), "webhook-timestamp is malformed"],
    ["webhook-timestamp", "NaN", "webhook-timestamp is malformed"],
    ["webhook-signature", null, "webhook-signature is missing"],
    ["webhook-signature", "", "no signature of version 1"],
    ["webhook-signature", "v1,", "no signature of version 1"],
    ["webhook-signature", "v1,AAAA", "no signature of version 1"],
    ["webhook-signature", `v2,${"A".repeat(43)}=`, "no signature of version 1"],
    ["webhook-signature", `v1,${"A".repeat(42)}B=`, "no signature of version 1"],
    ["webhook-signature", `v1,${"-".repeat(43)}=`, "no signature of version 1"],
  ])("refuses the header %s with value %j, and names it", async (name, value, why) => {
    const request = await signed(BODY, { [name]: value });
    await expect(verifyNotification(request, SECRET, { now: NOW })).rejects.toThrow(refusal("notification_invalid", why));
  });

  test.each([
    ["another id", { "webhook-id": "1234-2" }],
    ["another time", { "webhook-timestamp": String(SECONDS + 1) }],
    ["a signature of zeros", { "webhook-signature": `v1,${"A".repeat(43)}=` }],
  ])("%s does not match the signature", async (_name, changes) => {
    await expect(verifyNotification(await signed(BODY, changes), SECRET, { now: NOW })).rejects.toThrow(refusal("signature_invalid"));
  });

  test("another secret does not match the signature, nor does a part of id and time moved into the body", async () => {
    await expect(verifyNotification(await signed(), OLD_SECRET, { now: NOW })).rejects.toThrow(refusal("signature_invalid"));
    const moved = await signed(`${SECONDS}.${BODY}`, { "webhook-signature": await signature("1234-1", String(SECONDS), utf8(BODY)) });
    await expect(verifyNotification(moved, SECRET, { now: NOW })).rejects.toThrow(refusal("signature_invalid"));
  });

  test("checks only the first 16 signatures", async () => {
    const good = await signature("1234-1", String(SECONDS), utf8(BODY));
    const of = async (before: number): Promise<Request> =>
      signed(BODY, { "webhook-signature": [...new Array<string>(before).fill(`v1,${"A".repeat(43)}=`), good].join(" ") });
    expect((await verifyNotification(await of(15), SECRET, { now: NOW })).id).toBe("1234-1");
    await expect(verifyNotification(await of(16), SECRET, { now: NOW })).rejects.toThrow(refusal("signature_invalid"));
  });

  test.each([
    ["is empty", "", "not JSON"],
    ["is not JSON", "{", "not JSON"],
    ["is not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "not JSON in UTF-8"],
    ["begins with a byte order mark", `\uFEFF${BODY}`, "not JSON"],
    ["is null", "null", "not a JSON object"],
    ["is a list", "[]", "not a JSON object"],
    ["has no type", JSON.stringify({ ...CONTENT, type: undefined }), "type"],
    ["has an empty type", JSON.stringify({ ...CONTENT, type: "" }), "type"],
    ["has no time", JSON.stringify({ ...CONTENT, timestamp: undefined }), "timestamp"],
    ["has an invalid time", JSON.stringify({ ...CONTENT, timestamp: "yesterday" }), "timestamp"],
    ["has no charge", JSON.stringify({ ...CONTENT, data: null }), "data"],
    ["has a list as the charge", JSON.stringify({ ...CONTENT, data: [] }), "data"],
    ["has a charge without an order", JSON.stringify({ ...CONTENT, data: { ...CONTENT.data, order_id: 1234 } }), "data"],
    ["has a charge without a status", JSON.stringify({ ...CONTENT, data: { ...CONTENT.data, status: null } }), "data"],
    ["has a charge without a sequence", JSON.stringify({ ...CONTENT, data: { ...CONTENT.data, sequence: "1" } }), "data"],
  ])("a signed body that %s is refused", async (_name, body, why) => {
    await expect(verifyNotification(await signed(body), SECRET, { now: NOW })).rejects.toThrow(refusal("notification_invalid", why));
  });

  test.each([
    ["", (request: Request) => request],
    [
      ", in Firefox's Request too, which has no body to stream",
      (request: Request) => Object.defineProperty(request, "body", { value: undefined }),
    ],
  ])("a body of 1 MiB is read, a byte more is not%s", async (_where, as) => {
    const padding = " ".repeat(MAX_NOTIFICATION - utf8(BODY).length);
    expect((await verifyNotification(as(await signed(BODY + padding)), SECRET, { now: NOW })).id).toBe("1234-1");
    await expect(verifyNotification(as(await signed(`${BODY}${padding} `)), SECRET, { now: NOW })).rejects.toThrow(
      refusal("notification_invalid", "larger than 1 MiB"),
    );
  });

  test("a request whose body was read is refused as input_invalid", async () => {
    const read = await signed();
    await read.text();
    await expect(verifyNotification(read, SECRET, { now: NOW })).rejects.toThrow(refusal("input_invalid", "already read"));
  });

  test.each([
    ["nothing", undefined],
    ["a text", BODY],
    ["a server's own request object", { headers: { "webhook-id": "1" }, body: CONTENT }],
  ])("%s instead of a Request is refused as input_invalid", async (_name, what) => {
    await expect(verifyNotification(what as unknown as Request, SECRET)).rejects.toThrow(refusal("input_invalid"));
  });

  test("a missing or invalid secret is refused", async () => {
    for (const secret of ["", " ", [], "whsec_", "whsec_c2hvcnQ=", [SECRET, ""]]) {
      await expect(verifyNotification(await signed(), secret, { now: NOW }), String(secret)).rejects.toThrow(refusal("key_invalid"));
    }
    await expect(verifyNotification(await signed(), SECRET, { now: new Date(Number.NaN) })).rejects.toThrow(refusal("input_invalid"));
  });
});

describe("Signing and verifying arbitrary content", () => {
  const id = fc
    .array(
      fc.integer({ min: 33, max: 126 }).filter((code) => code !== 46),
      { minLength: 1, maxLength: 255 },
    )
    .map((codes) => String.fromCharCode(...codes));
  const secret = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => `whsec_${base64(bytes)}`);
  const date = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
  const content = fc.record({
    type: fc.string({ minLength: 1 }),
    timestamp: date.map((at) => at.toISOString()),
    data: fc.record({ order_id: fc.string(), status: fc.string(), sequence: fc.nat(), description: fc.string({ unit: "grapheme" }) }),
  });

  test("signed content verifies with any common secret of signer and receiver", async () => {
    await fc.assert(
      fc.asyncProperty(id, secret, secret, date, content, async (webhookId, one, two, now, said) => {
        const body = JSON.stringify(said);
        const headers = await signNotification(body, { id: webhookId, secret: [one, two], now });
        for (const known of [one, two, `${two} ${one}`]) {
          expect(await verifyNotification(request(body, headers), known, { now })).toEqual({ id: webhookId, ...said });
        }
      }),
      cases(50),
    );
  });

  test("with any one byte of the body changed it does not verify", async () => {
    const headers = await signNotification(BODY, { id: "1234-1", secret: SECRET, now: NOW });
    await fc.assert(
      fc.asyncProperty(fc.nat(utf8(BODY).length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = utf8(BODY);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        await expect(verifyNotification(request(bytes, headers), SECRET, { now: NOW })).rejects.toThrow(refusal("signature_invalid"));
      }),
      cases(50),
    );
  });

  test("hostile headers and bodies are refused with a code, without any other error", async () => {
    const headerText = fc.string({ unit: "binary-ascii" }).filter((text) => !/[\0\r\n]/.test(text));
    const codes: readonly ErrorCode[] = ["notification_invalid", "timestamp_invalid", "signature_invalid"];
    await fc.assert(
      fc.asyncProperty(
        fc.record({ "webhook-id": headerText, "webhook-timestamp": headerText, "webhook-signature": headerText }, { requiredKeys: [] }),
        fc.uint8Array({ maxLength: 200 }),
        async (headers, body) => {
          const error = await verifyNotification(request(new Uint8Array(body), headers), SECRET, { now: NOW }).then(
            () => "verified",
            (thrown: { code: ErrorCode }) => thrown.code,
          );
          expect(codes).toContain(error);
        },
      ),
      cases(100),
    );
  });

  test("a hostile body that the edge's secret signed is a notification, or refused with a code", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: "binary" })), async (body) => {
        const headers = await signNotification(body, { id: "1234-1", secret: SECRET, now: NOW });
        const result = await verifyNotification(request(body, headers), SECRET, { now: NOW }).catch((thrown: unknown) => thrown);
        expect(result).toEqual(refusal("notification_invalid"));
      }),
      cases(100),
    );
  });
});
