/**
 * What the gateway answers to each action (Async API, "Actions" and "read: a payment"). Any member may be missing,
 * null counts as missing, members that are not listed here are kept as they came.
 *
 * A member that decides (an id, a status, an order_id) and has the wrong type makes the whole answer unreadable;
 * any other is left out then. Ids are given as text even where the gateway wrote a number; amounts stay as they came.
 */
import * as v from "valibot";

/** Why the gateway refused or a payment was declined. */
export interface GatewayError {
  /** A string of digits such as `"10009"`; see decline.ts. */
  readonly code: string;
  /** The gateway's text, for the merchant: one code has two published meanings, so never show it to a shopper. */
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

/** The answer to gateway.payment.create. `process` is not success: the truth is a read. */
export interface CreatedPayment {
  readonly id: string;
  readonly status: string;
  readonly amount?: RawAmount | undefined;
  /** With nanoseconds, such as `2025-06-20T07:13:31.068188524Z`. Without an offset it is Almaty's (UTC+5). */
  readonly created_at?: string | undefined;
  readonly error?: GatewayError | undefined;
}

/** The answer to gateway.payment.status: the payment, or `{}` when there is none. It carries no currency today. */
export interface PaymentState {
  readonly id?: string | undefined;
  readonly order_id?: string | undefined;
  readonly parent_id?: string | undefined;
  /** `process`, `waiting_3ds`, `approved`, `success`, `process_clearing`, `reversed`, `error`, or a word of the future. */
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
 * The answer to gateway.request.status: the *original* response of the request asked about. An id that the gateway
 * never saw answers with `response.error.code` 1202.
 */
export interface RequestState {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  /** Beside the `response`, or in its place. */
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

/** The answer to an edit: gateway.payment.clearing, .reverse or .refund. It says that the gateway took it up. */
export interface EditedPayment {
  readonly id: string;
  /** With clearing: `process_clearing`. */
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

// The gateway is written in a language that sends empty values for absent ones (`"0001-01-01T00:00:00Z"`), so an
// empty text and a zero are no id. A number that JSON.parse cannot hold exactly would name another payment.
const id = v.pipe(
  v.nullish(v.union([v.string(), v.pipe(v.number(), v.safeInteger())])),
  v.transform((raw) => (raw === "" || raw === 0 || raw === null || raw === undefined ? undefined : String(raw))),
);

const word = v.pipe(
  v.nullish(v.string()),
  v.transform((raw) => (raw === "" || raw === null ? undefined : raw)),
);

/** A member that does not decide: left out when it has the wrong type. */
function harmless<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.OptionalSchema<v.GenericSchema<unknown, Output | undefined>, undefined> {
  return v.optional(v.fallback(v.optional(schema), undefined));
}

const text = harmless(v.pipe(v.union([v.string(), v.number()]), v.transform(String)));

// An amount of a type that nobody expects is kept as its JSON text: it matches nothing, so it cannot pass for a missing one.
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

const rows = harmless(
  v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.filter((one) => v.is(row, one)).map((one) => v.parse(row, one))),
  ),
);

const error = harmless(gatewayError);

/** Reads the answer to gateway.payment.create: a payment id and a status have to be there. */
export const createdPayment: AnswerSchema<CreatedPayment> = v.pipe(
  v.looseObject({ id, status: word, amount: rawAmount, created_at: text, error }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { id, status } = dataset.value;
    if (id !== undefined && status !== undefined) return { ...dataset.value, id, status };
    addIssue({ message: "names no payment" });
    return NEVER;
  }),
);

/** Reads the answer to gateway.payment.status: nothing at all, or something that names a payment or its status. */
export const paymentState: AnswerSchema<PaymentState> = v.pipe(
  v.looseObject({
    id,
    order_id: id,
    parent_id: text,
    status: word,
    amount: rawAmount,
    currency: text,
    created_at: text,
    "3ds": harmless(v.looseObject({ flow_type: text, acs_url: text })),
    from: harmless(
      v.looseObject({
        recurrent: harmless(v.looseObject({ profile_id: text, profile_expiry_date: text })),
        card: harmless(v.looseObject({ token: text, brand: text })),
      }),
    ),
    clearing: harmless(v.looseObject({ cleared: harmless(v.boolean()), amount: rawAmount })),
    additional: harmless(v.looseObject({ approval_code: text, reference: text, intreference: text })),
    refund_payments: rows,
    reverse_payments: rows,
    error,
  }),
  // `{}` says "no such payment"; an object of strangers ("maintenance") must not be taken for it.
  v.check(
    (said) =>
      Object.keys(said).length === 0 ||
      said.id !== undefined ||
      said.order_id !== undefined ||
      (said.status !== undefined && said.error === undefined),
    "names no payment",
  ),
);

/** Reads the answer to gateway.request.status. */
export const requestState: AnswerSchema<RequestState> = v.pipe(
  v.looseObject({
    id,
    status: word,
    response: v.pipe(
      v.nullish(v.looseObject({ id, status: word, amount: rawAmount, created_at: text, error })),
      v.transform((response) => response ?? undefined),
    ),
    error,
  }),
  v.check(({ id, status, response, error }) => {
    if (response !== undefined) return response.id !== undefined || response.status !== undefined || response.error !== undefined;
    return error === undefined && (id !== undefined || status !== undefined);
  }, "says nothing of a request"),
);

/** Reads the answer to an edit: the payment's id has to be there. */
export const editedPayment: AnswerSchema<EditedPayment> = v.pipe(
  v.looseObject({
    id,
    status: word,
    amount: rawAmount,
    created_at: text,
    clearing: harmless(v.looseObject({ amount: rawAmount })),
    reverse_payment: harmless(row),
    refund_payment: harmless(row),
    error,
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { id } = dataset.value;
    if (id !== undefined) return { ...dataset.value, id };
    addIssue({ message: "names no payment" });
    return NEVER;
  }),
);

/** Reads the answer of an endpoint that this package knows nothing about: any object that is not an error alone. */
export const anyAnswer: AnswerSchema<Record<string, unknown>> = v.pipe(
  v.looseObject({}),
  v.check((said) => said["id"] !== undefined || readGatewayError(said["error"]) === null, "is an error"),
);

/** The error that a member `error` holds: null unless it has a code that says something. */
export function readGatewayError(member: unknown): GatewayError | null {
  const read = v.safeParse(gatewayError, member);
  return read.success ? read.output : null;
}

/** Whether a member `id` names something; a wrong type does, for it may stand for a payment that we cannot read. */
export function isNamed(member: unknown): boolean {
  const read = v.safeParse(id, member);
  return !read.success || read.output !== undefined;
}
