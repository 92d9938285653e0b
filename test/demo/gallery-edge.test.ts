import { expect, test } from "vitest";
import { answerAs, GALLERY, tokenFor } from "../../demo/page/gallery-edge.ts";
import { retryAdvice } from "../../src/decline.ts";
import type { ChargeStatus, ChargeView } from "../../src/edge-api.ts";
import { readChargeToken } from "../../widget/charge-token-view.ts";

const TERMS = { order_id: "A-100001", amount: 4990, currency: "KZT", description: "Апорт", card: { brand: "visa", last4: "0101" } };
const STATUSES: readonly ChargeStatus[] = [
  ...(["ready", "closed", "processing", "unconfirmed", "authorized", "succeeded", "failed", "reversed", "refunded"] as const),
];

const FIRST = { waits: false, before: 0 };

async function chargeOf(state: string): Promise<ChargeView> {
  const response = await answerAs(state, TERMS, FIRST);
  return (await response.json()) as ChargeView;
}

test("every status of a charge is in the gallery, under its own name", async () => {
  for (const status of STATUSES) {
    const name = [...GALLERY.keys()].find((key) => key === status || key.startsWith(`${status}: `)) ?? "";
    expect(await chargeOf(name)).toMatchObject({ ...TERMS, status });
  }
});

test("a failure in the gallery advises what the edge advises", async () => {
  const failures = [...GALLERY].filter(([name, answer]) => name.startsWith("failed: ") && "charge" in answer).map(([name]) => name);
  expect(failures).toHaveLength(12);
  for (const name of failures) {
    const { failure } = await chargeOf(name);
    if (failure === null) throw new Error(`${name} is no failure`);
    expect(failure.retry).toBe(retryAdvice(failure.category, true));
  }
});

test("an element that waits for a change is never answered, and one that finds nobody hears so", async () => {
  const soon = new Promise((resolve) => setTimeout(resolve, 20, "nothing"));
  expect(await Promise.race([answerAs("processing", TERMS, { waits: true, before: 1 }), soon])).toBe("nothing");
  expect(await Promise.race([answerAs("loading", TERMS, FIRST), soon])).toBe("nothing");
  await expect(answerAs("unreachable", TERMS, FIRST)).rejects.toBeInstanceOf(TypeError);
});

test.each(["processing: no connection", "processing: after 30 s without connection", "unconfirmed: no connection"])(
  "%s: an element has read its charge once, and no more",
  async (state) => {
    expect(await chargeOf(state)).toMatchObject({ status: state.split(":")[0] });
    for (const waits of [true, false]) await expect(answerAs(state, TERMS, { waits, before: 1 })).rejects.toBeInstanceOf(TypeError);
  },
);

test("the second read shows an expired token, and the refusal itself a failed charge", async () => {
  expect(await chargeOf("unconfirmed: token_expired")).toMatchObject({ status: "unconfirmed" });
  const later = await answerAs("unconfirmed: token_expired", TERMS, { waits: true, before: 1 });
  expect([later.status, await later.json()]).toEqual([401, expect.objectContaining({ code: "token_expired" })]);
  for (const [state, status, code] of [
    ["failed: token_expired", 401, "token_expired"],
    ["failed: retry_not_allowed", 403, "retry_not_allowed"],
  ] as const) {
    const refusal = await answerAs(state, TERMS, FIRST);
    expect(refusal.status).toBe(status);
    expect(await refusal.json()).toMatchObject({ code, charge: { ...TERMS, status: "failed" } });
  }
});

test("a payment page is open from the beginning or after a press, and leads to the gallery itself", async () => {
  const onPage = { ...TERMS, card: null };
  const call = { ...FIRST, here: "https://shop.example/gallery?lang=en#x" };
  const viewOf = async (state: string, isPress: boolean): Promise<unknown> => (await answerAs(state, onPage, { ...call, isPress })).json();
  const open = { status: "processing", needs: "payment_page", payment_page: { url: "https://shop.example/gallery?lang=en#payment-page" } };
  expect(await viewOf("redirecting", false)).toMatchObject({ status: "ready", payment_page: null });
  expect(await viewOf("redirecting", true)).toMatchObject(open);
  expect(await viewOf("processing: payment page open", false)).toMatchObject(open);
  expect(await viewOf("processing: payment page closed", false)).toMatchObject({ needs: "payment_page", payment_page: null });
  expect(readChargeToken(tokenFor(onPage))).toMatchObject({ card: null, isForPage: true, savesCard: true });
});

test("the element reads the gallery's token, in any alphabet", () => {
  expect(readChargeToken(tokenFor(TERMS))).toMatchObject(TERMS);
});
