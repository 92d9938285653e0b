import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProblemCode } from "../../src/edge-api.ts";
import type { EdgeAnswer } from "../../widget/edge-client.ts";
import { failedCharge } from "./charges.ts";
import type { Reply } from "./scripted-session.ts";
import { after, begin, charge, memory, pass, refused, silence, unchanged, waited } from "./scripted-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a click", () => {
  test("stores its key, then sends one POST with it; the answer is the charge", async () => {
    const storage = memory();
    let stored: string | null = null;
    const { session, calls, statuses } = begin({
      storage,
      pays: [
        () => {
          stored = storage.getItem("freedom-pay-charge");
          return Promise.resolve(charge({ status: "succeeded", attempt: 1 }));
        },
      ],
    });
    session.read();
    await pass(0);
    await session.pay();
    await pass(600_000);
    expect(calls.map(({ call }) => call)).toEqual(["GET", "POST"]);
    expect(stored).toContain(calls[1]?.key);
    expect(statuses).toEqual(["ready", "processing", "succeeded"]);
    expect(storage.getItem("freedom-pay-charge")).toBeNull();
  });

  test("whose answer shows an open page says so, once; a read that shows one does not", async () => {
    const page = { url: "https://customer.freedompay.kz/", expires_at: "2026-11-22T10:29:00Z", last_failure: null };
    const open = charge({ status: "processing", attempt: 1, needs: "payment_page", payment_page: page });
    const told: string[] = [];
    const { session } = begin({
      reads: [charge(), open, open, after(600_000, unchanged)],
      pays: [open],
      onChange: (hasOpened) => void told.push(hasOpened ? "page" : session.status),
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(0);
    session.read();
    await pass(0);
    expect(told).toEqual(["ready", "processing", "page", "processing", "processing"]);
    session.stop();
  });

  test("sent twice is one POST", async () => {
    const { session, posts } = begin({ pays: [after(2000, charge({ status: "succeeded", attempt: 1 }))] });
    session.read();
    await pass(0);
    void session.pay();
    void session.pay();
    await pass(1000);
    void session.pay();
    await pass(5000);
    expect(posts()).toHaveLength(1);
  });

  test("on a charge that stays undecided is followed by long-polling reads", async () => {
    const { session, calls, statuses } = begin({
      reads: [charge(), charge({ status: "processing", attempt: 1 }), after(9000, charge({ status: "failed", attempt: 1 }))],
      pays: [after(10_000, charge({ status: "processing", attempt: 1 }))],
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(60_000);
    expect(calls.map(({ call, wait }) => [call, wait ?? false])).toEqual([
      ["GET", false],
      ["POST", false],
      ["GET", false],
      ["GET", true],
    ]);
    expect(statuses).toEqual(["ready", "processing", "failed"]);
  });

  test("aborts an open read, so that an older answer cannot overtake it", async () => {
    const { session, gets, statuses } = begin({
      reads: [charge(), after(3000, charge())],
      pays: [after(5000, charge({ status: "succeeded", attempt: 1 }))],
    });
    session.read();
    await pass(0);
    session.read();
    void session.pay();
    expect(gets()[1]?.signal.aborted).toBe(true);
    await pass(10_000);
    expect(statuses).toEqual(["ready", "processing", "succeeded"]);
  });

  test.each([
    ["the network fails", silence],
    ["the edge is unavailable", { kind: "unanswered", httpStatus: 503, retryAfter: 0 } as const],
  ])("is sent again under the same key if %s", async (_, answer) => {
    const { session, posts, gets, statuses } = begin({ pays: [answer, answer, charge({ status: "succeeded", attempt: 1 })] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(20_000);
    expect(posts()).toHaveLength(3);
    expect(new Set(posts().map(({ key }) => key)).size).toBe(1);
    expect(gets()).toHaveLength(1);
    expect(statuses).toEqual(["ready", "processing", "succeeded"]);
  });

  test("is not repeated before Retry-After", async () => {
    const { session, posts, warn } = begin({
      pays: [{ kind: "unanswered", httpStatus: 429, retryAfter: 9000 }, charge({ status: "succeeded", attempt: 1 })],
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(8999);
    expect(posts()).toHaveLength(1);
    expect(session.status).toBe("processing");
    expect(session.error).toBeNull();
    expect(warn).not.toHaveBeenCalled();
    await pass(1);
    expect(posts()).toHaveLength(2);
  });

  test("is repeated for two minutes, then the charge is only read, and the shopper sees that the click failed", async () => {
    const reads: Reply[] = [charge(), silence];
    const { session, posts, gets, statuses } = begin({ reads, pays: [silence] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(119_000);
    const sent = posts().length;
    expect(sent).toBeGreaterThan(10);
    expect(gets()).toHaveLength(1);
    await pass(600_000);
    expect(posts().at(-1)?.at).toBeLessThan(120_000);
    expect(posts().length - sent).toBeLessThanOrEqual(1);
    expect(session.status).toBe("unconfirmed");
    expect(session.payable).toBe(false);
    reads.splice(0, 2, charge());
    await pass(40_000);
    expect(statuses).toEqual(["ready", "processing", "unconfirmed", "ready"]);
    expect(session.error).toEqual({ kind: "unreachable", reason: "no_answer" });
    expect(session.payable).toBe(true);
  });

  test("that got no answer gives its key to the next click", async () => {
    const pays: Reply[] = [silence];
    const { session, posts } = begin({ pays });
    session.read();
    await pass(0);
    void session.pay();
    await pass(130_000);
    pays[0] = charge({ status: "succeeded", attempt: 1 });
    void session.pay();
    await pass(1000);
    expect(session.status).toBe("succeeded");
    expect(new Set(posts().map(({ key }) => key)).size).toBe(1);
  });

  test("without an answer whose charge was begun anyway ends with the charge's outcome, without an error", async () => {
    const { session, statuses } = begin({ reads: [charge(), charge({ status: "succeeded", attempt: 1 })], pays: [silence] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(130_000);
    expect(statuses).toEqual(["ready", "processing", "unconfirmed", "succeeded"]);
    expect(session.error).toBeNull();
  });

  test("is not repeated after the machine has slept", async () => {
    const { session, posts } = begin({ pays: [silence] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(0);
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(60_000);
    expect(posts()).toHaveLength(1);
    expect(session.status).toBe("ready");
  });

  test("after a failure has a new key", async () => {
    const { session, posts } = begin({ pays: [charge({ status: "failed", attempt: 1 }), charge({ status: "succeeded", attempt: 2 })] });
    session.read();
    await pass(0);
    await session.pay();
    await session.pay();
    expect(posts()).toHaveLength(2);
    expect(posts()[0]?.key).not.toBe(posts()[1]?.key);
  });

  test.each<[ProblemCode, string, string, boolean]>([
    ["token_expired", "expired", "expired", false],
    ["charge_closed", "refused", "ready", true],
    ["idempotency_key_reused", "refused", "ready", true],
    ["retry_not_allowed", "barred", "ready", false],
  ])("that is refused with %s is not repeated, and the charge that is shown is read again", async (code, kind, status, payable) => {
    const { session, calls, statuses } = begin({ pays: [refused(code)] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(600_000);
    expect(calls.map(({ call }) => call)).toEqual(["GET", "POST", "GET"]);
    expect(session.error).toEqual({ kind, reason: code });
    expect(session.payable).toBe(payable);
    expect(statuses).toEqual(["ready", "processing", status]);
  });

  test("that is refused because the order was closed shows it as closed, without an error", async () => {
    const { session, statuses } = begin({ reads: [charge(), charge({ status: "closed" })], pays: [refused("charge_closed")] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(1000);
    expect(statuses).toEqual(["ready", "processing", "closed"]);
    expect(session.error).toBeNull();
  });

  test("that is refused because of the page's mistake logs the reason for the developer, and ends the reads", async () => {
    const { session, calls, warn } = begin({ pays: [refused("origin_not_allowed")] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(600_000);
    expect(calls).toHaveLength(2);
    expect(session.status).toBe("misconfigured");
    expect(warn).toHaveBeenCalledWith("origin_not_allowed: said so");
  });

  test("is not repeated once the session has ended", async () => {
    const { session, posts } = begin({ pays: [silence] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(0);
    session.stop();
    expect(vi.getTimerCount()).toBe(0);
    await pass(600_000);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]?.signal.aborted).toBe(true);
  });

  test("whose answer comes after the session has ended keeps its key", async () => {
    const { session, statuses, storage } = begin({ pays: [after(5000, charge({ status: "succeeded", attempt: 1 }))] });
    session.read();
    await pass(0);
    void session.pay();
    session.stop();
    await pass(10_000);
    expect(statuses).toEqual(["ready", "processing"]);
    expect(storage.getItem("freedom-pay-charge")).not.toBeNull();
  });

  test("without an answer on an order that was closed meanwhile shows no error", async () => {
    const { session, statuses } = begin({ reads: [charge(), charge({ status: "closed" })], pays: [silence] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(130_000);
    expect(statuses).toEqual(["ready", "processing", "unconfirmed", "closed"]);
    expect(session.error).toBeNull();
  });

  test("that is refused while nothing can be read is shown as refused", async () => {
    const { session, statuses } = begin({ reads: [charge(), silence], pays: [refused("idempotency_key_reused")] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(1000);
    expect(statuses).toEqual(["ready", "processing", "ready"]);
    expect(session.error).toEqual({ kind: "refused", reason: "idempotency_key_reused" });
    session.stop();
  });

  test("is repeated at once when the connection is back", async () => {
    const { session, posts } = begin({ pays: [silence, silence, silence, silence, charge({ status: "succeeded", attempt: 1 })] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(9000);
    const sent = posts().length;
    session.read();
    await pass(0);
    expect(posts()).toHaveLength(sent + 1);
    session.stop();
  });
});

describe("a press that cannot be sent", () => {
  const unsent = { kind: "unsent", reason: "not_sent" };

  test("because of an exception is no longer shown as processing, and can be repeated", async () => {
    const locks = [() => Promise.reject(new TypeError("broken"))];
    const { session, posts, statuses, warnOfPress } = begin({
      pays: [charge({ status: "succeeded", attempt: 1 })],
      lock: async (run) => {
        await locks.pop()?.();
        await run();
        return true;
      },
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(0);
    expect([session.error, session.payable, posts()]).toEqual([unsent, true, []]);
    expect(warnOfPress).toHaveBeenCalledExactlyOnceWith("a press was not sent: TypeError: broken");
    await session.pay();
    expect(session.error).toBeNull();
    expect(statuses).toEqual(["ready", "processing", "ready", "processing", "succeeded"]);
  });

  test("because another page sends one and then stops is sent within two seconds", async () => {
    const { session, calls } = begin({
      reads: [charge(), after(60_000, unchanged)],
      pays: [charge({ attempt: 1, status: "succeeded" })],
      lock: async () => false,
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(1999);
    expect(calls.map(({ call }) => call)).toEqual(["GET", "GET"]);
    await pass(1);
    expect(calls.map(({ call }) => call)).toEqual(["GET", "GET", "POST"]);
    expect(session.status).toBe("succeeded");
  });

  test.each<[string, Reply]>([
    ["has begun an attempt", charge({ status: "failed", attempt: 1 })],
    ["is undecided", charge({ status: "processing", attempt: 1 })],
    ["is closed", charge({ status: "closed" })],
    ["is refused", refused("token_expired")],
  ])("while another page sends one is not sent if the order %s", async (_, read) => {
    const { session, posts } = begin({ reads: [charge(), read, after(600_000, unchanged)], lock: async () => false });
    session.read();
    await pass(0);
    void session.pay();
    await pass(60_000);
    expect(posts()).toEqual([]);
    expect(session.status).not.toBe("ready");
    session.stop();
  });

  test("keeps the key that it had when it was pressed, also if the other page's press was answered meanwhile", async () => {
    const storage = memory();
    storage.setItem("freedom-pay-charge", JSON.stringify([["1234", "key-of-the-other-page", Date.now(), 0]]));
    const { session, posts } = begin({
      storage,
      reads: [charge(), after(60_000, unchanged)],
      pays: [charge({ status: "failed", attempt: 1 })],
      lock: async () => {
        storage.removeItem("freedom-pay-charge");
        return false;
      },
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(2000);
    expect(posts().map(({ key }) => key)).toEqual(["key-of-the-other-page"]);
  });

  test.each([429, 503])("because Retry-After of a %i is too long is given up at once", async (httpStatus) => {
    const { session, posts } = begin({ pays: [{ kind: "unanswered", httpStatus, retryAfter: 300_000 }] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(1000);
    expect([posts().length, session.status, session.payable, session.error?.kind]).toEqual([1, "ready", true, "server"]);
    session.stop();
  });

  test("again before Retry-After is not sent when the connection comes back", async () => {
    const { session, posts } = begin({
      pays: [{ kind: "unanswered", httpStatus: 503, retryAfter: 9000 }, charge({ status: "succeeded", attempt: 1 })],
    });
    session.read();
    await pass(0);
    void session.pay();
    await pass(5000);
    session.read(false);
    await pass(0);
    expect(posts()).toHaveLength(1);
    await pass(4000);
    expect(posts()).toHaveLength(2);
  });

  test("is reported at once if it is refused and the edge allows no read yet", async () => {
    const { session, gets } = begin({ pays: [{ ...refused("idempotency_key_reused"), retryAfter: 60_000 }] });
    session.read();
    await pass(0);
    void session.pay();
    await pass(1000);
    expect([session.status, session.error?.reason, gets().length]).toEqual(["ready", "idempotency_key_reused", 1]);
    session.stop();
  });
});

describe("after a reload", () => {
  test("a click without an answer is never sent again: the charge is read for as long as the click may still arrive", async () => {
    const storage = memory();
    const before = begin({ storage, pays: [after(60_000, silence)] });
    before.session.read();
    await pass(0);
    void before.session.pay();
    await pass(1000);
    before.session.stop();

    const { session, posts, gets, statuses } = begin({
      storage,
      reads: [
        charge(),
        after(4000, charge({ status: "processing", attempt: 1 })),
        after(4000, charge({ status: "succeeded", attempt: 1 })),
      ],
    });
    session.read();
    await pass(600_000);
    expect(posts()).toEqual([]);
    expect(gets()).toHaveLength(3);
    expect(gets()[1]).toMatchObject({ wait: true });
    expect(statuses).toEqual(["ready", "processing", "succeeded"]);
  });

  test("a new click uses the key of the one without an answer", async () => {
    const storage = memory();
    const before = begin({ storage, pays: [after(60_000, silence)] });
    before.session.read();
    await pass(0);
    void before.session.pay();
    await pass(1000);
    before.session.stop();

    const { session, posts } = begin({ storage, reads: [charge(), waited], pays: [charge({ status: "succeeded", attempt: 1 })] });
    session.read();
    await pass(2000);
    await session.pay();
    expect(posts().map(({ key }) => key)).toEqual(before.posts().map(({ key }) => key));
  });

  test("a click that is too old to arrive causes no further reads", async () => {
    const storage = memory();
    const before = begin({ storage, pays: [after(60_000, silence)] });
    before.session.read();
    await pass(0);
    void before.session.pay();
    before.session.stop();
    await pass(120_000);

    const { session, gets } = begin({ storage });
    session.read();
    await pass(600_000);
    expect(gets()).toHaveLength(1);
  });

  test("a failed charge that was clicked again is read until it changes, too", async () => {
    const storage = memory();
    const failed = failedCharge("insufficient_funds", "later");
    const asAnswer: EdgeAnswer = { kind: "charge", charge: failed, etag: '"1"', retryAfter: 0 };
    const before = begin({ storage, reads: [asAnswer], pays: [after(60_000, silence)] });
    before.session.read();
    await pass(0);
    void before.session.pay();
    before.session.stop();

    const { session, statuses, posts } = begin({ storage, reads: [asAnswer, after(3000, charge({ status: "succeeded", attempt: 2 }))] });
    session.read();
    await pass(10_000);
    expect(statuses).toEqual(["failed", "succeeded"]);
    expect(posts()).toEqual([]);
  });
});
