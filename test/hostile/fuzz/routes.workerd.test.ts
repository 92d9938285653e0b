/** Any method on any address with any headers: the real Worker answers with a code of its list and stores nothing. */
import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../../edge/worker.ts";
import { edge } from "../../../edge/worker.ts";
import { PROBLEMS } from "../../../src/lib/problems.ts";
import { API_KEY, EDGE, expectNothingStored, watchGateway } from "../../edge/over-http.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyText } from "./values.ts";

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("GET", "POST", "HEAD", "OPTIONS") },
  { weight: 2, arbitrary: fc.constantFrom("PUT", "PATCH", "DELETE", "PROPFIND", "patch") },
);

// No segment is a valid order_id, because with the merchant's key it would name an order.
const segment = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("v1", "charges", "callbacks", "check", "result", "close", "refund", "healthz", "freedom-pay-charge.js"),
  },
  { weight: 1, arbitrary: fc.constantFrom("", ".", "%2e%2e", "%00", "%zz", "%", "*", ":order_id", "1--2", "%2F") },
  { weight: 1, arbitrary: anyText.map((text) => `--${encodeURIComponent(text.replace(/\p{Cs}/gu, "?"))}`) },
);

const path = fc
  .oneof(
    fc.array(segment, { maxLength: 6 }),
    fc.tuple(
      fc.constant("v1"),
      fc.constant("charges"),
      anyText.map((text) => `--${encodeURIComponent(text.replace(/\p{Cs}/gu, "?"))}`),
      segment,
    ),
    fc.tuple(fc.constant("v1"), fc.constant("callbacks"), fc.constantFrom("check", "result"), segment),
  )
  .map((segments) => `/${segments.join("/")}`);

const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 30 });

const headers = fc.record(
  {
    Authorization: fc.oneof(fc.constantFrom(`Bearer ${API_KEY}`, "Bearer x.y.z", "Basic x"), headerText),
    Origin: fc.oneof(fc.constantFrom("https://shop.example", "null"), headerText),
    "Idempotency-Key": headerText,
    Prefer: headerText,
    "If-None-Match": headerText,
    traceparent: headerText,
    "Content-Type": headerText,
    "Content-Length": headerText,
    "CF-Connecting-IP": fc.ipV6(),
  },
  { requiredKeys: ["CF-Connecting-IP"], noNullPrototype: true },
);

test("no request is answered by an error of ours, or stores anything", { timeout: TIMEOUT }, async () => {
  const gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
  const errors = vi.spyOn(console, "error").mockReturnValue();
  await fc.assert(
    fc.asyncProperty(method, path, headers, anyText, async (verb, address, given, body) => {
      const carries = !["GET", "HEAD"].includes(verb);
      const request = new Request(`${EDGE}${address}`, { method: verb, headers: given, ...(carries ? { body } : {}) });
      const answer = await edge.fetch(request, env as unknown as EdgeBindings, createExecutionContext());
      const text = await answer.text();
      expect([200, 204, 304, 400, 401, 403, 404, 405, 413, 429]).toContain(answer.status);
      expect(answer.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
      if (answer.status < 400 || text === "") return;
      const { code, status }: { code: keyof typeof PROBLEMS; status: number } = JSON.parse(text);
      expect([PROBLEMS[code][0], status]).toEqual([answer.status, answer.status]);
    }),
    cases("routes"),
  );
  expect(gateway).not.toHaveBeenCalled();
  expect(errors).not.toHaveBeenCalled();
  await expectNothingStored();
  vi.restoreAllMocks();
});
