import { describe, expect, test } from "vitest";
import { problem, Refused } from "../../../edge/http/problem.ts";
import type { ProblemCode } from "../../../src/edge-api.ts";
import { PROBLEMS } from "../../../src/lib/problems.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";

describe("every refusal", () => {
  test.each(Object.keys(PROBLEMS) as ProblemCode[])("%s is a problem that is never cached", async (code) => {
    const answer = problem(code, ID);
    expect(answer.status).toBe(PROBLEMS[code][0]);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual({
      type: `urn:problem-type:freedom-pay-charge:${code}`,
      title: PROBLEMS[code][1],
      status: PROBLEMS[code][0],
      code,
      request_id: ID,
    });
  });

  test.each(Object.keys(PROBLEMS) as ProblemCode[])("%s has a challenge if, and only if, it is a 401", (code) => {
    expect(problem(code, ID).headers.has("WWW-Authenticate")).toBe(PROBLEMS[code][0] === 401);
  });
});

test("a detail and the names of settings are members; Retry-After and Allow are headers", async () => {
  const answer = problem("not_configured", ID, {
    detail: "PUBLIC_URL is not set",
    settings: ["PUBLIC_URL"],
    retryAfter: 1.2,
    allow: "POST",
  });
  expect(answer.headers.get("Retry-After")).toBe("2");
  expect(answer.headers.get("Allow")).toBe("POST");
  const body: unknown = await answer.json();
  expect(body).toMatchObject({ detail: "PUBLIC_URL is not set", settings: ["PUBLIC_URL"] });
  expect(body).not.toHaveProperty("retryAfter");
  expect(body).not.toHaveProperty("allow");
});

test("Retry-After is never 0", () => {
  expect(problem("rate_limited", ID, { retryAfter: 0 }).headers.get("Retry-After")).toBe("1");
});

test("a refusal is thrown with the title as its message", () => {
  expect(new Refused("charge_closed")).toMatchObject({ code: "charge_closed", message: "The order is closed", extras: {} });
});
