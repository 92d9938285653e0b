import { describe, expect, test } from "vitest";
import type { MerchantChargeView, Problem } from "../../src/edge-api.ts";
import { apiKey, gateway, get, object, operate, order, post, runAlarmUntil, token } from "./with-gateway.ts";
import { runDurableObjectAlarm } from "cloudflare:test";

async function charge(response: Promise<Response>): Promise<MerchantChargeView> {
  const answer = await response;
  expect(answer.status).toBe(200);
  return answer.json();
}

async function code(response: Promise<Response>): Promise<string> {
  const problem = (await (await response).json()) as Problem;
  // The detail explains a refusal to a developer. The code alone is not enough.
  if (problem.code === "operation_not_allowed") expect(problem.detail).toMatch(/ is [a-z]+$/);
  return `${problem.status} ${problem.code}`;
}

async function held(): Promise<void> {
  const paid = (await (await post(await token({ auto_clearing: false }), "key-1")).json()) as MerchantChargeView;
  expect(paid.status).toBe("authorized");
}

async function paid(profile_id = "pays"): Promise<void> {
  const done = (await (await post(await token({ profile_id }), "key-1")).json()) as MerchantChargeView;
  expect(done.status).toBe("succeeded");
}

/** Lets the two seconds of a pending edit pass, then runs alarms until the condition holds. */
async function until(condition: (charge: MerchantChargeView) => boolean): Promise<MerchantChargeView> {
  for (let runs = 0; runs < 60; runs += 1) {
    const now = (await (await get(apiKey)).json()) as MerchantChargeView;
    if (condition(now)) return now;
    await runDurableObjectAlarm(object());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("It did not come about");
}

describe("clearing, reverse and refund, over HTTP", () => {
  test("a hold is cleared in part, then refunded in two parts; the gateway's books agree", async () => {
    await held();
    const cleared = await charge(operate("clearing", "c-1", { amount: 8 }));
    expect(cleared).toMatchObject({ status: "succeeded", cleared_amount: 8, operations: [{ kind: "clearing", state: "done", amount: 8 }] });
    const first = await charge(operate("refund", "r-1", { amount: 3 }));
    expect(first).toMatchObject({ status: "succeeded", refunded_amount: 3 });
    await charge(operate("refund", "r-2"));
    const all = await until(({ status }) => status === "refunded");
    expect(all).toMatchObject({ refunded_amount: 8, operations: [{}, { amount: 3, state: "done" }, { amount: 5, state: "done" }] });
    expect(gateway.totalsOf(order)).toMatchObject({ held: 0, taken: 800, refunded: 800 });
  });

  test("a hold is released", async () => {
    await held();
    expect(await charge(operate("reverse", "v-1"))).toMatchObject({ status: "reversed" });
    expect(gateway.totalsOf(order)).toMatchObject({ held: 0, taken: 0 });
  });

  test("a key repeated refunds once; with another amount it is refused", async () => {
    await paid();
    await charge(operate("refund", "r-1", { amount: 3 }));
    await charge(operate("refund", "r-1", { amount: 3 }));
    expect(await code(operate("refund", "r-1", { amount: 4 }))).toBe("422 idempotency_key_reused");
    expect(await code(operate("refund", "r-1"))).toBe("422 idempotency_key_reused");
    const charged = (await (await get(apiKey)).json()) as MerchantChargeView;
    expect(charged.refunded_amount).toBe(3);
  });

  test("ten refunds at once under different keys: one begins, the others are refused as operation_in_progress", async () => {
    await paid();
    const replies = await Promise.all(Array.from({ length: 10 }, (_, number) => operate("refund", `r-${number}`, { amount: 2 })));
    const statuses = replies.map(({ status }) => status).sort();
    for (const reply of replies) await reply.body?.cancel();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    expect(gateway.ledger().filter(({ kind }) => kind === "refunded").length).toBeLessThanOrEqual(1);
  });

  test("operations that are not allowed, exceed the amount, or have no order are refused", async () => {
    expect(await code(operate("refund", "r-0"))).toBe("404 charge_not_found");
    await paid();
    expect(await code(operate("clearing", "c-1"))).toBe("409 operation_not_allowed");
    expect(await code(operate("reverse", "v-1"))).toBe("409 operation_not_allowed");
    expect(await code(operate("refund", "r-1", { amount: 10.01 }))).toBe("422 amount_exceeds");
    expect(await code(operate("refund", "r-2", { amount: 0 }))).toBe("400 body_invalid");
    expect(await code(operate("refund", "r-3", { amount: 1, more: 1 }))).toBe("400 body_invalid");
    expect(await code(operate("reverse", "v-2", { amount: 1 }))).toBe("400 body_invalid");
    expect(await code(operate("resolve", "x-1", { nothing_taken: true }))).toBe("400 body_invalid");
    expect(await code(operate("resolve", "x-2", { nothing_taken: true, note: "stuck" }))).toBe("409 operation_not_allowed");
    expect(await code(operate("resolve", "x-3", { payment_id: "1", note: "seen" }))).toBe("409 operation_not_allowed");
  });

  test("the detail says that the gateway refused, or that there is no payment", async () => {
    await paid("edits-error-11017");
    const refused = (await (await operate("refund", "r-1", { amount: 1 })).json()) as Problem;
    expect(refused).toMatchObject({ status: 409, code: "operation_not_allowed" });
    expect(refused.detail).toBe("The gateway refused the refund with code 11017; the charge is succeeded");
    // The same key has the same result.
    const again = (await (await operate("refund", "r-1", { amount: 1 })).json()) as Problem;
    expect(again.detail).toBe(refused.detail);
  });

  test("only the merchant operates", async () => {
    await paid();
    expect(await code(post(await token(), "r-1", { amount: 1 }, `/${order}/refund`))).toBe("401 api_key_invalid");
  });

  test("a refund whose answer is lost is found in the ledger, and not sent twice", async () => {
    await paid("edit-lost-after");
    const refunded = await charge(operate("refund", "r-1", { amount: 4 }));
    expect(refunded).toMatchObject({ refunded_amount: 4, operations: [{ state: "done" }] });
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000 });
  });
});

describe("close and resolve, over HTTP", () => {
  test("an order that was never charged is closed, and cannot be paid", async () => {
    expect(await charge(operate("close", "x-1"))).toMatchObject({ status: "closed", closed: true, amount: null });
    expect(await code(post(await token(), "key-1"))).toBe("409 charge_closed");
    expect(gateway.payments()).toHaveLength(0);
  });

  test("a stuck charge is resolved by its payment, and the merchant's note is stored", async () => {
    const paying = post(await token({ profile_id: "amount-wrong" }), "key-1");
    await runAlarmUntil("unconfirmed");
    const [payment] = gateway.payments();
    const resolved = await charge(operate("resolve", "x-1", { payment_id: payment?.paymentId, note: "seen in the cabinet" }));
    expect(resolved).toMatchObject({ status: "succeeded", resolutions: [{ state: "adopted", note: "seen in the cabinet" }] });
    await (await paying).body?.cancel();
  });
});
