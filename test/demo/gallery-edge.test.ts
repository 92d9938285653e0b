import { expect, test } from "vitest";
import { answerAs, GALLERY, tokenFor } from "../../demo/page/gallery-edge.ts";
import { retryAdvice } from "../../src/decline.ts";
import type { ChargeStatus, ChargeView } from "../../src/edge-api.ts";
import { readChargeToken } from "../../widget/charge-token-view.ts";

const TERMS = { order_id: "A-100001", amount: 4990, currency: "KZT", description: "Апорт", card: { brand: "visa", last4: "0101" } };
const STATUSES: readonly ChargeStatus[] = [
  ...(["ready", "closed", "processing", "unconfirmed", "authorized", "succeeded", "failed", "reversed", "refunded"] as const),
];

async function chargeOf(state: string): Promise<ChargeView> {
  const response = await answerAs(state, TERMS, false, new AbortController().signal);
  return (await response.json()) as ChargeView;
}

test("every status of a charge is in the gallery, under its own name", async () => {
  for (const status of STATUSES) {
    const name = [...GALLERY.keys()].find((key) => key === status || key.startsWith(`${status}: `)) ?? "";
    expect(await chargeOf(name)).toMatchObject({ ...TERMS, status });
  }
});

test("a failure in the gallery advises what the edge advises", async () => {
  const failures = [...GALLERY.keys()].filter((name) => name.startsWith("failed: "));
  expect(failures).toHaveLength(11);
  for (const name of failures) {
    const { failure } = await chargeOf(name);
    if (failure === null) throw new Error(`${name} is no failure`);
    expect(failure.retry).toBe(retryAdvice(failure.category, true));
  }
});

test("an element that waits for a change waits until it gives up", async () => {
  const gone = AbortSignal.abort();
  const caller = new AbortController();
  const waiting = answerAs("processing", TERMS, true, caller.signal);
  caller.abort();
  await expect(waiting).rejects.toBe(caller.signal.reason);
  await expect(answerAs("unreachable", TERMS, false, gone)).rejects.toBeInstanceOf(TypeError);
});

test("an element whose connection is lost has read its charge once, and no more", async () => {
  expect(await chargeOf("processing: no connection")).toMatchObject({ status: "processing" });
  await expect(answerAs("processing: no connection", TERMS, true, new AbortController().signal)).rejects.toBeInstanceOf(TypeError);
});

test("the element reads the gallery's token, in any alphabet", () => {
  expect(readChargeToken(tokenFor(TERMS))).toMatchObject(TERMS);
});
