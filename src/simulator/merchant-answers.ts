/** The answers of the Merchant API: signed XML (docs/merchant-api.md, "Answers" and "Status"). */

import type { Field } from "../merchant-api/field.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { resultsOf } from "./callbacks.ts";
import { describe } from "./fault.ts";
import type { MerchantCall, UnidentifiedCall } from "./merchant-call.ts";
import type { Plan } from "./plan.ts";
import { signNested } from "./pg-signature.ts";
import type { Reply, SimulatedCard } from "./state.ts";
import type { AnswerShape, Payment, PaymentMoment, Row } from "./timeline.ts";

/** Members of an answer: nested ones are records, repeated ones arrays. */
export interface Members {
  readonly [name: string]: string | Members | readonly Members[];
}

function fieldsOf(members: Members): readonly Field[] {
  return Object.entries(members).flatMap(([name, value]): readonly Field[] => {
    if (typeof value === "string") {
      return [{ name, value }];
    }
    const all = Array.isArray(value) ? (value as readonly Members[]) : [value as Members];
    return all.map((one) => ({ name, value: fieldsOf(one) }));
  });
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const elementOf = ({ name, value }: Field): string =>
  `<${name}>${typeof value === "string" ? escaped(value) : value.map(elementOf).join("")}</${name}>`;

function xmlReply(httpStatus: number, fields: readonly Field[]): Reply {
  const body = `<?xml version="1.0" encoding="utf-8"?>\n<response>${fields.map(elementOf).join("")}</response>\n`;
  return { httpStatus, headers: { "content-type": "text/xml; charset=utf-8" }, body, cut: false };
}

/** A signed answer. Its salt is made of the call's, so that a replay has the same one. */
export function signedReply(call: MerchantCall, members: Members, httpStatus = 200): Reply {
  const fields = fieldsOf({ ...members, pg_salt: `gateway${call.fields["pg_salt"] ?? ""}` });
  return xmlReply(httpStatus, [...fields, { name: "pg_sig", value: signNested(call.script, fields, call.secretKey) }]);
}

const errorMembers = (code: string, detail?: string): Members => ({
  pg_status: "error",
  pg_error_code: code,
  pg_error_description: detail === undefined ? describe(code) : `${describe(code)}: ${detail}`,
});

/** A signed error. */
export function errorOf(call: MerchantCall, code: string, httpStatus = 200, detail?: string): Reply {
  return signedReply(call, errorMembers(code, detail), httpStatus);
}

/** The error for a merchant that is not identified: without a signature. */
export function unidentifiedReply({ httpStatus, code }: UnidentifiedCall): Reply {
  return xmlReply(httpStatus, fieldsOf(errorMembers(code)));
}

/** Major units: `20` for a whole amount, `20.50` with minor units. */
export const amountText = (minor: number): string => (minor % 100 === 0 ? String(minor / 100) : (minor / 100).toFixed(2));

/** Almaty's time, without an offset. */
const almatyTime = (at: number): string => new Date(at + 18_000_000).toISOString().replace("T", " ").slice(0, 19);

/** The end of a profile's life, with the spaces that the official page has. */
export const profileExpiry = (payment: Payment): string => `${payment.profileExpiryDate ?? ""} 00: 00: 00`;

/** The answer to an accepted charge, whatever becomes of it. */
export const chargeMembers = (payment: Payment): Members => ({
  pg_status: "ok",
  pg_payment_id: payment.id,
  pg_amount: amountText(payment.minor),
  pg_currency: payment.currency,
  pg_recurring_profile: payment.profileId ?? "",
  pg_recurring_profile_expiry_date: profileExpiry(payment),
});

/** The model's statuses in the words of this API. An unlisted one stays. */
const WORDS: Readonly<Record<string, string>> = {
  process: "process",
  process_clearing: "success",
  waiting_3ds: "waiting",
  approved: "success",
  success: "success",
  reversed: "canceled",
  error: "error",
};

function wordOf(moment: PaymentMoment, shown: string | undefined): string {
  const status = shown ?? moment.status;
  if (status === "success" && moment.taken > 0 && moment.refunded >= moment.taken) {
    return "refunded";
  }
  return WORDS[status] ?? status;
}

const rowMembers = (row: Row): Members => ({ pg_payment_id: row.id, pg_payment_status: row.status, pg_amount: amountText(-row.minor) });

const refundMembers = (moment: PaymentMoment, { rows }: AnswerShape): Members => ({
  pg_refund_amount: amountText(-(rows === "sum" ? moment.refunded : moment.refundsAccepted)),
  ...(rows === "sum" ? {} : { pg_refund_payments: { pg_refund_payment: moment.refunds.map(rowMembers) } }),
});

/** The answer to a question about a payment at an instant. */
export function statusMembers(payment: Payment, moment: PaymentMoment, shows: AnswerShape): Members {
  const isCaptured = moment.taken > 0;
  const isMoney = moment.held > 0 || isCaptured || moment.status === "reversed";
  const brief = {
    pg_status: "ok",
    pg_payment_id: payment.id,
    pg_order_id: payment.orderId,
    pg_amount: amountText(payment.minor + (shows.amount === "wrong" ? 100 : 0)),
    pg_payment_status: wordOf(moment, shows.status),
  };
  const captured = { pg_captured: isCaptured ? "1" : "0", pg_clearing_amount: amountText(moment.taken) };
  if (shows.sparse === true) {
    // Left out where the charge's own auto_clearing says the same.
    return isMoney && isCaptured !== payment.autoClearing ? { ...brief, ...captured } : brief;
  }
  return {
    ...brief,
    pg_currency: payment.currency,
    pg_create_date: almatyTime(payment.createdAt),
    pg_testing_mode: payment.isTest ? "1" : "0",
    ...(isMoney ? { ...captured, ...cardMembers(payment) } : {}),
    ...(moment.refunds.length === 0 ? {} : refundMembers(moment, shows)),
    ...(moment.code === null ? {} : { pg_failure_code: moment.code, pg_failure_description: describe(moment.code) }),
  };
}

/** The members of a card, also in a result: a mask, and a holder whom nobody may keep. */
export function cardFields(payment: Payment): Readonly<Record<string, string>> {
  return {
    pg_card_brand: payment.brand,
    pg_card_pan: payment.cardMask,
    pg_card_exp: "12/30",
    pg_card_owner: "SIMULATED HOLDER",
    pg_card_token: payment.cardToken ?? `simulated-card-${payment.profileId ?? payment.id}`,
  };
}

function cardMembers(payment: Payment): Members {
  return {
    ...cardFields(payment),
    pg_auth_code: payment.id.slice(-6),
    pg_reference: `4${payment.id}`,
  };
}

/** The results of a charge: the callbacks of any payment, with the card and the profile. */
export function chargeResults(payment: Payment, plan: Plan, url: string | null): readonly PlannedCallback[] {
  const more = {
    ...cardFields(payment),
    pg_recurring_profile_id: payment.profileId ?? "",
    pg_recurring_profile_expiry_date: profileExpiry(payment),
  };
  return resultsOf(payment, plan, url, { more });
}

/** The answer to a question about the cards of a user. */
export const cardsMembers = (cards: readonly SimulatedCard[]): Members => ({
  pg_status: "ok",
  card: cards.map((card) => ({
    pg_card_token: card.token,
    pg_card_hash: card.mask,
    pg_recurring_profile_id: card.profileId,
    created_at: almatyTime(card.createdAt),
  })),
});
