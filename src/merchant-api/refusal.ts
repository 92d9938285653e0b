/**
 * The meaning of the Merchant API's error codes (docs/merchant-api.md, "Answers"). The categories are those of decline.ts. The codes that
 * are added here mean nothing in v5: there an unlisted code proves nothing, and that stays so.
 */
import type { CallKind, DeclineCategory } from "../decline.ts";
import { categoryOf } from "../decline.ts";

/** The form of a code: a text, because two codes may differ by a zero in front. */
export const CODE: RegExp = /^\d{2,7}$/;

const ADDED: readonly (readonly [DeclineCategory, readonly string[]])[] = [
  ["insufficient_funds", ["8888", "100091", "100094"]],
  ["declined", ["10024", "11011", "13713", "100101", "100384", "100403"]],
  ["card_invalid", ["10031", "11004", "11050", "11062", "11063", "11065", "110501", "100056"]],
  ["card_expired", ["9901", "100171"]],
  ["authentication_required", ["10042", "110100"]],
  ["limit_exceeded", ["100066", "1000661", "1000669", "100228"]],
  ["not_found", ["340"]],
];

const ADDED_BY_CODE: ReadonlyMap<string, DeclineCategory> = new Map(
  ADDED.flatMap(([category, codes]) => codes.map((code) => [code, category] as const)),
);

/**
 * The category of a code of the Merchant API.
 *
 * @param call The kind of the call. For the failure of a payment that was read, `create`.
 * @param code Such as `"10009"`.
 * @returns `other` for a code that is not in either list, and for 120, which is ambiguous.
 */
export function merchantCategoryOf(call: CallKind, code: string): DeclineCategory {
  return ADDED_BY_CODE.get(code) ?? categoryOf(call, code);
}

/** Codes that say, without a signature, that the merchant was not identified: a wrong signature, an unknown merchant. */
const NOT_IDENTIFIED: ReadonlySet<string> = new Set(["1100", "9998"]);

/** Whether an unsigned error says that the gateway did not identify the merchant. Then another key may help, and nothing was done. */
export function isNotIdentified({ httpStatus, code }: { readonly httpStatus: number; readonly code: string }): boolean {
  return httpStatus === 401 || NOT_IDENTIFIED.has(code);
}

/** Codes of a feature that is not enabled for the shop. */
const NOT_ENABLED: ReadonlySet<string> = new Set(["9992", "9994", "9996", "9997"]);

/**
 * Whether a refusal proves that the call it answers did nothing, provided that the call was sent once (docs/merchant-api.md, "Answers").
 * After any other refusal only a read can say.
 */
export function provesUntaken(refusal: { readonly code: string; readonly isSigned: boolean; readonly isNotIdentified: boolean }): boolean {
  return refusal.isNotIdentified || (refusal.isSigned && NOT_ENABLED.has(refusal.code));
}
