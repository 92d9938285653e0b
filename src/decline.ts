/**
 * The meaning of the gateway's error codes. The list is the contract's ("Error codes"): the older API's codes and those
 * of the v5 samples. The categories and the advice are ours.
 */
import type { FailureCategory, Retry } from "./edge-api.ts";

/** The kind of the call that got an error code: the endpoint's last segment. */
export type CallKind = "create" | "edit" | "read";

/**
 * The category of an error code: a {@link FailureCategory} of a charge, or
 * - `duplicate`: a repeated request. Read the status.
 * - `operation_refused`: this clearing, reverse or refund is not possible.
 * - `not_found`: the payment or request does not exist.
 * - `other`: a code that is not in the list. With a payment id and status `error` it is a decline; otherwise it proves nothing.
 */
export type DeclineCategory = FailureCategory | "duplicate" | "operation_refused" | "not_found" | "other";

type Table = readonly (readonly [DeclineCategory, readonly string[]])[];

const CODES: Table = [
  ["insufficient_funds", ["10009", "11006"]],
  ["card_expired", ["10017"]],
  ["card_blocked", ["10010", "10037", "10038", "10041", "11028", "11036"]],
  ["card_invalid", ["10005", "10008", "10032", "10040"]],
  ["profile_dead", ["9011", "11070"]],
  ["limit_exceeded", ["10006", "10028", "10022", "11012", "11015", "11019", "11020", "11051"]],
  ["authentication_required", ["10004", "8889", "11037", "11049", "11053"]],
  ["declined", ["10001", "10007", "10012", "10013", "10016", "10019", "10021", "10039", "10045", "11024", "11027"]],
  ["amount_invalid", ["10030", "11005", "11016"]],
  ["configuration", ["9403", "1100", "9992", "9993", "9994", "9996", "9997", "9998"]],
  ["gateway_unavailable", ["9999", "10000", "11000", "11014", "11052", "12000", "99999", "10025"]],
  ["duplicate", ["9991", "10011", "10015", "11013"]],
  ["not_found", ["11068"]],
];

const REFUSED_OPERATIONS = ["9013", "10020", "10033", "10034", "10035", "10036", "11017", "11018", "11025", "11026", "11054"];

/** Codes whose meaning depends on the kind of call. */
const CODES_OF_CALL: Readonly<Record<CallKind, Table>> = {
  create: [["configuration", ["1202"]]],
  edit: [
    ["configuration", ["1202"]],
    ["operation_refused", REFUSED_OPERATIONS],
  ],
  read: [["not_found", ["1202"]]],
};

const CATEGORIES: Readonly<Record<CallKind, ReadonlyMap<string, DeclineCategory>>> = {
  create: byCode("create"),
  edit: byCode("edit"),
  read: byCode("read"),
};

/**
 * The category of an error code.
 *
 * @param call The kind of the call. For the error inside a payment that was *read*, the kind of the call that made the
 * payment (`create`).
 * @param code The gateway's code, a string such as `"10009"`.
 * @returns The category; `other` for a code that is not in the list.
 *
 * @example
 * ```ts
 * import { categoryOf } from "freedom-pay-charge";
 *
 * categoryOf("create", "10009"); // "insufficient_funds"
 * categoryOf("read", "1202"); // "not_found": of another call the same code is "configuration"
 * categoryOf("create", "77777"); // "other"
 * ```
 */
export function categoryOf(call: CallKind, code: string): DeclineCategory {
  return CATEGORIES[call].get(code) ?? "other";
}

/**
 * The shopper's next step after a failure.
 *
 * @param category Why the charge failed.
 * @param provenUntaken Whether the call was never sent, or the gateway proved that it never received it. Only then is
 * "now" safe after `gateway_unavailable`.
 *
 * @example
 * ```ts
 * import { retryAdvice } from "freedom-pay-charge";
 *
 * retryAdvice("insufficient_funds", false); // "later"
 * retryAdvice("gateway_unavailable", true); // "now": the gateway never received the call
 * ```
 */
export function retryAdvice(category: FailureCategory, provenUntaken: boolean): Retry {
  if (category === "gateway_unavailable" && provenUntaken) return "now";
  return ADVICE[category];
}

const ADVICE: Readonly<Record<FailureCategory, Retry>> = {
  card_expired: "other_card",
  card_blocked: "other_card",
  card_invalid: "other_card",
  declined: "other_card",
  profile_dead: "new_profile",
  authentication_required: "bank",
  insufficient_funds: "later",
  limit_exceeded: "later",
  gateway_unavailable: "later",
  page_expired: "now",
  amount_invalid: "none",
  configuration: "none",
};

/** Whether a charge can fail with this category. The others are of reads and operations. */
export function isFailureCategory(category: string): category is FailureCategory {
  return Object.hasOwn(ADVICE, category);
}

function byCode(call: CallKind): ReadonlyMap<string, DeclineCategory> {
  return new Map([...CODES, ...CODES_OF_CALL[call]].flatMap(([category, codes]) => codes.map((code) => [code, category] as const)));
}
