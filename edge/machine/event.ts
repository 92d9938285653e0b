/** The events and effects of the state machine. Types only. */
import type { ProblemCode } from "../../src/edge-api.ts";
import type { CreatedPayment, EditedPayment, RequestState } from "../../src/payment.ts";
import type { AttemptInput } from "./attempt.ts";
import type { GatewayCall, GatewayOutcome, ReadPayment } from "./gateway-call.ts";
import type { OpenedPage, StoredCard } from "../../src/merchant-api/answers.ts";
import type { PageAddress } from "../../src/merchant-api/page-address.ts";
import type { ListedCard } from "./page-record.ts";
import type { ProfileOffer } from "./page-record.ts";
import type { ChargeRecord, KeyBinding, OperationKind, OutboxRow } from "./record.ts";

/** The outcome of one read of a poll. */
export type PollAnswer =
  | { readonly about: "request"; readonly outcome: GatewayOutcome<RequestState> }
  | { readonly about: "order"; readonly orderId: string; readonly tryId?: string; readonly outcome: GatewayOutcome<ReadPayment> };

/** How a send ended. `not_sent`: its window passed while it was queued, so it never left. */
export type SendOutcome<Answer> = GatewayOutcome<Answer> | { readonly kind: "not_sent" };

/** A read that followed a create at once. */
export interface FollowingRead {
  readonly startedAt: number;
  readonly answer: PollAnswer;
}

/** Every event of an order. */
export type ChargeEvent =
  /** A click, or a call of the merchant's server, to pay. */
  | {
      readonly type: "pay";
      readonly key: string;
      /** The binding of this key; null if it is new. */
      readonly bound: KeyBinding | null;
      readonly input: AttemptInput;
      /** `iat` of the token in seconds; null for a server's call, which counts as issued now. */
      readonly issuedAt: number | null;
      /** When this request first asked an open page to give way, and made it be read; null the first time (P6). */
      readonly askedAt: number | null;
    }
  /** The merchant requests a clearing, a reverse or a refund (M8). The amount is in minor units; null: everything that is left. */
  | {
      readonly type: "operate";
      readonly key: string;
      readonly bound: KeyBinding | null;
      readonly kind: OperationKind;
      readonly requestedAmount: number | null;
    }
  /** The merchant closes the order. No attempt begins after it (M2). */
  | { readonly type: "close"; readonly key: string; readonly bound: KeyBinding | null }
  /** An operator resolves a stuck charge or operation (M8). A payment id assigns that payment; null means that nothing was taken. */
  | {
      readonly type: "resolve";
      readonly key: string;
      readonly bound: KeyBinding | null;
      readonly paymentId: string | null;
      readonly note: string;
    }
  /** The call of a create ended. */
  | {
      readonly type: "create_answered";
      readonly attempt: number;
      readonly send: number;
      readonly outcome: SendOutcome<CreatedPayment>;
      /** When it left; null if it did not. */
      readonly leftAt: number | null;
      /** The read of the payment that followed at once, so that both share a commit; null without one. */
      readonly read: FollowingRead | null;
    }
  /** The call that opens a page ended. */
  | {
      readonly type: "page_opened";
      readonly attempt: number;
      readonly send: number;
      readonly outcome: SendOutcome<OpenedPage>;
      readonly leftAt: number | null;
      /** The address of the answer, if a browser may be sent there (P8). */
      readonly address: PageAddress | null;
    }
  /** The list of a user's cards was read, or could not be: null. */
  | { readonly type: "cards_listed"; readonly attempt: number; readonly cards: readonly ListedCard[] | null }
  /** A shopper came back from a page (P7). It proves nothing. */
  | { readonly type: "returned"; readonly ticket: string; readonly by: "paid" | "failed" }
  /** The reads of an attempt's poll ended. */
  | {
      readonly type: "polled";
      readonly attempt: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly answers: readonly PollAnswer[];
    }
  /** The call of a clearing, reverse or refund ended. */
  | {
      readonly type: "edit_answered";
      readonly operation: number;
      readonly send: number;
      readonly outcome: SendOutcome<EditedPayment>;
      readonly leftAt: number | null;
    }
  /** The reads of an operation's poll ended. */
  | {
      readonly type: "operation_polled";
      readonly operation: number;
      readonly generation: number;
      readonly startedAt: number;
      /** Null if the read never left. */
      readonly payment: GatewayOutcome<ReadPayment> | null;
      /** Null without that read: before the send, once the gateway is known to have seen the request, or if it never left. */
      readonly request: GatewayOutcome<RequestState> | null;
    }
  /** The read of the payment that an operator named ended. */
  | { readonly type: "resolution_read"; readonly resolution: number; readonly payment: GatewayOutcome<ReadPayment> | null }
  /** The object's alarm: at least one deadline has passed. */
  | { readonly type: "alarm" }
  /**
   * A reason to poll early: a GET (ticket null) or a callback (M5 and M7). `isTest`: it is a verified notification that says that no money
   * moves (P12).
   */
  | { readonly type: "hint"; readonly ticket: string | null; readonly isTest?: boolean; readonly notice?: Notice };

/** What a verified notification adds to a hint of a page (P5, P6). */
export interface Notice {
  /** The id of the payment that it names. */
  readonly paymentId: string | null;
  /** It is a check that is answered `ok` as soon as this is stored, or a result of a payment that did not fail: money may be on the way. */
  readonly holds: boolean;
  /** It is a result that says that its payment took or holds money. */
  readonly isPaid: boolean;
  /** The profile that it names. Null of a notification by GET. */
  readonly offer: ProfileOffer | null;
  /** It came by GET, so nothing that it says is used. */
  readonly isByGet: boolean;
}

/** One read of a poll, unsigned. */
export type PollRead =
  | { readonly about: "request"; readonly call: GatewayCall<RequestState> }
  | {
      readonly about: "order";
      readonly orderId: string;
      /** Set for a read of one try of a page, by its id; empty for the number of a page that is paid. */
      readonly tryId?: string;
      readonly call: GatewayCall<ReadPayment>;
    };

/** A call that leaves once the new record is stored. */
export type Effect =
  | {
      readonly kind: "send";
      readonly attempt: number;
      readonly send: number;
      readonly key: number;
      readonly call: GatewayCall<CreatedPayment>;
      /** The end of the send window: a call that still waits in the queue then is not sent. */
      readonly expiresAt: number;
    }
  | {
      readonly kind: "open_page";
      readonly attempt: number;
      readonly send: number;
      readonly key: number;
      readonly call: GatewayCall<OpenedPage>;
      readonly expiresAt: number;
    }
  | {
      readonly kind: "list_cards";
      readonly attempt: number;
      /** The owner of the cards: their profiles are bound to it. */
      readonly userId: string;
      readonly call: GatewayCall<readonly StoredCard[]>;
    }
  | {
      readonly kind: "poll";
      readonly attempt: number;
      readonly generation: number;
      /** When its reads leave: at once, or a few seconds later. */
      readonly startedAt: number;
      readonly reads: readonly PollRead[];
    }
  | {
      readonly kind: "edit";
      readonly operation: number;
      readonly send: number;
      readonly key: number;
      readonly call: GatewayCall<EditedPayment>;
      readonly expiresAt: number;
    }
  | {
      readonly kind: "poll_operation";
      readonly operation: number;
      readonly generation: number;
      readonly startedAt: number;
      readonly payment: GatewayCall<ReadPayment>;
      readonly request: GatewayCall<RequestState> | null;
    }
  | { readonly kind: "read_resolution"; readonly resolution: number; readonly payment: GatewayCall<ReadPayment> };

/**
 * The decision on `pay`, `operate`, `close` and `resolve`. Other events have none (null). `subject` is the number of the attempt,
 * operation or resolution; 0 without one.
 */
export type Decision =
  | { readonly ok: true; readonly began: boolean; readonly subject: number }
  | {
      readonly ok: false;
      readonly code: ProblemCode;
      readonly retryAfter?: number;
      /** The attempt whose page is read first. After that read the request is decided again (P6). */
      readonly asksPage?: number;
    };

/** The source of random values. Injected, so that a history can be replayed. */
export interface Random {
  /** A fresh X-Request-Id (UUID v7). */
  requestId(): string;
  /** A number from 0 up to 1. */
  fraction(): number;
}

/** The input of a transition beside the record and the event. */
export interface Environment {
  readonly now: number;
  readonly random: Random;
  /** How many gateway keys are set: 2 while one is rotated. */
  readonly gatewayKeyCount: number;
  /** After so many days a settled order is redacted (M10). */
  readonly retentionDays: number;
  /** Whether the settings name another gateway or merchant than the order's home (M1). */
  readonly isAway: boolean;
  /**
   * The calls that are queued or open in this object: `attempt 1 send`, `operation 2 poll`. Memory only; after a reset there are none.
   */
  readonly openCalls: ReadonlySet<string>;
}

/** The result of a transition. Everything but the effects is stored in one transaction. */
export interface Step {
  readonly record: ChargeRecord;
  readonly effects: readonly Effect[];
  readonly reply: Decision | null;
  readonly binding: KeyBinding | null;
  readonly outbox: readonly OutboxRow[];
  /** Whether the order's keys and outbox rows are deleted, because it was redacted (M10). */
  readonly forget: boolean;
}
