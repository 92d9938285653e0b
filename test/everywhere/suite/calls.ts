/** Calls of the gateway against a fetch in this process: the Request that leaves, and every end that a Response can have. */
import { equal, matches, ok, refused, thrownBy } from "./assert.ts";
import { joined, streamOf, textOf, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";
const SECRET = "test-secret-of-the-merchant";
const OPTIONS = { url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: SECRET };
const PAID = '{"id":"77","order_id":"заказ-1234","status":"success","amount":100}';

/** Addresses that a URL parser changes. Only an origin of a known host is the gateway's. */
const ADDRESSES: readonly (readonly [address: string, isGateway: boolean])[] = [
  ["https://api.freedompay.kz", true],
  ["https://API.FreedomPay.KZ:443/", true],
  ["http://127.0.0.1:8080", true],
  ["http://[::1]:8080", true],
  ["http://localhost", true],
  ["http://0x7f.1:8080/", true],
  ["https://api.freedompay.kz:8443", false],
  ["https://api.freedompay.kz.", false],
  ["https://api.freedompay.kz/v5", false],
  ["https://api.freedompay.kz/?", false],
  ["https://api.freedompay.kz#", false],
  ["https://user@api.freedompay.kz", false],
  ["https://api.freedompay.kz\\@evil.example", false],
  ["https://evil.example\\.freedompay.kz", false],
  ["https://api.freedompay.kz@evil.example", false],
  ["https://api.frееdompay.kz", false],
  ["https://api%2efreedompay.kz.evil.example", false],
  ["http://127.0.0.1.evil.example", false],
  ["http://[::ffff:127.0.0.1]", false],
  ["http://2130706434.evil", false],
  ["http://", false],
  ["//api.freedompay.kz", false],
  ["", false],
];

/** Answers of a gateway and of what stands in front of it, and how each ends. */
const ANSWERS: readonly (readonly [name: string, response: () => Response, end: Readonly<Record<string, unknown>>])[] = [
  ["an answer", () => new Response(PAID), { kind: "answered", httpStatus: 200 }],
  [
    "an answer in chunks that cut a letter",
    () => new Response(streamOf([utf8(PAID).subarray(0, 26), utf8(PAID).subarray(26)])),
    { kind: "answered" },
  ],
  ["an empty object", () => new Response("{}"), { kind: "answered", answer: {} }],
  ["an error", () => error("1202"), { kind: "refused", code: "1202", category: "not_found" }],
  ["an error under 401", () => error("1100", 401), { kind: "refused", code: "1100", category: "configuration", httpStatus: 401 }],
  ["a byte order mark before JSON", () => new Response(joined(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(PAID))), { kind: "answered" }],
  [
    "a byte that is not UTF-8",
    () => new Response(joined(utf8('{"id":"7'), Uint8Array.of(0xff), utf8('"}'))),
    { kind: "unknown", reason: "not_json" },
  ],
  [
    "UTF-16",
    () => new Response(new Uint8Array([...PAID].flatMap((one) => [one.charCodeAt(0) % 256, 0]))),
    { kind: "unknown", reason: "not_json" },
  ],
  ["a page", () => new Response("<html>", { status: 403 }), { kind: "unknown", reason: "not_json", httpStatus: 403 }],
  ["no body", () => new Response(null, { status: 204 }), { kind: "unknown", reason: "not_json" }],
  ["an array", () => new Response("[]"), { kind: "unknown", reason: "odd_json" }],
  ["an unsafe number for an id", () => new Response('{"id":9007199254740993}'), { kind: "unknown", reason: "odd_json" }],
  ["members that are a prototype's", () => new Response('{"__proto__":{"id":"1"}}'), { kind: "unknown", reason: "odd_json" }],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "/" } }),
    { kind: "unknown", reason: "redirect", httpStatus: 302 },
  ],
  ["an answer of 1 MiB and a byte", () => new Response(`"${"x".repeat(1_048_575)}"`), { kind: "unknown", reason: "not_json" }],
  [
    "a body that breaks",
    () => new Response(streamOf([utf8('{"id":')], new TypeError("reset"))),
    { kind: "unknown", reason: "network", httpStatus: 200 },
  ],
  ["a network error's response", () => Response.error(), { kind: "unknown", reason: "network", httpStatus: null }],
  ["a server's error", () => new Response("{}", { status: 500 }), { kind: "unknown", reason: "server_error", httpStatus: 500 }],
  ["429 with seconds", () => limited({ "retry-after": "7" }), { reason: "rate_limited", retryAfter: 7 }],
  [
    "429 with a date",
    () => limited({ date: "Fri, 20 Jun 2025 07:13:31 GMT", "retry-after": "Fri, 20 Jun 2025 07:15:31 GMT" }),
    { reason: "rate_limited", retryAfter: 120 },
  ],
  [
    "429 with a date of another form",
    () => limited({ "retry-after": "2025-06-20T07:15:31Z" }),
    { reason: "rate_limited", retryAfter: null },
  ],
  [
    "429 with seconds twice",
    () =>
      limited([
        ["retry-after", "7"],
        ["retry-after", "8"],
      ]),
    { reason: "rate_limited", retryAfter: null },
  ],
];

function error(code: string, status = 200): Response {
  return new Response(`{"error":{"code":"${code}"}}`, { status });
}

function limited(headers: HeadersInit): Response {
  return new Response("{}", { status: 429, headers });
}

/** A fetch that never answers, and ignores its signal. */
const never = (): Promise<Response> => new Promise(() => undefined);

/** Building, sending, reading. */
export function callCases({ main }: Subject): readonly Case[] {
  const { buildRequest, callGateway, createGateway, isGatewayUrl, outcomeOfResponse, outcomeOfThrow, paymentStatus, send } = main;
  const call = paymentStatus({ order_id: "заказ-1234" }, ID);
  const gateway = createGateway(OPTIONS);
  return [
    {
      name: "only an origin of the gateway is its address, however it is written",
      run: async () => {
        for (const [address, isGateway] of ADDRESSES) equal(isGatewayUrl(address), isGateway, `isGatewayUrl(${address})`);
        equal((await createGateway({ ...OPTIONS, url: "https://API.FreedomPay.KZ:443/" })).url, "https://api.freedompay.kz");
        await refused("input_invalid", () => createGateway({ ...OPTIONS, url: "https://evil.example" }));
      },
    },
    {
      name: "a request is a POST of the exact bytes with the signature over them",
      run: async () => {
        const request = await buildRequest(await gateway, call);
        matches(request, { method: "POST", url: "https://test-api.freedompay.kz/v5/g2g/read", redirect: "manual", bodyUsed: false });
        const headers = Object.fromEntries(request.headers);
        const signature = headers["x-jws-signature"] ?? "";
        matches(headers, {
          accept: "application/json",
          "content-type": "application/json",
          "x-action": "gateway.payment.status",
          "x-request-id": ID,
        });
        const body = new Uint8Array(await request.arrayBuffer());
        equal(textOf(body), '{"order_id":"заказ-1234"}');
        await main.verifySignature(signature, body, { ...OPTIONS, uri: "/v5/g2g/read" });
      },
    },
    {
      name: "a call gives fetch one request with a signal, and may be sent again from the same call",
      run: async () => {
        const bodies: string[] = [];
        const fetch = async (request: Request): Promise<Response> => {
          ok(!request.signal.aborted, "the signal is aborted");
          bodies.push(await request.text());
          return new Response(PAID);
        };
        for (const _ of [1, 2]) matches(await callGateway(await gateway, call, { fetch }), { kind: "answered" });
        equal(bodies, ['{"order_id":"заказ-1234"}', '{"order_id":"заказ-1234"}']);
        equal((await send(await buildRequest(await gateway, call), { fetch })).status, 200);
      },
    },
    ...forEach(
      ANSWERS,
      (name) => `a call ends as it should after ${name}`,
      async (_, response, end) => {
        matches(await callGateway(await gateway, call, { fetch: async () => response() }), end, "the outcome");
        matches(await outcomeOfResponse(call.action, response()), end, "the outcome of the response alone");
      },
    ),
    {
      name: "what fetch throws is no answer, and is never thrown on",
      run: async () => {
        for (const thrown of [new TypeError("fetch failed"), new DOMException("no", "NetworkError"), "text", undefined]) {
          const fetch = (): Promise<Response> => Promise.reject(thrown);
          equal(await callGateway(await gateway, call, { fetch }), outcomeOfThrow(new Error("network")));
        }
      },
    },
    {
      name: "a call without an answer ends at its time limit, also where fetch ignores the signal",
      run: async () => {
        matches(await callGateway(await gateway, call, { fetch: never, timeout: 20 }), { kind: "unknown", reason: "timeout" });
        const stalled = async (): Promise<Response> => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
        matches(await callGateway(await gateway, call, { fetch: stalled, timeout: 20 }), {
          kind: "unknown",
          reason: "timeout",
          httpStatus: 200,
        });
        const error = await thrownBy(async () => send(await buildRequest(await gateway, call), { fetch: never, timeout: 20 }));
        matches(error, { name: "TimeoutError" }, "the error of send");
      },
    },
    {
      name: "a call ends when its caller aborts it, before and after it was sent, with any reason",
      run: async () => {
        for (const reason of [undefined, new Error("gone"), "text"]) {
          let sent = 0;
          const counted = (): Promise<Response> => {
            sent += 1;
            return never();
          };
          const before = AbortSignal.abort(reason);
          matches(await callGateway(await gateway, call, { fetch: counted, signal: before }), { kind: "unknown", reason: "aborted" });
          equal(sent, 0, "the number of calls that left");
          const controller = new AbortController();
          const ended = callGateway(await gateway, call, { fetch: counted, signal: controller.signal });
          setTimeout(() => controller.abort(reason), 5);
          matches(await ended, { kind: "unknown", reason: "aborted" });
        }
      },
    },
  ];
}
