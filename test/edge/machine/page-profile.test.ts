/** The profile that a payment page made, where the gateway says two things or the edge comes late (P9, P11). */
import { describe, expect, test } from "vitest";
import { merchantChargeView } from "../../../edge/machine/view.ts";
import { START } from "./order-history.ts";
import { PageOrder } from "./page-order.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const OFFER = {
  paymentId: "501",
  profileId: "60144557.AAAAAAAAAAAAAAAA",
  expiresAt: START,
  brand: "visa",
  last4: "4242",
  cardDigest: "digest-1",
};
const PAID = { clearing: { cleared: true, amount: 10 }, cardDigest: "digest-1" };

function saving(): PageOrder {
  const order = new PageOrder();
  order.saveCardMonths = 12;
  order.open();
  return order;
}

describe("two profiles of one payment", () => {
  test("are told also before a read shows it, and the first stands", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    order.notified("result", {}, { offer: { ...OFFER, profileId: "60144557.BBBBBBBBBBBBBBBB" } });
    expect(order.told).toEqual([]);
    order.notified("result", {}, { offer: { ...OFFER, profileId: "777.AAAAAAAAAAAAAAAA" } });
    expect(order.record.attention).toMatchObject([{ reason: "profile_differs", attempt: 1, detail: "777" }]);
    order.saw(order.try("success", "501", PAID));
    expect(merchantChargeView(order.record).profile?.profile_id).toBe(OFFER.profileId);
  });

  test("of two tries are none: each try has its own", () => {
    const order = saving();
    order.notified("result", {}, { offer: OFFER });
    order.notified("result", { paymentId: "502" }, { offer: { ...OFFER, paymentId: "502", profileId: "777.AAAAAAAAAAAAAAAA" } });
    expect(order.told).toEqual([]);
    order.saw(order.try("success", "502", PAID));
    expect(merchantChargeView(order.record).profile?.profile_id).toBe("777.AAAAAAAAAAAAAAAA");
    expect(order.told).toEqual([]);
  });
});

describe("the return code", () => {
  test("is shown only while nobody else may have paid on the page", () => {
    const order = saving();
    order.notified("check", { paymentId: "502" });
    order.notified("result", {}, { offer: OFFER });
    order.saw(order.try("success", "501", PAID), { "502": order.try("process", "502") });
    expect(merchantChargeView(order.record).profile).toMatchObject({ profile_id: OFFER.profileId, return_code: null });
    order.saw(order.try("success", "501", PAID), { "": order.try("success", "501", PAID), "502": order.try("error", "502") });
    expect(merchantChargeView(order.record).profile?.return_code).toBe("code-key-1");
  });
});

describe("look-ups that are overdue", () => {
  test("go one after the other with the pauses of the rule, and what is missing is told after the last answer", () => {
    const order = saving();
    order.saw(order.try("success", "501", PAID));
    order.now += 3 * DAY;
    const from = order.now;
    const asked: number[] = [];
    for (let alarms = 0; order.told.length === 0; alarms += 1) {
      if (alarms > 100) throw new Error("It is not told");
      order.effects = [];
      order.fireAlarm();
      const reads = order.effects.filter(({ kind }) => kind === "poll").length;
      if (order.wants("list_cards")) asked.push(order.now - from);
      // At the page's end it is read once more.
      if (reads > 0) order.saw(order.try("success", "501", PAID));
    }
    expect(asked).toEqual([0, 8 * MINUTE, 58 * MINUTE, 58 * MINUTE + 23 * 60 * MINUTE]);
    expect([order.told, order.now - from]).toEqual([["profile_missing"], DAY - 2 * MINUTE + 25_000]);
  });
});

test("of a card that is not to be saved no digest is kept", () => {
  const order = new PageOrder();
  order.open();
  order.saw(order.try("success", "501", PAID));
  expect([order.status, order.page().cardDigest]).toEqual(["succeeded", null]);
});
