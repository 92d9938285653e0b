/**
 * Exact amounts. The gateway and the charge token use major units (`123.42`). Sums and comparisons use minor units
 * (`12342`), so that no fraction is added or compared as a floating point number.
 */
import { FreedomPayError } from "./errors.ts";

/** The currencies in use at Freedom Pay; all have 2 minor digits (Async API, create payment). */
export const CURRENCIES: readonly ["KZT", "KGS", "UZS", "USD", "RUB", "EUR"] = ["KZT", "KGS", "UZS", "USD", "RUB", "EUR"];

/** An ISO 4217 code of {@link CURRENCIES}. */
export type Currency = (typeof CURRENCIES)[number];

/** The largest amount of one charge, in major units. */
export const MAX_AMOUNT = 99_999_999;

// Above this, two neighbouring amounts of minor units can become the same double after the division by 100.
const MAX_MINOR_UNITS = 1_000_000_000_000_000;

// Two decimals, then any number of zeros. The match takes linear time.
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d{1,2})0*)?$/;

/**
 * The exact minor units of an amount from the gateway or a merchant.
 *
 * @param amount Major units: a JSON number (`10`, `123.42`) or numeric text (`"100"`, `"100.00"`), because the gateway
 * answers with both. Refund rows are negative.
 * @returns An integer of minor units. Null when the value is not an exact amount: not a number, not finite, written with
 * an exponent, or with more than 2 significant decimals (`"100.0000"` is 100, `0.001` is null). Never throws.
 *
 * @example
 * ```ts
 * import { toMinorUnits } from "freedom-pay-charge";
 *
 * toMinorUnits(4990.5); // 499050
 * toMinorUnits("100.00"); // 10000
 * toMinorUnits(0.001); // null
 * ```
 */
export function toMinorUnits(amount: unknown): number | null {
  if (typeof amount !== "number" && typeof amount !== "string") return null;
  const parts = DECIMAL.exec(String(amount));
  if (parts === null) return null;
  const [, sign = "", whole = "", decimals = ""] = parts;
  const minor = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  if (minor > MAX_MINOR_UNITS) return null;
  return sign === "-" && minor !== 0 ? -minor : minor;
}

/**
 * The JSON number of an amount.
 *
 * @param minor An integer of minor units, from -10^15 to 10^15.
 * @returns Major units: the number whose shortest text has at most 2 decimals; whole amounts are integers.
 * @throws {@link FreedomPayError} `input_invalid` for any other value.
 *
 * @example
 * ```ts
 * import { toMajorUnits } from "freedom-pay-charge";
 *
 * toMajorUnits(499050); // 4990.5
 * ```
 */
export function toMajorUnits(minor: number): number {
  if (!Number.isInteger(minor) || Math.abs(minor) > MAX_MINOR_UNITS) {
    throw new FreedomPayError("input_invalid", "minor units must be an integer of at most 10^15");
  }
  // The division by 100 gives the double that is nearest to the decimal, as does parsing its text.
  return minor === 0 ? 0 : minor / 100;
}

/**
 * The amount that the merchant has of a charge: `cleared_amount` minus `refunded_amount`. After a part clearing, a refund or a hold it is
 * less than the price. `amount` is only the requested amount.
 * @param charge The charge from an answer of the edge or from a notification. For a hold (`authorized`) compare `amount` instead.
 * @returns An integer of minor units. NaN when one of the two is not an amount, as in a refusal. NaN equals no price, not even NaN.
 *
 * @example
 * ```ts
 * import { takenAmount, toMinorUnits } from "freedom-pay-charge";
 *
 * const charge = { status: "succeeded", currency: "KZT", cleared_amount: 5000, refunded_amount: 10 }; // read from the edge
 * const isPaid = charge.status === "succeeded" && charge.currency === "KZT" && takenAmount(charge) === toMinorUnits(4990); // true
 * ```
 */
export function takenAmount({ cleared_amount, refunded_amount }: Readonly<Record<"cleared_amount" | "refunded_amount", number>>): number {
  return (toMinorUnits(cleared_amount) ?? Number.NaN) - (toMinorUnits(refunded_amount) ?? Number.NaN);
}

/**
 * Whether a value can be the amount of a charge: a number of major units above 0, with at most 2 decimals and at most
 * {@link MAX_AMOUNT}. Text is refused, because a charge token and a body have a JSON number.
 *
 * @example
 * ```ts
 * import { isChargeAmount } from "freedom-pay-charge";
 *
 * isChargeAmount(4990.5); // true
 * isChargeAmount("4990"); // false: a text
 * isChargeAmount(0.001); // false
 * ```
 */
export function isChargeAmount(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_AMOUNT && toMinorUnits(value) !== null;
}

/** Whether a value is one of {@link CURRENCIES}. */
export function isCurrency(value: unknown): value is Currency {
  return CURRENCIES.some((currency) => currency === value);
}
