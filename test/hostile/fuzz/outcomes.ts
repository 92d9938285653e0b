/** Outcomes of gateway calls with the right types and arbitrary content. */
import fc from "fast-check";
import type { Outcome, UnknownReason } from "../../../src/outcome.ts";
import type { DeclineCategory } from "../../../src/decline.ts";
import type {
  CreatedPayment,
  EditedPayment,
  GatewayError,
  PaymentRow,
  PaymentState,
  RawAmount,
  RequestState,
} from "../../../src/payment.ts";

/** Placeholders for the right id, order_id or amount. */
export const RIGHT_ID = "the id of the attempt's payment";
export const RIGHT_ORDER = "the requested order_id";
export const RIGHT_AMOUNT = "the amount of the attempt";

const CODES = ["1100", "1202", "11068", "9011", "10009", "10017", "10045", "9991", "9999", "11017", "9403", "4711", "", "__proto__"];

const REASONS: readonly UnknownReason[] = [
  "network",
  "timeout",
  "aborted",
  "redirect",
  "rate_limited",
  "server_error",
  "not_json",
  "odd_json",
];

const CATEGORIES: readonly DeclineCategory[] = [
  "insufficient_funds",
  "card_expired",
  "card_blocked",
  "card_invalid",
  "profile_dead",
  "limit_exceeded",
  "authentication_required",
  "declined",
  "amount_invalid",
  "configuration",
  "gateway_unavailable",
  "duplicate",
  "operation_refused",
  "not_found",
  "other",
];

const text = fc.string({ unit: "binary", maxLength: 20 });

const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("process", "waiting_3ds", "approved", "success", "process_clearing", "reversed", "error") },
  { weight: 1, arbitrary: fc.constantFrom("", "SUCCESS", "constructor", "x".repeat(2_000)) },
  { weight: 1, arbitrary: text },
);

const amount: fc.Arbitrary<RawAmount> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(RIGHT_AMOUNT) },
  { weight: 3, arbitrary: fc.constantFrom(0, -0, 0.01, 5, 10, 20, -5, -10, -10.5, "10", "10.00", "-10", "1e1", "") },
  { weight: 1, arbitrary: fc.constantFrom(10_000_000_000_000, -10_000_000_000_000, "9999999999999.99", 1e300, Number.NaN, -Infinity) },
  { weight: 1, arbitrary: fc.oneof(fc.double(), text) },
);

const id = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("p1", "p2", "p3") },
  { weight: 1, arbitrary: text },
  fc.constant("7".repeat(65)),
);

const error: fc.Arbitrary<GatewayError> = fc.record(
  { code: fc.oneof(fc.constantFrom(...CODES), text), description: text },
  { requiredKeys: ["code"] },
);

const createdAt = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("2026-11-22T10:00:00.068188524Z", "2026-11-22T12:00:00Z") },
  { weight: 1, arbitrary: fc.constantFrom("0001-01-01T00:00:00Z", "+275760-09-13T00:00:00.000Z", "yesterday", "") },
  { weight: 1, arbitrary: text },
);

const row: fc.Arbitrary<PaymentRow> = fc.record(
  {
    id: fc.oneof(fc.constantFrom("r1", "r2", "r3"), text),
    amount: fc.oneof(amount, fc.constantFrom(-2, -5, -10)),
    status: fc.oneof(fc.constantFrom("process", "success", "error"), word),
  },
  { requiredKeys: [] },
);

const rows = fc.array(row, { maxLength: 3 });

/** A create's answer. */
const createdPayment: fc.Arbitrary<CreatedPayment> = fc.record(
  { id, status: word, amount, created_at: createdAt, error },
  { requiredKeys: ["id", "status"] },
);

/** The payment in a read, which may be `{}`. */
const paymentState: fc.Arbitrary<PaymentState> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 8,
    arbitrary: fc
      .record(
        {
          id,
          parent_id: id,
          currency: fc.oneof({ weight: 6, arbitrary: fc.constant("KZT") }, { weight: 1, arbitrary: text }),
          created_at: createdAt,
          "3ds": fc.record({ flow_type: text, acs_url: text }),
          from: fc.record({
            recurrent: fc.record({ profile_expiry_date: text }),
            card: fc.record({ token: text, brand: text }),
          }),
          clearing: fc.record({ cleared: fc.boolean(), amount }, { requiredKeys: [] }),
          additional: fc.record({ approval_code: text, reference: text, intreference: text }, { requiredKeys: [] }),
          refund_payments: rows,
          reverse_payments: rows,
          error,
        },
        { requiredKeys: [] },
      )
      .chain((members) =>
        fc
          .record(
            {
              order_id: fc.oneof(
                { weight: 8, arbitrary: fc.constant(RIGHT_ORDER) },
                { weight: 1, arbitrary: fc.constantFrom("1234", "1234--2", "9999") },
              ),
              status: word,
              amount,
            },
            { noNullPrototype: true },
          )
          .map((said) => ({ ...members, ...said })),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ id, order_id: id, status: word, amount, error }, { requiredKeys: [] }),
  },
);

const requestState: fc.Arbitrary<RequestState> = fc.record(
  { id, status: word, response: fc.record({ id, status: word, amount, created_at: createdAt, error }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);

const editedPayment: fc.Arbitrary<EditedPayment> = fc.record(
  { id, status: word, amount, clearing: fc.record({ amount }), reverse_payment: row, refund_payment: row, error },
  { requiredKeys: ["id"] },
);

const refused: fc.Arbitrary<Outcome<never>> = fc.record({
  kind: fc.constant("refused" as const),
  httpStatus: fc.constantFrom(200, 400, 401, 403, 404, 422),
  code: fc.oneof(fc.constantFrom(...CODES), text),
  description: fc.option(text, { nil: null }),
  category: fc.constantFrom(...CATEGORIES),
});

const notFound: fc.Arbitrary<Outcome<never>> = fc.constant({
  kind: "refused",
  httpStatus: 200,
  code: "1202",
  description: null,
  category: "not_found",
} as const);

const unknown: fc.Arbitrary<Outcome<never>> = fc.record({
  kind: fc.constant("unknown" as const),
  reason: fc.constantFrom(...REASONS),
  httpStatus: fc.option(fc.constantFrom(200, 302, 429, 502)),
  retryAfter: fc.oneof(fc.constant(null), fc.constantFrom(0, 1, 7, 120, 999_999_999, 8_640_000_000_000)),
});

function outcome<Answer>(answer: fc.Arbitrary<Answer>, weight: number): fc.Arbitrary<Outcome<Answer>> {
  const answered = fc.record({
    kind: fc.constant("answered" as const),
    httpStatus: fc.constantFrom(200, 200, 200, 422),
    answer,
  });
  return fc.oneof(
    { weight, arbitrary: answered },
    { weight: 2, arbitrary: refused },
    { weight: 2, arbitrary: notFound },
    { weight: 2, arbitrary: unknown },
  );
}

/** One outcome for every kind of call, enough for any effect. */
export interface Outcomes {
  readonly create: Outcome<CreatedPayment>;
  readonly payments: readonly [Outcome<PaymentState>, Outcome<PaymentState>];
  readonly request: Outcome<RequestState>;
  readonly edit: Outcome<EditedPayment>;
}

const absurd: fc.Arbitrary<Outcomes> = fc.record({
  create: outcome(createdPayment, 4),
  payments: fc.tuple(outcome(paymentState, 12), outcome(paymentState, 12)),
  request: outcome(requestState, 4),
  edit: outcome(editedPayment, 6),
});

const rightPayment: fc.Arbitrary<PaymentState> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 5,
    arbitrary: fc.record(
      {
        id: fc.constant(RIGHT_ID),
        order_id: fc.constant(RIGHT_ORDER),
        amount: fc.constant(RIGHT_AMOUNT),
        status: fc.constantFrom("process", "approved", "success", "success", "process_clearing", "reversed", "error"),
        clearing: fc.record({ cleared: fc.boolean(), amount: fc.constantFrom(RIGHT_AMOUNT, RIGHT_AMOUNT, 5) }),
        refund_payments: fc.array(
          fc.record({
            id: fc.constantFrom("r1", "r2", "r3"),
            amount: fc.constantFrom(-5, -10, -20),
            status: fc.constantFrom("process", "success", "success", "error"),
          }),
          { maxLength: 2 },
        ),
        error,
      },
      { requiredKeys: ["id", "order_id", "amount", "status"] },
    ),
  },
);

/** Plausible outcomes, possibly of another payment. */
const sane: fc.Arbitrary<Outcomes> = fc.record({
  create: outcome(fc.record({ id: fc.constant(RIGHT_ID), status: fc.constantFrom("process", "process", "error") }), 6),
  payments: fc.tuple(outcome(rightPayment, 30), outcome(rightPayment, 30)),
  request: outcome(fc.record({ status: fc.constant("process"), response: fc.record({ id: fc.constant(RIGHT_ID), status: word }) }), 2),
  edit: outcome(
    fc.record(
      { id: fc.constant(RIGHT_ID), refund_payment: fc.record({ id: fc.constantFrom("r1", "r2", "r3"), status: fc.constant("process") }) },
      { requiredKeys: ["id"] },
    ),
    6,
  ),
});

function asAnswer(answer: PaymentState): Outcome<PaymentState> {
  return { kind: "answered", httpStatus: 200, answer };
}

/** The outcomes of a gateway that received no create, or no edit of an existing payment. */
const silent: fc.Arbitrary<Outcomes> = fc
  .constantFrom<PaymentState>(
    {},
    { id: RIGHT_ID, order_id: RIGHT_ORDER, amount: RIGHT_AMOUNT, status: "success" },
    { id: RIGHT_ID, order_id: RIGHT_ORDER, amount: RIGHT_AMOUNT, status: "approved" },
  )
  .chain((payment) =>
    fc.record({
      create: unknown,
      payments: fc.constant([asAnswer(payment), asAnswer(payment)] as const),
      request: notFound,
      edit: unknown,
    }),
  );

/** The outcomes of one step's calls, mostly plausible, so that histories make progress. */
export const outcomes: fc.Arbitrary<Outcomes> = fc.oneof(
  { weight: 5, arbitrary: sane },
  { weight: 4, arbitrary: silent },
  { weight: 3, arbitrary: absurd },
);
