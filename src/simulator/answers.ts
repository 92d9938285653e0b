/** The bodies and headers of true answers, in the shapes that the contract lists ("Actions", "read: a payment"). */

import { errorBody, describe } from "./fault.ts";
import type { Call, RememberedRequest, Reply } from "./state.ts";
import type { Edit, Payment, PaymentMoment, Row, Shows } from "./timeline.ts";

type Json = Readonly<Record<string, unknown>>;

/** Minor units as the gateway writes an amount: a number in major units, or text. */
function amountOf(minor: number, shows: Shows): number | string {
  const shown = (minor + (shows.amount === "wrong" ? 100 * Math.sign(minor) : 0)) / 100;
  return shows.amount === "text" ? String(shown) : shown;
}

const idOf = (id: string, shows: Shows): string | number => (shows.id === "number" ? Number(id) : id);

/**
 * An instant as the gateway writes it: with nanoseconds (`2025-06-20T07:13:31.068188524Z`). The digits below a
 * millisecond come from the id, so that a replay writes the same ones.
 */
export function nanoseconds(at: number, id: string): string {
  const rest = ((Number(id) % 1_000_000) * 188_524) % 1_000_000;
  return new Date(at).toISOString().replace("Z", `${String(rest).padStart(6, "0")}Z`);
}

/** `x-datetime`: whole seconds. */
const seconds = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * The original answer of a create: what was known the moment it was accepted. Its amount is a string when the
 * payment was declined at once, as in the official sample.
 */
export function createdAnswer(payment: Payment): Json {
  const first = payment.steps[0];
  const declined = first?.code ?? null;
  const shows: Shows = declined === null ? payment.shows : { amount: "text", ...payment.shows };
  return {
    id: idOf(payment.id, shows),
    status: shows.status ?? (declined === null ? (first?.status === "waiting_3ds" ? "waiting_3ds" : "process") : "error"),
    amount: amountOf(payment.minor, shows),
    created_at: nanoseconds(payment.createdAt, payment.id),
    ...(declined === null ? {} : { error: { code: declined, description: describe(declined) } }),
  };
}

const rowJson = (row: Row, sign: 1 | -1, shows: Shows): Json => ({
  id: row.id,
  amount: amountOf(sign * row.minor, shows),
  status: row.status,
});

function fromJson(payment: Payment): Json {
  const recurrent =
    payment.profileId === null ? {} : { recurrent: { profile_id: payment.profileId, profile_expiry_date: payment.profileExpiryDate } };
  const token = payment.cardToken === null ? {} : { token: payment.cardToken };
  return { ...recurrent, card: { ...token, brand: payment.brand } };
}

/** Members that are there only in some states. */
function extras(payment: Payment, moment: PaymentMoment): Json {
  const approved = moment.taken > 0 || moment.held > 0;
  return {
    ...(moment.status === "waiting_3ds" ? { "3ds": { flow_type: "F", acs_url: `https://acs.example/${payment.id}` } } : {}),
    ...(approved
      ? { additional: { approval_code: payment.id.slice(-6), reference: `4${payment.id}`, intreference: `SIM${payment.id}` } }
      : {}),
    ...(moment.code === null ? {} : { error: { code: moment.code, description: describe(moment.code) } }),
  };
}

/**
 * The answer to `gateway.payment.status`.
 *
 * @param payment - the payment.
 * @param moment - how it is, or was, at the instant that the answer shows.
 * @param shows - how this answer is written.
 */
export function paymentAnswer(payment: Payment, moment: PaymentMoment, shows: Shows): Json {
  const amount = amountOf(payment.minor, shows);
  const brief = { id: idOf(payment.id, shows), order_id: payment.orderId, status: shows.status ?? moment.status, amount };
  if (shows.sparse === true) {
    return brief;
  }
  return {
    ...brief,
    created_at: nanoseconds(payment.createdAt, payment.id),
    from: fromJson(payment),
    clearing: moment.taken > 0 ? { cleared: true, amount: amountOf(moment.taken, shows) } : { cleared: false, amount: amountOf(0, shows) },
    ...extras(payment, moment),
    refund_payments: moment.refunds.map((row) => rowJson(row, -1, shows)),
    reverse_payments: moment.reverses.map((row) => rowJson(row, 1, shows)),
  };
}

/** The answer to `gateway.request.status` for an id that was never seen (contract, "read: a payment"). */
const NEVER_SEEN: Json = {
  status: "error",
  response: { status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", error: { code: "1202", description: describe("1202") } },
};

/**
 * The answer to `gateway.request.status`: the original response of the request that is asked about.
 *
 * @param id - the X-Request-Id asked about.
 * @param request - what is remembered of it, if anything.
 */
export function requestAnswer(id: string, request: RememberedRequest | undefined): Json {
  if (request === undefined) {
    return NEVER_SEEN;
  }
  const response: unknown = JSON.parse(request.reply.body);
  return { id, status: request.reply.headers["x-request-status"] ?? "success", response };
}

/** The answers to clearing, reverse and refund. */
export const EDIT_ANSWERS: Readonly<Record<Edit["kind"], (payment: Payment, edit: Edit) => Json>> = {
  clearing: (payment, edit) => ({
    id: idOf(payment.id, payment.shows),
    status: "process_clearing",
    amount: amountOf(payment.minor, payment.shows),
    created_at: nanoseconds(edit.at, edit.id),
    clearing: { amount: amountOf(edit.minor, payment.shows) },
  }),
  reverse: (payment, edit) => ({
    id: idOf(payment.id, payment.shows),
    amount: amountOf(payment.minor, payment.shows),
    reverse_payment: { id: edit.id, status: "process" },
  }),
  refund: (payment, edit) => ({
    id: idOf(payment.id, payment.shows),
    amount: amountOf(payment.minor, payment.shows),
    refund_payment: { id: edit.id, status: "process", amount: amountOf(-edit.minor, payment.shows) },
  }),
};

function headers(call: Call, status: "success" | "error", now: number): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    "x-request-id": call.requestId,
    "x-request-status": status,
    "x-datetime": seconds(now),
    "x-action": call.action,
  };
}

/** An answer under HTTP 200 with the gateway's headers. */
export function answered(call: Call, body: Json, now: number, status: "success" | "error" = "success"): Reply {
  return { httpStatus: 200, headers: headers(call, status, now), body: JSON.stringify(body), cut: false };
}

/** The gateway's own refusal: a bare error. */
export function refusal(call: Call, code: string, httpStatus: 200 | 422, now: number, detail?: string): Reply {
  return { httpStatus, headers: headers(call, "error", now), body: errorBody(code, detail), cut: false };
}
