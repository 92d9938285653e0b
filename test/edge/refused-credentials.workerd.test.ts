import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claims, forge } from "./forged-token.ts";
import { call, expectNothingStored, expectRefusal } from "./over-http.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Reads with a bearer, from an address. */
function read(bearer: string, address: string): Promise<Response> {
  return call({ method: "GET", path: "/v1/charges/1235", headers: { Authorization: `Bearer ${bearer}`, "CF-Connecting-IP": address } });
}

test("after 300 refused credentials in a minute an address is refused with 429, no other is, and valid ones still work", async () => {
  const statuses: number[] = [];
  let limited: Response | undefined;
  // The limiter counts by the minutes of the clock, and one may end during the test.
  while (limited === undefined && statuses.length < 700) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => read("wrong", "192.0.2.1")));
    for (const answer of answers) {
      statuses.push(answer.status);
      if (answer.status === 429) limited ??= answer.clone();
      await answer.text();
    }
  }
  expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(300);
  expect(limited?.headers.get("Retry-After")).toBe("60");
  if (limited !== undefined) await expectRefusal(limited, "rate_limited");

  await expectRefusal(await read("wrong", "192.0.2.2"), "token_invalid");
  await expectRefusal(await read(await forge(claims()), "192.0.2.1"), "order_mismatch");
  await expectNothingStored();
});
