import { expect, test } from "vitest";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { AMOUNT, chargeOf, click, expectQuiet, openStand, until } from "./stand.ts";

const SECOND = 1000;
const OUTAGE = 120 * SECOND;

/** Orders of each kind. */
const EACH = 10;

/** Seconds into the outage at which shoppers go on clicking. */
const CLICKS_WITHIN = [0, 15, 30, 45, 60, 75, 90, 100, 110, 118];

/** What the pace of the edge allows after the gateway answers again, in seconds (README: "Never twice, never lost"). */
const SEEN_WITHIN = 90;
const NEVER_SEEN_WITHIN = 8 * 60;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function names(kind: string): readonly string[] {
  return Array.from({ length: EACH }, (_, index) => `${kind}-${index + 1}`);
}

/** Seconds from an instant to the decision of the charges: p50 and the longest, for a reader. */
function delays(charges: readonly MerchantChargeView[], since: number): string {
  const decided = charges.map(({ attempts }) => Date.parse(attempts[0]?.decided_at ?? "never"));
  const all = decided.map((at) => (at - since) / SECOND).sort((one, other) => one - other);
  return `p50 ${all[Math.floor(all.length / 2)]?.toFixed(1)} s, max ${all.at(-1)?.toFixed(1)} s`;
}

test("an outage of 2 minutes: everything is decided in time once the gateway answers again", {
  timeout: 60 * 60 * SECOND,
}, async (context) => {
  const stand = await openStand(context);
  const { simulator } = stand.gateway;
  const known = names("known");
  const lost = names("lost");
  const never = names("never");
  const clicks: Promise<unknown>[] = [];

  // Accepted, and the edge knows it: not decided when the outage comes.
  for (const order of known) clicks.push(click(stand, order, "later-20"));
  // Accepted, and the edge does not know it: the outage comes with the answer.
  for (const order of lost) clicks.push(click(stand, order, "lost-after"));
  await until("every create was heard", () => (simulator.payments().length === 2 * EACH ? true : null));
  const began = Date.now();
  simulator.startOutage(OUTAGE);
  for (const [index, order] of never.entries()) {
    await sleep(began + (CLICKS_WITHIN[index] ?? 0) * SECOND - Date.now());
    clicks.push(click(stand, order));
  }
  const again = began + OUTAGE;

  // A GET brings a look forward, so nobody asks before the time is up: this is the edge's own pace.
  await sleep(again + SEEN_WITHIN * SECOND - Date.now());
  const seen = await Promise.all([...known, ...lost].map((order) => chargeOf(stand, order)));
  for (const { order_id, status } of seen) {
    expect(status, order_id).toBe("succeeded");
    expect(simulator.totalsOf(order_id), order_id).toMatchObject({ taken: AMOUNT * 100, payments: 1 });
  }
  await sleep(again + NEVER_SEEN_WITHIN * SECOND - Date.now());
  const unseen = await Promise.all(never.map((order) => chargeOf(stand, order)));
  for (const { order_id, status } of unseen) {
    expect(["succeeded", "failed"], order_id).toContain(status);
    expect(simulator.totalsOf(order_id).taken, order_id).toBe(status === "succeeded" ? AMOUNT * 100 : 0);
  }
  await Promise.all(clicks);
  expectQuiet(stand);

  const paid = unseen.filter(({ status }) => status === "succeeded").length;
  console.log(
    `outage of 2 minutes, from "answers again" to "decided": ${seen.length} seen: ${delays(seen, again)}; ` +
      `${unseen.length} never seen: ${delays(unseen, again)} (${paid} paid by a resend, ${unseen.length - paid} not taken)`,
  );
});
