/**
 * The gateway's notifications: `check` before money is taken, `result` at the end (docs/merchant-api.md, "Notifications"). Verified, they
 * say that the gateway says so. Money is decided by reads alone.
 */
import * as v from "valibot";
import { toMinorUnits } from "../money.ts";
import type { CardView } from "./card-view.ts";
import { cardIn } from "./card-view.ts";
import type { Field, FieldValue } from "./field.ts";
import { fieldRecord } from "./field.ts";
import { notificationFields } from "./notification-fields.ts";
import { CODE } from "./refusal.ts";
import { scriptOf, verifyFields } from "./signature.ts";

/** What a check and a result have in common. */
interface PaymentNotice {
  readonly orderId: string;
  readonly paymentId: string | null;
  /** In minor units: `20` and `20.00` are the same. */
  readonly amount: number;
  readonly currency: string | null;
  readonly isTest: boolean;
}

/** May this payment go on? */
export interface CheckNotice extends PaymentNotice {
  readonly kind: "check";
}

/** A payment ended, or did not yet. */
export interface ResultNotice extends PaymentNotice {
  readonly kind: "result";
  /** `pg_result`: 1, 0, and 2. */
  readonly result: "paid" | "failed" | "unfinished";
  /** Whether an answer `rejected` would make the gateway give the money back. */
  readonly canReject: boolean;
  readonly captured: boolean | null;
  readonly failureCode: string | null;
  readonly card: CardView;
  /** To compare with the status. It is not stored. */
  readonly cardToken: string | null;
  /** The profile that the payment made. */
  readonly profileId: string | null;
  /** A date of Almaty, possibly with spaces inside. */
  readonly profileExpiryDate: string | null;
}

/** A verified notification. */
export interface VerifiedNotification {
  readonly kind: "verified";
  readonly notice: CheckNotice | ResultNotice;
  /** By GET: a hint only, because addresses are logged on the way. */
  readonly isHintOnly: boolean;
  /** The index of the key that signed it: the answer is signed with the same one. */
  readonly keyIndex: number;
}

/**
 * A notification that proves nothing. `signature`: it has none, or another one. `content`: it is signed, and a field that is used is
 * missing, there twice, or in another form.
 */
export interface UnverifiedNotification {
  readonly kind: "unverified";
  readonly why: "unreadable" | "signature" | "content";
  /** The key that signed it, if one did. */
  readonly keyIndex: number | null;
}

/** Options of {@link readNotification}. */
export interface NotificationOptions {
  /** Which of the two our address is for: the fields of a check are a part of a result's. */
  readonly kind: "check" | "result";
  /** The merchant's secret_key; during a rotation two. */
  readonly secretKeys: readonly string[];
}

/**
 * Reads and verifies a notification. Reads the request's body. Never throws because of the request.
 *
 * @param request As it came to our address: the last segment of its path is the script.
 * @returns Nothing of a cardholder, phone or e-mail, whatever the notification has.
 */
export async function readNotification(
  request: Request,
  { kind, secretKeys }: NotificationOptions,
): Promise<VerifiedNotification | UnverifiedNotification> {
  const { method, readings } = await notificationFields(request);
  const script = scriptOf(request.url);
  for (const fields of readings) {
    const keyIndex = secretKeys.findIndex((key) => verifyFields(script, fields, key) === "valid");
    if (keyIndex < 0) continue;
    const notice = kind === "check" ? checkIn(fields) : resultIn(fields);
    if (notice === null) return { kind: "unverified", why: "content", keyIndex };
    return { kind: "verified", notice, isHintOnly: method === "GET", keyIndex };
  }
  return { kind: "unverified", why: readings.length === 0 ? "unreadable" : "signature", keyIndex: null };
}

/** A field that is used: absent, empty, or there once in its form. */
function used(rule: RegExp): v.GenericSchema<unknown, string | null> {
  return v.union([
    v.pipe(
      v.optional(v.literal("")),
      v.transform(() => null),
    ),
    v.pipe(v.string(), v.regex(rule)),
  ]);
}

const id = used(/^(?!0+$)\d{1,20}$/);
const flag = used(/^[01]$/);

const amount: v.GenericSchema<unknown, number> = v.pipe(
  v.custom<string>((text) => typeof text === "string" && (toMinorUnits(text) ?? 0) > 0),
  v.transform((text) => toMinorUnits(text) ?? 0),
);

const check = v.object({
  pg_order_id: v.pipe(v.string(), v.regex(/^[^\p{Cc}\p{Cs}]{1,50}$/u)),
  pg_payment_id: v.optional(id),
  pg_amount: amount,
  pg_currency: v.optional(used(/^[A-Z]{3}$/)),
  pg_testing_mode: v.optional(flag),
});

const RESULTS = { "0": "failed", "1": "paid", "2": "unfinished" } as const;

const expiry = used(/^\d{4}-\d{2}-\d{2}(?:[ T][\d: ]{5,12})?$/);

const result = v.object({
  ...check.entries,
  pg_result: v.picklist(["0", "1", "2"]),
  pg_can_reject: v.optional(flag),
  pg_captured: v.optional(flag),
  pg_failure_code: v.optional(used(CODE)),
  pg_card_token: v.optional(used(/^[!-~]{1,255}$/)),
  // Both names are in use.
  pg_recurring_profile_id: v.optional(id),
  pg_recurring_profile: v.optional(id),
  pg_recurring_profile_expiry_date: v.optional(expiry),
});

function paymentIn(read: v.InferOutput<typeof check>): PaymentNotice {
  return {
    orderId: read.pg_order_id,
    paymentId: read.pg_payment_id ?? null,
    amount: read.pg_amount,
    currency: read.pg_currency ?? null,
    isTest: read.pg_testing_mode === "1",
  };
}

function checkIn(fields: readonly Field[]): CheckNotice | null {
  const record = fieldRecord(fields);
  const read = v.safeParse(check, record);
  // Check and result may be signed over the same script, and a result answers no check.
  return read.success && record["pg_result"] === undefined ? { kind: "check", ...paymentIn(read.output) } : null;
}

function resultIn(fields: readonly Field[]): ResultNotice | null {
  const record = fieldRecord(fields);
  const read = v.safeParse(result, record);
  if (!read.success || !areSingle(record)) return null;
  const { output } = read;
  const profiles = new Set([output.pg_recurring_profile_id ?? null, output.pg_recurring_profile ?? null].filter((one) => one !== null));
  if (profiles.size > 1) return null;
  const [profileId = null] = profiles;
  const captured = output.pg_captured ?? null;
  return {
    kind: "result",
    ...paymentIn(output),
    result: RESULTS[output.pg_result],
    canReject: output.pg_can_reject === "1",
    captured: captured === null ? null : captured === "1",
    failureCode: output.pg_failure_code ?? null,
    card: cardIn(record),
    cardToken: output.pg_card_token ?? null,
    profileId,
    profileExpiryDate: output.pg_recurring_profile_expiry_date ?? null,
  };
}

/** Whether the fields of the card that are shown are there once. Their forms differ, and decide nothing. */
function areSingle(record: Readonly<Record<string, FieldValue>>): boolean {
  return ["pg_card_brand", "pg_card_pan", "pg_card_exp"].every((name) => !Array.isArray(record[name]));
}
