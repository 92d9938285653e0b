import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProblemCode } from "../../src/edge-api.ts";
import type { EdgeAnswer } from "../../widget/edge-client.ts";
import { chargeOf } from "./charges.ts";
import type { Reply } from "./scripted-session.ts";
import { after, begin, charge, pass, refused, silence, unchanged, waited } from "./scripted-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("before a click", () => {
  test("there is one read and no other call, for an hour", async () => {
    const { session, calls } = begin({});
    session.read();
    await pass(3_600_000);
    expect(calls).toMatchObject([{ call: "GET", wait: false, etag: null }]);
    expect(session.status).toBe("ready");
    expect(session.payable).toBe(true);
  });

  test("nothing can be paid while the status is unknown", async () => {
    const { session, posts } = begin({ reads: [silence] });
    session.read();
    await session.pay();
    await pass(1000);
    await session.pay();
    expect(session.status).toBe("unreachable");
    expect(posts()).toEqual([]);
    session.stop();
  });

  test.each(["closed", "succeeded", "reversed", "refunded", "authorized", "processing", "unconfirmed"] as const)(
    "nothing can be paid in the status %s",
    async (status) => {
      const { session, posts } = begin({ reads: [charge({ status }), waited] });
      session.read();
      await pass(1000);
      await session.pay();
      expect(session.payable).toBe(false);
      expect(posts()).toEqual([]);
      session.stop();
    },
  );
});

describe("reading", () => {
  test.each(["processing", "unconfirmed"] as const)("long-polls the edge while the charge is %s, until it is decided", async (status) => {
    const { session, gets, statuses } = begin({
      reads: [charge({ status }), waited, after(5000, charge({ status: "succeeded" }))],
    });
    session.read();
    await pass(120_000);
    expect(statuses).toEqual([status, "succeeded"]);
    expect(gets()).toMatchObject([
      { etag: null, wait: false },
      { at: 1000, etag: '"1"', wait: true },
      { at: 26_000, wait: true },
    ]);
    expect(gets()).toHaveLength(3);
  });

  test("pauses for a second if the edge answers without waiting", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "processing" }), unchanged] });
    session.read();
    await pass(10_000);
    expect(gets().length).toBeGreaterThan(5);
    expect(gets().length).toBeLessThanOrEqual(11);
    session.stop();
  });

  test("reads a payment page for ten minutes, and again when it is told to", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "processing", needs: "payment_page" }), waited] });
    session.read();
    await pass(599_000);
    const before = gets().length;
    expect(before).toBeGreaterThan(20);
    await pass(60_000);
    expect(gets().length - before).toBeLessThanOrEqual(1);
    const ended = gets().length;
    await pass(3_600_000);
    expect(gets()).toHaveLength(ended);
    session.read(false);
    await pass(599_000);
    expect(gets().length - ended).toBeGreaterThan(20);
    session.stop();
  });

  test("reads a charge without a page for longer", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "processing" }), waited] });
    session.read();
    await pass(1_800_000);
    expect(gets().length).toBeGreaterThan(60);
    session.stop();
  });

  test("continues at long intervals while the amount is held", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "authorized" })] });
    session.read();
    await pass(3_600_000);
    expect(gets().length).toBeGreaterThan(4);
    expect(gets().length).toBeLessThan(16);
    expect(gets().every(({ wait }) => wait === false)).toBe(true);
    session.stop();
  });

  test("continues by itself while the edge cannot be reached, ever more slowly, and applies the answer when it is back", async () => {
    const reads: Reply[] = [silence];
    const { session, gets, statuses, warn } = begin({ reads });
    session.read();
    await pass(600_000);
    expect(session.status).toBe("unreachable");
    expect(gets().length).toBeGreaterThan(15);
    expect(gets().length).toBeLessThan(40);
    expect(warn).toHaveBeenCalledTimes(1);
    reads[0] = charge();
    await pass(40_000);
    expect(statuses).toEqual(["unreachable", "ready"]);
    expect(session.error).toBeNull();
  });

  test("waits as long as Retry-After says", async () => {
    const { session, gets } = begin({ reads: [{ kind: "unanswered", httpStatus: 503, retryAfter: 7000 }, charge()] });
    session.read();
    await pass(6999);
    expect(gets()).toHaveLength(1);
    await pass(1);
    expect(gets()).toHaveLength(2);
    expect(session.status).toBe("ready");
  });

  test("keeps the known charge while the edge is unreachable", async () => {
    const { session } = begin({ reads: [charge({ status: "unconfirmed" }), silence] });
    session.read();
    await pass(60_000);
    expect(session.status).toBe("unconfirmed");
    expect(session.error?.kind).toBe("unreachable");
    session.stop();
  });

  test("reads at once when it is told to, without long polling", async () => {
    const { session, gets } = begin({
      reads: [charge({ status: "processing" }), after(25_000, unchanged), charge({ status: "succeeded" })],
    });
    session.read();
    await pass(5000);
    expect(gets()).toHaveLength(2);
    session.read();
    await pass(0);
    expect(gets()[1]?.signal.aborted).toBe(true);
    expect(gets()[2]).toMatchObject({ wait: false });
    expect(session.status).toBe("succeeded");
  });

  test("drops the answer to a read that was given up", async () => {
    const { session, statuses } = begin({ reads: [after(5000, charge({ status: "failed" })), charge({ status: "succeeded" })] });
    session.read();
    await pass(1000);
    session.read();
    await pass(10_000);
    expect(statuses).toEqual(["succeeded"]);
  });

  test("ends with the session", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "processing" }), waited] });
    session.read();
    await pass(5000);
    session.stop();
    const before = gets().length;
    await pass(600_000);
    session.read();
    await pass(1000);
    expect(gets()).toHaveLength(before);
    expect(gets().at(-1)?.signal.aborted).toBe(true);
  });

  test.each<[ProblemCode, string]>([
    ["token_expired", "expired"],
    ["token_invalid", "misconfigured"],
    ["token_missing", "misconfigured"],
    ["origin_not_allowed", "misconfigured"],
    ["order_mismatch", "misconfigured"],
    ["route_not_found", "misconfigured"],
    ["charge_conflict", "conflict"],
    ["body_invalid", "unreachable"],
  ])("ends on %s: %s", async (code, status) => {
    const { session, gets } = begin({ reads: [refused(code)] });
    session.read();
    await pass(600_000);
    expect(gets()).toHaveLength(1);
    expect(session.status).toBe(status);
    expect(session.payable).toBe(false);
  });

  test("continues, slowly, on a conflict with an undecided charge", async () => {
    const conflict: EdgeAnswer = {
      kind: "refused",
      code: "charge_conflict",
      detail: "",
      charge: chargeOf({ status: "processing" }),
      retryAfter: 0,
    };
    const { session, gets, statuses } = begin({ reads: [conflict, conflict, charge({ status: "ready" })] });
    session.read();
    await pass(60_000);
    expect(gets().map(({ etag }) => etag)).toEqual([null, null, null]);
    expect(statuses).toEqual(["conflict", "ready"]);
    expect(session.error).toBeNull();
  });

  test("reads without its ETag after a conflict, because that belonged to another charge", async () => {
    const conflict: EdgeAnswer = {
      kind: "refused",
      code: "charge_conflict",
      detail: "",
      charge: chargeOf({ status: "succeeded" }),
      retryAfter: 0,
    };
    const { session, gets } = begin({ reads: [charge(), conflict, charge()] });
    for (let times = 0; times < 3; times += 1) {
      session.read();
      await pass(0);
    }
    expect(gets().map(({ etag }) => etag)).toEqual([null, '"1"', null]);
  });

  test("leaves no timer if the page ends the session in the handler of an answer", async () => {
    const { session, gets } = begin({ reads: [charge({ status: "authorized" })], onChange: () => void session.stop() });
    session.read();
    await pass(0);
    expect(gets()).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Retry-After is respected", () => {
  const PAUSE = 40_000;
  const paced = (answer: EdgeAnswer): EdgeAnswer => ({ ...answer, retryAfter: PAUSE });
  const undecided = charge({ status: "processing", attempt: 1 });
  const conflict: EdgeAnswer = {
    kind: "refused",
    code: "charge_conflict",
    detail: "",
    charge: chargeOf({ status: "processing" }),
    retryAfter: PAUSE,
  };

  test.each<[string, Reply[]]>([
    ["200", [paced(undecided)]],
    ["304", [undecided, paced(unchanged)]],
    ["409", [conflict]],
    ["429", [undecided, paced({ kind: "unanswered", httpStatus: 429, retryAfter: 0 })]],
    ["503", [paced({ kind: "unanswered", httpStatus: 503, retryAfter: 0 })]],
    ["200 of a held amount", [paced(charge({ status: "authorized" }))]],
  ])("on %s", async (_, reads) => {
    const before = reads.length;
    const { session, gets } = begin({ reads: [...reads, undecided, after(600_000, unchanged)] });
    session.read();
    await pass(1000);
    expect(gets()).toHaveLength(before);
    const { at } = gets().at(-1) ?? expect.fail("no read");
    await pass(PAUSE - 1000 + at - 1);
    expect(gets()).toHaveLength(before);
    // The browser's events in between do not change that.
    session.read(false);
    await pass(0);
    expect(gets()).toHaveLength(before);
    await pass(1);
    expect(gets()).toHaveLength(before + 1);
    session.stop();
  });

  test("but not if the shopper or the page reads", async () => {
    const { session, gets } = begin({ reads: [paced(undecided), undecided, after(600_000, unchanged)] });
    session.read();
    await pass(1000);
    session.read();
    await pass(0);
    expect(gets()).toHaveLength(2);
    session.stop();
  });

  test("after a sleep of the machine in which it expired", async () => {
    const { session, gets } = begin({ reads: [paced(undecided), undecided, after(600_000, unchanged)] });
    session.read();
    await pass(1000);
    vi.setSystemTime(Date.now() + PAUSE);
    session.read(false);
    await pass(0);
    expect(gets()).toHaveLength(2);
    session.stop();
  });
});

describe("a page in the background", () => {
  /** A session whose page can be hidden and shown, as in the element. */
  function beginHideable(reads: Reply[], pays: Reply[] = []) {
    let isHidden = false;
    const begun = begin({ reads, pays, isHidden: () => isHidden });
    return {
      ...begun,
      hide: (): void => {
        isHidden = true;
        begun.session.suspend();
      },
      show: (): void => {
        isHidden = false;
        begun.session.read(false);
      },
    };
  }

  const undecided = charge({ status: "processing", attempt: 1 });

  test.each<[string, Reply[], number]>([
    ["in the middle of a long-polling read", [undecided, after(25_000, unchanged)], 5000],
    ["between two reads", [undecided, unchanged, after(25_000, unchanged)], 2500],
    ["while the edge cannot be reached", [silence], 5000],
    ["while the amount is held", [charge({ status: "authorized" })], 5000],
  ])("reads nothing, and reads at once when it is visible again: %s", async (_, reads, milliseconds) => {
    const { session, gets, hide, show } = beginHideable(reads);
    session.read();
    await pass(milliseconds);
    hide();
    const before = gets().length;
    await pass(3_600_000);
    expect(gets()).toHaveLength(before);
    expect(gets().at(-1)?.signal.aborted).toBe(true);
    show();
    await pass(0);
    expect(gets()).toHaveLength(before + 1);
    expect(gets().at(-1)?.wait).toBe(false);
    session.stop();
  });

  test("reads once if it is told to", async () => {
    const { session, gets, hide } = beginHideable([undecided]);
    hide();
    session.read();
    await pass(600_000);
    expect(gets()).toHaveLength(1);
    session.stop();
  });

  test("keeps repeating a press, and reads its outcome when it is visible again", async () => {
    const { session, posts, gets, hide, show, statuses } = beginHideable(
      [charge(), charge({ status: "succeeded", attempt: 1 })],
      [silence, silence, undecided],
    );
    session.read();
    await pass(0);
    void session.pay();
    hide();
    await pass(600_000);
    expect([posts().length, gets().length]).toEqual([3, 1]);
    show();
    await pass(0);
    expect(statuses).toEqual(["ready", "processing", "succeeded"]);
  });
});
