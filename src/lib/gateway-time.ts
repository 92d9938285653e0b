/** Parses the gateway's times strictly, and never in the time zone of the machine. */
import { HOUR, MINUTE } from "./time.ts";

/** Almaty's offset, all year (Kazakhstan has one time zone since 1 March 2024). */
const ALMATY = "+05:00";

/** Date, time, fraction of a second, offset. */
const TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?: ?([Zz]|[+-]\d\d(?::?\d\d)?))?$/;

/**
 * The instant of a `created_at`, such as `2025-06-20T07:13:31.068188524Z`, `2005-08-09T18:31:42+06:00` (both from the official
 * samples) or `2025-06-20 12:13:31`. A time without an offset is Almaty time, because the gateway is in Kazakhstan.
 *
 * @returns Milliseconds since the epoch. NaN when the text is missing or not an instant, such as a date without a time.
 */
export function gatewayTime(text: string | undefined): number {
  const parts = TIME.exec(text ?? "");
  if (parts === null) return Number.NaN;
  const [, date = "", time = "", fraction = "", offset = ALMATY] = parts;
  const written = `${date}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
  const at = Date.parse(written);
  // Date.parse reads 31 June as 1 July.
  const isReal = !Number.isNaN(at) && new Date(at).toISOString() === written;
  // For a missing time the gateway writes the zero value of its language: 0001-01-01, or the epoch.
  if (date === "0001-01-01" || (date === "1970-01-01" && time === "00:00:00")) return Number.NaN;
  return isReal ? at - offsetOf(offset) : Number.NaN;
}

/** The milliseconds of an offset from UTC; NaN for an invalid one. */
function offsetOf(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(":", ""))];
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (offset.startsWith("-") ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}

/**
 * The instant in a `Date` or `Retry-After` header, such as `Fri, 20 Jun 2025 07:13:31 GMT` (RFC 9110 §5.6.7).
 *
 * @returns Milliseconds since the epoch. NaN when it is missing or has another form.
 */
export function httpTime(text: string | null): number {
  const at = Date.parse(text ?? "");
  // Date.toUTCString has this form.
  return new Date(at).toUTCString() === text ? at : Number.NaN;
}
