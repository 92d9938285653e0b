/** What happens in a lived history, as those who watch it hear it: the oracle, the tally, the teller. */
import type { Call, Edit, Payment, PlannedCallback, Receipt } from "../../src/simulator/index.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import type { ChargeEvent, Decision } from "../../edge/machine/event.ts";
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { Deed, OddRows, Strike } from "./scenario.ts";

/** A call on its way. */
export interface Passage {
  /** Counts from 1. */
  readonly number: number;
  readonly call: UnsignedCall<unknown>;
  /** The gateway and merchant that it is for. */
  readonly to: Home;
  /** The gateway key that signs it, by name. */
  readonly key: string;
  readonly departedAt: number;
  readonly strike: Strike | null;
  /** Whether the same X-Request-Id left before. */
  readonly again: boolean;
}

/** What somebody asks of the object and is answered for. */
export type Asking = Extract<ChargeEvent, { readonly type: "pay" | "operate" | "close" | "resolve" }>;

/** What a callback is answered; `unanswered`: with an error of ours. */
export type CallbackAnswer = "ok" | "rejected" | "not found" | "unanswered";

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
  /** The alarm has done what was due: nothing broke off. */
  | { readonly what: "rung" }
  /** A callback with a ticket has been answered: what came of it is safe. `at`: when it came, true time. */
  | { readonly what: "hinted"; readonly ticket: string; readonly at: number }
  | { readonly what: "applied"; readonly event: ChargeEvent; readonly before: ChargeRecord; readonly after: ChargeRecord }
  | { readonly what: "departed"; readonly passage: Passage }
  /** A call has reached the gateway. `fault` is what was left of its strike. */
  | { readonly what: "received"; readonly passage: Passage; readonly receipt: Receipt | "key refused" }
  /** The gateway did something to its books. */
  | { readonly what: "acted"; readonly call: Call; readonly made: Payment | null; readonly edit: Edit | null; readonly late: boolean }
  /** A read was answered with rows that are written oddly. */
  | { readonly what: "odd rows"; readonly how: OddRows }
  | { readonly what: "ended"; readonly passage: Passage; readonly outcome: Outcome<unknown>; readonly heard: boolean }
  | { readonly what: "called back"; readonly callback: PlannedCallback; readonly answer: CallbackAnswer }
  /** Any callback was answered: also one that the gateway had not planned. */
  | { readonly what: "replied"; readonly kind: "check" | "result"; readonly answer: CallbackAnswer }
  | { readonly what: "evicted"; readonly why: string }
  | { readonly what: "broke"; readonly error: unknown };
