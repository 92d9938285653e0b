/** Posts every hostile callback to the real Worker for a pending order. It is answered and decides nothing. */
import { env, exports } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeTicket, ticketName } from "../../edge/http/ticket.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { CHARGE } from "../edge/forged-token.ts";
import { call, callAsMerchant, EDGE, expectRefusal } from "../edge/over-http.ts";
import { callbacks } from "./inputs.ts";
import { bytesOf, textOf } from "./recipe.ts";

/** The gateway's status of the payment in every read. */
let status = "process";
const creates: string[] = [];
let errors: { readonly mock: { readonly calls: unknown[][] } };
let posted: Promise<Response>;

async function answerOf(request: Request): Promise<Response> {
  const body = await request.text();
  if (request.headers.get("X-Action") !== "gateway.payment.create")
    return Response.json({ id: "77", order_id: "1234", status, amount: 10 });
  creates.push(body);
  return Response.json({ id: "77", status: "process", amount: 10 });
}

async function charge(): Promise<MerchantChargeView> {
  return (await callAsMerchant({ method: "GET", path: "/v1/charges/1234" })).json();
}

/** The callback URL from the create. */
function addressOf(kind: "check_url" | "result_url"): string {
  return String(JSON.parse(creates[0] ?? "{}").urls[kind]).replace(String(env["PUBLIC_URL"]), EDGE);
}

beforeAll(async () => {
  vi.spyOn(console, "log").mockReturnValue();
  errors = vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => answerOf(new Request(input, init)));
  posted = callAsMerchant({ body: JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" }) });
  await vi.waitFor(async () => expect(await charge()).toMatchObject({ status: "processing", payment_id: "77" }));
});

afterAll(async () => {
  const { status: shown, attempts } = await charge();
  expect([shown, attempts.length, creates.length]).toEqual(["processing", 1, 1]);
  expect(errors.mock.calls).toEqual([]);
  // End the payment, so that the POST does not wait for ten seconds.
  status = "error";
  expect(await (await posted).json()).toMatchObject({ attempt: 1, cleared_amount: 0 });
  vi.restoreAllMocks();
});

test.each(callbacks)("$name", async ({ method = "POST", contentType, input, query, gets }) => {
  for (const kind of ["check_url", "result_url"] as const) {
    const headers = contentType === null ? {} : { "Content-Type": contentType };
    const address = `${addressOf(kind)}${query === "" ? "" : `?${textOf(query)}`}`;
    const answer = await exports.default.fetch(address, { method, headers, ...(method === "GET" ? {} : { body: bytesOf(input) }) });
    if (gets === "body_too_large" && kind === "result_url") {
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("ok")]);
      continue;
    }
    if (gets === "body_too_large") {
      await expectRefusal(answer, gets, null);
      continue;
    }
    expect(answer.status).toBe(200);
    const text = await answer.text();
    // A result is never rejected.
    const word = kind === "result_url" ? "ok" : gets.answer;
    const isJson = gets.shape === "json" || gets.shape === "empty";
    const signed = `<pg_status>${word}</pg_status><pg_sig>[0-9a-f]{32}</pg_sig></response>\n$`;
    expect(text).toMatch(new RegExp(isJson ? `^{"status":"${word}"}$` : signed));
    // Salt and signature are chance.
    expect(text.replaceAll(/<pg_(?:salt|sig)>[^<]*/g, "")).not.toMatch(/9999|passwd|test-secret/);
  }
});

test("a ticket of the order that no attempt has is answered: a result ok, a check rejected", async () => {
  for (const [kind, status] of [
    ["result", "ok"],
    ["check", "rejected"],
  ] as const) {
    const ticket = await makeTicket(kind, ticketName("1234"), [String(env["CALLBACK_KEY"])]);
    const answer = await call({ path: `/v1/callbacks/${kind}/${ticket}`, headers: { Authorization: null }, body: '{"order_id":"1234"}' });
    expect([answer.status, await answer.json()]).toEqual([200, { status }]);
  }
});

test("a thousand callbacks begin nothing and read at the pace of one", async () => {
  // However long they take, the edge takes them for callbacks of one moment.
  vi.useFakeTimers({ toFake: ["Date"] });
  const reads = vi.mocked(globalThis.fetch).mock.calls.length;
  const path = new URL(addressOf("result_url")).pathname;
  await Promise.all(
    Array.from({ length: 1000 }, async () => (await call({ path, headers: { Authorization: null }, body: "{}" })).arrayBuffer()),
  );
  expect(vi.mocked(globalThis.fetch).mock.calls.length - reads).toBeLessThanOrEqual(2);
  vi.useRealTimers();
});
