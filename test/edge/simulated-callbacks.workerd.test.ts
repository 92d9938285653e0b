/** The simulated gateway calls the edge back by every method that a shop can be set to, and obeys the answers as the older API does. */
import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import { gateway, get, order, post, token } from "./with-gateway.ts";

const METHODS = ["form", "get", "xml", "xml-raw", "xml-body", "json"];

/** The simulator's notes about the edge's answers to callbacks, each with its HTTP status. */
function answers(): readonly string[] {
  const callbackEntries = gateway.log.entries.filter(({ what }) => what === "callback_answer");
  return callbackEntries.map(({ title, httpStatus, note }) => `${title.replace(/.* the (\w+) .*/, "$1")} ${httpStatus} ${note}`);
}

describe.each(["", ".callbacks-blanks"])("with members that are empty or not: %s", (blanks) => {
  test.each(METHODS)("callbacks-%s: the check is answered in a readable form, and no result is rejected", async (method) => {
    const bearer = await token({ profile_id: `check-strict.callbacks-3.callbacks-${method}${blanks}`, description: "Tea & <cakes>" });
    const charge = (await (await post(bearer, "key-1")).json()) as ChargeView;
    expect(charge.status).toBe("succeeded");
    await gateway.idle();
    expect(answers()).toEqual(["check 200 null", "result 200 null", "result 200 null", "result 200 null"]);
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, refunded: 0 });
  });
});

test("a result that comes long after the outcome, and again, moves no money", async () => {
  const bearer = await token({ profile_id: "card.callbacks-late-1.callbacks-9" });
  await (await post(bearer, "key-1")).json();
  await gateway.idle();
  expect(new Set(answers())).toEqual(new Set(["check 200 null", "result 200 null"]));
  expect(((await (await get(bearer)).json()) as ChargeView).status).toBe("succeeded");
  expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, refunded: 0 });
});
