/** The fields of a call of the Merchant API, and rules for them. */

import { minorOf } from "./parsed-call.ts";

/** The fields of a call. Of a doubled one the last counts; the signature covers all. */
export type MerchantFields = Readonly<Record<string, string>>;

/** Minor units of an amount; null for anything but digits with at most 2 decimals. */
export const amountIn = (fields: MerchantFields, name: string): number | null =>
  /^\d{1,12}(?:\.\d{1,2})?$/.test(fields[name] ?? "") ? minorOf(Number(fields[name])) : null;

/** Whether a text is an id: digits. */
export const isId = (text: string | undefined): text is string => /^\d{1,20}$/.test(text ?? "");

/** An invalid field of a call. */
export interface InvalidCall {
  readonly action: "invalid";
  readonly field: string;
}

/** The gateway answers 9403. */
export const invalid = (field: string): InvalidCall => ({ action: "invalid", field });
