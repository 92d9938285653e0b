/**
 * What the rules may count on with each of the gateway's two APIs. A rule reads this table, and never the name of an API (P1, P3, P10). Pure.
 */
import type { DeclineCategory } from "../../src/decline.ts";
import type { FailureCategory } from "../../src/edge-api.ts";
import { merchantCategoryOf, provesUntaken } from "../../src/merchant-api/refusal.ts";
import type { Refusal } from "./gateway-call.ts";
import type { Api, CallEnd, Failure } from "./record.ts";
import { NEVER_SEEN_AFTER, NEVER_SEEN_APART, REFUSED_UNSEEN_AFTER, REFUSED_UNSEEN_APART } from "./schedule.ts";

/** How long the gateway must know nothing of a call until it counts as never seen (M5.5). Milliseconds. */
export interface Silence {
  /** From the last send to the first poll that counts. */
  readonly after: number;
  /** Between two such polls. */
  readonly apart: number;
  /** The refusal that was answered meanwhile, and that the silence confirms; null without one. */
  readonly category: FailureCategory | null;
}

/** What a bare refusal of the sole send decides; null: nothing. */
export type DecidedByRefusal = Pick<Failure, "by" | "category"> | null;

/** The capabilities of an API. */
export interface Capabilities {
  /** A create or an edit may be sent again under the same id: the gateway then answers with the original response (M5.4). */
  readonly replays: boolean;
  /** The gateway can be asked what became of a request (M5.1). */
  readonly readsRequests: boolean;
  /** The answer to a refund or a reverse names its row (M8.5). */
  readonly namesRows: boolean;
  /** A read may show the sum of the refunds in place of their rows (P2). */
  readonly sumsRefunds: boolean;
  /** A refusal `duplicate` proves that the gateway knows the call (M5.3). */
  readonly duplicateIsKnown: boolean;
  /** Whether a create ended by a refusal of its used gateway order_id, which says that it took nothing (P1). */
  refusedOrderId(end: Pick<CallEnd, "how" | "code">): boolean;
  /** A callback can be verified: a check that does not verify is rejected (P6), and a test is noted (P12). v5's format is not published. */
  readonly signsCallbacks: boolean;
  /** What a bare refusal of a create decides, if it answers the sole send (M4.3, M4.4). */
  refusedCreate(refusal: Refusal): DecidedByRefusal;
  /** Whether a bare refusal ends an operation, if it answers the sole send (M8.8). */
  endsOperation(refusal: Refusal): boolean;
  /** @param end how the last send ended; null while it is open */
  silence(end: CallEnd | null): Silence;
}

/** The categories of refusal that decide a create of v5 when its only send is refused (M4.4). */
const DECISIVE: ReadonlySet<string> = new Set<FailureCategory>([
  "configuration",
  "amount_invalid",
  "profile_dead",
  "insufficient_funds",
  "card_expired",
  "card_blocked",
  "card_invalid",
  "limit_exceeded",
  "authentication_required",
  "declined",
]);

/** The categories of a refusal that is about the card or the profile: the Merchant API's silence after it is shorter (P1). */
const ABOUT_THE_CARD: ReadonlySet<string> = new Set([...DECISIVE].filter((one) => one !== "configuration" && one !== "amount_invalid"));

/** The Merchant API's code for an order id that was used (contract, "Refusals"). */
const ORDER_ID_USED = "9991";

const LONG_SILENCE: Silence = { after: NEVER_SEEN_AFTER, apart: NEVER_SEEN_APART, category: null };

function isFailure(category: DeclineCategory, categories: ReadonlySet<string>): category is FailureCategory {
  return categories.has(category);
}

const ASYNC: Capabilities = {
  replays: true,
  readsRequests: true,
  namesRows: true,
  sumsRefunds: false,
  duplicateIsKnown: true,
  refusedOrderId: () => false,
  signsCallbacks: false,
  refusedCreate({ httpStatus, code, category }) {
    if (httpStatus === 401) return { by: "unauthorized", category: "configuration" };
    if (!isFailure(category, DECISIVE)) return null;
    return { by: code === "1100" ? "unauthorized" : "refusal", category };
  },
  endsOperation: ({ httpStatus, category }) => httpStatus === 401 || DECISIVE.has(category) || category === "operation_refused",
  silence: () => LONG_SILENCE,
};

/** Nothing documents that a repeated call is harmless, and an error was followed by a payment (docs/merchant-api.md, "Answers"). */
const MERCHANT: Capabilities = {
  replays: false,
  readsRequests: false,
  namesRows: false,
  sumsRefunds: true,
  duplicateIsKnown: false,
  refusedOrderId: ({ how, code }) => how === "refused" && code === ORDER_ID_USED,
  signsCallbacks: true,
  refusedCreate(refusal) {
    if (!isUntaken(refusal)) return null;
    return { by: refusal.isNotIdentified === true ? "unauthorized" : "refusal", category: "configuration" };
  },
  endsOperation: isUntaken,
  silence(end) {
    const category = end?.how === "refused" && end.code !== null ? merchantCategoryOf("create", end.code) : "other";
    return isFailure(category, ABOUT_THE_CARD) ? { after: REFUSED_UNSEEN_AFTER, apart: REFUSED_UNSEEN_APART, category } : LONG_SILENCE;
  },
};

function isUntaken({ code, isSigned = false, isNotIdentified = false }: Refusal): boolean {
  return provesUntaken({ code, isSigned, isNotIdentified });
}

/** The capabilities by API. */
export const CAPABILITIES: Readonly<Record<Api, Capabilities>> = { async: ASYNC, merchant: MERCHANT };
