/**
 * What one order's object stores, as plain data (JSON). Amounts are minor units (integers), times are milliseconds since
 * the generation. Nothing in here is a secret; the exact body bytes of a create are (M1).
 */
import type { Currency } from "../../src/money.ts";
import type { AttentionReason, CardHint, FailureCategory, ProblemCode } from "../../src/edge-api.ts";
import type { UnknownReason } from "../../src/outcome.ts";

/** The version of {@link ChargeRecord}; migration.ts brings older ones up to it. */
export const RECORD_VERSION = 1;

/** The gateway and merchant that an order belongs to, for good: test money is never real money (M1). */
export interface Home {
  /** The host of the gateway, with its port where it has one. */
  readonly host: string;
  readonly merchantId: string;
}

/** Since the settings name another gateway or merchant than the order's home. */
export interface GatewayChanged {
  /** When the change was last written to the log. */
  readonly loggedAt: number;
  /** When the settings are compared next: the deadline of an order that waits for its home. */
  readonly nextCheckAt: number;
}

/** What must be the same for two clicks to mean the same payment. */
export interface Terms {
  readonly amount: number;
  readonly currency: Currency;
  readonly user_id: string;
  readonly profile_id: string;
  readonly auto_clearing: boolean;
}

/** How one call ended. `not_known` is a call whose end nobody saw: the object was evicted while it was open. */
export interface CallEnd {
  how: "answered" | "refused" | "not_known" | UnknownReason;
  httpStatus: number | null;
  /** The gateway's status word, as received. */
  gatewayStatus: string | null;
  code: string | null;
  description: string | null;
}

/** One send of a create. Stored before it leaves. */
export interface Send {
  requestId: string;
  /** Which of the merchant's gateway keys signs it: 0, or 1 while a key is rotated. */
  key: number;
  at: number;
  endedAt: number | null;
  end: CallEnd | null;
  /** Refused for its signature and tried again with the other key: it no longer counts as a send (M4). */
  superseded: boolean;
}

/** What decided that an attempt failed. */
export type FailedBy =
  /** A payment with status error: a decline with a payment id. */
  | "payment"
  /** A bare refusal of the sole send. */
  | "refusal"
  /** The same, for the signature or the merchant's account (HTTP 401): the gateway order_id is kept. */
  | "unauthorized"
  /** Never seen by the gateway, twice (M5). Provisional. */
  | "silence"
  /** The reads before a later attempt did not clear the way in time; nothing was sent. */
  | "never_sent"
  /** The payment under this gateway order_id belongs to an earlier attempt. */
  | "other_attempt";

/** Why an attempt is `failed`. */
export interface Failure {
  by: FailedBy;
  category: FailureCategory;
  code: string | null;
  description: string | null;
}

/** A row of the gateway's ledger under a payment: a refund or a reverse. Amounts are positive minor units. */
export interface LedgerRow {
  id: string;
  amount: number | null;
  /** The gateway's own word; null where a read left it out. */
  status: string | null;
  /** When a read first showed it. */
  readonly firstSeenAt: number;
  /** The merchant was told that it is not settled. */
  readonly isReported: boolean;
}

/** What the gateway's reads said of a payment beyond its status word. Rewritten by every read. */
export interface Ledger {
  cleared: boolean;
  clearedAmount: number | null;
  refunds: LedgerRow[];
  reversals: LedgerRow[];
  approvalCode: string | null;
  reference: string | null;
  intreference: string | null;
  brand: string | null;
  profileExpiryDate: string | null;
}

/** The state of one attempt. `undecided` is the only one in which anything may still be asked to pay. */
export type AttemptState = "undecided" | "held" | "paid" | "failed" | "reversed" | "refunded";

/** Why a read cannot be believed: it stops resends and is told to the merchant (M6). */
export type Mismatch = Extract<AttentionReason, "amount_differs" | "old_payment" | "terms_differ" | "unknown_word">;

/** What an attempt and an operation have in common: a claim that is stored before its call leaves, and its way out. */
export interface PendingCall {
  readonly number: number;
  /** The X-Request-Id of its call: the same for every resend. */
  requestId: string;
  /** When the click, or the merchant's request, arrived and the claim was stored. */
  readonly createdAt: number;
  sends: Send[];
  decidedAt: number | null;
  /** An answer proved that the gateway saw it: "never seen" is impossible from here on (M5). */
  knownToGateway: boolean;
  /** No send before this time: the gateway's own Retry-After. */
  notBefore: number;
  /** Grows with every send and every rise of state: an answer that was asked before is dropped (M5). */
  generation: number;
  /** The look that is on its way, when it was asked. */
  pollStartedAt: number | null;
  /** When to look next: its deadline. Never null while undecided (M9). */
  nextPollAt: number | null;
}

/** A callback for an attempt. */
export interface Hint {
  readonly at: number;
  /** A look has begun since. */
  readonly isPolled: boolean;
}

/** One attempt to pay the order. */
export interface Attempt extends PendingCall {
  /** `1234`, then `1234--2`, … (M3). */
  gatewayOrderId: string;
  readonly caller: "shopper" | "merchant";
  readonly terms: Terms;
  readonly description: string;
  readonly card: CardHint | null;
  readonly userIp: string;
  /** The part of the callback address that nobody can guess. */
  readonly ticket: string;
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
  /** The exact text that is signed and sent, each time. */
  body: string;
  state: AttemptState;
  failure: Failure | null;
  /** When a read first showed its payment as paid. `decidedAt` is that of its last state, such as refunded. */
  takenAt: number | null;
  paymentId: string | null;
  /** The answer of its own create named that payment with this attempt's amount. */
  amountConfirmed: boolean;
  /** The last status word that the gateway gave for it. */
  gatewayStatus: string | null;
  mismatch: Mismatch | null;
  /** What an earlier read contradicted: a read that leaves it out does not take that back. */
  contradicted: "currency" | "profile" | null;
  /** When its newest look began. A callback brings the next one no nearer than HINT_PAUSE after it. */
  lastPollAt: number | null;
  /** The newest callback that no look has followed yet which could be read; null where there is none. */
  hint: Hint | null;
  /** Gateway order_ids that the reads before the first send found free of a payment. */
  freeOrderIds: string[];
  /** When the first "never seen" that counts was asked. */
  neverSeenAt: number | null;
  /** An operator named its payment: amount, date and terms of that one are no longer compared (M8, resolve). */
  assignedByOperator: boolean;
  ledger: Ledger | null;
}

/** What a merchant can do to a payment. */
export type OperationKind = "clearing" | "reverse" | "refund";

/** Where an operation is. `not_done`: nothing was sent, or an operator said that nothing was taken. */
export type OperationState = "undecided" | "done" | "refused" | "not_done";

/** One clearing, reverse or refund that the merchant asked for (M8). */
export interface Operation extends PendingCall {
  readonly kind: OperationKind;
  /** The attempt whose payment it changes, by number. */
  readonly attempt: number;
  /** What was asked for; null: all that is left. */
  readonly requestedAmount: number | null;
  /** Fixed by the read before the send; null until then, and for a reverse. */
  amount: number | null;
  /** The exact text that is signed and sent; null until the read before it. */
  body: string | null;
  state: OperationState;
  refusal: { code: ProblemCode; gatewayCode: string | null; description: string | null } | null;
  /** The ids of all rows that were ever seen when it was claimed: none of them can be its own. */
  knownRows: string[];
  /** The row that the gateway's answer named. */
  namedRow: string | null;
}

/** An operator's word that names a payment, while that is being read (M8, resolve). */
export interface Resolution {
  readonly number: number;
  readonly paymentId: string;
  readonly note: string;
  readonly at: number;
  state: "reading" | "adopted" | "refused" | "unavailable";
  /** When the read is taken for lost. */
  nextPollAt: number | null;
}

/** Something the merchant has to look at. Each reason is told once for each attempt. */
export interface Attention {
  readonly at: number;
  readonly reason: AttentionReason;
  readonly attempt: number | null;
  readonly operation: number | null;
  readonly detail: string | null;
}

/** Everything that is known of one order. */
export interface ChargeRecord {
  readonly version: typeof RECORD_VERSION;
  readonly orderId: string;
  readonly home: Home;
  /** Null while the settings name the order's home. */
  gatewayChanged: GatewayChanged | null;
  /** How many Idempotency-Keys transitions have bound. */
  boundKeys: number;
  /** `iat` of the newest token that was accepted, in seconds (M2). */
  newestIssuedAt: number | null;
  closedAt: number | null;
  /** When it was reduced to what forbids a second charge (M10). */
  redactedAt: number | null;
  attempts: Attempt[];
  operations: Operation[];
  resolutions: Resolution[];
  attention: Attention[];
  /** When a GET last brought a look forward. */
  hintedAt: number | null;
  updatedAt: number | null;
  /** Number of the newest notification. */
  sequence: number;
}

/** A bound Idempotency-Key: for good (M2). */
export interface KeyBinding {
  /** `shopper pay`, `merchant pay`, …: a key is scoped to caller and operation. */
  readonly scope: string;
  readonly key: string;
  /** What the key was used for, to be compared letter by letter. */
  readonly content: string;
  /** The number of the attempt, operation or resolution that it began or joined. */
  readonly subject: number;
}

/** A row of the outbox: one notification, the whole charge as the merchant sees it. */
export interface OutboxRow {
  readonly sequence: number;
  readonly type: string;
  readonly at: number;
  readonly data: string;
}

/** A deadline: the object's alarm is the earliest of them (M9). */
export interface Deadline {
  readonly name: string;
  readonly at: number;
}

/** The longest text of the gateway's that is kept, and the longest status or code, in characters. */
const MAX_TEXT = 160;
const MAX_CODE = 32;

/** A text of the gateway's, as it is kept: without control characters, and cut where it is longer than any that is meant to be read. */
export function storedText(text: string | null | undefined): string | null {
  return text?.slice(0, MAX_TEXT).replaceAll(/[\p{Cc}\p{Cs}]/gu, " ") ?? null;
}

/** A status or a code of the gateway's, as it is kept. */
export function storedCode(text: string | null | undefined): string | null {
  return storedText(text)?.slice(0, MAX_CODE) ?? null;
}

/** A payment id that a read can name; null for one that no page of the gateway's would show. */
export function storedPaymentId(id: string | undefined): string | null {
  return id !== undefined && /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(id) ? id : null;
}

/** Whether two ids of the gateway's are the same: a UUID may be written in either case. */
export function isSameId(one: string | null | undefined, other: string | null | undefined): boolean {
  return typeof one === "string" && typeof other === "string" && one.toLowerCase() === other.toLowerCase();
}

/** An order that nothing is known of. */
export function newRecord(orderId: string, home: Home): ChargeRecord {
  return {
    version: RECORD_VERSION,
    orderId,
    home,
    gatewayChanged: null,
    boundKeys: 0,
    newestIssuedAt: null,
    closedAt: null,
    redactedAt: null,
    attempts: [],
    operations: [],
    resolutions: [],
    attention: [],
    hintedAt: null,
    updatedAt: null,
    sequence: 0,
  };
}

/** The content that an Idempotency-Key of a payment stands for. */
export function termsText(terms: Terms): string {
  return JSON.stringify([terms.amount, terms.currency, terms.user_id, terms.profile_id, terms.auto_clearing]);
}

/** Whether two charges are under the same terms. */
export function sameTerms(one: Terms, other: Terms): boolean {
  return termsText(one) === termsText(other);
}
