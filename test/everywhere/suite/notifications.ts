/** Notifications: what a receiver in each runtime makes of headers and bodies. */
import { equal, matches, ok, refused } from "./assert.ts";
import { joined, streamOf, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const OLD = `whsec_${btoa("test-secret-from-before-rotation")}`;
const NOW = new Date("2026-11-22T10:00:00Z");

const CONTENT = {
  type: "charge.succeeded",
  timestamp: "2026-11-22T09:59:58.123Z",
  data: { order_id: "1234", status: "succeeded", sequence: 1, description: "Кофе ☕" },
};
const BODY = JSON.stringify(CONTENT);

/** Bodies under a right signature that are no notification. */
const WRONG_BODIES: readonly (readonly [name: string, body: Uint8Array])[] = [
  ["has a byte order mark", utf8(`\ufeff${BODY}`)],
  ["has a byte that is not UTF-8", joined(utf8(BODY.slice(0, -1)), utf8(',"x":"'), Uint8Array.of(0xe2, 0x28, 0xa1), utf8('"}'))],
  ["has half a surrogate in UTF-8", joined(utf8('{"x":"'), Uint8Array.of(0xed, 0xa0, 0xbd), utf8(`",${BODY.slice(1)}`))],
  ["is empty", new Uint8Array()],
  ["is null", utf8("null")],
  ["has a time of no form", utf8(BODY.replace("2026-11-22T09:59:58.123Z", "soon"))],
  ["has a sequence in a text", utf8(BODY.replace(":1,", ':"1",'))],
];

/** Changes of the headers of a valid notification. */
const HEADERS: readonly (readonly [
  name: string,
  change: (headers: Headers) => void,
  code: "notification_invalid" | "signature_invalid" | null,
])[] = [
  ["with spaces around a value", (headers) => headers.set("webhook-id", " 1234-1\t"), null],
  [
    "with a signature of another version first",
    (headers) => headers.set("webhook-signature", `v1a,AAAA ${headers.get("webhook-signature")}`),
    null,
  ],
  ["with another id", (headers) => headers.set("webhook-id", "1234-2"), "signature_invalid"],
  ["with its id twice", (headers) => headers.append("webhook-id", "1234-1"), "notification_invalid"],
  ["with its time twice", (headers) => headers.append("webhook-timestamp", "1"), "notification_invalid"],
  ["with a time in hexadecimal", (headers) => headers.set("webhook-timestamp", "0x6a22"), "notification_invalid"],
  ["without an id", (headers) => headers.delete("webhook-id"), "notification_invalid"],
  ["with an empty signature", (headers) => headers.set("webhook-signature", ""), "notification_invalid"],
  ["with a letter outside ASCII in its id", (headers) => headers.set("webhook-id", "1234-\u00e9"), "notification_invalid"],
  ["with the alphabet of base64url", (headers) => headers.set("webhook-signature", `v1,${"_".repeat(42)}8=`), "notification_invalid"],
  ["with a signature of zeros", (headers) => headers.set("webhook-signature", `v1,${"A".repeat(43)}=`), "signature_invalid"],
];

/** Signing and verifying. */
export function notificationCases({ main }: Subject): readonly Case[] {
  const { isNotificationSecret, MAX_NOTIFICATION, signNotification, verifyNotification } = main;
  const signed = async (body: Uint8Array, change: (headers: Headers) => void = () => undefined): Promise<Headers> => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
    const headers = new Headers({ ...(await signNotification(text, { id: "1234-1", secret: SECRET, now: NOW })) });
    // A signer takes a text, so the signature over bytes that are none is made here.
    const key = await crypto.subtle.importKey("raw", utf8("test-secret-of-notifications"), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const content = joined(utf8(`1234-1.${headers.get("webhook-timestamp")}.`), body);
    const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
    headers.set("webhook-signature", `v1,${btoa(String.fromCharCode(...mac))}`);
    change(headers);
    return headers;
  };
  const requestOf = (headers: Headers, body: BodyInit): Request =>
    new Request("https://shop.example/hook", { method: "POST", headers, body });
  const verify = (request: Request, secret: string | readonly string[] = SECRET): ReturnType<typeof verifyNotification> =>
    verifyNotification(request, secret, { now: NOW });
  return [
    {
      name: "the published example of the scheme is signed byte for byte",
      run: async () => {
        const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        const now = new Date(1_614_265_330_000);
        equal(await signNotification('{"test": 2432232314}', { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", secret, now }), {
          "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
          "webhook-timestamp": "1614265330",
          "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        });
      },
    },
    {
      name: "a notification is verified from a text, bytes, a Blob and a clone, under either of two secrets",
      run: async () => {
        const headers = new Headers({ ...(await signNotification(BODY, { id: "1234-1", secret: [SECRET, OLD], now: NOW })) });
        for (const body of [BODY, utf8(BODY), utf8(BODY).buffer, new Blob([BODY])]) {
          for (const secret of [SECRET, OLD, `${OLD}\n`, [`whsec_${btoa("test-secret-of-somebody-else")}`, SECRET]])
            equal(await verify(requestOf(headers, body), secret), { ...CONTENT, id: "1234-1" });
        }
        const request = requestOf(headers, BODY);
        equal(await verify(request.clone()), { ...CONTENT, id: "1234-1" });
        equal(await request.text(), BODY);
      },
    },
    {
      name: "a notification is verified from a stream of any chunks, and a stream that breaks is refused",
      run: async () => {
        const bytes = utf8(BODY);
        const headers = await signed(bytes);
        // Not every runtime makes a Request of a stream, but every one's server gives its receiver one.
        const received = (body: ReadableStream<Uint8Array>): Request => ({ headers, body, bodyUsed: false }) as unknown as Request;
        const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) => bytes.subarray(7 * index, 7 * index + 7));
        equal(await verify(received(streamOf(chunks))), { ...CONTENT, id: "1234-1" });
        await refused("notification_invalid", () => verify(received(streamOf(chunks.slice(0, 3), new TypeError("reset")))));
        await refused("signature_invalid", () => verify(received(streamOf(chunks.slice(0, 3)))));
      },
    },
    ...forEach(
      WRONG_BODIES,
      (name) => `a notification whose body ${name} is refused, though its signature is right`,
      async (_, body) => {
        equal((await verify(requestOf(await signed(utf8(BODY)), BODY))).id, "1234-1");
        await refused("notification_invalid", async () => verify(requestOf(await signed(body), new Uint8Array(body))));
      },
    ),
    ...forEach(
      HEADERS,
      (name) => `a notification ${name} is verified or refused as its text says`,
      async (_, change, code) => {
        const request = requestOf(await signed(utf8(BODY), change), BODY);
        if (code === null) equal((await verify(request)).id, "1234-1");
        else await refused(code, () => verify(request));
      },
    ),
    {
      name: "a body that was read, an altered one and one of more than 1 MiB are refused",
      run: async () => {
        const read = requestOf(await signed(utf8(BODY)), BODY);
        await read.text();
        await refused("input_invalid", () => verify(read));
        await refused("input_invalid", () => verify(BODY as unknown as Request));
        await refused("signature_invalid", async () => verify(requestOf(await signed(utf8(BODY)), `${BODY} `)));
        const large = new Uint8Array(MAX_NOTIFICATION + 1).fill(32);
        await refused("notification_invalid", async () => verify(requestOf(await signed(utf8(BODY)), large)));
        await refused("signature_invalid", async () => verify(requestOf(await signed(utf8(BODY)), large.subarray(1))));
      },
    },
    {
      name: "a notification of another time is refused",
      run: async () => {
        const headers = await signed(utf8(BODY));
        for (const [seconds, isTaken] of [
          [300, true],
          [301, false],
          [-300, true],
          [-301, false],
        ] as const) {
          const now = new Date(NOW.getTime() + 1000 * seconds);
          const verified = (): Promise<unknown> => verifyNotification(requestOf(headers, BODY), SECRET, { now });
          if (isTaken) ok((await verified()) !== undefined, "it is refused");
          else await refused("timestamp_invalid", verified);
        }
      },
    },
    {
      name: "only whsec_ and padded base64 of 24 to 64 bytes is a secret",
      run: async () => {
        const base64 = (length: number): string => btoa("x".repeat(length));
        const secrets = [
          base64(24),
          base64(64),
          base64(23),
          base64(65),
          base64(25).replace(/=+$/, ""),
          ` ${base64(24)}`,
          `${base64(24)}\n`,
          "",
        ];
        equal(
          secrets.map((one) => isNotificationSecret(`whsec_${one}`)),
          [true, true, false, false, false, false, false, false],
        );
        await refused("key_invalid", () => signNotification(BODY, { id: "1", secret: "test-secret" }));
        await refused("key_invalid", async () => verify(requestOf(await signed(utf8(BODY)), BODY), []));
        await refused("input_invalid", () => signNotification(BODY, { id: "1.2", secret: SECRET }));
        matches(await signNotification("", { id: "1", secret: SECRET, now: NOW }), { "webhook-id": "1" });
      },
    },
  ];
}
