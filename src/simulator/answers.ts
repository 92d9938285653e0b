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
    ...errorJson(declined),
  };
}

const rowsJson = (rows: readonly Row[], shows: Shows): readonly Json[] =>
  rows.map((row) => ({ id: row.id, amount: amountOf(-row.minor, shows), status: row.status }));

function fromJson(payment: Payment, shows: Shows): Json {
  const { profileId: profile_id, profileExpiryDate: profile_expiry_date, beganProfile } = payment;
  const isNamed = profile_id !== null && (shows.full === true || beganProfile);
  const recurrent = isNamed ? { recurrent: { profile_id, profile_expiry_date } } : {};
  return { from: { ...recurrent, card: { brand: payment.brand, token: payment.cardToken ?? `simulated-card-${payment.id}` } } };
}

const clearingJson = (moment: PaymentMoment, shows: Shows): Json =>
  moment.taken > 0 ? { cleared: true, amount: amountOf(moment.taken, shows) } : { cleared: false, amount: amountOf(0, shows) };

const additionalJson = ({ id }: Payment): Json => ({
  additional: { approval_code: id.slice(-6), reference: `4${id}`, intreference: `SIM${id}` },
});

/** Rows are there where there are any. */
function rowLists(moment: PaymentMoment, shows: Shows): Json {
  const lists = { refund_payments: rowsJson(moment.refunds, shows), reverse_payments: rowsJson(moment.reverses, shows) };
  return shows.full === true ? lists : Object.fromEntries(Object.entries(lists).filter(([, rows]) => rows.length > 0));
}

const errorJson = (code: string | null): Json => (code === null ? {} : { error: { code, description: describe(code) } });

type Kind = "process" | "waiting_3ds" | "error" | "money";

/** Which of the official samples a read has the members of: that of the word that it shows, where the word is a known one. */
function kindOf(word: string, moment: PaymentMoment): Kind {
  if (word === "process" || word === "waiting_3ds" || word === "error") {
    return word;
  }
  return moment.held > 0 || moment.taken > 0 || moment.status === "reversed" ? "money" : "process";
}

/** The members of the official samples beside id, order_id, status, amount and created_at (contract, "Official samples of reads"). */
const MEMBERS: Readonly<Record<Kind, (payment: Payment, moment: PaymentMoment, shows: Shows) => Json>> = {
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
const allMembers = (payment: Payment, moment: PaymentMoment, kind: Kind, shows: Shows): Json => ({
  currency: payment.currency,
  "3ds": { acs_url: "", flow_type: "F" },
  ...fromJson(payment, shows),
  clearing: clearingJson(moment, shows),
  ...rowLists(moment, shows),
  ...MEMBERS[kind](payment, moment, shows),
});

/**
 * The answer to `gateway.payment.status`: the members of the official sample for its status, and no other. A decline names no
 * order, and its amount is text.
 *
 * @param payment - the payment.
 * @param moment - how it is, or was, at the instant that the answer shows.
 * @param shows - how this answer is written.
 */
export function paymentAnswer(payment: Payment, moment: PaymentMoment, shows: Shows): Json {
  const status = shows.status ?? moment.status;
  const kind = kindOf(status, moment);
  const written: Shows = kind === "error" ? { amount: "text", ...shows } : shows;
  const order = kind === "error" && shows.full !== true ? {} : { order_id: payment.orderId };
  const brief = { id: idOf(payment.id, shows), ...order, status, amount: amountOf(payment.minor, written) };
  if (shows.sparse === true) {
    return brief;
  }
  const members = shows.full === true ? allMembers(payment, moment, kind, written) : MEMBERS[kind](payment, moment, written);
  return { ...brief, created_at: nanoseconds(payment.createdAt, payment.id), ...members };
}

/**
 * The answer to `gateway.request.status` for an id that was never seen, as the official sample has it: both ids are the
 * X-Request-Id that was asked about.
 */
const neverSeen = (id: string): Json => ({
  id,
  status: "error",
  response: { id, status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", ...errorJson("1202") },
});

/**
 * The answer to `gateway.request.status`: the original response of the request that is asked about.
 *
 * @param id - the X-Request-Id asked about.
 * @param request - what is remembered of it, if anything.
 */
export function requestAnswer(id: string, request: RememberedRequest | undefined): Json {
  if (request === undefined) {
    return neverSeen(id);
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
