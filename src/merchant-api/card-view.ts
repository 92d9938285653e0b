/** What is kept of a card: enough to recognise it, too little to use it. */
import type { FieldValue } from "./field.ts";

/** A card as it is shown. Null where the gateway did not say it. */
export interface CardView {
  /** Such as `visa`. */
  readonly brand: string | null;
  readonly last4: string | null;
  /** As the gateway writes it, such as `12/27`. */
  readonly expiry: string | null;
}

/** The card in the fields of a status or notification. The mask, the cardholder and everything else are dropped. */
export function cardIn(record: Readonly<Record<string, FieldValue>>): CardView {
  return {
    brand: matched(record["pg_card_brand"], /^[A-Za-z][A-Za-z _-]{0,31}$/),
    last4: lastFourOf(record["pg_card_pan"]),
    expiry: matched(record["pg_card_exp"], /^\d{2}[/.-]?(?:\d{2}){1,2}$/),
  };
}

/** The last four digits of a mask such as `4400-44XX-XXXX-4440`. */
export function lastFourOf(mask: FieldValue | undefined): string | null {
  return typeof mask === "string" ? (/\d{4}$/.exec(mask)?.[0] ?? null) : null;
}

function matched(value: FieldValue | undefined, rule: RegExp): string | null {
  return typeof value === "string" && rule.test(value) ? value : null;
}
