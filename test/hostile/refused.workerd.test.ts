/** Every hostile request, sent to the real Worker: the code it must get, nothing stored, and no call of the gateway. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { MockInstance } from "vitest";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";
import type { HttpCall } from "../edge/over-http.ts";
import { API_KEY, call, callAsMerchant, EDGE, expectNothingStored, expectRefusal, SHOP, watchGateway } from "../edge/over-http.ts";
import { hostileTicket, hostileToken } from "./forgery.ts";
import { bodies, headerTricks, idempotencyKeys, routes, settings, tickets, tokens } from "./inputs.ts";
import { textOf } from "./recipe.ts";
import { bodyOf, inPieces } from "./request.ts";

let gateway: ReturnType<typeof watchGateway>;
let errors: MockInstance<typeof console.error>;
let addresses = 0;

beforeEach(() => {
  gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
  errors = vi.spyOn(console, "error").mockReturnValue();
});

afterEach(async () => {
  await expectNothingStored();
  expect(gateway).not.toHaveBeenCalled();
  // An error that is not ours is written there.
  expect(errors).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

/** An address that nothing was refused to: the limiter counts refused credentials by it. */
function anotherAddress(): { readonly "CF-Connecting-IP": string } {
  addresses += 1;
  return { "CF-Connecting-IP": `198.18.${Math.floor(addresses / 256)}.${addresses % 256}` };
}

/** Checks a refusal; the answer to a HEAD has no body to check. */
async function expectCode(answer: Response, code: ProblemCode, readableBy: string | null = SHOP): Promise<void> {
  if (answer.body === null) {
    expect(answer.status).toBe(PROBLEMS[code][0]);
    return;
  }
  const text = await answer.clone().text();
  expect(text).not.toMatch(/4111[ -]?1111|test-secret/);
  await expectRefusal(answer, code, readableBy);
}

describe("a charge token over HTTP", () => {
  const SENT = tokens.flatMap(({ name, input, gets, overHttp = gets }) => (overHttp === null ? [] : [{ name, input, code: overHttp }]));

  test.each(SENT)("pays nothing: $name", async ({ input, code }) => {
    const headers = { ...anotherAddress(), Authorization: `Bearer ${await hostileToken(input)}` };
    await expectCode(await call({ headers }), code);
  });

  // A token that is over may still read for a day, so those are left out here.
  test.each(SENT.filter(({ code }) => code === "token_invalid"))("reads nothing: $name", async ({ input, code }) => {
    const headers = { ...anotherAddress(), Authorization: `Bearer ${await hostileToken(input)}` };
    await expectCode(await call({ method: "GET", path: "/v1/charges/1234", headers }), code);
  });
});

test.each(headerTricks)("a header: $name", async ({ input, gets }) => {
  const headers = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, value === null ? null : textOf(value)]));
  await expectCode(await call({ headers: { ...anotherAddress(), ...headers } }), gets, "Origin" in headers ? null : SHOP);
});

test.each(idempotencyKeys.filter(({ gets, overHttp }) => gets !== null && overHttp === undefined))(
  "an Idempotency-Key: $name",
  async ({ input, gets }) => {
    if (gets === null) throw new Error("This one is accepted");
    const headers = { "Idempotency-Key": input === null ? null : textOf(input) };
    await expectCode(await call({ headers }), gets);
    await expectCode(await callAsMerchant({ path: "/v1/charges/1234/close", headers }), gets, null);
  },
);

test.each(routes)("an address: $name", async ({ input, gets }) => {
  const { method, path, as = "shopper", headers = {} } = input;
  const extra = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === null ? null : textOf(value)]));
  const asked: HttpCall = {
    method,
    path: textOf(path),
    headers: { ...anotherAddress(), ...(as === "nobody" ? { Authorization: null } : {}), ...extra },
  };
  await expectCode(await (as === "merchant" ? callAsMerchant(asked) : call(asked)), gets, as === "merchant" ? null : SHOP);
});

describe("a body of the merchant's", () => {
  const REFUSED = bodies.filter(({ gets }) => gets !== null);

  test.each(REFUSED)("for $to: $name", async (line) => {
    if (line.gets === null) throw new Error("This one is accepted");
    const path = line.to === "charges" ? "/v1/charges" : `/v1/charges/1234/${line.to}`;
    const headers = { Authorization: `Bearer ${API_KEY}`, "Idempotency-Key": "key-1", ...line.headers };
    const body = line.pieces === undefined ? bodyOf(line) : inPieces(bodyOf(line), line.pieces, line.breaks === true);
    // Past fetch, which would tell a true length.
    const request = new Request(`${EDGE}${path}`, { method: "POST", headers, body });
    await expectCode(await edge.fetch(request, env as unknown as EdgeBindings, createExecutionContext()), line.gets, null);
  });

  test("is none of a shopper's", async () => {
    for (const line of bodies.filter(({ to, pieces }) => to === "charges" && pieces === undefined)) {
      const body = bodyOf(line);
      if (body.length > 0) await expectCode(await call({ body }), body.length > 65_536 ? "body_too_large" : "body_invalid");
    }
  });
});

test.each(settings.filter(({ gets }) => gets !== null))("a setting: $name", async ({ setting, input, at = setting }) => {
  const bindings = { ...env, [setting]: input } as unknown as EdgeBindings;
  for (const path of ["/v1/charges/1234", "/healthz"]) {
    const answer = await edge.fetch(new Request(`${EDGE}${path}`), bindings, createExecutionContext());
    const { settings: named } = await expectRefusal(answer, "not_configured", null);
    expect(named).toEqual([at]);
  }
});

test.each(tickets.filter(({ gets }) => gets === null))("a ticket: $name", async (line) => {
  const { overHttp = "charge_not_found" } = line;
  // What is no part of a path by itself is encoded, as whoever called would have to.
  const ticket = encodeURIComponent(await hostileTicket(line)) || "%20";
  for (const kind of ["check", "result"]) {
    const answer = await call({ path: `/v1/callbacks/${kind}/${ticket}`, headers: { Authorization: null }, body: '{"order_id":"1234"}' });
    await expectCode(answer, overHttp);
  }
});
