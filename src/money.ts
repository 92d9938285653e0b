/**
 * Exact amounts. The gateway and the charge token speak in major units (`123.42`), sums and comparisons are
 * done in minor units (`12342`), so that no fraction is ever added or compared as a floating point number.
 */
import { FreedomPayError } from "./errors.ts";

/** The currencies in use at Freedom Pay; all have 2 minor digits (Async API, create payment). */
export const CURRENCIES: readonly ["KZT", "KGS", "UZS", "USD", "RUB", "EUR"] = ["KZT", "KGS", "UZS", "USD", "RUB", "EUR"];

/** An ISO 4217 code of {@link CURRENCIES}. */
export type Currency = (typeof CURRENCIES)[number];

/** The largest amount of one charge, in major units. */
export const MAX_AMOUNT = 99_999_999;

// Beyond this a double no longer tells two neighbouring amounts of minor units apart once it is divided by 100.
const MAX_MINOR_UNITS = 1_000_000_000_000_000;

// Two decimals, and any number of zeros behind them. Each character is looked at once, however long the text is.
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d{1,2})0*)?$/;

/**
 * The exact minor units of an amount that the gateway or a merchant wrote.
 *
 * @param amount Major units: a JSON number (`10`, `123.42`) or numeric text (`"100"`, `"100.00"`), for the
 * gateway answers with either. Refund rows are negative.
 * @returns An integer of minor units, or null when this is no exact amount: not a number, not finite, written
 * with an exponent, or with more than 2 decimals that count (`"100.0000"` is 100, `0.001` is nothing). Never throws.
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
 * The JSON number to send for an amount.
 *
 * @param minor An integer of minor units, at most 10^15 either way.
 * @returns Major units: the number whose shortest text has at most 2 decimals; whole amounts are integers.
 * @throws {@link FreedomPayError} `input_invalid` when it is no such integer.
 */
export function toMajorUnits(minor: number): number {
  if (!Number.isInteger(minor) || Math.abs(minor) > MAX_MINOR_UNITS) {
    throw new FreedomPayError("input_invalid", "minor units must be an integer of at most 10^15");
  }
  // Division of an integer by 100 is rounded to the double nearest to the decimal, which is what its text parses to.
  return minor === 0 ? 0 : minor / 100;
}

/**
 * What the merchant has of a charge: `cleared_amount` less `refunded_amount`, which a part clearing, a refund or a hold leaves below the
 * price. `amount` is only what was asked for.
 *
 * @example
 * ```ts
 * const isPaid = charge.status === "succeeded" && charge.currency === "KZT" && takenAmount(charge) === toMinorUnits(4990);
 * ```
 * @param charge As the edge answers it, or as a notification holds it. Of a hold (`authorized`) compare `amount` instead.
 * @returns An integer of minor units. NaN when one of the two is no amount, as in a refusal: it equals nothing, not even a price that is none.
 */
export function takenAmount({ cleared_amount, refunded_amount }: Readonly<Record<"cleared_amount" | "refunded_amount", number>>): number {
  return (toMinorUnits(cleared_amount) ?? Number.NaN) - (toMinorUnits(refunded_amount) ?? Number.NaN);
}

/**
 * Whether a value may be the amount of a charge: a number of major units above 0, with at most 2 decimals and
 * at most {@link MAX_AMOUNT}. Text is not accepted: a charge token and a body carry a JSON number.
 */
export function isChargeAmount(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_AMOUNT && toMinorUnits(value) !== null;
}

/** Whether a value is one of {@link CURRENCIES}. */
export function isCurrency(value: unknown): value is Currency {
  return CURRENCIES.some((currency) => currency === value);
}
