import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { CallbackAddresses, RecordedCallback } from "../../command/callback-recorder.ts";
import { makeCallbackAddresses, recordCallbacks } from "../../command/callback-recorder.ts";
import { freePort } from "../process/free-port.ts";

const SECRET_KEY = "test-secret-of-the-gateway";

interface TestRecorder {
  readonly port: number;
  readonly addresses: CallbackAddresses;
  /** The last segment of the check's address. */
  readonly ticket: string;
  /** The last segment of the result's. */
  readonly resultTicket: string;
  readonly recorded: RecordedCallback[];
}

async function listen(context: Pick<TestContext, "onTestFinished">, prefix = ""): Promise<TestRecorder> {
  const port = await freePort();
  const addresses = makeCallbackAddresses(`http://127.0.0.1:${port}${prefix}`);
  const recorded: RecordedCallback[] = [];
  const record = (callback: RecordedCallback): void => void recorded.push(callback);
  const recorder = await recordCallbacks({ listen: `127.0.0.1:${port}`, addresses, secretKey: SECRET_KEY, record });
  context.onTestFinished(() => recorder.close());
  const [ticket = "", resultTicket = ""] = [addresses.check_url, addresses.result_url].map((url) => url.split("/").at(-1) ?? "");
  return { port, addresses, ticket, resultTicket, recorded };
}

/** Sends a request without normalising its path, as `fetch` would, and returns the whole answer. */
function sendRaw(port: number, method: string, target: string, body = "", type = "application/x-www-form-urlencoded"): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.once("end", () => resolve(answer));
    socket.once("error", reject);
    const head = [`${method} ${target} HTTP/1.1`, "Host: 127.0.0.1", "Connection: close", `Content-Type: ${type}`];
    socket.write(`${head.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}

const FIELDS = "pg_order_id=1234&pg_amount=100.00&pg_salt=abc";
const XML = "<request><pg_order_id>1234</pg_order_id></request>";

describe("a callback to one of the two addresses is answered ok in its own format, and recorded", () => {
  test.for([
    ["a form", "POST", "", FIELDS, "xml"],
    ["XML", "POST", "", XML, "xml"],
    ["XML in pg_xml", "POST", "", `pg_xml=${XML}`, "xml"],
    ["a query", "GET", `?${FIELDS}`, "", "xml"],
    ["XML in a query", "GET", `?pg_xml=${encodeURIComponent(XML)}`, "", "xml"],
    ["JSON", "POST", "", '{"order_id":"1234"}', "json"],
    ["nothing", "POST", "", "", "json"],
    ["nothing, by GET", "GET", "", "", "json"],
  ] as const)("%s", async ([, method, query, body, shape], context) => {
    const { port, recorded, ...tickets } = await listen(context);
    for (const [kind, ticket] of [
      ["check", tickets.ticket],
      ["result", tickets.resultTicket],
    ] as const) {
      const answer = await sendRaw(port, method, `/${kind}/${ticket}${query}`, body);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(recorded.at(-1)).toMatchObject({ method, path: `/${kind}/${ticket}${query}`, body, answerFormat: shape });
      if (shape === "json") {
        expect(answer).toContain('{"status":"ok"}');
        continue;
      }
      const [, salt = "", signature] = /<pg_salt>([0-9a-f]{32})<\/pg_salt><pg_status>ok<\/pg_status><pg_sig>(\w+)</.exec(answer) ?? [];
      expect(signature).toBe(createHash("md5").update(`${ticket};${salt};ok;${SECRET_KEY}`).digest("hex"));
    }
    expect(recorded).toHaveLength(2);
  });

  test("under the path of the callback URL, if it has one", async (context) => {
    const { port, ticket, recorded } = await listen(context, "/a-tunnel");
    expect(await sendRaw(port, "POST", `/a-tunnel/check/${ticket}`, FIELDS)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await sendRaw(port, "POST", `/check/${ticket}`, FIELDS)).toMatch(/^HTTP\/1\.1 404 /);
    expect(recorded).toHaveLength(1);
  });
});

/** Targets that resemble the two addresses but are not equal to them, with the method. */
const OTHER_TARGETS: Readonly<Record<string, (ticket: string) => readonly [method: string, target: string]>> = {
  "the script of a request of the merchant's": () => ["POST", "/init_payment.php"],
  "the same followed by its values": () => ["POST", "/check/init_payment.php;25;Order%20description;123456;23"],
  "the root": () => ["POST", "/"],
  "no ticket": () => ["POST", "/check/"],
  "another ticket": (ticket) => ["POST", `/check/${ticket.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`],
  "the beginning of the ticket": (ticket) => ["POST", `/check/${ticket.slice(0, -1)}`],
  "the ticket and more": (ticket) => ["POST", `/check/${ticket}0`],
  "the ticket and values": (ticket) => ["POST", `/check/${ticket};25`],
  "a slash after it": (ticket) => ["POST", `/check/${ticket}/`],
  "a script after it": (ticket) => ["POST", `/check/${ticket}/init_payment.php`],
  "a path before it": (ticket) => ["POST", `/x/check/${ticket}`],
  "two slashes before it": (ticket) => ["POST", `//check/${ticket}`],
  "the ticket alone": (ticket) => ["POST", `/${ticket}`],
  "another kind": (ticket) => ["POST", `/refund/${ticket}`],
  "the ticket of the other address": (ticket) => ["POST", `/result/${ticket}`],
  "a kind in capitals": (ticket) => ["POST", `/CHECK/${ticket}`],
  "a way out of it": (ticket) => ["POST", `/check/${ticket}/../init_payment.php`],
  "a way into it": (ticket) => ["POST", `/x/../check/${ticket}`],
  "a way out of it, percent-encoded": (ticket) => ["POST", `/check/${ticket}/%2e%2e/init_payment.php`],
  "the ticket percent-encoded": (ticket) => ["POST", `/check/%${ticket.charCodeAt(0).toString(16)}${ticket.slice(1)}`],
  "a slash percent-encoded": (ticket) => ["POST", `/check%2F${ticket}`],
  "the address in a query": (ticket) => ["POST", `/init_payment.php?/check/${ticket}`],
  "the address in a fragment": (ticket) => ["POST", `/init_payment.php#/check/${ticket}`],
  "a fragment after it": (ticket) => ["POST", `/check/${ticket}#init_payment.php`],
  "the whole address, as in a request to a proxy": (ticket) => ["POST", `http://127.0.0.1/check/${ticket}`],
  "HEAD of the address": (ticket) => ["HEAD", `/check/${ticket}`],
  "PUT to the address": (ticket) => ["PUT", `/check/${ticket}`],
  "DELETE of the address": (ticket) => ["DELETE", `/check/${ticket}`],
  "OPTIONS of the address": (ticket) => ["OPTIONS", `/check/${ticket}`],
  "an unknown method": (ticket) => ["PROPFIND", `/check/${ticket}`],
};

describe("anything else is not found, not signed and not recorded", () => {
  test.for(Object.entries(OTHER_TARGETS))("%s", async ([, called], context) => {
    const { port, ticket, recorded } = await listen(context);
    const [method, target] = called(ticket);
    for (const body of [FIELDS, XML, '{"order_id":"1234"}', ""]) {
      const answer = await sendRaw(port, method, target, body);
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer).not.toMatch(/pg_sig|status|[0-9a-f]{32}/);
    }
    expect(recorded).toEqual([]);
  });
});

test("the addresses of each run are others, and no ticket holds what a script may not", () => {
  const made = Array.from({ length: 200 }, () => makeCallbackAddresses("https://tunnel.example"));
  expect(new Set(made.map(({ check_url }) => check_url)).size).toBe(200);
  for (const { check_url, result_url } of made) {
    expect(check_url).toMatch(/^https:\/\/tunnel\.example\/check\/[A-Za-z0-9_-]{43}$/);
    expect(result_url).toMatch(/^https:\/\/tunnel\.example\/result\/[A-Za-z0-9_-]{43}$/);
    expect(result_url.slice(-43)).not.toBe(check_url.slice(-43));
  }
});

test("of a callback's signature only its place is written down", async (context) => {
  const { port, resultTicket: ticket, recorded } = await listen(context);
  const sig = "0123456789abcdef0123456789ABCDEF";
  const xml = `<r><pg_salt>${"5".repeat(32)}</pg_salt><pg_sig>${sig}</pg_sig></r>`;
  const cdata = `<r><pg_sig><![CDATA[${sig}]]></pg_sig></r>`;
  const part = `--b\r\nContent-Disposition: form-data; name="pg_sig"\r\n\r\n${sig}\r\n--b--`;
  for (const body of [`pg_salt=a&pg_sig=${sig}`, xml, cdata, `pg_xml=${encodeURIComponent(xml)}`, `{"pg_sig": "${sig}"}`, part]) {
    await sendRaw(port, "POST", `/result/${ticket}`, body);
    await sendRaw(port, "GET", `/result/${ticket}${new URL(`http://127.0.0.1/?${body}`).search}`);
  }
  expect(recorded).toHaveLength(12);
  const text = JSON.stringify(recorded);
  expect(text).not.toContain(sig);
  expect(text.match(/<signature>/g)).toHaveLength(12);
  expect(text).toContain("5".repeat(32));
});

test("a body is written down as it is, wherever it was cut on the way, and at most 64 KiB of it", async (context) => {
  const { port, resultTicket: ticket, recorded } = await listen(context);
  const body = `pg_description=${"Қ".repeat(50_000)}`;
  expect(await sendRaw(port, "POST", `/result/${ticket}`, body)).toMatch(/^HTTP\/1\.1 200 /);
  const [callback] = recorded;
  expect(body.startsWith(callback?.body.slice(0, -1) ?? "x")).toBe(true);
  expect(Buffer.byteLength(callback?.body ?? "")).toBeGreaterThan(65_000);
  expect(Buffer.byteLength(callback?.body ?? "")).toBeLessThan(66_000);
});
