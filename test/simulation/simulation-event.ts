/** What happens in a lived history, as those who watch it hear it: the oracle, the tally, the teller. */
import type { Call, Edit, Payment, PlannedCallback, Receipt } from "../../src/simulator/index.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import type { ChargeEvent, Decision } from "../../edge/machine/event.ts";
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { Action, OddRows, CallFault } from "./scenario.ts";

/** A call on its way. */
export interface InFlightCall {
  /** Counts from 1. */
  readonly number: number;
  readonly call: UnsignedCall<unknown>;
  /** The gateway and merchant that it is for. */
  readonly to: Home;
  /** The gateway key that signs it, by name. */
  readonly key: string;
  readonly sentAt: number;
  readonly callFault: CallFault | null;
  /** Whether the same X-Request-Id left before. */
  readonly isResend: boolean;
}

/** What somebody asks of the object and is answered for. */
export type ClientRequest = Extract<ChargeEvent, { readonly type: "pay" | "operate" | "close" | "resolve" }>;

/** What a callback is answered; `unanswered`: with an error of ours. */
export type CallbackAnswer = "ok" | "rejected" | "not found" | "unanswered";

/** One thing that happened. */
export type SimulationEvent =
  | { readonly type: "action"; readonly action: Action }
  /** Somebody asked; null: the object broke off, nothing was stored. */
  | {
      readonly type: "request_handled";
      readonly request: ClientRequest;
      readonly before: ChargeRecord;
      readonly after: ChargeRecord;
      readonly reply: Decision | null;
    }
  /** The answer to an asking has reached the caller: what it says is safe. */
  | { readonly type: "reply_delivered"; readonly request: ClientRequest; readonly reply: Decision }
  | { readonly type: "alarm_fired"; readonly late: number }
  /** The alarm has done what was due: nothing broke off. */
  | { readonly type: "alarm_done" }
  /** A callback with a ticket has been answered: what came of it is safe. `at`: when it came, true time. */
  | { readonly type: "hint_stored"; readonly ticket: string; readonly at: number }
  | { readonly type: "applied"; readonly chargeEvent: ChargeEvent; readonly before: ChargeRecord; readonly after: ChargeRecord }
  | { readonly type: "call_sent"; readonly inFlight: InFlightCall }
  /** A call has reached the gateway. `fault` is what was left of its strike. */
  | { readonly type: "call_received"; readonly inFlight: InFlightCall; readonly receipt: Receipt | "key refused" }
  /** The gateway did something to its books. */
  | {
      readonly type: "gateway_acted";
      readonly call: Call;
      readonly made: Payment | null;
      readonly edit: Edit | null;
      readonly late: boolean;
    }
  /** A read was answered with rows that are written oddly. */
  | { readonly type: "odd_rows"; readonly how: OddRows }
  | { readonly type: "call_ended"; readonly inFlight: InFlightCall; readonly outcome: Outcome<unknown>; readonly isDelivered: boolean }
  | { readonly type: "callback_delivered"; readonly callback: PlannedCallback; readonly answer: CallbackAnswer }
  /** Any callback was answered: also one that the gateway had not planned. */
  | { readonly type: "callback_answered"; readonly kind: "check" | "result"; readonly answer: CallbackAnswer }
  | { readonly type: "evicted"; readonly why: string }
  | { readonly type: "error_thrown"; readonly error: unknown };
