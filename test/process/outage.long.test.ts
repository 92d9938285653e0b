import { expect, test } from "vitest";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { AMOUNT, chargeOf, click, expectCleanOutput, startTestServer, until } from "./test-server.ts";

const SECOND = 1000;
const OUTAGE = 120 * SECOND;

/** Number of orders of each kind. */
const EACH = 10;

/** Seconds after the start of the outage at which shoppers click again. */
const CLICKS_WITHIN = [0, 15, 30, 45, 60, 75, 90, 100, 110, 118];

/** Maximum seconds until the next poll after the outage, from the edge's schedule (README: "Never twice, never lost"). */
const SEEN_WITHIN = 90;
const NEVER_SEEN_WITHIN = 8 * 60;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function names(kind: string): readonly string[] {
  return Array.from({ length: EACH }, (_, index) => `${kind}-${index + 1}`);
}

/** Seconds from an instant to the decision of the charges: p50 and maximum, as text. */
function delays(charges: readonly MerchantChargeView[], since: number): string {
  const decided = charges.map(({ attempts }) => Date.parse(attempts[0]?.decided_at ?? "never"));
  const all = decided.map((at) => (at - since) / SECOND).sort((one, other) => one - other);
  return `p50 ${all[Math.floor(all.length / 2)]?.toFixed(1)} s, max ${all.at(-1)?.toFixed(1)} s`;
}

test("after an outage of 2 minutes every charge is decided in time", {
  timeout: 60 * 60 * SECOND,
}, async (context) => {
  const testServer = await startTestServer(context);
  const { simulator } = testServer.gateway;
  const known = names("known");
  const lost = names("lost");
  const never = names("never");
  const clicks: Promise<unknown>[] = [];

  // Accepted and answered, but not decided before the outage.
  for (const order of known) clicks.push(click(testServer, order, "later-20"));
  // Accepted, but the outage starts before the answer.
  for (const order of lost) clicks.push(click(testServer, order, "lost-after"));
  await until("every create was received", () => (simulator.payments().length === 2 * EACH ? true : null));
  const began = Date.now();
  simulator.startOutage(OUTAGE);
  for (const [index, order] of never.entries()) {
    await sleep(began + (CLICKS_WITHIN[index] ?? 0) * SECOND - Date.now());
    clicks.push(click(testServer, order));
  }
  const again = began + OUTAGE;

  // No GET before the end, because a GET brings the next poll forward. This measures the edge's own schedule.
  await sleep(again + SEEN_WITHIN * SECOND - Date.now());
  const seen = await Promise.all([...known, ...lost].map((order) => chargeOf(testServer, order)));
  for (const { order_id, status } of seen) {
    expect(status, order_id).toBe("succeeded");
    expect(simulator.totalsOf(order_id), order_id).toMatchObject({ taken: AMOUNT * 100, payments: 1 });
  }
  await sleep(again + NEVER_SEEN_WITHIN * SECOND - Date.now());
  const unseen = await Promise.all(never.map((order) => chargeOf(testServer, order)));
  for (const { order_id, status } of unseen) {
    expect(["succeeded", "failed"], order_id).toContain(status);
    expect(simulator.totalsOf(order_id).taken, order_id).toBe(status === "succeeded" ? AMOUNT * 100 : 0);
  }
  await Promise.all(clicks);
  expectCleanOutput(testServer);

  const paid = unseen.filter(({ status }) => status === "succeeded").length;
  console.log(
    `outage of 2 minutes, from "answers again" to "decided": ${seen.length} seen: ${delays(seen, again)}; ` +
      `${unseen.length} never seen: ${delays(unseen, again)} (${paid} paid by a resend, ${unseen.length - paid} not taken)`,
  );
});
