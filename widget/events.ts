import type { ChargeStatus, FailureCategory, ProblemCode } from "../src/edge-api.ts";

/** What the element is in: a charge's status as the edge told it, or why there is none to show. */
export type ElementStatus =
  | ChargeStatus
  /** The edge has not answered yet, or no token has been set yet. */
  | "loading"
  /** Asked to be confirmed: the shopper has pressed once, and nothing is sent before she presses again. */
  | "confirming"
  /** The token's time is over and the order is not paid. */
  | "expired"
  /** The order is being paid, or was paid, under other terms than the token's. */
  | "conflict"
  /** The edge does not answer, and nothing is known. */
  | "unreachable"
  /** The page or the edge is set up wrongly: the console says how to mend it. */
  | "misconfigured";

/** Why something went wrong: the edge's refusal, or what the element found by itself. */
export type ErrorReason = ProblemCode | "no_token" | "no_endpoint" | "insecure_page" | "token_unreadable" | "no_answer";

/** What every event tells, and what `charge()` comes to. For the page only: goods are released by the notification or a server's read. */
export interface ChargeDetail {
  /** The order of the token; null while no token could be read. */
  readonly order_id: string | null;
  /** What the charge is in: the element's `status`, as it is when the event is sent. */
  readonly status: ElementStatus;
  /** The gateway's id of the payment; null while there is none. */
  readonly payment_id: string | null;
  /** Why it failed; null unless `status` is `failed`. */
  readonly category: FailureCategory | null;
  /** What went wrong on the way; null when nothing did. */
  readonly reason: ErrorReason | null;
}

/** What all events of the element have in common: they bubble, and out of shadow trees too. */
export class FreedomPayEvent extends Event {
  /** The type of a class's events. */
  static readonly type: keyof FreedomPayEventMap;
  readonly detail: ChargeDetail;

  constructor(detail: ChargeDetail) {
    const { type } = new.target;
    super(type, { bubbles: true, composed: true, cancelable: type === "freedom-pay-submit" });
    this.detail = detail;
  }
}

/** `freedom-pay-submit`: the shopper pressed the button, nothing is sent yet. `preventDefault()` keeps it so. */
export class FreedomPaySubmitEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-submit";
}

/** `freedom-pay-ready`: the order can be paid. */
export class FreedomPayReadyEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-ready";
}

/** `freedom-pay-processing`: asked, not decided. */
export class FreedomPayProcessingEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-processing";
}

/** `freedom-pay-unconfirmed`: an answer was lost; the edge is finding out. */
export class FreedomPayUnconfirmedEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-unconfirmed";
}

/** `freedom-pay-success`: paid (`succeeded`) or held (`authorized`). Also when it was so before the page was opened. */
export class FreedomPaySuccessEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-success";
}

/** `freedom-pay-failure`: declined, or not taken as far as the gateway says. `detail.category` says why. */
export class FreedomPayFailureEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-failure";
}

/** `freedom-pay-error`: no outcome of a charge but a trouble on the way. `detail.reason` says which. */
export class FreedomPayErrorEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-error";
}

/** `freedom-pay-change`: `status` changed. After the event that names the status, where there is one. */
export class FreedomPayChangeEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-change";
}

/** The events by their types, for typed listeners. */
export interface FreedomPayEventMap {
  "freedom-pay-submit": FreedomPaySubmitEvent;
  "freedom-pay-ready": FreedomPayReadyEvent;
  "freedom-pay-processing": FreedomPayProcessingEvent;
  "freedom-pay-unconfirmed": FreedomPayUnconfirmedEvent;
  "freedom-pay-success": FreedomPaySuccessEvent;
  "freedom-pay-failure": FreedomPayFailureEvent;
  "freedom-pay-error": FreedomPayErrorEvent;
  "freedom-pay-change": FreedomPayChangeEvent;
}

declare global {
  /** The events bubble, so that any element, the document and the window may listen. */
  interface GlobalEventHandlersEventMap extends FreedomPayEventMap {}
}

/** The event that names a status, where there is one. */
export const EVENT_OF: Readonly<Partial<Record<ElementStatus, new (detail: ChargeDetail) => FreedomPayEvent>>> = {
  ready: FreedomPayReadyEvent,
  processing: FreedomPayProcessingEvent,
  unconfirmed: FreedomPayUnconfirmedEvent,
  authorized: FreedomPaySuccessEvent,
  succeeded: FreedomPaySuccessEvent,
  failed: FreedomPayFailureEvent,
};
