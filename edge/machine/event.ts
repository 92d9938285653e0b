/** The words of the state machine: what can happen to an order, and what has to be done about it. Types only. */
import type { ProblemCode } from "../../src/edge-api.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { CreatedPayment, EditedPayment, PaymentState, RequestState, UnsignedCall } from "../../src/payment.ts";
import type { AttemptInput } from "./attempt.ts";
import type { ChargeRecord, Home, KeyBinding, OperationKind, OutboxRow } from "./record.ts";

/** The outcome of one read of a look, with what it asked about. */
export type PollAnswer =
  | { readonly about: "request"; readonly outcome: Outcome<RequestState> }
  | { readonly about: "order"; readonly orderId: string; readonly outcome: Outcome<PaymentState> };

/** Everything that can happen to an order. */
export type ChargeEvent =
  /** A click, or a merchant's server, asks to pay. */
  | {
      readonly type: "pay";
      readonly key: string;
      /** What this key is bound to already, or null. */
      readonly bound: KeyBinding | null;
      readonly input: AttemptInput;
      /** `iat` of the token in seconds; null for a server's call, which counts as now. */
      readonly issuedAt: number | null;
    }
  /** The merchant asks for a clearing, a reverse or a refund (M8). `asked` in minor units; null: all that is left. */
  | {
      readonly type: "operate";
      readonly key: string;
      readonly bound: KeyBinding | null;
      readonly kind: OperationKind;
      readonly requestedAmount: number | null;
    }
  /** The merchant closes the order: no attempt begins any more (M2). */
  | { readonly type: "close"; readonly key: string; readonly bound: KeyBinding | null }
  /** An operator's word on a stuck charge or operation (M8): the payment it is, or null for "nothing was taken". */
  | {
      readonly type: "resolve";
      readonly key: string;
      readonly bound: KeyBinding | null;
      readonly paymentId: string | null;
      readonly note: string;
    }
  /** A create ended. */
  | { readonly type: "create_answered"; readonly attempt: number; readonly send: number; readonly outcome: Outcome<CreatedPayment> }
  /** The reads of a look ended. */
  | {
      readonly type: "polled";
      readonly attempt: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly answers: readonly PollAnswer[];
    }
  /** An edit ended. */
  | { readonly type: "edit_answered"; readonly operation: number; readonly send: number; readonly outcome: Outcome<EditedPayment> }
  /** The reads of a look at an operation ended. */
  | {
      readonly type: "operation_polled";
      readonly operation: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly payment: Outcome<PaymentState>;
      /** Null where it was not asked: before the send, and once the gateway is known to have seen it. */
      readonly request: Outcome<RequestState> | null;
    }
  /** The read of a payment that an operator named ended. */
  | { readonly type: "resolution_read"; readonly resolution: number; readonly payment: Outcome<PaymentState> }
  /** A deadline has come. */
  | { readonly type: "alarm" }
  /** A GET (no ticket) or a callback (with one) says that a read may be worth it (M5 and M7). */
  | { readonly type: "hint"; readonly ticket: string | null };

/** One read of a look, unsigned. */
export type PollRead =
  | { readonly about: "request"; readonly call: UnsignedCall<RequestState> }
  | { readonly about: "order"; readonly orderId: string; readonly call: UnsignedCall<PaymentState> };

/** What has to be done once the new record is stored. */
export type Effect =
  | {
      readonly kind: "send";
      readonly attempt: number;
      readonly send: number;
      readonly key: number;
      readonly call: UnsignedCall<CreatedPayment>;
    }
  | {
      readonly kind: "poll";
      readonly attempt: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly reads: readonly PollRead[];
    }
  | {
      readonly kind: "edit";
      readonly operation: number;
      readonly send: number;
      readonly key: number;
      readonly call: UnsignedCall<EditedPayment>;
    }
  | {
      readonly kind: "poll_operation";
      readonly operation: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly payment: UnsignedCall<PaymentState>;
      readonly request: UnsignedCall<RequestState> | null;
    }
  | { readonly kind: "read_resolution"; readonly resolution: number; readonly payment: UnsignedCall<PaymentState> };

/**
 * What `pay`, `operate`, `close` and `resolve` are answered with; every other event is answered with null. `subject` is the number
 * of the attempt, operation or resolution; 0 where there is none.
 */
export type Decision =
  | { readonly ok: true; readonly began: boolean; readonly subject: number }
  | { readonly ok: false; readonly code: ProblemCode; readonly retryAfter?: number };

/** The source of chance. Injected, so that a history can be replayed. */
export interface Random {
  /** A fresh X-Request-Id (UUID v7). */
  requestId(): string;
  /** A number from 0 up to 1. */
  fraction(): number;
}

/** What a transition may know beside the record. */
export interface Environment {
  readonly now: number;
  readonly random: Random;
  /** How many of the merchant's gateway keys there are: 2 while one is rotated. */
  readonly gatewayKeys: number;
  /** Days for which a settled order is kept whole. */
  readonly retentionDays: number;
  /** The gateway and merchant that the settings name. */
  readonly home: Home;
}

/** The result of a transition. All of it but the effects is stored in one transaction. */
export interface Step {
  readonly record: ChargeRecord;
  readonly effects: readonly Effect[];
  readonly reply: Decision | null;
  readonly binding: KeyBinding | null;
  readonly outbox: readonly OutboxRow[];
  /** The keys and outbox rows of the order are forgotten: it was reduced (M10). */
  readonly forget: boolean;
}
