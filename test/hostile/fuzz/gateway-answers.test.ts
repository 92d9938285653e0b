import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome } from "../../../src/outcome.ts";
import { outcomeOfResponse } from "../../../src/outcome.ts";
import type { ActionSpec } from "../../../src/payment.ts";
import { ACTIONS } from "../../../src/payment.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyJson, nearly } from "./values.ts";

const SPECS: readonly ActionSpec<unknown>[] = Object.values(ACTIONS);
const spec = fc.constantFrom(...SPECS);

const status = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  { weight: 2, arbitrary: fc.constantFrom(201, 301, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 524) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);

/** The statuses of a Response that has no body (Fetch standard, "null body status"). */
const BODILESS = [204, 205, 304];

const GOOD = [
  { id: "77", status: "process", amount: 10, created_at: "2026-11-22T10:00:00Z" },
  {
    id: "77",
    order_id: "1234",
    status: "success",
    amount: "10.00",
    clearing: { cleared: true, amount: 10 },
    refund_payments: [{ id: "78", amount: -5 }],
  },
  { status: "error", response: { status: "error", amount: 0, error: { code: "1202" } } },
  { error: { code: "10009", description: "Недостаточно средств" } },
];

const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...GOOD).chain(nearly) },
  { weight: 2, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);

/** The rules for every outcome of any answer. */
async function check(action: ActionSpec<unknown>, body: BodyInit, init: ResponseInit, sent: string | null): Promise<void> {
  const response = new Response(BODILESS.includes(init.status ?? 200) ? null : body, init);
  const outcome = await outcomeOfResponse(action, response);
  expect(response.body === null || response.bodyUsed || response.body.locked).toBe(true);
  expect(outcome.httpStatus).toBe(init.status);
  expect(structuredClone(outcome)).toEqual(outcome);
  const httpStatus = init.status ?? 200;
  if (httpStatus >= 500) expect(outcome).toMatchObject({ kind: "unknown", reason: "server_error" });
  else if (httpStatus === 429) expect(outcome).toMatchObject({ kind: "unknown", reason: "rate_limited" });
  else if (httpStatus >= 300 && httpStatus < 400) expect(outcome).toMatchObject({ kind: "unknown", reason: "redirect" });
  if (outcome.kind === "unknown" || sent === null) return;
  const said: unknown = JSON.parse(sent);
  expect(said).toBeTypeOf("object");
  if (outcome.kind === "refused") expect([outcome.code, sent.includes('"error"')]).toEqual([expect.stringMatching(/[^0]/), true]);
  else checkAnswered(action, outcome, said as object);
}

function checkAnswered(action: ActionSpec<unknown>, { answer }: Extract<Outcome<unknown>, { kind: "answered" }>, content: object): void {
  if (typeof answer !== "object" || answer === null) throw new Error("An answer is an object");
  // Only an empty answer means that there is no payment.
  if (Object.keys(answer).length === 0) expect([Object.keys(content), action.mayBeEmpty]).toEqual([[], true]);
  for (const name of action.name === "gateway.payment.status" ? ["id", "status", "order_id"] : ["id", "status"]) {
    const value = Object.hasOwn(answer, name) ? (answer as Readonly<Record<string, unknown>>)[name] : undefined;
    if (value !== undefined) expect([typeof value, value]).not.toEqual(["string", ""]);
    if (value !== undefined) expect(value).toBeTypeOf("string");
  }
  if (action.kind === "create") expect(answer).toMatchObject({ id: expect.stringMatching(/./s), status: expect.stringMatching(/./s) });
  if (action.kind === "edit") expect(answer).toMatchObject({ id: expect.stringMatching(/./s) });
}

test("any answer of the gateway has an outcome of its kind", { timeout: TIMEOUT }, async () => {
  await fc.assert(
    fc.asyncProperty(spec, text, status, (action, body, httpStatus) => check(action, body, { status: httpStatus }, body)),
    cases("gateway answers"),
  );
});

test("any bytes, under any headers, have an outcome", { timeout: TIMEOUT }, async () => {
  const headers = fc.dictionary(
    fc.constantFrom("Retry-After", "Date", "Content-Type", "Content-Length", "x-request-status"),
    fc.string({ maxLength: 20 }),
    {
      noNullPrototype: true,
    },
  );
  await fc.assert(
    fc.asyncProperty(spec, fc.uint8Array(), status, headers, (action, body, httpStatus, given) =>
      check(action, new Uint8Array(body), { status: httpStatus, headers: given }, null),
    ),
    cases("gateway answers in bytes"),
  );
});
