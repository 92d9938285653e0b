/**
 * The answers to the calls, from verified fields (docs/merchant-api.md, "Answers").
 *
 * 1. An empty field counts as absent.
 * 2. A deciding field (an id, a status, captured) that is there twice, or in another form, makes the whole answer unreadable.
 * 3. Any other such field is left out.
 * 4. Amounts are the gateway's texts; see `toMinorUnits`.
 */
import * as v from "valibot";
import type { CardView } from "./card-view.ts";
import { cardIn, lastFourOf } from "./card-view.ts";
import type { Field } from "./field.ts";
import { fieldRecord, nestedIn } from "./field.ts";
import { CODE } from "./refusal.ts";

/** Reads the fields of an answer; null if they are not one. */
export type AnswerReader<Answer> = (fields: readonly Field[]) => Answer | null;

/** The answer to initPayment. */
export interface OpenedPage {
  /** Whether a second try on the page has another id is not known, so this binds nothing. */
  readonly paymentId: string | null;
  /** As it came: check it with `pageAddress` before a browser gets it. */
  readonly redirectUrl: string;
}

/** The answer to makeRecurringPayment: the charge is accepted, not paid. */
export interface AcceptedCharge {
  readonly paymentId: string;
  readonly amount: string | null;
  readonly currency: string | null;
  /** A date of Almaty, possibly with spaces inside: `2025-12-03 00: 00: 00`. */
  readonly profileExpiryDate: string | null;
}

/** A refund, or the release of a hold. */
export interface StatusRow {
  readonly paymentId: string | null;
  /** Negative for a refund. */
  readonly amount: string | null;
  readonly status: string | null;
}

/** The answer to getStatus. */
export interface PaymentStatus {
  readonly paymentId: string;
  readonly orderId: string | null;
  /** The gateway's `pg_payment_status`; see payment-status.ts. */
  readonly status: string;
  readonly amount: string | null;
  readonly currency: string | null;
  /** False for a hold. Null if the gateway does not say it. */
  readonly captured: boolean | null;
  readonly clearingAmount: string | null;
  /** The sum of the refunds, negative. */
  readonly refundAmount: string | null;
  readonly refunds: readonly StatusRow[];
  readonly revocations: readonly StatusRow[];
  readonly approvalCode: string | null;
  readonly reference: string | null;
  readonly intreference: string | null;
  readonly card: CardView;
  /** To compare with a notification. It is not stored. */
  readonly cardToken: string | null;
  readonly failure: { readonly code: string; readonly description: string | null } | null;
  readonly isTest: boolean;
}

/** The answer to doCapture, cancel and revoke: accepted, not done. */
export interface AcceptedOperation {
  readonly amount: string | null;
  readonly clearingAmount: string | null;
}

/** A stored card of a user. */
export interface StoredCard {
  readonly cardToken: string | null;
  readonly profileId: string | null;
  readonly last4: string | null;
  /** A time of Almaty. */
  readonly createdAt: string | null;
}

const NOTHING = v.pipe(
  v.optional(v.literal("")),
  v.transform(() => null),
);

/** A text that decides. */
function deciding(rule: RegExp): v.GenericSchema<unknown, string | null> {
  return v.union([NOTHING, v.pipe(v.string(), v.regex(rule))]);
}

/** A text that decides nothing. */
const text: v.GenericSchema<unknown, string | null> = v.fallback(deciding(/^[^\p{Cc}\p{Cs}]{1,1024}$/u), null);

/** An amount. Another text is kept: it equals no amount, and does not count as absent. */
const amount: v.GenericSchema<unknown, string | null> = v.union([NOTHING, v.string()]);

const id = deciding(/^(?!0+$)\d{1,20}$/);
const orderId = deciding(/^[^\p{Cc}\p{Cs}]{1,50}$/u);
const profileId = id;
const cardToken = deciding(/^[!-~]{1,255}$/);
const flag = deciding(/^[01]$/);
const word = deciding(/^[a-z][a-z0-9_]{0,39}$/i);

function parse<Output>(schema: v.GenericSchema<unknown, Output>, fields: readonly Field[]): Output | null {
  const read = v.safeParse(schema, fieldRecord(fields));
  return read.success ? read.output : null;
}

const page = v.object({ pg_payment_id: v.optional(id), pg_redirect_url: v.optional(deciding(/^[!-~]{1,4096}$/)) });

/** Reads a page: it must have an address. */
export const readPage: AnswerReader<OpenedPage> = (fields) => {
  const read = parse(page, fields);
  const redirectUrl = read?.pg_redirect_url ?? null;
  return redirectUrl === null ? null : { paymentId: read?.pg_payment_id ?? null, redirectUrl };
};

const charge = v.object({
  pg_payment_id: v.optional(id),
  pg_amount: v.optional(amount),
  pg_currency: v.optional(text),
  pg_recurring_profile_expiry_date: v.optional(text),
});

/** Reads an accepted charge: it must have a payment id. */
export const readCharge: AnswerReader<AcceptedCharge> = (fields) => {
  const read = parse(charge, fields);
  const paymentId = read?.pg_payment_id ?? null;
  if (read === null || paymentId === null) return null;
  return {
    paymentId,
    amount: read.pg_amount ?? null,
    currency: read.pg_currency ?? null,
    profileExpiryDate: read.pg_recurring_profile_expiry_date ?? null,
  };
};

const status = v.object({
  pg_payment_id: v.optional(id),
  pg_order_id: v.optional(orderId),
  pg_payment_status: v.optional(word),
  pg_amount: v.optional(amount),
  pg_currency: v.optional(deciding(/^[A-Z]{3}$/)),
  pg_captured: v.optional(flag),
  pg_clearing_amount: v.optional(amount),
  pg_refund_amount: v.optional(amount),
  pg_auth_code: v.optional(text),
  pg_reference: v.optional(text),
  pg_intreference: v.optional(text),
  pg_card_token: v.optional(cardToken),
  pg_failure_code: v.optional(text),
  pg_failure_description: v.optional(text),
  pg_testing_mode: v.optional(text),
});

/** Reads the status of a payment: it must have an id and a status. */
export const readStatus: AnswerReader<PaymentStatus> = (fields) => {
  const read = parse(status, fields);
  const paymentId = read?.pg_payment_id ?? null;
  const paymentStatus = read?.pg_payment_status ?? null;
  if (read === null || paymentId === null || paymentStatus === null) return null;
  const captured = read.pg_captured ?? null;
  return {
    paymentId,
    orderId: read.pg_order_id ?? null,
    status: paymentStatus,
    amount: read.pg_amount ?? null,
    currency: read.pg_currency ?? null,
    captured: captured === null ? null : captured === "1",
    clearingAmount: read.pg_clearing_amount ?? null,
    refundAmount: read.pg_refund_amount ?? null,
    refunds: rowsIn(fields, "pg_refund_payments"),
    revocations: rowsIn(fields, "pg_revoked_payments"),
    approvalCode: read.pg_auth_code ?? null,
    reference: read.pg_reference ?? null,
    intreference: read.pg_intreference ?? null,
    card: cardIn(fieldRecord(fields)),
    cardToken: read.pg_card_token ?? null,
    failure: failureOf(read.pg_failure_code ?? null, read.pg_failure_description ?? null),
    isTest: read.pg_testing_mode === "1",
  };
};

function failureOf(code: string | null, description: string | null): PaymentStatus["failure"] {
  return code !== null && CODE.test(code) ? { code, description } : null;
}

const row = v.object({
  pg_payment_id: v.optional(v.fallback(id, null)),
  pg_amount: v.optional(v.fallback(amount, null)),
  pg_payment_status: v.optional(v.fallback(word, null)),
});

/** The rows in a list. A row that cannot be read is still a row. */
function rowsIn(fields: readonly Field[], list: string): readonly StatusRow[] {
  return nestedIn(fields, list).map(({ value }) => {
    const read = typeof value === "string" ? null : parse(row, value);
    return { paymentId: read?.pg_payment_id ?? null, amount: read?.pg_amount ?? null, status: read?.pg_payment_status ?? null };
  });
}

const operation = v.object({
  pg_amount: v.optional(v.fallback(amount, null)),
  pg_clearing_amount: v.optional(v.fallback(amount, null)),
});

/** Reads an accepted operation. The answer names neither the payment nor the refund. */
export const readOperation: AnswerReader<AcceptedOperation> = (fields) => {
  const read = parse(operation, fields);
  return { amount: read?.pg_amount ?? null, clearingAmount: read?.pg_clearing_amount ?? null };
};

const card = v.object({
  pg_card_token: v.optional(cardToken),
  pg_recurring_profile_id: v.optional(profileId),
  created_at: v.optional(text),
});

/** Reads a list of cards; one unreadable card makes it unreadable. */
export const readCards: AnswerReader<readonly StoredCard[]> = (fields) => {
  const cards: StoredCard[] = [];
  for (const { name, value } of fields) {
    if (name !== "card") continue;
    const read = typeof value === "string" ? null : parse(card, value);
    if (read === null || typeof value === "string") return null;
    cards.push({
      cardToken: read.pg_card_token ?? null,
      profileId: read.pg_recurring_profile_id ?? null,
      last4: lastFourOf(fieldRecord(value)["pg_card_hash"]),
      createdAt: read.created_at ?? null,
    });
  }
  return cards;
};
