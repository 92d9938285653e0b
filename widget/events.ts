import type { ChargeStatus, FailureCategory, ProblemCode } from "../src/edge-api.ts";

/** The element's status: the charge's, as the edge gave it last, or why there is none to show. */
export type ElementStatus =
  | ChargeStatus
  /** The edge has not answered yet, or no token has been set yet. */
  | "loading"
  /** A press has opened Freedom Pay's page, and the browser is going there. */
  | "redirecting"
  /** The shopper has pressed once and is asked to press again. Nothing is sent before they do. */
  | "confirming"
  /** The token has expired and the order is not paid. */
  | "expired"
  /** The order is being paid, or was paid, under other terms than the token's. */
  | "conflict"
  /** The edge does not answer, and nothing is known. */
  | "unreachable"
  /** The page or the edge is set up wrongly: the console says how to fix it. */
  | "misconfigured";

/** Why a press was not carried out, as far as the element itself decides it. */
export type PressError = "press_required" | "terms_changed" | "disabled";

/** Why something went wrong: the edge's refusal, or what the element found by itself. */
export type ErrorReason =
  | ProblemCode
  | PressError
  | "no_token"
  | "no_endpoint"
  | "endpoint_invalid"
  | "insecure_page"
  | "token_unreadable"
  | "no_answer"
  | "not_sent";

/** The content of every event, and of the promises of the methods. For the page only: goods are released by the notification or a server's read. */
export interface ChargeDetail {
  /** The order of the token; null while no token could be read. */
  readonly order_id: string | null;
  /** The element's `status` when the event is sent. */
  readonly status: ElementStatus;
  /** The gateway's id of the payment; null while there is none. */
  readonly payment_id: string | null;
  /** Why it failed; null unless `status` is `failed`. */
  readonly category: FailureCategory | null;
  /** What went wrong on the way; null when nothing did. */
  readonly reason: ErrorReason | null;
  /** Freedom Pay's page, to which the browser is going; null unless `status` is `redirecting`. */
  readonly url: string | null;
}

/** The base of the element's events. They bubble, also out of shadow trees. */
export class FreedomPayEvent extends Event {
  /** The type of a class's events. */
  static readonly type: keyof FreedomPayEventMap;
  /** What the event tells. */
  readonly detail: ChargeDetail;

  constructor(detail: ChargeDetail) {
    const { type } = new.target;
    super(type, { bubbles: true, composed: true, cancelable: /submit|redirect/.test(type) });
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

/** `freedom-pay-redirect`: a press has opened Freedom Pay's page, and the browser is going there. `preventDefault()` keeps it here: then a link leads there. */
export class FreedomPayRedirectEvent extends FreedomPayEvent {
  static override readonly type = "freedom-pay-redirect";
}

/** `freedom-pay-unconfirmed`: an answer was lost; what became of the payment is being found out. */
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

/** `freedom-pay-error`: no outcome of a charge but an error on the way. `detail.reason` says which. */
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
  "freedom-pay-redirect": FreedomPayRedirectEvent;
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
  redirecting: FreedomPayRedirectEvent,
  unconfirmed: FreedomPayUnconfirmedEvent,
  authorized: FreedomPaySuccessEvent,
  succeeded: FreedomPaySuccessEvent,
  failed: FreedomPayFailureEvent,
};
