/**
 * The gateway's answer to each action (Async API, "Actions" and "read: a payment").
 *
 * 1. Any member may be missing. Null counts as missing.
 * 2. Unlisted members are kept unchanged.
 * 3. If a deciding member (an id, a status, an order_id) has the wrong type, the whole answer is unreadable. Any other
 *    member with the wrong type is left out.
 * 4. Ids become text even if the gateway wrote a number. Amounts stay unchanged.
 */
import * as v from "valibot";

/** Why the gateway refused or a payment was declined. */
export interface GatewayError {
  /** A string of digits such as `"10009"`; see decline.ts. */
  readonly code: string;
  /** The gateway's text, for the merchant. Never show it to a shopper, because one code has two published meanings. */
  readonly description?: string | undefined;
}

/** An amount as the gateway wrote it: major units, a number or numeric text; see `toMinorUnits`. */
export type RawAmount = number | string;

/** A refund or reversal of a payment. */
export interface PaymentRow {
  readonly id?: string | undefined;
  /** Negative for a refund. */
  readonly amount?: RawAmount | undefined;
  readonly status?: string | undefined;
}

/** The answer to gateway.payment.create. `process` is not success: only a read shows the state. */
export interface CreatedPayment {
  readonly id: string;
  readonly status: string;
  readonly amount?: RawAmount | undefined;
  /** With nanoseconds, such as `2025-06-20T07:13:31.068188524Z`. Without an offset it is Almaty time (UTC+5). */
  readonly created_at?: string | undefined;
  readonly error?: GatewayError | undefined;
}

/** The statuses of a payment that the contract lists (v5 Async API, gateway.payment.status). An answer may have others. */
const KNOWN_STATUSES: ReadonlySet<string> = new Set([
  "process",
  "waiting_3ds",
  "approved",
  "success",
  "process_clearing",
  "reversed",
  "error",
]);

/** Whether the contract lists this status of a payment. */
export function isKnownStatus(status: string): boolean {
  return KNOWN_STATUSES.has(status);
}

/** The answer to gateway.payment.status: the payment, or `{}` when there is none. It has no currency today. */
export interface PaymentState {
  readonly id?: string | undefined;
  readonly order_id?: string | undefined;
  readonly parent_id?: string | undefined;
  /** `process`, `waiting_3ds`, `approved`, `success`, `process_clearing`, `reversed`, `error`, or an unknown status. */
  readonly status?: string | undefined;
  readonly amount?: RawAmount | undefined;
  readonly currency?: string | undefined;
  readonly created_at?: string | undefined;
  readonly "3ds"?: { readonly flow_type?: string | undefined; readonly acs_url?: string | undefined } | undefined;
  readonly from?:
    | {
        readonly recurrent?: { readonly profile_id?: string | undefined; readonly profile_expiry_date?: string | undefined } | undefined;
        readonly card?: { readonly token?: string | undefined; readonly brand?: string | undefined } | undefined;
      }
    | undefined;
  readonly clearing?: { readonly cleared?: boolean | undefined; readonly amount?: RawAmount | undefined } | undefined;
  readonly additional?:
    | {
        readonly approval_code?: string | undefined;
        readonly reference?: string | undefined;
        readonly intreference?: string | undefined;
      }
    | undefined;
  readonly refund_payments?: readonly PaymentRow[] | undefined;
  readonly reverse_payments?: readonly PaymentRow[] | undefined;
  readonly error?: GatewayError | undefined;
}

/**
 * The answer to gateway.request.status: the *original* response to the earlier request. For an unknown id
 * `response.error.code` is 1202.
 */
export interface RequestState {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  /** In addition to `response`, or instead of it. */
  readonly error?: GatewayError | undefined;
  readonly response?:
    | {
        readonly id?: string | undefined;
        readonly status?: string | undefined;
        readonly amount?: RawAmount | undefined;
        readonly created_at?: string | undefined;
        readonly error?: GatewayError | undefined;
      }
    | undefined;
}

/** The answer to an edit: gateway.payment.clearing, .reverse or .refund. It shows that the gateway accepted the edit. */
export interface EditedPayment {
  readonly id: string;
  /** Of a clearing: `process_clearing`. */
  readonly status?: string | undefined;
  readonly amount?: RawAmount | undefined;
  readonly created_at?: string | undefined;
  readonly clearing?: { readonly amount?: RawAmount | undefined } | undefined;
  readonly reverse_payment?: PaymentRow | undefined;
  /** Its amount is negative. */
  readonly refund_payment?: PaymentRow | undefined;
  readonly error?: GatewayError | undefined;
}

/** A schema that reads one kind of answer. */
export type AnswerSchema<Answer> = v.GenericSchema<unknown, Answer>;

// The gateway sends empty values for absent ones (`"0001-01-01T00:00:00Z"`), so an empty text and a zero are not ids.
// A number above the safe integers is refused, because JSON.parse could change it to the id of another payment.
const id = v.pipe(
  v.nullish(v.union([v.string(), v.pipe(v.number(), v.safeInteger())])),
  v.transform((raw) => (raw === "" || raw === 0 || raw === null || raw === undefined ? undefined : String(raw))),
);

const status = v.pipe(
  v.nullish(v.string()),
  v.transform((raw) => (raw === "" || raw === null ? undefined : raw)),
);

/** A member that decides nothing: left out when it has the wrong type. */
function lenient<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.OptionalSchema<v.GenericSchema<unknown, Output | undefined>, undefined> {
  return v.optional(v.fallback(v.optional(schema), undefined));
}

const text = lenient(v.pipe(v.union([v.string(), v.number()]), v.transform(String)));

// An amount of an unexpected type is kept as its JSON text. It equals no amount, and does not count as missing.
const rawAmount = v.pipe(
  v.nullish(
    v.union([
      v.number(),
      v.string(),
      v.pipe(
        v.unknown(),
        v.transform((raw) => JSON.stringify(raw)),
      ),
    ]),
  ),
  v.transform((raw) => raw ?? undefined),
);

const gatewayError = v.looseObject({
  code: v.pipe(v.union([v.string(), v.pipe(v.number(), v.safeInteger())]), v.transform(String), v.regex(/[^0]/)),
  description: text,
});

const row = v.looseObject({ id: text, amount: rawAmount, status: text });

const rows = lenient(
  v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.filter((one) => v.is(row, one)).map((one) => v.parse(row, one))),
  ),
);

const error = lenient(gatewayError);

/** Reads the answer to gateway.payment.create: it must have a payment id and a status. */
export const createdPayment: AnswerSchema<CreatedPayment> = v.pipe(
  v.looseObject({ id, status, amount: rawAmount, created_at: text, error }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { id, status } = dataset.value;
    if (id !== undefined && status !== undefined) return { ...dataset.value, id, status };
    addIssue({ message: "has no payment" });
    return NEVER;
  }),
);

/** Reads the answer to gateway.payment.status: `{}`, or an object with an id, an order_id or a status. */
export const paymentState: AnswerSchema<PaymentState> = v.pipe(
  v.looseObject({
    id,
    order_id: id,
    parent_id: text,
    status,
    amount: rawAmount,
    currency: text,
    created_at: text,
    "3ds": lenient(v.looseObject({ flow_type: text, acs_url: text })),
    from: lenient(
      v.looseObject({
        recurrent: lenient(v.looseObject({ profile_id: text, profile_expiry_date: text })),
        card: lenient(v.looseObject({ token: text, brand: text })),
      }),
    ),
    clearing: lenient(v.looseObject({ cleared: lenient(v.boolean()), amount: rawAmount })),
    additional: lenient(v.looseObject({ approval_code: text, reference: text, intreference: text })),
    refund_payments: rows,
    reverse_payments: rows,
    error,
  }),
  // `{}` means "no such payment". An object with unknown members only ("maintenance") does not.
  v.check(
    (answer) =>
      Object.keys(answer).length === 0 ||
      answer.id !== undefined ||
      answer.order_id !== undefined ||
      (answer.status !== undefined && answer.error === undefined),
    "has no payment",
  ),
);

/** Reads the answer to gateway.request.status. */
export const requestState: AnswerSchema<RequestState> = v.pipe(
  v.looseObject({
    id,
    status,
    response: v.pipe(
      v.nullish(v.looseObject({ id, status, amount: rawAmount, created_at: text, error })),
      v.transform((response) => response ?? undefined),
    ),
    error,
  }),
  v.check(({ id, status, response, error }) => {
    if (response !== undefined) return response.id !== undefined || response.status !== undefined || response.error !== undefined;
    return error === undefined && (id !== undefined || status !== undefined);
  }, "has no state of a request"),
);

/** Reads the answer to an edit: it must have the payment's id. */
export const editedPayment: AnswerSchema<EditedPayment> = v.pipe(
  v.looseObject({
    id,
    status,
    amount: rawAmount,
    created_at: text,
    clearing: lenient(v.looseObject({ amount: rawAmount })),
    reverse_payment: lenient(row),
    refund_payment: lenient(row),
    error,
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { id } = dataset.value;
    if (id !== undefined) return { ...dataset.value, id };
    addIssue({ message: "has no payment" });
    return NEVER;
  }),
);

/** Reads the answer of an unknown endpoint: any object with an id or without an error. */
export const anyAnswer: AnswerSchema<Record<string, unknown>> = v.pipe(
  v.looseObject({}),
  v.check((answer) => answer["id"] !== undefined || readGatewayError(answer["error"]) === null, "is an error"),
);

/** The error in a member `error`; null without a code that is not zero. */
export function readGatewayError(member: unknown): GatewayError | null {
  const read = v.safeParse(gatewayError, member);
  return read.success ? read.output : null;
}

/** Whether a member `id` names a payment. A wrong type does, because there may be a payment that we cannot read. */
export function isNamed(member: unknown): boolean {
  const read = v.safeParse(id, member);
  return !read.success || read.output !== undefined;
}
