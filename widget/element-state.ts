import type { ChargeView } from "../src/edge-api.ts";
import type { SessionError } from "./session-error.ts";
import type { ChargeTokenView } from "./charge-token-view.ts";
import type { ChargeDetail, ElementStatus, ErrorReason, PressError } from "./events.ts";
import type { ConfigurationError } from "./page-errors.ts";
import { pageAddressOf } from "./payment-page.ts";

/** What the element itself decides. */
interface OwnState {
  /** What the token says; null while none can be read. */
  readonly token: ChargeTokenView | null;
  readonly configurationError: ConfigurationError | null;
  /** The shopper is asked to press once more. */
  readonly isAsking: boolean;
  /** The last press has opened a page, and the browser is going there. */
  readonly isLeaving: boolean;
  /** When the page closes that was last seen here, in epoch milliseconds; 0 when none was. */
  readonly pageEnd: number;
  /** Why the last press was not carried out. */
  readonly pressError: PressError | null;
  /** The shopper has asked how the charge stands, and the edge has not answered yet. */
  readonly isChecking: boolean;
  /** How many notices the time at work has brought: 0, then 1 after 5 seconds, then one more every 25. */
  readonly slowNotices: number;
}

/** All that the element's look and its events depend on. */
export interface ElementState extends OwnState {
  readonly status: ElementStatus;
  /** What is wrong, but for a press that was not carried out. */
  readonly reason: ErrorReason | null;
  readonly charge: ChargeView | null;
  /** The address of the open page; empty without one. */
  readonly pageAddress: string;
  readonly error: SessionError | null;
}

/** What a session contributes to the state. */
export interface SessionView {
  readonly status: ElementStatus;
  readonly payable: boolean;
  readonly charge: ChargeView | null;
  readonly error: SessionError | null;
}

/** Before anything is known. */
export const INITIAL_STATE: ElementState = {
  token: null,
  configurationError: null,
  isAsking: false,
  isLeaving: false,
  pageEnd: 0,
  pressError: null,
  isChecking: false,
  slowNotices: 0,
  status: "loading",
  reason: null,
  charge: null,
  pageAddress: "",
  error: null,
};

/** In these a press may have come to nothing, and be tried again. In all others the status itself is the result. */
const KEEPS_PRESS_ERROR: readonly ElementStatus[] = ["loading", "ready", "failed", "confirming"];

function statusOf({ configurationError, isAsking, isLeaving }: OwnState, session: SessionView | null): ElementStatus {
  if (configurationError) return "misconfigured";
  if (isLeaving) return "redirecting";
  return isAsking ? "confirming" : (session?.status ?? "loading");
}

/** The next state: the one before with what the element changes, and with the session as it is now. */
export function nextState(before: ElementState, patch: Partial<OwnState>, session: SessionView | null): ElementState {
  const charge = session?.charge ?? null;
  const pageAddress = pageAddressOf(charge);
  const wanted = { ...before, ...patch };
  const own = {
    ...wanted,
    isAsking: wanted.isAsking && session?.payable === true,
    isLeaving: wanted.isLeaving && pageAddress !== "" && session?.status === "processing",
  };
  const status = statusOf(own, session);
  const error = session?.error ?? null;
  return {
    ...own,
    pageEnd: charge?.payment_page ? Date.parse(charge.payment_page.expires_at) : own.pageEnd,
    pressError: KEEPS_PRESS_ERROR.includes(status) ? own.pressError : null,
    slowNotices: status === before.status ? own.slowNotices : 0,
    status,
    reason: own.configurationError ?? error?.reason ?? null,
    charge,
    pageAddress,
    error,
  };
}

/** The content of an event. */
export function detailOf({ token, status, charge, pageAddress, reason, pressError }: ElementState): ChargeDetail {
  return {
    order_id: token?.order_id ?? null,
    status,
    payment_id: charge?.payment_id ?? null,
    category: (status === "failed" && charge?.failure?.category) || null,
    reason: pressError ?? reason,
    url: status === "redirecting" ? pageAddress : null,
  };
}
