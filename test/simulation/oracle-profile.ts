/** P9: a profile that is handed out belongs to the card that paid the order, and is handed out only where saving was asked for. */
import type { PlannedCallback } from "../../src/simulator/index.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { moneyKnownSince } from "./checker.ts";

/** Profiles of how many payments an attempt keeps until a read shows one of them. */
const MOST_OFFERS = 3;

/** The gateway's own number of a profile. */
function numberOf(profileId: string): string {
  return profileId.split(".", 1)[0] ?? profileId;
}

/** The profile that the gateway names for a payment where it names a second one. */
function otherOf(profileId: string): string {
  return `7${profileId.slice(1)}`;
}

/** The profile that a result names, if its payment was paid. */
function namedIn({ kind, facts, forged }: PlannedCallback): string | null {
  const { pg_recurring_profile_id: id, pg_recurring_profile: short } = facts.more ?? {};
  return kind === "result" && !forged && facts.status !== "error" ? (id ?? short ?? null) : null;
}

export function profileChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  /** The payments for which a verified result by POST named a profile, by ticket. */
  const named = new Map<string, Set<string>>();

  function handedOut({ number, terms, state, paymentId }: Attempt, profileId: string): void {
    const name = `profile ${profileId} of page ${number}`;
    if (terms.save_card_months === null) fail("P9", `${name} is handed out, and nobody asked to save the card`);
    if (state === "undecided" || state === "failed") fail("P9", `${name} is handed out, and the attempt is ${state}`);
    const payment = context.books.payment(paymentId);
    if (payment === undefined || moneyKnownSince(payment, schedule.now) === null) {
      fail("P9", `${name} is handed out, and payment ${paymentId} took nothing`);
      return;
    }
    const own = payment.profileId;
    if (own === null || (numberOf(profileId) !== own && numberOf(profileId) !== otherOf(own)))
      fail("P9", `${name} is handed out, and the card that paid has profile ${own}`);
    if (!/^\d+\.[\w-]{16}$/.test(profileId)) fail("P9", `${name} is not bound to its user`);
  }

  function onDelivered({ url, facts, format }: PlannedCallback): void {
    const ticket = url.split("/").at(-1) ?? "";
    const attempt = object.record.attempts.find((one) => one.ticket === ticket);
    if (attempt === undefined || attempt.page === null || facts.id === null || format === "get") return;
    if (Math.round(facts.amount * 100) !== attempt.terms.amount) return;
    named.set(ticket, (named.get(ticket) ?? new Set()).add(facts.id));
  }

  /** A profile that the gateway named for the payment is not lost. */
  function isNotLost(record: ChargeRecord): void {
    if (record.redactedAt !== null || context.wasRestored() || context.isAway()) return;
    for (const { number, ticket, page, paymentId, state, terms } of record.attempts) {
      const payments = named.get(ticket);
      if (page === null || page.profile !== null || terms.save_card_months === null || payments === undefined) continue;
      if (paymentId === null || !payments.has(paymentId) || payments.size > MOST_OFFERS) continue;
      if (state === "held" || state === "paid")
        fail("P9", `page ${number} was paid, a verified result named its profile, and none is handed out`);
    }
  }

  return {
    onEvent(event): void {
      if (event.type === "callback_delivered" && event.answer === "ok" && namedIn(event.callback) !== null) {
        if (event.signedWith !== null && context.keys().includes(event.signedWith)) onDelivered(event.callback);
      }
      if (event.type !== "applied") return;
      const { before, after } = event;
      for (const [index, attempt] of after.attempts.entries()) {
        const was = before.attempts[index]?.page?.profile ?? null;
        const is = attempt.page?.profile ?? null;
        if (is !== null && was === null) handedOut(attempt, is.profileId);
        if (was !== null && is?.profileId !== was.profileId && after.redactedAt === null)
          fail("P9", `profile ${was.profileId} of page ${attempt.number} was replaced by ${is?.profileId}`);
      }
    },
    checkAtEnd: isNotLost,
  };
}
