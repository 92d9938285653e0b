/** An `init_payment` after it was parsed. */

import type { ParsedCreate } from "./parsed-create.ts";
import type { CallbackFormat } from "./plan.ts";

/** Where the browser returns to. */
export interface ReturnAddress {
  readonly url: string;
  readonly method: "GET" | "POST";
}

/** A page that a shop asks for. */
export interface ParsedPage {
  readonly action: "page";
  /** The payment of a try on it. Its card is the shopper's choice, and is not known yet. */
  readonly create: ParsedCreate;
  /** `pg_lifetime`, seconds. */
  readonly lifetime: number;
  readonly language: "kk" | "ru" | "en";
  readonly success: ReturnAddress | null;
  readonly failure: ReturnAddress | null;
  /** `pg_request_method`: the format of check and result. Null: the shop's setting, an option of the simulator. */
  readonly format: CallbackFormat | null;
  /** The shop's own fields, which check and result echo: `pg_param1` to `pg_param3`, and every name without `pg_`. */
  readonly own: Readonly<Record<string, string>>;
}
