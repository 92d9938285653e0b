/**
 * The input of one simulated history: who does what and when, and which call fails how. It is plain data made from a seed, so that a
 * failing scenario can be shrunk and printed.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Fault, Plan } from "../../src/simulator/index.ts";
import type { Visit } from "./page-visit.ts";
import type { Home, OperationKind } from "../../edge/machine/record.ts";
import type { RulesName } from "./deployment-rules.ts";

/** The kinds of call that can fail. Each kind is counted separately. */
export type CallKind = "create" | "payment_status" | "request_status" | "edit" | "page" | "cards";

/** Another answer of the Merchant API than its own. */
export type Twist =
  | "unsigned"
  | "not identified"
  | "forged success"
  | "forged refusal"
  | "absent as 340"
  | "absent, unsigned"
  /** Of an opened page: its address, or its number. */
  | "foreign host"
  | "http address"
  | "another host of the gateway"
  | "no address"
  | "another number"
  /** Of a list of cards. */
  | "no tokens";

/** The fault of one call. */
export interface CallFault {
  /** The name in the table of faults. */
  readonly name: string;
  readonly on: CallKind;
  /** Which call of that kind, from 1. */
  readonly nth: number;
  readonly fault: Fault;
  /** If no answer comes. True: the edge waits for its time-out. False: the connection breaks. */
  readonly hangs: boolean;
  /** Only the Merchant API has this fault. A call of v5 has none then. */
  readonly api?: "merchant";
  /** Another answer of the Merchant API: its signature is missing or wrong, or it says otherwise that there is no payment. */
  readonly twist?: Twist;
}

/** The gateways and merchants that the edge's settings may name. */
export type GatewayName = "first" | "other gateway" | "other merchant";

export const GATEWAYS: Readonly<Record<GatewayName, Home>> = {
  first: { host: "gateway.example", merchantId: "1" },
  "other gateway": { host: "other-gateway.example", merchantId: "1" },
  "other merchant": { host: "gateway.example", merchantId: "2" },
};

/** The settings that a new deployment changes beside the gateway keys. */
export interface DeployedSettings {
  readonly gateway?: GatewayName;
  readonly retentionDays?: number;
  readonly rules?: RulesName;
}

/** How the gateway writes the rows of a payment's refunds. */
export type OddRows = "no status" | "an unknown status" | "a long id" | "no id" | "no amount" | "too many";

/** An action of a person, or an event of the platform, at a time (ms after the start). */
export type Action = { readonly at: number } & (
  | { readonly type: "click"; readonly tab: number; readonly key: string; readonly terms: number; readonly issuedAt: number }
  | { readonly type: "merchant_pay"; readonly key: string; readonly terms: number }
  | { readonly type: "get" }
  /** A callback that the gateway did not plan. A null ticket is forged. Attempts are counted from 1. */
  | { readonly type: "callback"; readonly attempt: number | null }
  | { readonly type: "operate"; readonly kind: OperationKind; readonly key: string; readonly requestedAmount: number | null }
  | { readonly type: "close"; readonly key: string }
  | { readonly type: "resolve"; readonly key: string; readonly finding: "truth" | "nothing_taken" | "another_payment" }
  /** An edit by hand in the merchant's cabinet, in minor units. */
  | { readonly type: "cabinet_edit"; readonly kind: OperationKind; readonly minor: number | "all" }
  /** The object is evicted. `keepsUnflushed`: writes that were not yet durable survive. */
  | { readonly type: "evict"; readonly keepsUnflushed: boolean }
  /** An eviction by a new deployment, which may change gateway keys and settings. Members that are left out stay unchanged. */
  | { readonly type: "deploy"; readonly keys?: readonly string[]; readonly settings?: DeployedSettings }
  /** The n-th stored state is restored (0: the empty one). For a minute before, the edge answers no call. */
  | { readonly type: "restore"; readonly index: number }
  /** The edge's clock is set to this many ms ahead of the true time. */
  | { readonly type: "clock"; readonly offset: number }
  /** `lasts` null: to the end of the history. */
  | { readonly type: "refuse_storage"; readonly lasts: number | null; readonly how: "commit" | "flush" }
  | { readonly type: "gateway_keys"; readonly accepts: readonly string[] }
  /** The platform loses the alarm: it does not call the object. */
  | { readonly type: "lose_alarm" }
  /** The version before is deployed for this long. It cannot read the records that are stored. */
  | { readonly type: "roll_back"; readonly lasts: number }
  /** For this long the storage reports 90 % of what it can hold. */
  | { readonly type: "fill_storage"; readonly lasts: number }
);

/** The reaction of a shopper, or of the merchant's server, to a status. Each happens once, in this order. */
export interface Reaction {
  readonly status: "failed" | "authorized" | "succeeded" | "unconfirmed";
  /** ms after the status was shown. */
  readonly after: number;
  readonly action: Extract<Action, { readonly type: "click" | "operate" | "cabinet_edit" | "close" | "resolve" }>;
}

/** A payment that the gateway had under the order_id long before the order. */
export interface OldPayment {
  /** 1: `1234`. 2: `1234--2`. */
  readonly generation: number;
  readonly age: number;
  readonly plan: Plan;
  readonly terms: number;
}

/** The whole input of one history. */
export interface Scenario {
  readonly seed: number;
  readonly kind: string;
  /** The terms of the shop's tokens. [0] are the usual ones, the others differ in one term each. */
  readonly terms: readonly Charge[];
  readonly actions: readonly Action[];
  readonly reactions: readonly Reaction[];
  /** What shoppers do on the payment pages, in the order in which the addresses are given away. Nobody comes to later ones. */
  readonly visits: readonly (readonly Visit[])[];
  /** The plans of the gateway's payments, in the order in which it makes them. */
  readonly plans: readonly Plan[];
  readonly callFaults: readonly CallFault[];
  /** The n-th alarm (from 1) fires late, or once more. */
  readonly alarms: readonly { readonly nth: number; readonly late: number; readonly again: number | null }[];
  /** The object is evicted right before the n-th step of the history. */
  readonly evictBeforeStep: readonly number[];
  readonly outages: readonly { readonly from: number; readonly lasts: number; readonly answer: "none" | 502 | 503 | 504 }[];
  readonly oldPayment: OldPayment | null;
  readonly callbacks: "both" | "result" | "none";
  readonly honorsCheck: boolean;
  /** The edge's gateway keys at the start, newest first, and those that the gateway accepts. */
  readonly edgeKeys: readonly string[];
  readonly gatewayKeys: readonly string[];
  /** How long the gateway remembers an X-Request-Id, ms; null: for good. */
  readonly remembersRequestsFor: number | null;
  /** How long the gateway replays the original response for an order_id, ms. Null: for good. Afterwards it makes a second payment. */
  readonly replaysOrdersFor: number | null;
  readonly settlesAfter: number;
  /** From when (ms after the start), for how long (null: for good) and how the gateway writes rows of refunds oddly. Null: never. */
  readonly oddRows: { readonly from: number; readonly lasts: number | null; readonly how: OddRows } | null;
  /** After this many days without a change the edge redacts an order, by the settings at the start. */
  readonly retentionDays: number;
  /** When the history ends, ms after the start. Then every attempt is read once more, without faults. */
  readonly endsAt: number;
}

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

/** The start of every history. */
export const START: number = Date.parse("2026-11-22T05:00:00.000Z");

/** The order of every history. */
export const ORDER_ID = "1234";
