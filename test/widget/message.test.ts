import { describe, expect, test } from "vitest";
import type { ChargeView, FailureCategory, Retry } from "../../src/edge-api.ts";
import type { ElementStatus } from "../../widget/events.ts";
import type { Locale } from "../../widget/locale.ts";
import { localizeAtOnce, WORDS } from "../../widget/locales/at-once.ts";
import type { Situation } from "../../widget/message.ts";
import { messageOf } from "../../widget/message.ts";
import { chargeOf, failedCharge } from "./charges.ts";

const TOKEN = {
  order_id: "1234",
  amount: 1234.5,
  currency: "KZT",
  description: null,
  card: { brand: "visa", last4: "4242" },
  isForPage: false,
  savesCard: false,
  iat: Date.parse("2026-11-22T09:55:00Z") / 1000,
};

function say(situation: Partial<Situation> & { status: ElementStatus }, locale: Locale = "en"): ReturnType<typeof messageOf> {
  return messageOf(
    {
      ...{ charge: null, token: TOKEN, pageAddress: "", isPageOver: true, error: null, pressError: null },
      ...{ slowNotices: 0, isChecking: false, isOffline: false },
      ...situation,
    },
    localizeAtOnce(locale),
  );
}

const EXPIRED = { kind: "expired", reason: "token_expired" } as const;
const UNREACHABLE = { kind: "unreachable", reason: "no_answer" } as const;

describe("the message", () => {
  test.each<[string, Partial<Situation> & { status: ElementStatus }, ReturnType<typeof messageOf>]>([
    ["loading", { status: "loading" }, { tone: "busy", title: "", note: "", action: "pay" }],
    ["ready", { status: "ready" }, { tone: "calm", title: "", note: "", action: "pay" }],
    ["processing", { status: "processing" }, { tone: "busy", title: "Processing payment…", note: "", action: "pay" }],
    [
      "processing after 5 s",
      { status: "processing", slowNotices: 1 },
      { tone: "busy", title: "Payment is still being processed", note: "", action: "pay" },
    ],
    [
      "processing after 30 s",
      { status: "processing", slowNotices: 2 },
      { tone: "busy", title: "Payment is still being processed", note: "Do not pay again", action: "pay" },
    ],
    [
      "processing without a connection",
      { status: "processing", error: UNREACHABLE },
      { tone: "busy", title: "Processing payment…", note: "No connection. We keep checking", action: "pay" },
    ],
    [
      "processing after 30 s without a connection",
      { status: "processing", slowNotices: 2, error: UNREACHABLE },
      {
        tone: "busy",
        title: "Payment is still being processed",
        note: "Do not pay again. No connection. We keep checking.",
        action: "pay",
      },
    ],
    [
      "processing, and the page can read no more",
      { status: "processing", error: EXPIRED },
      { tone: "busy", title: "Processing payment…", note: "Reload the page", action: "pay" },
    ],
    [
      "processing that needs the bank's confirmation",
      { status: "processing", charge: chargeOf({ status: "processing", needs: "bank_confirmation" }) },
      { tone: "busy", title: "Bank confirmation needed", note: "Do not pay again", action: "pay" },
    ],
    [
      "unconfirmed",
      { status: "unconfirmed" },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again", action: "pay" },
    ],
    [
      "unconfirmed without a connection",
      { status: "unconfirmed", error: UNREACHABLE },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again. No connection. We keep checking.", action: "pay" },
    ],
    [
      "unconfirmed while the edge fails",
      { status: "unconfirmed", error: { kind: "server", reason: "no_answer" } },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again. No connection. We keep checking.", action: "pay" },
    ],
    [
      "unconfirmed, and the page can read no more",
      { status: "unconfirmed", error: EXPIRED },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again. Reload the page.", action: "pay" },
    ],
    ["authorized", { status: "authorized" }, { tone: "good", title: "The amount is held on the card", note: "", action: null }],
    [
      "authorized without a connection",
      { status: "authorized", error: UNREACHABLE },
      { tone: "good", title: "The amount is held on the card", note: "", action: null },
    ],
    ["succeeded", { status: "succeeded" }, { tone: "good", title: "Payment successful", note: "", action: null }],
    [
      "succeeded and refunded in part",
      { status: "succeeded", charge: chargeOf({ status: "succeeded", refunded_amount: 200 }) },
      { tone: "good", title: "Payment successful", note: "Returned: ₸200", action: null },
    ],
    [
      "succeeded, with the payment's number",
      { status: "succeeded", charge: chargeOf({ status: "succeeded", payment_id: "77" }) },
      { tone: "good", title: "Payment successful", note: "Payment no. 77", action: null },
    ],
    [
      "authorized, with the payment's number",
      { status: "authorized", charge: chargeOf({ status: "authorized", payment_id: "77" }) },
      { tone: "good", title: "The amount is held on the card", note: "Payment no. 77", action: null },
    ],
    [
      "refunded, with the payment's number and the amount",
      { status: "refunded", charge: chargeOf({ status: "refunded", payment_id: "77", refunded_amount: 200 }) },
      { tone: "calm", title: "Money returned", note: "Payment no. 77. Returned: ₸200.", action: null },
    ],
    ["closed", { status: "closed" }, { tone: "calm", title: "The order is closed", note: "Contact the shop", action: null }],
    ["reversed", { status: "reversed" }, { tone: "calm", title: "The amount on the card was released", note: "", action: null }],
    ["refunded", { status: "refunded" }, { tone: "calm", title: "Money returned", note: "", action: null }],
    ["expired", { status: "expired" }, { tone: "calm", title: "This page is out of date", note: "Reload the page", action: null }],
    [
      "conflict",
      { status: "conflict", error: { kind: "conflict", reason: "charge_conflict" } },
      { tone: "bad", title: "The order is being paid or is already paid", note: "Reload the page", action: "check_again" },
    ],
    [
      "unreachable",
      { status: "unreachable", error: UNREACHABLE },
      { tone: "bad", title: "Connection error. Try again", note: "", action: "check_again" },
    ],
    [
      "off line",
      { status: "unreachable", error: UNREACHABLE, isOffline: true },
      { tone: "bad", title: "No connection. We keep checking", note: "", action: "check_again" },
    ],
    [
      "unreachable because the edge fails",
      { status: "unreachable", error: { kind: "server", reason: "no_answer" } },
      { tone: "bad", title: "Server error. Please try later", note: "", action: "check_again" },
    ],
    [
      "misconfigured",
      { status: "misconfigured" },
      { tone: "calm", title: "Payment is not available here now", note: "Contact the shop", action: null },
    ],
    [
      "ready after a click without an answer",
      { status: "ready", error: UNREACHABLE },
      { tone: "bad", title: "Connection error. Try again", note: "", action: "pay" },
    ],
    [
      "ready after a click that was refused",
      { status: "ready", error: { kind: "refused", reason: "idempotency_key_reused" } },
      { tone: "bad", title: "Server error. Please try later", note: "", action: "pay" },
    ],
    [
      "ready and blocked",
      { status: "ready", error: { kind: "barred", reason: "retry_not_allowed" } },
      { tone: "bad", title: "Payment is not available here now", note: "Contact the shop", action: null },
    ],
    [
      "failed after another click without an answer",
      { status: "failed", charge: failedCharge("insufficient_funds", "later"), error: UNREACHABLE },
      { tone: "bad", title: "Connection error. Try again", note: "", action: "try_again" },
    ],
    [
      "failed under an expired token",
      { status: "failed", charge: failedCharge("insufficient_funds", "later"), error: { kind: "expired", reason: "token_expired" } },
      { tone: "bad", title: "Payment failed", note: "Insufficient funds. Reload the page.", action: null },
    ],
    [
      "failed and blocked",
      {
        status: "failed",
        charge: failedCharge("card_expired", "other_card"),
        error: { kind: "barred", reason: "retry_not_allowed" },
      },
      { tone: "bad", title: "Payment failed", note: "Card expired. Pay with another card.", action: null },
    ],
    [
      "failed for the tenth time",
      {
        status: "failed",
        charge: failedCharge("insufficient_funds", "later"),
        error: { kind: "barred", reason: "retry_not_allowed" },
      },
      { tone: "bad", title: "Payment failed", note: "Insufficient funds. Contact the shop.", action: null },
    ],
  ])("%s", (_, situation, message) => {
    expect(say(situation)).toEqual(message);
  });
});

describe("a page", () => {
  const PAGE = { url: "https://customer.freedompay.kz/pay.html", expires_at: "2026-11-22T10:29:00Z", last_failure: null };
  const token = { ...TOKEN, card: null, isForPage: true };
  const on = (payment_page: ChargeView["payment_page"]): Partial<Situation> & { status: ElementStatus } => ({
    status: "processing",
    token,
    charge: chargeOf({ status: "processing", attempt: 1, needs: "payment_page", payment_page, card: null }),
    pageAddress: payment_page?.url ?? "",
  });
  const declined = { ...PAGE, last_failure: { category: "insufficient_funds", retry: "later" } as const };
  const broken = { ...PAGE, last_failure: { category: "configuration", retry: "none" } as const };

  test.each<[string, Partial<Situation> & { status: ElementStatus }, ReturnType<typeof messageOf>]>([
    ["being opened", { status: "redirecting", token }, { tone: "busy", title: "Opening Freedom Pay's page…", note: "", action: "pay" }],
    ["open", on(PAGE), { tone: "calm", title: "", note: "", action: "continue" }],
    ["open, and read no more", { ...on(PAGE), error: EXPIRED }, { tone: "calm", title: "Reload the page", note: "", action: "continue" }],
    [
      "open without a connection",
      { ...on(PAGE), error: UNREACHABLE },
      { tone: "calm", title: "No connection. We keep checking", note: "", action: "continue" },
    ],
    ["on which a try was declined", on(declined), { tone: "bad", title: "Payment failed", note: "Insufficient funds", action: "continue" }],
    [
      "on which a try failed for a reason that only the merchant can repair",
      on(broken),
      { tone: "bad", title: "Payment failed", note: "Payment is not available here now", action: "continue" },
    ],
    ["that is not shown", on(null), { tone: "busy", title: "We are checking with the bank", note: "Do not pay again", action: "pay" }],
    [
      "that is not shown, and was not over when it was last seen",
      { ...on(null), slowNotices: 9, isPageOver: false },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again", action: "pay" },
    ],
    [
      "that is not shown, without a connection",
      { ...on(null), error: UNREACHABLE },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again. No connection. We keep checking.", action: "pay" },
    ],
    [
      "that is not shown for 5 s",
      { ...on(null), slowNotices: 1 },
      { tone: "busy", title: "The payment page has closed. Checking whether it was paid", note: "", action: null },
    ],
    [
      "that is closed, and read no more",
      { ...on(null), slowNotices: 2, error: EXPIRED },
      { tone: "busy", title: "The payment page has closed. Checking whether it was paid", note: "Reload the page", action: null },
    ],
    [
      "whose address is none to go to",
      { ...on(PAGE), pageAddress: "" },
      { tone: "busy", title: "We are checking with the bank", note: "Do not pay again", action: "pay" },
    ],
    [
      "that another token has opened",
      { ...on(null), token: TOKEN, slowNotices: 1 },
      { tone: "busy", title: "Payment is still being processed", note: "Do not pay again", action: "pay" },
    ],
    [
      "that has expired unpaid",
      { status: "failed", token, charge: failedCharge("page_expired", "now", { card: null }) },
      { tone: "bad", title: "Payment failed", note: "The payment page has closed. Try again.", action: "try_again" },
    ],
    [
      "that could not be opened",
      { status: "failed", token, charge: failedCharge("gateway_unavailable", "now", { card: null }) },
      { tone: "bad", title: "Payment failed", note: "The payment service is not available. Try again.", action: "try_again" },
    ],
    [
      "in place of a card that failed",
      { status: "failed", token, charge: failedCharge("card_expired", "other_card") },
      { tone: "calm", title: "", note: "", action: "pay" },
    ],
  ])("%s", (_, situation, message) => {
    expect(say(situation)).toEqual(message);
  });
});

describe("a failure", () => {
  test.each<[FailureCategory, Retry, string, string | null]>([
    ["insufficient_funds", "later", "Insufficient funds. Please try later.", "try_again"],
    ["card_expired", "other_card", "Card expired. Pay with another card.", null],
    ["card_blocked", "other_card", "The card is blocked. Pay with another card.", null],
    ["card_invalid", "other_card", "The card was not accepted. Pay with another card.", "try_again"],
    ["profile_dead", "new_profile", "The saved card no longer works. Save the card again.", null],
    ["limit_exceeded", "later", "The card's limit is exceeded. Please try later.", "try_again"],
    ["authentication_required", "bank", "Bank confirmation needed. Contact your bank.", "try_again"],
    ["declined", "other_card", "The bank declined the payment. Pay with another card.", "try_again"],
    ["amount_invalid", "none", "Payment is not available here now. Contact the shop.", null],
    ["configuration", "none", "Payment is not available here now. Contact the shop.", null],
    ["gateway_unavailable", "now", "The payment service is not available. Try again.", "try_again"],
    ["gateway_unavailable", "later", "The payment service is not available. Please try later.", "try_again"],
  ])("with the category %s and the advice %s: %s", (category, retry, note, action) => {
    const charge = failedCharge(category, retry);
    expect(say({ status: "failed", charge })).toEqual({ tone: "bad", title: "Payment failed", note, action });
  });

  test.each([
    ["of another amount", failedCharge("profile_dead", "new_profile", { amount: 10 })],
    ["of before the token was issued", failedCharge("profile_dead", "new_profile", { updated_at: "2026-11-22T09:50:00Z" })],
  ])("%s is shown without its advice, and the button pays with this token", (_, charge) => {
    const cause = "The saved card no longer works";
    expect(say({ status: "failed", charge })).toEqual({ tone: "bad", title: "Payment failed", note: cause, action: "pay" });
  });

  test.each([
    ["last digits", { brand: "visa", last4: "1111" }],
    ["brand", { brand: "mastercard", last4: "4242" }],
    ["card, as far as anybody said which", null],
  ])("of another %s is not shown beside a card that can pay", (_, card) => {
    const charge = failedCharge("insufficient_funds", "later", { card });
    expect(say({ status: "failed", charge })).toEqual({ tone: "calm", title: "", note: "", action: "pay" });
    const error = { kind: "barred", reason: "retry_not_allowed" } as const;
    expect(say({ status: "failed", charge, error })).toMatchObject({ note: "Insufficient funds. Contact the shop.", action: null });
  });

  test("without a category is shown as a decline", () => {
    expect(say({ status: "failed", charge: failedCharge("declined", "bank", { failure: null }) }).note).toBe(
      "The bank declined the payment. Contact your bank.",
    );
  });
});

test.each(["kk", "ru", "en"] as const)("every status but loading and ready has a message in %s", (locale) => {
  const statuses =
    "processing redirecting unconfirmed authorized succeeded failed closed reversed refunded expired conflict unreachable misconfigured";
  for (const status of statuses.split(" ") as Exclude<ElementStatus, "loading" | "ready">[])
    expect(say({ status, token: null }, locale).title, status).toBe(WORDS[locale][status]);
});
