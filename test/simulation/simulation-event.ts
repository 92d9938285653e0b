/** The events of a running history. The oracle checks them, the stats count them, and the history text shows them. */
import type { Call, Edit, Payment, PlannedCallback, CallOutcome } from "../../src/simulator/index.ts";
import type { Charge } from "../../src/charge-token.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import type { ChargeEvent, Decision } from "../../edge/machine/event.ts";
import type { GatewayCall, GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { Action, OddRows, CallFault } from "./scenario.ts";

/** A call in flight. */
export interface InFlightCall {
  /** Counts from 1. */
  readonly number: number;
  readonly call: GatewayCall<unknown>;
  /** The gateway and merchant that it is sent to. */
  readonly to: Home;
  /** The name of the gateway key that signs it. */
  readonly key: string;
  readonly sentAt: number;
  readonly callFault: CallFault | null;
  /** Whether the same X-Request-Id was sent before. */
  readonly isResend: boolean;
}

/** How a call reaches the object: it opens it, finds it open, or is the one of a daily index. */
export type ReachedBy = "an opening" | "a call" | "a daily index";

/** The calls of a shard. */
export type CallName = ClientRequest["type"] | "read" | "callback" | "return";

/** A request of a caller, which is answered. */
export type ClientRequest = Extract<ChargeEvent, { readonly type: "pay" | "operate" | "close" | "resolve" }>;

/** The answer to a callback. `unanswered`: the edge failed with an error. */
export type CallbackAnswer = "ok" | "rejected" | "not found" | "unanswered";

/** One event. */
export type SimulationEvent =
  | { readonly type: "action"; readonly action: Action }
  /** A request was handled. `reply` null: the object threw, and nothing was stored. */
  | {
      readonly type: "request_handled";
      readonly request: ClientRequest;
      readonly before: ChargeRecord;
      readonly after: ChargeRecord;
      readonly reply: Decision | null;
      /** The shard was full. */
      readonly isFull: boolean;
    }
  /** A call was answered without a decision of the state machine. */
  | { readonly type: "call_refused"; readonly call: CallName; readonly code: ProblemCode; readonly isNew: boolean }
  /** The answer to a request has reached the caller, so the writes before it are durable. */
  | { readonly type: "reply_delivered"; readonly request: ClientRequest; readonly reply: Decision }
  | { readonly type: "alarm_fired"; readonly late: number }
  /** The alarm has handled the due deadlines without an error. */
  | { readonly type: "alarm_done" }
  /** A callback with a ticket has been answered and its hint is durable. `at`: when it arrived, true time. */
  | { readonly type: "hint_stored"; readonly ticket: string; readonly at: number }
  | { readonly type: "applied"; readonly chargeEvent: ChargeEvent; readonly before: ChargeRecord; readonly after: ChargeRecord }
  | { readonly type: "call_sent"; readonly inFlight: InFlightCall }
  /** A call has reached the gateway. */
  | { readonly type: "call_received"; readonly inFlight: InFlightCall; readonly receipt: CallOutcome | "key refused" }
  /** The gateway changed its books. */
  | {
      readonly type: "gateway_acted";
      readonly call: Call;
      readonly made: Payment | null;
      readonly edit: Edit | null;
      readonly late: boolean;
    }
  /** A read was answered with odd rows. */
  | { readonly type: "odd_rows"; readonly how: OddRows }
  | {
      readonly type: "call_ended";
      readonly inFlight: InFlightCall;
      readonly outcome: GatewayOutcome<unknown>;
      readonly isDelivered: boolean;
    }
  | {
      readonly type: "callback_delivered";
      readonly callback: PlannedCallback;
      /** The gateway key that signs it; null: none. */
      readonly signedWith: string | null;
      readonly answer: CallbackAnswer;
    }
  /** The edge has given the address of a payment page to a caller. */
  | { readonly type: "page_shown"; readonly url: string; readonly charge: Charge }
  /** A shopper tried to pay on the page with this id. */
  | { readonly type: "page_tried"; readonly page: string; readonly outcome: string }
  /** The answer to a check of a try has reached the gateway. `stops`: it declines the try for any other answer than `ok`. */
  | {
      readonly type: "check_ended";
      readonly page: string;
      readonly tryId: string | null;
      readonly answer: CallbackAnswer;
      readonly stops: boolean;
    }
  /** The edge has decided how it answers a notification of a page; its order at that moment (null: none is stored). */
  | {
      readonly type: "notice_answered";
      readonly kind: "check" | "result";
      readonly ticket: string;
      /** The payment that it names. */
      readonly tryId: string | null;
      readonly answer: CallbackAnswer;
      readonly record: ChargeRecord | null;
    }
  /** A browser came back from a page, and the edge answered: with the code, without it (null), or not at all. */
  | {
      readonly type: "came_back";
      readonly ticket: string;
      readonly by: "paid" | "failed";
      readonly code: string | null;
      readonly answered: boolean;
    }
  /** Any callback was answered, also one that the gateway had not planned. */
  | { readonly type: "callback_answered"; readonly kind: "check" | "result"; readonly answer: CallbackAnswer }
  | { readonly type: "evicted"; readonly why: string }
  | { readonly type: "error_thrown"; readonly error: unknown }
  /** The log raises attention that no record stores. */
  | { readonly type: "attention_logged"; readonly reason: string }
  /** A notification, or an update of a daily index, is sent. */
  | { readonly type: "delivery_sent"; readonly what: "a notification" | "an index update" }
  /** The platform has lost the alarm, and the edge has set it again. */
  | { readonly type: "alarm_lost" }
  | { readonly type: "alarm_set_again"; readonly by: ReachedBy | "another event" }
  /** A daily index calls the order's shard. */
  | { readonly type: "index_called" }
  /** The alarm has put off the order, because its record cannot be read. */
  | { readonly type: "put_off" };
