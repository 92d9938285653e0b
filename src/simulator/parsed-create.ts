/** A create after it was parsed: what the model needs of it, whichever API it came by. */

/** The source of a create's money. */
export interface Source {
  readonly type: "recurrent" | "card" | "saved" | "tokenized" | "page";
  /** For `recurrent`. */
  readonly profileId: string | null;
  /** For `saved` and `page`: the token of the card. */
  readonly cardToken: string | null;
  /** For `card`, `tokenized` or `page`: the first digit of the card's number, for its brand. The rest is not kept. */
  readonly firstDigit: string | null;
  readonly save: boolean;
  /** For `card` and `page`: months of a new recurrent profile. */
  readonly lifetime: number | null;
}

/** A parsed create. */
export interface ParsedCreate {
  readonly action: "create";
  /** Minor units. */
  readonly minor: number;
  readonly currency: string;
  readonly description: string;
  readonly orderId: string;
  readonly userId: string;
  readonly autoClearing: boolean;
  readonly source: Source;
  readonly checkUrl: string | null;
  readonly resultUrl: string | null;
  /** `pg_testing_mode` (default true). */
  readonly isTest?: boolean;
}
