/** Answers to a clearing, a reverse, a refund, a close and a resolve, over SQLite and the simulated gateway. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OperationKind } from "../../../edge/machine/record.ts";
import type { OperationResponse, PayRequest } from "../../../edge/rpc.ts";
import { MINUTE, SECOND } from "../../../src/lib/time.ts";
import { about, chargeOf, orderOf, payment, reading } from "./requests.ts";
import { TestShard } from "./test-shard.ts";

const ORDER = orderOf(1);

let tested: TestShard;

beforeEach(() => {
  tested = new TestShard();
});

afterEach(() => {
  tested.close();
});

async function pay(more: Partial<PayRequest["charge"]> = {}): Promise<void> {
  const answered = tested.shard.pay(payment(ORDER, { charge: chargeOf(ORDER, more), waitSeconds: 0 }));
  await tested.settle();
  await answered;
}

/** The answer to a call, and how long it took. */
async function timed(call: Promise<OperationResponse>): Promise<{ readonly answer: OperationResponse; readonly after: number }> {
  const since = tested.now;
  let ended: { answer: OperationResponse; after: number } | null = null;
  void call.then((answer) => {
    ended = { answer, after: tested.now - since };
  });
  await tested.pass(MINUTE);
  if (ended === null) throw new Error("The call was not answered in a minute");
  return ended;
}

async function ended(call: Promise<OperationResponse>): Promise<OperationResponse> {
  return (await timed(call)).answer;
}

function operate(kind: OperationKind, amount: number | null = null, key = "key-2"): Promise<OperationResponse> {
  return tested.shard.operate({ ...about(ORDER, key), kind, amount });
}

function resolve(paymentId: string | null, key = "key-2"): Promise<OperationResponse> {
  return tested.shard.resolve({ ...about(ORDER, key), paymentId, note: "seen in the cabinet" });
}

const NOT_FOUND = { ok: false, code: "charge_not_found" } as const;

describe("an operation", () => {
  test("is answered once it is done: the whole charge, with its notifications", async () => {
    await pay();
    const { answer, after } = await timed(operate("refund", 4));
    expect(answer).toMatchObject({
      ok: true,
      charge: {
        refunded_amount: 4,
        operations: [{ kind: "refund", amount: 4, state: "done" }],
        notifications: [{ type: "charge.succeeded" }, { type: "charge.refunded" }],
      },
    });
    expect(after).toBeLessThan(10 * SECOND);
    expect(tested.gateway.totalsOf(ORDER)).toMatchObject({ taken: 1_000, refunded: 400 });
  });

  test("without an amount is about all that is left", async () => {
    await pay();
    expect(await ended(operate("refund"))).toMatchObject({ ok: true, charge: { refunded_amount: 10, operations: [{ amount: 10 }] } });
  });

  test("has the id of its request as the X-Request-Id that the gateway knows", async () => {
    await pay();
    const request = { requestId: "0190fddd-bea7-7f17-b777-10344d5cc816", traceId: null };
    const call = tested.shard.operate({ ...about(ORDER), request, kind: "refund", amount: null });
    expect(await ended(call)).toMatchObject({ charge: { operations: [{ request_id: request.requestId }] } });
  });

  test("whose outcome is not known after ten seconds is answered undecided", async () => {
    await pay();
    tested.holds = ({ action }) => action.name === "gateway.payment.refund";
    const { answer, after } = await timed(operate("refund"));
    expect([answer, after]).toMatchObject([{ ok: true, charge: { operations: [{ state: "undecided" }] } }, 10 * SECOND]);
  });

  test("repeated under its key is answered as before, and under another amount refused", async () => {
    await pay();
    await ended(operate("refund", 4));
    expect(await ended(operate("refund", 4))).toMatchObject({ ok: true, charge: { refunded_amount: 4 } });
    expect(await ended(operate("refund", 5))).toEqual({ ok: false, code: "idempotency_key_reused" });
    expect(tested.gateway.totalsOf(ORDER)).toMatchObject({ refunded: 400 });
  });

  test("while another one is under way is refused, without a reason", async () => {
    await pay();
    tested.holds = () => true;
    void operate("refund", 4);
    expect(await ended(operate("refund", 4, "key-3"))).toEqual({ ok: false, code: "operation_in_progress" });
  });

  test.each(["clearing", "reverse"] as const)("%s of a charge that is paid is refused, with the reason", async (kind) => {
    await pay();
    expect(await ended(operate(kind))).toEqual({
      ok: false,
      code: "operation_not_allowed",
      detail: `A ${kind} needs a charge that is authorized; this one is succeeded`,
    });
  });

  test("of too much is refused by its code alone", async () => {
    await pay();
    expect(await ended(operate("refund", 11))).toEqual({ ok: false, code: "amount_exceeds" });
  });

  test("that the gateway refuses is answered with the reason", async () => {
    await pay({ profile_id: "edit-error-9992" });
    expect(await ended(operate("refund"))).toEqual({
      ok: false,
      code: "operation_not_allowed",
      detail: "The gateway refused the refund with code 9992; the charge is succeeded",
    });
  });

  test("that the read before it forbids, because the money went back another way, is refused by the code of the amount", async () => {
    await pay();
    tested.gateway.inCabinet("refund", ORDER, 900);
    expect(await ended(operate("refund", 5))).toEqual({ ok: false, code: "amount_exceeds" });
    expect(tested.gateway.totalsOf(ORDER)).toMatchObject({ refunded: 900 });
  });

  test("of an order that was never charged is not found", async () => {
    expect(await ended(operate("refund"))).toEqual(NOT_FOUND);
    expect(tested.rows(ORDER).record).toBeNull();
  });
});

describe("a close", () => {
  test("of an order that was never charged is stored, and answered with the charge and its notifications", async () => {
    expect(await tested.shard.close(about(ORDER))).toMatchObject({
      ok: true,
      charge: { order_id: ORDER, status: "closed", closed: true, notifications: [{ type: "charge.closed" }] },
    });
    expect(await tested.shard.pay(payment(ORDER))).toEqual({ ok: false, code: "charge_closed" });
  });

  test("repeated under its key is answered as before", async () => {
    await tested.shard.close(about(ORDER));
    const bindings = tested.rows(ORDER).bindings.size;
    expect(await tested.shard.close(about(ORDER))).toMatchObject({ ok: true, charge: { closed: true } });
    expect([bindings, tested.rows(ORDER).bindings.size]).toEqual([1, 1]);
  });

  test("is refused while the settings name another merchant", async () => {
    await tested.shard.close(about(ORDER));
    tested.settings = { ...tested.settings, home: { ...tested.settings.home, merchantId: "1" } };
    expect(await tested.open().close(about(ORDER, "key-3"))).toEqual({ ok: false, code: "unavailable" });
  });
});

describe("a resolve", () => {
  /** A charge whose answer was lost with its object, and which no read has shown since. */
  async function stuck(): Promise<void> {
    tested.holds = () => true;
    await pay();
    tested.skip(MINUTE);
    tested.open();
    tested.fireAlarm();
    tested.open();
    tested.holds = null;
  }

  test("of an order that was never charged is not found", async () => {
    expect(await ended(resolve(null))).toEqual(NOT_FOUND);
    expect(tested.rows(ORDER).record).toBeNull();
  });

  test("with nothing_taken decides a charge that is stuck", async () => {
    await stuck();
    expect(await ended(resolve(null))).toMatchObject({
      ok: true,
      charge: { status: "failed", notifications: expect.any(Array) as unknown },
    });
  });

  test("with nothing_taken of a charge that is paid is refused, with the reason", async () => {
    await pay();
    expect(await ended(resolve(null))).toEqual({
      ok: false,
      code: "operation_not_allowed",
      detail:
        "A resolve with nothing_taken needs a charge that is processing or unconfirmed, or an operation that is undecided; this one is succeeded",
    });
  });

  test("with a payment id of a charge that is paid is refused, with the reason", async () => {
    await pay();
    expect(await ended(resolve("4711"))).toEqual({
      ok: false,
      code: "operation_not_allowed",
      detail: "A resolve with payment_id needs a charge that is processing, unconfirmed or failed; this one is succeeded",
    });
  });

  test("with a payment id is answered once the gateway was asked: the payment is the charge's", async () => {
    tested.holds = ({ action }) => action.name !== "gateway.payment.create";
    await pay({ profile_id: "lost-after" });
    tested.holds = null;
    const [paid] = tested.gateway.payments();
    const { answer, after } = await timed(resolve(paid?.paymentId ?? ""));
    expect(answer).toMatchObject({
      ok: true,
      charge: { status: "succeeded", payment_id: paid?.paymentId, resolutions: [{ state: "adopted", note: "seen in the cabinet" }] },
    });
    expect(after).toBeLessThan(10 * SECOND);
  });

  test("with a payment id that the gateway does not know is refused, with the reason", async () => {
    await stuck();
    expect(await ended(resolve("4711"))).toEqual({
      ok: false,
      code: "operation_not_allowed",
      detail: expect.stringMatching(/^The gateway does not know the payment that was named, or it belongs to another order/) as string,
    });
  });

  test("whose read is not answered is unavailable, and the charge shows it", async () => {
    await stuck();
    tested.gateway.startOutage(MINUTE);
    expect(await ended(resolve("4711"))).toEqual({ ok: false, code: "unavailable" });
    expect(await tested.shard.read(reading(ORDER))).toMatchObject({ charge: { resolutions: [{ state: "unavailable" }] } });
  });

  test("whose read takes longer than ten seconds is answered meanwhile", async () => {
    await stuck();
    tested.holds = () => true;
    const { answer, after } = await timed(resolve("4711"));
    expect([answer, after]).toMatchObject([{ ok: true, charge: { resolutions: [{ state: "reading" }] } }, 10 * SECOND]);
  });

  test("repeated under its key is answered as before, and under another payment id refused", async () => {
    await stuck();
    expect(await ended(resolve(null))).toMatchObject({ ok: true });
    expect(await ended(resolve(null))).toMatchObject({ ok: true, charge: { status: "failed" } });
    expect(await ended(resolve("4711"))).toEqual({ ok: false, code: "idempotency_key_reused" });
  });
});
