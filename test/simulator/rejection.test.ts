/** A result that is answered `rejected`: the gateway returns the money, and the log has a note of it. */
import { describe, expect, test } from "vitest";
import type { ModelState, Plan, PlannedCallback, Simulator } from "../../src/simulator/index.ts";
import { advance, createModel, editInCabinet, ledger, receive, rejectResult, totalsOf } from "../../src/simulator/index.ts";
import { clearing, create, DAY, json, readOrder, SECOND, SECRET, START } from "./gateway-calls.ts";
import { send, charge, shop, signedAnswer, simulator, URLS } from "./simulated-gateway.ts";
import { virtualTime } from "./virtual-time.ts";

const ID = "1000000001";

describe("the model", () => {
  function paid(plan?: Plan, autoClearing = true): { readonly state: ModelState; readonly result: PlannedCallback } {
    const state = createModel();
    const { callbacks } = receive(state, create({ urls: URLS, autoClearing }), START, {}, plan);
    return { state, result: callbacks.at(-1) as PlannedCallback };
  }
  const read = (state: ModelState, at: number): Record<string, unknown> => json(receive(state, readOrder(), at).reply);
  const kinds = (state: ModelState): readonly string[] =>
    ledger(state, START + DAY).map(({ at, kind, minor }) => `${(at - START) / SECOND} ${kind} ${minor}`);

  test("refunds a whole payment, as a row that is first process and then success", () => {
    const { state, result } = paid();
    expect(rejectResult(state, result, START + SECOND)).toEqual({ at: START + SECOND, kind: "refund" });
    expect(read(state, START + SECOND)).toMatchObject({ status: "success", refund_payments: [{ amount: -100, status: "process" }] });
    expect(read(state, START + 3 * SECOND)).toMatchObject({ status: "success", refund_payments: [{ amount: -100, status: "success" }] });
    expect(kinds(state)).toEqual(["0 taken 10000", "3 refunded 10000"]);
  });

  test("reverses a hold", () => {
    const { state, result } = paid(undefined, false);
    expect(rejectResult(state, result, START + SECOND)).toEqual({ at: START + SECOND, kind: "reverse" });
    expect(read(state, START + 3 * SECOND)).toMatchObject({ status: "reversed", reverse_payments: [{ amount: -100, status: "success" }] });
    expect(kinds(state)).toEqual(["0 held 10000", "3 released 10000"]);
  });

  test("returns the money once, however often the result is rejected", () => {
    const { state, result } = paid();
    rejectResult(state, result, START);
    expect(rejectResult(state, result, START + SECOND)).toBeNull();
    expect(rejectResult(state, result, START + 60 * SECOND)).toBeNull();
    expect(totalsOf(state, "1234", START + DAY)).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });

  test("refunds the rest after a refund", () => {
    const { state, result } = paid();
    editInCabinet(state, { paymentId: ID }, "refund", START, 3000);
    rejectResult(state, result, START + SECOND);
    expect(kinds(state)).toEqual(["0 taken 10000", "2 refunded 3000", "3 refunded 7000"]);
  });

  test("waits for the outcome when an early result is rejected", () => {
    const steps: Plan["steps"] = [
      { after: 0, does: "waits" },
      { after: 5 * SECOND, does: "pays" },
    ];
    const { state, result } = paid({ steps, callbacks: { early: true } });
    expect(rejectResult(state, result, START)).toEqual({ at: START + 5 * SECOND, kind: "refund" });
    advance(state, START + DAY);
    expect(kinds(state)).toEqual(["5 taken 10000", "7 refunded 10000"]);
  });

  test("waits for a clearing in progress, and refunds its amount", () => {
    const { state, result } = paid(undefined, false);
    receive(state, clearing(ID, 40), START);
    expect(rejectResult(state, result, START + SECOND)).toEqual({ at: START + 2 * SECOND, kind: "refund" });
    advance(state, START + DAY);
    expect(totalsOf(state, "1234", START + DAY)).toMatchObject({ held: 0, taken: 4000, refunded: 4000 });
  });

  test("returns the money even where the merchant's own operations fail", () => {
    const { state, result } = paid({ steps: [{ after: 0, does: "pays" }], edits: { end: "error" } });
    rejectResult(state, result, START);
    expect(totalsOf(state, "1234", START + DAY).refunded).toBe(10_000);
  });

  test.each([
    ["a result with pg_can_reject=0", { canReject: false }],
    ["a forged one", { forged: true }],
    ["a check", { kind: "check" as const }],
  ])("returns no money for %s", (_, change) => {
    const { state, result } = paid();
    expect(rejectResult(state, { ...result, ...change }, START)).toBeNull();
    expect(kinds(state)).toEqual(["0 taken 10000"]);
  });

  test("returns no money for a decline", () => {
    const { state, result } = paid({ steps: [{ after: 0, does: "declines" }] });
    expect(rejectResult(state, result, START)).toBeNull();
  });
});

const inJson = (status: string): Response => Response.json({ status });
const inXml = (status: string): Response => new Response(signedAnswer(status, URLS.result_url));

/** A charge whose result is answered like this, ten seconds later. */
async function answered(answer: () => Response, profile: string, autoClearing = true): Promise<Simulator> {
  const time = virtualTime();
  const merchant = shop(time, (received) => (received.url.startsWith(URLS.result_url) ? answer() : Response.json({ status: "ok" })));
  const { gateway } = simulator({ fetch: merchant.fetch }, time);
  await charge(gateway, { urls: URLS, profile, autoClearing });
  await time.pass(10 * SECOND);
  await gateway.idle();
  return gateway;
}

const notes = (gateway: Simulator): readonly (string | null)[] =>
  gateway.log.entries.filter(({ what, title }) => what === "callback_answer" && title.includes("result")).map(({ note }) => note);

describe("over HTTP", () => {
  test.each([
    ["signed XML", "pays", () => inXml("rejected")],
    ["JSON", "pays", () => inJson("rejected")],
    ["signed XML to a GET", "callbacks-get", () => inXml("rejected")],
    ["signed XML to XML", "callbacks-xml-body", () => inXml("rejected")],
    ["JSON to JSON", "callbacks-json", () => inJson("rejected")],
  ])("a result that is rejected in %s is refunded completely, and the log has a note of it", async (_, profile, answer) => {
    const gateway = await answered(answer, profile);
    expect(notes(gateway)).toEqual(["rejected: the gateway returns the money (refund)"]);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
    expect(await send(gateway, readOrder())).toMatchObject({ refund_payments: [{ amount: -100, status: "success" }] });
  });

  test("a hold whose result is rejected is reversed", async () => {
    const gateway = await answered(() => inXml("rejected"), "pays", false);
    expect(notes(gateway)).toEqual(["rejected: the gateway returns the money (reverse)"]);
    expect(await send(gateway, readOrder())).toMatchObject({ status: "reversed" });
  });

  test("an early result that is rejected returns the money once it is taken", async () => {
    const gateway = await answered(() => inXml("rejected"), "later-5.callbacks-early");
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });

  test.each([
    ["ok", "pays", () => inXml("ok"), null],
    ["error", "pays", () => inXml("error"), null],
    [
      "rejected, but under another status than 200",
      "pays",
      () => new Response(signedAnswer("rejected", URLS.result_url), { status: 400 }),
      null,
    ],
    [
      "rejected, signed with another key",
      "pays",
      () => new Response(signedAnswer("rejected", URLS.result_url, "test-secret-another")),
      "pg_sig is missing or wrong: the answer is ignored",
    ],
    ["rejected, where pg_can_reject is 0", "callbacks-final", () => inXml("rejected"), "rejected; no money is returned"],
    ["rejected, after a forged callback", "callbacks-none.callbacks-forged", () => inXml("rejected"), "rejected; no money is returned"],
    ["rejected, of a decline", "decline-10009", () => inXml("rejected"), "rejected; no money is returned"],
  ])("%s: no money is returned", async (_, profile, answer, note) => {
    const gateway = await answered(answer, profile);
    expect(new Set(notes(gateway))).toEqual(new Set([note]));
    expect(gateway.totalsOf("1234").refunded).toBe(0);
    expect(gateway.ledger().filter(({ kind }) => kind === "refunded" || kind === "released")).toEqual([]);
  });

  test("of a long answer only the beginning is read", async () => {
    const beginning = signedAnswer("rejected", URLS.result_url);
    let pulled = 0;
    const endless = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller): void {
            pulled += 1;
            controller.enqueue(new TextEncoder().encode(pulled === 1 ? beginning : " ".repeat(4096)));
          },
        }),
      );
    const gateway = await answered(endless, "pays");
    expect(pulled).toBeLessThan(40);
    expect(gateway.totalsOf("1234").refunded).toBe(10_000);
  });
});

describe("a check", () => {
  test.each([
    ["rejected in signed XML", () => new Response(signedAnswer("rejected", URLS.check_url, SECRET)), "pays", true],
    ["rejected, but not signed", () => new Response("<response><pg_status>rejected</pg_status></response>"), "pays", false],
    ["not answered, where that is a refusal", () => new Response("", { status: 500 }), "check-strict", true],
    ["not answered", () => new Response("", { status: 500 }), "pays", false],
  ])("that is %s declines or not, and the log has a note of it", async (_, answer, profile, declines) => {
    const time = virtualTime();
    const { gateway } = simulator({ fetch: shop(time, answer).fetch }, time);
    expect(await charge(gateway, { urls: { check_url: URLS.check_url }, profile })).toMatchObject({
      status: declines ? "error" : "process",
    });
    expect(gateway.log.entries.some(({ note }) => note === "declines the payment")).toBe(declines);
  });
});
