/** What happens in a lived history, as those who watch it hear it: the oracle, the tally, the teller. */
import type { Call, Edit, Payment, PlannedCallback, Receipt } from "../../src/simulator/index.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import type { ChargeEvent, Decision } from "../../edge/event.ts";
import type { ChargeRecord } from "../../edge/record.ts";
import type { Deed, Strike } from "./scenario.ts";

/** A call on its way. */
export interface Passage {
  /** Counts from 1. */
  readonly number: number;
  readonly call: UnsignedCall<unknown>;
  /** The gateway key that signs it, by name. */
  readonly key: string;
  readonly departedAt: number;
  readonly strike: Strike | null;
  /** Whether the same X-Request-Id left before. */
  readonly again: boolean;
}

/** What somebody asks of the object and is answered for. */
export type Asking = Extract<ChargeEvent, { readonly type: "pay" | "operate" | "close" | "resolve" }>;

/** One thing that happened. */
export type Happening =
  | { readonly what: "deed"; readonly deed: Deed }
  /** Somebody asked; null: the object broke off, nothing was stored. */
  | {
      readonly what: "asked";
      readonly event: Asking;
      readonly before: ChargeRecord;
      readonly after: ChargeRecord;
      readonly reply: Decision | null;
    }
  /** The answer to an asking has reached the caller: what it says is safe. */
  | { readonly what: "told"; readonly event: Asking; readonly reply: Decision }
  | { readonly what: "rang"; readonly late: number }
  | { readonly what: "applied"; readonly event: ChargeEvent; readonly before: ChargeRecord; readonly after: ChargeRecord }
  | { readonly what: "departed"; readonly passage: Passage }
  /** A call has reached the gateway. `fault` is what was left of its strike. */
  | { readonly what: "received"; readonly passage: Passage; readonly receipt: Receipt | "key refused" }
  /** The gateway did something to its books. */
  | { readonly what: "acted"; readonly call: Call; readonly made: Payment | null; readonly edit: Edit | null; readonly late: boolean }
  | { readonly what: "ended"; readonly passage: Passage; readonly outcome: Outcome<unknown>; readonly heard: boolean }
  | { readonly what: "called back"; readonly callback: PlannedCallback; readonly answer: "ok" | "rejected" | "not found" }
  | { readonly what: "evicted"; readonly why: string }
  | { readonly what: "broke"; readonly error: unknown };
