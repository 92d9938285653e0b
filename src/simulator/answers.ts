/** The bodies and headers of true answers, in the shapes of the contract ("Actions", "read: a payment"). */

import { errorBody, describe } from "./fault.ts";
import type { Call, RememberedRequest, Reply } from "./state.ts";
import type { Edit, Payment, PaymentMoment, Row, AnswerShape } from "./timeline.ts";

type Json = Readonly<Record<string, unknown>>;

/** Minor units as the gateway writes an amount: a number in major units, or text. */
function amountOf(minor: number, shows: AnswerShape): number | string {
  const shown = (minor + (shows.amount === "wrong" ? 100 * Math.sign(minor) : 0)) / 100;
  return shows.amount === "text" ? String(shown) : shown;
}

const idOf = (id: string, shows: AnswerShape): string | number => (shows.id === "number" ? Number(id) : id);

/**
 * An instant in the gateway's format, with nanoseconds (`2025-06-20T07:13:31.068188524Z`). The digits below a millisecond
 * come from the id, so that a replay has the same ones.
 */
export function nanoseconds(at: number, id: string): string {
  const rest = ((Number(id) % 1_000_000) * 188_524) % 1_000_000;
  return new Date(at).toISOString().replace("Z", `${String(rest).padStart(6, "0")}Z`);
}

/** `x-datetime`: whole seconds. */
const seconds = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * The original answer to a create: the state when it was accepted. Its amount is a string when the payment was declined
 * immediately, as in the official sample.
 */
export function createdAnswer(payment: Payment): Json {
  const first = payment.steps[0];
  const declined = first?.code ?? null;
  const shows: AnswerShape = declined === null ? payment.shows : { amount: "text", ...payment.shows };
  return {
    id: idOf(payment.id, shows),
    status: shows.status ?? (declined === null ? (first?.status === "waiting_3ds" ? "waiting_3ds" : "process") : "error"),
    amount: amountOf(payment.minor, shows),
    created_at: nanoseconds(payment.createdAt, payment.id),
    ...errorJson(declined),
  };
}

const rowsJson = (rows: readonly Row[], shows: AnswerShape): readonly Json[] =>
  rows.map((row) => ({ id: row.id, amount: amountOf(-row.minor, shows), status: row.status }));

function fromJson(payment: Payment, shows: AnswerShape): Json {
  const { profileId: profile_id, profileExpiryDate: profile_expiry_date, beganProfile } = payment;
  const isNamed = profile_id !== null && (shows.full === true || beganProfile);
  const recurrent = isNamed ? { recurrent: { profile_id, profile_expiry_date } } : {};
  return { from: { ...recurrent, card: { brand: payment.brand, token: payment.cardToken ?? `simulated-card-${payment.id}` } } };
}

const clearingJson = (moment: PaymentMoment, shows: AnswerShape): Json =>
  moment.taken > 0 ? { cleared: true, amount: amountOf(moment.taken, shows) } : { cleared: false, amount: amountOf(0, shows) };

const additionalJson = ({ id }: Payment): Json => ({
  additional: { approval_code: id.slice(-6), reference: `4${id}`, intreference: `SIM${id}` },
});

/** Without `full`, empty lists are left out. */
function rowLists(moment: PaymentMoment, shows: AnswerShape): Json {
  const lists = { refund_payments: rowsJson(moment.refunds, shows), reverse_payments: rowsJson(moment.reverses, shows) };
  return shows.full === true ? lists : Object.fromEntries(Object.entries(lists).filter(([, rows]) => rows.length > 0));
}

const errorJson = (code: string | null): Json => (code === null ? {} : { error: { code, description: describe(code) } });

type Kind = "process" | "waiting_3ds" | "error" | "money";

/** The official sample whose members a read has: that of its status, or of the money's state if the status is unknown. */
function kindOf(status: string, moment: PaymentMoment): Kind {
  if (status === "process" || status === "waiting_3ds" || status === "error") {
    return status;
  }
  return moment.held > 0 || moment.taken > 0 || moment.status === "reversed" ? "money" : "process";
}

/** The members of the official samples beside id, order_id, status, amount and created_at (contract, "Official samples of reads"). */
const MEMBERS: Readonly<Record<Kind, (payment: Payment, moment: PaymentMoment, shows: AnswerShape) => Json>> = {
  process: (payment, _, shows) => ({ ...fromJson(payment, shows), "3ds": { acs_url: "" } }),
  waiting_3ds: (payment, _, shows) => ({
    ...fromJson(payment, shows),
    "3ds": { acs_url: `https://acs.example/${payment.id}`, flow_type: "C" },
  }),
  money: (payment, moment, shows) => ({
    clearing: clearingJson(moment, shows),
    ...fromJson(payment, shows),
    ...additionalJson(payment),
    "3ds": { acs_url: "", flow_type: "F" },
    ...rowLists(moment, shows),
  }),
  error: (_, moment) => errorJson(moment.code),
};

/** Every member that the contract names, and a currency. */
const allMembers = (payment: Payment, moment: PaymentMoment, kind: Kind, shows: AnswerShape): Json => ({
  currency: payment.currency,
  "3ds": { acs_url: "", flow_type: "F" },
  ...fromJson(payment, shows),
  clearing: clearingJson(moment, shows),
  ...rowLists(moment, shows),
  ...MEMBERS[kind](payment, moment, shows),
});

/**
 * The answer to `gateway.payment.status`: exactly the members of the official sample for its status. A decline has no
 * order_id, and its amount is a string.
 *
 * @param payment - the payment.
 * @param moment - its state at the instant that the answer shows.
 * @param shows - the shape of this answer.
 */
export function paymentAnswer(payment: Payment, moment: PaymentMoment, shows: AnswerShape): Json {
  const status = shows.status ?? moment.status;
  const kind = kindOf(status, moment);
  const written: AnswerShape = kind === "error" ? { amount: "text", ...shows } : shows;
  const order = kind === "error" && shows.full !== true ? {} : { order_id: payment.orderId };
  const brief = { id: idOf(payment.id, shows), ...order, status, amount: amountOf(payment.minor, written) };
  if (shows.sparse === true) {
    return brief;
  }
  const members = shows.full === true ? allMembers(payment, moment, kind, written) : MEMBERS[kind](payment, moment, written);
  return { ...brief, created_at: nanoseconds(payment.createdAt, payment.id), ...members };
}

/**
 * The answer to `gateway.request.status` for an unknown id, as in the official sample: both ids are the requested
 * X-Request-Id.
 */
const unknownRequestAnswer = (id: string): Json => ({
  id,
  status: "error",
  response: { id, status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", ...errorJson("1202") },
});

/**
 * The answer to `gateway.request.status`: the original response to that request.
 *
 * @param id - the X-Request-Id of that request.
 * @param request - the remembered request, if any.
 */
export function requestAnswer(id: string, request: RememberedRequest | undefined): Json {
  if (request === undefined) {
    return unknownRequestAnswer(id);
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
export function jsonReply(call: Call, body: Json, now: number, status: "success" | "error" = "success"): Reply {
  return { httpStatus: 200, headers: headers(call, status, now), body: JSON.stringify(body), cut: false };
}

/** The gateway's refusal: an error without a payment id. */
export function errorReply(call: Call, code: string, httpStatus: 200 | 422, now: number, detail?: string): Reply {
  return { httpStatus, headers: headers(call, "error", now), body: errorBody(code, detail), cut: false };
}
