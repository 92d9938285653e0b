/**
 * One history before it is lived: who does what and when, and what goes wrong with which call. Plain data, made from a seed, so that
 * a history that breaks an invariant can be cut down to what matters and told.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Fault, Plan } from "../../src/simulator/index.ts";
import type { Home, OperationKind } from "../../edge/machine/record.ts";
import type { RulesName } from "./deployment-rules.ts";

/** The kinds of call that a fault can strike, each counted for itself. */
export type CallKind = "create" | "payment_status" | "request_status" | "edit";

/** What goes wrong with one call. */
export interface CallFault {
  /** The name of its kind, as the list of faults has it. */
  readonly name: string;
  readonly on: CallKind;
  /** Which call of that kind, from 1. */
  readonly nth: number;
  readonly fault: Fault;
  /** Where nothing comes back: true, the edge waits for its time-out; false, the connection breaks. */
  readonly hangs: boolean;
}

/** The gateways and merchants that the edge's settings may name. */
export type GatewayName = "first" | "other gateway" | "other merchant";

export const GATEWAYS: Readonly<Record<GatewayName, Home>> = {
  first: { host: "gateway.example", merchantId: "1" },
  "other gateway": { host: "other-gateway.example", merchantId: "1" },
  "other merchant": { host: "gateway.example", merchantId: "2" },
};

/** What a new deployment sets beside the gateway keys. */
export interface DeployedSettings {
  readonly gateway?: GatewayName;
  readonly retentionDays?: number;
  readonly rules?: RulesName;
}

/** How the gateway writes the rows of a payment's refunds. */
export type OddRows = "no status" | "an unknown status" | "a long id" | "no id" | "no amount" | "too many";

/** Something that somebody does, or that happens to the edge, at a time (ms after the start). */
export type Action = { readonly at: number } & (
  | { readonly type: "click"; readonly tab: number; readonly key: string; readonly terms: number; readonly issuedAt: number }
  | { readonly type: "merchant_pay"; readonly key: string; readonly terms: number }
  | { readonly type: "get" }
  /** A callback that nobody planned; a null ticket is a forged one. Attempts are counted from 1. */
  | { readonly type: "callback"; readonly attempt: number | null }
  | { readonly type: "operate"; readonly kind: OperationKind; readonly key: string; readonly requestedAmount: number | null }
  | { readonly type: "close"; readonly key: string }
  | { readonly type: "resolve"; readonly key: string; readonly finding: "truth" | "nothing_taken" | "another_payment" }
  /** By hand in the merchant's cabinet, minor units. */
  | { readonly type: "cabinet_edit"; readonly kind: OperationKind; readonly minor: number | "all" }
  /** The object is thrown out of memory; `keeps`: what was written but not yet safe is there all the same. */
  | { readonly type: "evict"; readonly keepsUnflushed: boolean }
  /** The same by a new deployment, which may bring other gateway keys and settings. What it leaves out stays as it was. */
  | { readonly type: "deploy"; readonly keys?: readonly string[]; readonly settings?: DeployedSettings }
  /** The rows are put back to the n-th state that was ever stored (0: to none); the edge is away for a minute before. */
  | { readonly type: "restore"; readonly index: number }
  /** The edge's clock is set: so many ms ahead of the true time. */
  | { readonly type: "clock"; readonly offset: number }
  /** `lasts` null: to the end of the story. */
  | { readonly type: "refuse_storage"; readonly lasts: number | null; readonly how: "commit" | "flush" }
  | { readonly type: "gateway_keys"; readonly accepts: readonly string[] }
);

/** What a shopper, or the merchant's server, does when it sees a status: once each, in this order. */
export interface Reaction {
  readonly status: "failed" | "authorized" | "succeeded" | "unconfirmed";
  /** ms after it was seen. */
  readonly after: number;
  readonly action: Extract<Action, { readonly type: "click" | "operate" | "cabinet_edit" | "close" | "resolve" }>;
}

/** A payment that the gateway has under the order's number since long ago. */
export interface OldPayment {
  /** `1234`, `1234--2`: 1 or 2. */
  readonly generation: number;
  readonly age: number;
  readonly plan: Plan;
  readonly terms: number;
}

/** A whole history before it is lived. */
export interface Scenario {
  readonly seed: number;
  readonly kind: string;
  /** What the shop's tokens say: [0] is the usual one, the others differ in card, amount, or mode. */
  readonly terms: readonly Charge[];
  readonly actions: readonly Action[];
  readonly reactions: readonly Reaction[];
  /** What becomes of the first payment that the gateway makes, the second, … */
  readonly plans: readonly Plan[];
  readonly callFaults: readonly CallFault[];
  /** The n-th alarm (from 1) rings late, or once more. */
  readonly alarms: readonly { readonly nth: number; readonly late: number; readonly again: number | null }[];
  /** The object is thrown out right before the n-th step of the history. */
  readonly evictBeforeStep: readonly number[];
  readonly outages: readonly { readonly from: number; readonly lasts: number; readonly answer: "none" | 502 | 503 | 504 }[];
  readonly oldPayment: OldPayment | null;
  readonly callbacks: "both" | "result" | "none";
  readonly honorsCheck: boolean;
  /** The edge's gateway keys at the start, newest first, and those that the gateway takes. */
  readonly edgeKeys: readonly string[];
  readonly gatewayKeys: readonly string[];
  /** How long the gateway remembers an X-Request-Id, ms; null: for good. */
  readonly remembersRequestsFor: number | null;
  /** How long the gateway answers an order_id again with the original response, ms; null: for good. Then it makes a second payment. */
  readonly replaysOrdersFor: number | null;
  readonly settlesAfter: number;
  /** How the gateway writes the rows of refunds from a time on (ms after the start), for how long (null: for good); null: as usual. */
  readonly oddRows: { readonly from: number; readonly lasts: number | null; readonly how: OddRows } | null;
  /** After so many days without a change the edge keeps the least of an order, by the settings at the start. */
  readonly retentionDays: number;
  /** When the story ends, ms after the start: then everything is read once more, in calm. */
  readonly endsAt: number;
}

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

/** When every history begins. */
export const START: number = Date.parse("2026-11-22T05:00:00.000Z");

/** The order that every history is about. */
export const ORDER_ID = "1234";
