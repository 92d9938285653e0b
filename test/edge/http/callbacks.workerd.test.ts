/** Callbacks over HTTP: their methods, their URLs, and their answers. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { CallbackRequest } from "../../../edge/rpc.ts";
import { makeTicket, ticketName } from "../../../edge/http/ticket.ts";
import type { EdgeBindings } from "../../../edge/worker.ts";
import { edge } from "../../../edge/worker.ts";
import { md5 } from "../../../src/simulator/md5.ts";
import { EDGE, expectRefusal } from "../over-http.ts";
import { logLines } from "../written-log.ts";

const KEY = String(env["FREEDOM_PAY_SECRET_KEY"]);
const ticketOf = (orderId: string, kind: "check" | "result" = "check"): Promise<string> =>
  makeTicket(kind, ticketName(orderId), [String(env["CALLBACK_KEY"])]);

/** The attempt's name in a ticket. */
const nameOf = (ticket: string): string => ticket.slice(0, ticket.lastIndexOf("."));

interface Callback {
  readonly method?: string;
  readonly kind?: "check" | "result";
  readonly ticket: string;
  readonly query?: string;
  readonly type?: string;
  readonly body?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

async function send({ method = "POST", kind = "check", ticket, query = "", type, body, env: changed = {} }: Callback): Promise<Response> {
  const headers = new Headers(type === undefined ? {} : { "Content-Type": type });
  const url = `${EDGE}/v1/callbacks/${kind}/${ticket}${query}`;
  const request = new Request(url, { method, headers, ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }) });
  return edge.fetch(request, { ...env, ...changed } as unknown as EdgeBindings, createExecutionContext());
}

/** An order's object that knows the attempt, and records its calls. */
function knownAttempt(answer: "ok" | "rejected"): { readonly calls: CallbackRequest[]; readonly env: NonNullable<Callback["env"]> } {
  const calls: CallbackRequest[] = [];
  const callback = async (call: CallbackRequest): Promise<unknown> => {
    calls.push(call);
    return { ok: true, answer };
  };
  return { calls, env: { CHARGES: { getByName: () => ({ callback }) } } };
}

const FORM = "application/x-www-form-urlencoded";
const FIELDS = "pg_order_id=1234&pg_payment_id=77&pg_amount=10.00&pg_currency=KZT&pg_description=A+%26+B&pg_salt=a";
const XML =
  "<request><pg_order_id>1234</pg_order_id><pg_payment_id>77</pg_payment_id><pg_amount>10.00</pg_amount>" +
  "<pg_currency>KZT</pg_currency><pg_description>A &amp; B = 1+1</pg_description><pg_salt>a</pg_salt></request>";
const JSON_BODY = '{"order_id":"1234","payment_id":77,"amount":"10.00","currency":"KZT"}';

type Delivery = readonly [name: string, sent: Omit<Callback, "ticket">, answered: "json" | "xml"];

/** Every way in which a callback can arrive. */
const DELIVERIES: readonly Delivery[] = [
  ["a POST of a form", { type: FORM, body: FIELDS }, "xml"],
  ["a GET with the fields in its query", { method: "GET", query: `?${FIELDS}` }, "xml"],
  ["a POST of XML", { type: "text/xml", body: XML }, "xml"],
  ["a POST of XML in pg_xml", { type: FORM, body: `pg_xml=${encodeURIComponent(XML)}` }, "xml"],
  ["a POST of XML in pg_xml, not percent-encoded", { type: FORM, body: `pg_xml=${XML}` }, "xml"],
  ["a GET with XML in pg_xml", { method: "GET", query: `?pg_xml=${encodeURIComponent(XML)}` }, "xml"],
  ["a GET with XML in pg_xml, not percent-encoded", { method: "GET", query: `?pg_xml=${XML}` }, "xml"],
  ["a POST of JSON", { type: "application/json", body: JSON_BODY }, "json"],
];

const EMPTY_DELIVERIES: readonly Delivery[] = [
  ["an empty POST", {}, "json"],
  ["a GET without a query", { method: "GET" }, "json"],
  ["a GET with an empty query", { method: "GET", query: "?" }, "json"],
];

/** The status of an answer, after a check of its format and its signature. */
async function answerOf(answer: Response, shape: "json" | "xml", ticket: string, key = KEY): Promise<string> {
  expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  const text = await answer.text();
  if (shape === "json") return String(JSON.parse(text).status);
  const values = Array.from(text.matchAll(/<(pg_\w+)>([^<]*)</g), ([, name = "", value = ""]) => [name, value] as const);
  const sig = values.find(([name]) => name === "pg_sig")?.[1];
  const signedValues = values.filter(([name]) => name !== "pg_sig").map(([, value]) => value);
  expect(sig).toBe(md5([ticket, ...signedValues, key].join(";")));
  return String(values.find(([name]) => name === "pg_status")?.[1]);
}

describe("a callback of a known attempt", () => {
  test.each(DELIVERIES)("has the same content by %s, and is answered in its format", async (_, sent, shape) => {
    for (const kind of ["check", "result"] as const) {
      const ticket = await ticketOf("1234", kind);
      for (const status of ["ok", "rejected"] as const) {
        const { calls, env: changed } = knownAttempt(status);
        expect(await answerOf(await send({ ...sent, kind, ticket, env: changed }), shape, ticket)).toBe(status);
        const content = { orderId: "1234", paymentId: "77", amount: "10.00", currency: "KZT" };
        expect(calls).toEqual([
          {
            request: expect.anything(),
            orderId: "1234",
            kind,
            ticket: nameOf(ticket),
            content,
            isVerified: false,
            isTest: false,
            isByGet: false,
            isFailed: false,
            isPaid: false,
            profile: null,
          },
        ]);
      }
    }
  });

  test.each(EMPTY_DELIVERIES)("has no content by %s, and is still a hint", async (_, sent, shape) => {
    const ticket = await ticketOf("1234");
    const { calls, env: changed } = knownAttempt("ok");
    expect(await answerOf(await send({ ...sent, ticket, env: changed }), shape, ticket)).toBe("ok");
    expect(calls.map(({ content }) => content)).toEqual([{ orderId: null, paymentId: null, amount: null, currency: null }]);
  });
});

describe("HEAD, and any other method, is not a callback", () => {
  test.each(["HEAD", "PUT", "DELETE", "PATCH"])("%s", async (method) => {
    const { calls, env: changed } = knownAttempt("ok");
    const answer = await send({ method, ticket: await ticketOf("1234"), query: `?${FIELDS}`, env: changed });
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, POST, OPTIONS"]);
    expect(calls).toEqual([]);
  });
});

describe("a ticket with a valid MAC is answered even if its attempt is missing", () => {
  const missing = async (kind: "check" | "result"): Promise<string> => ticketOf(`never-${crypto.randomUUID().slice(0, 8)}`, kind);

  test.each([...DELIVERIES, ...EMPTY_DELIVERIES])("by %s: a result ok, a check rejected", async (_, sent, shape) => {
    for (const [kind, status] of [
      ["result", "ok"],
      ["check", "rejected"],
    ] as const) {
      const ticket = await missing(kind);
      expect(await answerOf(await send({ ...sent, kind, ticket }), shape, ticket)).toBe(status);
    }
  });
});

describe("a ticket with an invalid MAC is not found, and nothing is signed", () => {
  test.each([...DELIVERIES, ...EMPTY_DELIVERIES])("by %s", async (_, sent) => {
    const { calls, env: changed } = knownAttempt("ok");
    const good = await ticketOf("1234");
    const forged = good.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    const ofResult = await ticketOf("1234", "result");
    for (const ticket of [
      forged,
      ofResult,
      good.replace("1234", "1235"),
      "init_payment.php",
      "init_payment.php;25;Order",
      `${good};1`,
      `x${good}`,
    ]) {
      await expectRefusal(await send({ ...sent, ticket, env: changed }), "charge_not_found", null);
    }
    expect(calls).toEqual([]);
  });
});

test.each([...DELIVERIES, ...EMPTY_DELIVERIES])(
  "while settings are missing the answer is 503, so that the gateway repeats: %s",
  async (_, sent) => {
    const answer = await send({ ...sent, ticket: await ticketOf("1234"), env: { EDGE_API_KEY: "" } });
    await expectRefusal(answer, "not_configured", null);
  },
);

describe("during a rotation of the gateway's key", () => {
  const OLD_KEY = "test-secret-of-before";
  const rotating = { ...knownAttempt("ok").env, FREEDOM_PAY_SECRET_KEY: `${KEY} ${OLD_KEY}` };
  const signedBy = (ticket: string, key: string): string => md5([ticket, "10.00", "1234", " A b ", "", "abc", key].join(";"));
  const fields = (sig: string): string => `pg_order_id=1234&pg_amount=10.00&pg_param1=+A+b+&pg_param2=&pg_salt=abc&pg_sig=${sig}`;
  const xml = (sig: string): string =>
    `<r><pg_order_id>1234</pg_order_id><pg_amount>10.00</pg_amount><pg_param1> A b </pg_param1><pg_param2/><pg_salt>abc</pg_salt><pg_sig>${sig}</pg_sig></r>`;

  test.each<readonly [string, (sig: string) => Omit<Callback, "ticket">]>([
    ["a form", (sig) => ({ type: FORM, body: fields(sig) })],
    ["a query", (sig) => ({ method: "GET", query: `?${fields(sig)}` })],
    ["XML", (sig) => ({ type: "text/xml", body: xml(sig) })],
    ["XML in pg_xml", (sig) => ({ type: FORM, body: `pg_xml=${encodeURIComponent(xml(sig))}` })],
    ["XML in pg_xml, not percent-encoded", (sig) => ({ type: FORM, body: `pg_xml=${xml(sig)}` })],
    ["XML in pg_xml of a query, not percent-encoded", (sig) => ({ method: "GET", query: `?pg_xml=${xml(sig)}` })],
  ])("the answer to %s is signed with the key that signed it", async (_, sent) => {
    const ticket = await ticketOf("1234");
    for (const key of [KEY, OLD_KEY]) {
      const answer = await send({ ...sent(signedBy(ticket, key)), ticket, env: rotating });
      expect(await answerOf(answer, "xml", ticket, key)).toBe("ok");
    }
  });

  test("an unsigned callback is answered with the new key", async () => {
    const ticket = await ticketOf("1234");
    expect(await answerOf(await send({ type: FORM, body: FIELDS, ticket, env: rotating }), "xml", ticket)).toBe("ok");
  });

  test("a ticket with percent-encoding is signed decoded", async () => {
    const ticket = await ticketOf("1234");
    const answer = await send({ type: FORM, body: FIELDS, ticket: ticket.replaceAll(".", "%2E"), env: rotating });
    expect(await answerOf(answer, "xml", ticket)).toBe("ok");
  });
});

describe("no log line contains the ticket, the query or the body", () => {
  const broken = { CHARGES: { getByName: () => ({ callback: () => Promise.reject(Object.assign(new Error("test"), { remote: true })) }) } };
  const unreached = { CHARGES: { getByName: () => ({ callback: () => Promise.reject(new Error("Network connection lost.")) }) } };

  test.each([
    ["one that is answered", 200, knownAttempt("ok").env],
    ["one whose object is not reached", 503, unreached],
    ["one whose object is broken", 500, broken],
    ["one while settings are missing", 503, { EDGE_API_KEY: "" }],
  ] as const)("of %s", async (_, status, changed) => {
    const ticket = await ticketOf("1234");
    for (const [, sent] of DELIVERIES) {
      const answer = await send({ ...sent, ticket, env: changed });
      await answer.text();
      expect(answer.status).toBe(status);
    }
    const head = await send({ method: "HEAD", ticket, query: `?${FIELDS}`, env: changed });
    expect(head.status).toBe(405);
    const lines = logLines.join("\n");
    expect(logLines.length).toBeGreaterThan(DELIVERIES.length);
    expect(lines).toContain('"route":"/v1/callbacks/:kind{check|result}/:ticket"');
    for (const secret of [ticket, ...ticket.split(".").slice(1), "pg_", "KZT", "10.00", "?"]) expect(lines).not.toContain(secret);
  });
});
