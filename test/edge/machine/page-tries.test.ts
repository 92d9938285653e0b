/** The tries on a payment page: which of them are read, and what each says (P2.6, P5, P6.9). */
import { describe, expect, test } from "vitest";
import type { PollAnswer } from "../../../edge/machine/event.ts";
import { lost, START } from "./order-history.ts";
import { ABSENT, PageOrder } from "./page-order.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DECLINED = { error: { code: "10009" }, failureCategory: "insufficient_funds" } as const;
const CLEARED = { clearing: { cleared: true, amount: 10 } } as const;

function opened(): PageOrder {
  const order = new PageOrder();
  order.open();
  return order;
}

/** An order whose page took money by its first try. */
function paid(status: "success" | "approved" = "success"): PageOrder {
  const order = opened();
  order.saw(order.try(status, "501", status === "success" ? CLEARED : {}));
  return order;
}

const triesOf = (order: PageOrder): string[] => order.page().tries.map(({ id }) => id);

describe("the tries that are read", () => {
  test("beyond three the newest takes the place of one that came to nothing, so that a payment by it is found", () => {
    const order = opened();
    order.notified("check", { paymentId: "502" });
    order.notified("check", { paymentId: "503" });
    order.pass(5 * SECOND);
    const declined = order.try("error", "503", DECLINED);
    order.saw(declined, { "501": order.try("new"), "502": order.try("process", "502"), "503": declined });
    order.notified("check", { paymentId: "504" });
    expect(triesOf(order)).toEqual(["502", "503", "504"]);
    order.pass(5 * SECOND);
    for (let polls = 0; polls < 2; polls += 1)
      order.saw(declined, { "502": order.try("process", "502"), "504": order.try("success", "504", CLEARED) });
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "504" });
  });

  test("one that is under way, or was not read yet, keeps its place", () => {
    const order = opened();
    order.notified("check", { paymentId: "502" });
    order.notified("check", { paymentId: "503" });
    order.notified("check", { paymentId: "504" });
    expect(triesOf(order)).toEqual(["501", "502", "503"]);
    order.pass(5 * SECOND);
    const tries = { "501": order.try("process"), "502": order.try("process", "502"), "503": order.try("process", "503") };
    order.saw(order.try("process", "503"), tries);
    order.notified("check", { paymentId: "504" });
    expect(triesOf(order)).toEqual(["501", "502", "503"]);
  });

  test("an id that init named for another order binds nothing, and is no mismatch", () => {
    const order = opened();
    order.saw(order.try("new", "601"), {});
    order.saw(order.try("new", "601"), { "501": order.try("success", "501", { order_id: "another", amount: 99 }) });
    expect([order.status, order.told]).toEqual(["processing", []]);
    order.saw(order.try("success", "601", CLEARED), { "501": order.try("success", "501", { order_id: "another", amount: 99 }) });
    expect(order.view).toMatchObject({ status: "succeeded", payment_id: "601" });
    expect(order.told).toEqual([]);
  });
});

describe("what contradicts a page", () => {
  test("a mismatch of one try is not cleared by another try's read, but by its own", () => {
    const order = opened();
    order.saw(order.try("process", "601", { amount: 11 }));
    expect([order.status, order.told]).toEqual(["unconfirmed", ["amount_differs"]]);
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("process", "601", { amount: 11 }) });
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": lost() });
    expect(order.status).toBe("unconfirmed");
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("process", "601") });
    expect(order.status).toBe("processing");
  });

  test("a word that is not known stays one, whatever another try says", () => {
    const order = opened();
    order.saw(order.try("pg:thinking", "601"));
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("pg:thinking", "601") });
    expect(order.status).toBe("unconfirmed");
    order.saw(order.try("error", "602", DECLINED), { "501": order.try("new"), "601": order.try("process", "601") });
    expect(order.status).toBe("processing");
  });

  test.each(["new", "incomplete"])("%j without an amount, or with 0, is no mismatch: nothing was taken", (status) => {
    const order = opened();
    const { amount: _, ...without } = order.try(status);
    order.saw(without);
    order.saw(order.try(status, "501", { amount: 0 }));
    expect([order.status, order.told]).toEqual(["processing", []]);
    order.saw(order.try(status, "501", { amount: 11 }));
    expect(order.status).toBe("unconfirmed");
  });
});

describe("the reads before the next attempt", () => {
  test("a number is free only when it was read, and each try on its page too", () => {
    const order = opened();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new", "601"), { "501": order.try("new") });
    order.press("key-2", { amount: 20, askedAt });
    const poll = order.takePoll();
    const all = poll.reads.map((read): PollAnswer => {
      if (read.about !== "order") throw new Error("A page is read as an order");
      return { about: "order", orderId: read.orderId, ...(read.tryId === undefined ? {} : { tryId: read.tryId }), outcome: ABSENT };
    });
    expect(all.map((answer) => (answer.about === "order" ? [answer.orderId, answer.tryId] : null))).toEqual([
      ["1234", undefined],
      ["1234", "501"],
      ["1234--2", undefined],
    ]);
    for (const unread of [0, 1]) {
      const { record } = order;
      const answers = all.filter((_, index) => index !== unread);
      order.happen({ type: "polled", attempt: 2, generation: poll.generation, startedAt: poll.startedAt, answers });
      expect(order.attempt(2).freeOrderIds).toEqual(["1234--2"]);
      expect(order.wants("open_page")).toBe(false);
      order.record = record;
    }
    order.happen({ type: "polled", attempt: 2, generation: poll.generation, startedAt: poll.startedAt, answers: all });
    expect(order.wants("open_page")).toBe(true);
  });
});

describe("a number under which one answer of a poll shows money without an owner", () => {
  const EXPIRED = 46 * MINUTE;

  /** A page that has ended, and a press after it. Its number and its first try are read. */
  function pressedAfterEnd(): PageOrder {
    const order = opened();
    order.pass(EXPIRED);
    order.saw(order.try("new", "601"), { "501": order.try("new") });
    order.pass(5 * SECOND);
    order.press("key-2");
    return order;
  }

  test.each([
    ["the number", { byNumber: "success", tried: "new" }],
    ["a try", { byNumber: "new", tried: "success" }],
  ])("is not free, whatever the others say: %s shows it", (_who, { byNumber, tried }) => {
    const order = pressedAfterEnd();
    const first = { order_id: "1234", amount: 11 } as const;
    for (let polls = 0; polls < 3; polls += 1) {
      order.saw(
        (orderId) => (orderId === "1234" ? order.try(byNumber, "601", { ...first, ...(byNumber === "new" ? {} : CLEARED) }) : ABSENT),
        {
          "501": order.try(tried, "501", { ...first, ...(tried === "new" ? {} : CLEARED) }),
        },
      );
      expect(order.attempt(2).freeOrderIds).not.toContain("1234");
      expect(order.wants("open_page")).toBe(false);
    }
    expect(order.status).toBe("unconfirmed");
  });

  test("is free although init's id names a payment of another order", () => {
    const order = pressedAfterEnd();
    order.saw((orderId) => (orderId === "1234" ? order.try("new", "601", { order_id: "1234" }) : ABSENT), {
      "501": order.try("success", "501", { order_id: "another", amount: 99 }),
    });
    expect(order.wants("open_page")).toBe(true);
  });
});

describe("what a notification names", () => {
  test("is read only if it is an id of this API", () => {
    const order = opened();
    order.notified("check", { paymentId: "abc" });
    order.notified("check", { paymentId: "1".repeat(21) });
    expect(triesOf(order)).toEqual(["501"]);
  });
});

describe("what lets a page go", () => {
  test("is not `incomplete`, which is not decided; it ends a page whose time is over", () => {
    const order = opened();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("incomplete"));
    expect(order.press("key-2", { amount: 20, askedAt })).toMatchObject({ code: "charge_conflict" });
    order.pass(46 * MINUTE);
    order.saw(order.try("incomplete"));
    expect(order.attempt(1).failure?.by).toBe("page_expired");
  });

  test("is no decline of a try that was checked twice: it may be the one before the second check", () => {
    const order = opened();
    order.notified("check");
    order.pass(SECOND);
    order.notified("check");
    for (let polls = 0; polls < 3; polls += 1) {
      order.pass(6 * SECOND);
      order.saw(order.try("error", "501", DECLINED));
    }
    expect(order.page().check).not.toBeNull();
  });
});

describe("a page that took money", () => {
  test("of a hold it is read once more at its end, too", () => {
    const order = new PageOrder();
    order.autoClearing = false;
    order.open();
    order.saw(order.try("approved"));
    order.untilPoll();
    expect(order.now).toBe(START + 45 * MINUTE);
  });

  test("is read at the end also after the money went back", () => {
    const order = paid();
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.saw(order.try("success", "501", { ...CLEARED, refund_payments: [{ id: "r1", amount: -10, status: "success" }] }));
    expect(order.status).toBe("refunded");
    order.untilPoll();
    expect(order.now).toBeLessThanOrEqual(START + 46 * MINUTE);
    order.answerPoll(order.takePoll(), {
      byNumber: order.try("success", "501", CLEARED),
      tries: { "": order.try("success", "777", CLEARED) },
    });
    expect(order.record.attention).toMatchObject([{ reason: "second_payment", detail: "777" }]);
  });

  test("that read is repeated until it could be used", () => {
    const order = paid();
    order.saw(order.try("success", "501", CLEARED), { "": lost() });
    expect(order.now).toBe(START + 45 * MINUTE);
    order.saw(order.try("success", "501", CLEARED), { "": order.try("success", "777", CLEARED) });
    expect(order.now).toBeLessThanOrEqual(START + 51 * MINUTE);
    expect(order.record.attention).toMatchObject([{ reason: "second_payment", detail: "777" }]);
    expect(order.attempt(1).nextPollAt).toBeNull();
  });

  test("is read at the pace of an open page while another try is under way", () => {
    const order = paid();
    order.notified("check", { paymentId: "777" });
    for (let polls = 0; polls < 8; polls += 1) {
      const before = order.now;
      order.saw(order.try("success", "501", CLEARED), { "": order.try("process", "777"), "777": order.try("process", "777") });
      expect(order.now - before).toBeLessThanOrEqual(5 * SECOND);
    }
    order.saw(order.try("success", "501", CLEARED), {
      "": order.try("success", "777", CLEARED),
      "777": order.try("success", "777", CLEARED),
    });
    expect(order.record.attention).toMatchObject([{ reason: "second_payment", detail: "777" }]);
    expect(order.attempt(1).nextPollAt).toBe(START + 45 * MINUTE);
  });

  test("does so for a day at most", () => {
    const order = paid();
    order.notified("check", { paymentId: "777" });
    for (let polls = 0; order.attempt(1).nextPollAt !== null; polls += 1) {
      expect(polls).toBeLessThan(1_000);
      order.saw(order.try("success", "501", CLEARED), { "": order.try("process", "777"), "777": order.try("process", "777") });
    }
    expect(order.now - START).toBeGreaterThan(23 * 60 * MINUTE);
  });

  test("shows its address no more, and keeps it no longer", () => {
    for (const order of [paid(), paid("approved")]) expect([order.view.payment_page, order.page().url]).toEqual([null, null]);
  });
});

describe("a check of another try", () => {
  test("is rejected once a verified result said that one is paid, though no read shows it yet", () => {
    const order = opened();
    order.notified("result", { paymentId: "502" }, { isPaid: true });
    expect(order.notified("check", { paymentId: "503" })).toBe("rejected");
    expect(order.notified("check", { paymentId: null })).toBe("rejected");
    // A check that is repeated gets the same answer.
    expect(order.notified("check", { paymentId: "502" })).toBe("ok");
  });

  test("is ok again if a read says that it was declined, but not if it says `new`", () => {
    const order = opened();
    order.notified("result", {}, { isPaid: true });
    order.saw(order.try("new"));
    expect(order.notified("check", { paymentId: "503" })).toBe("rejected");
    order.saw(order.try("error", "501", DECLINED));
    expect(order.notified("check", { paymentId: "503" })).toBe("ok");
  });

  test("is rejected on the page after one of which a result said that it is paid", () => {
    const order = opened();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt });
    order.sawUnpaidPage();
    order.opened();
    expect(order.notified("check", { orderId: "1234--2", amount: "20", paymentId: "701" }, { key: "key-2" })).toBe("ok");
    order.notified("result", {}, { isPaid: true });
    expect(order.notified("check", { orderId: "1234--2", amount: "20", paymentId: "701" }, { key: "key-2" })).toBe("rejected");
  });

  test("is ok after a result that says nothing of the kind", () => {
    const order = opened();
    order.notified("result", { paymentId: "502" });
    expect(order.notified("check", { paymentId: "503" })).toBe("ok");
  });
});

describe("a GET", () => {
  test("brings the undecided page forward 20 s after its last read, and no page that has ended", () => {
    const order = opened();
    order.press("key-2", { amount: 20 });
    const askedAt = order.now;
    order.saw(order.try("new"));
    order.press("key-2", { amount: 20, askedAt });
    order.sawUnpaidPage();
    order.opened();
    order.saw((orderId) => order.try("new", "501", { order_id: orderId, amount: 20 }));
    const get = (): readonly number[] => {
      order.effects = [];
      order.happen({ type: "hint", ticket: null });
      return order.effects.flatMap((effect) => (effect.kind === "poll" ? [effect.attempt] : []));
    };
    const since = order.attempt(2).lastPollStartedAt ?? 0;
    order.now = since + 19 * SECOND;
    expect([get(), get()]).toEqual([[], []]);
    order.now = since + 20 * SECOND;
    expect(get()).toEqual([2]);
  });
});
