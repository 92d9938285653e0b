/**
 * The stored record of one order, as plain data (JSON). Amounts are minor units (integers); times are milliseconds since the
 * epoch. It holds none of the merchant's keys. It does hold the exact body of every create (M1), and of a payment page what nobody else may
 * have: its address while it is open, and the ticket and the code of the return (P7). A notification that is stored while a page is open has
 * the page's address too.
 */
import type { Currency } from "../../src/money.ts";
import type { AttentionReason, CardHint, FailureCategory, ProblemCode } from "../../src/edge-api.ts";
import type { MerchantUnknown } from "../../src/merchant-api/outcome.ts";
import type { UnknownReason } from "../../src/outcome.ts";
import type { Page } from "./page-record.ts";

/** The version of {@link ChargeRecord}. edge/storage/migration.ts migrates older ones. */
export const RECORD_VERSION = 1;

/** The gateway and merchant of an order: those of its shard. They never change, because test money is never real money (M1). */
export interface Home {
  /** The host of the gateway, with its port where it has one. */
  readonly host: string;
  readonly merchantId: string;
}

/** Set while the settings name another gateway or merchant than the order's home. */
export interface GatewayChanged {
  /** When the change was last written to the log. */
  readonly loggedAt: number;
  /** When the settings are compared next. It is the order's deadline meanwhile. */
  readonly nextCheckAt: number;
}

/** The gateway's two APIs: v5 ("Async API"), and the Merchant API. What a rule may count on with each is in capabilities.ts. */
export type Api = "async" | "merchant";

/** What a charge is paid with: a stored card, or a card that the shopper enters on the gateway's page. */
export type PayWith = "profile" | "payment_page";

/** The terms of a charge. Two clicks under the same terms mean the same payment. */
export interface Terms {
  readonly amount: number;
  readonly currency: Currency;
  readonly user_id: string;
  readonly pay_with: PayWith;
  /** Empty for a payment page, and in a redacted record. */
  readonly profile_id: string;
  /** Null: no card is saved. Joining a page that saves one against the shopper's will would be a fault of consent. */
  readonly save_card_months: number | null;
  readonly auto_clearing: boolean;
}

/** How one call ended. `not_known`: the object was evicted while the call was open. */
export interface CallEnd {
  how: "answered" | "refused" | "not_known" | UnknownReason | MerchantUnknown["reason"];
  httpStatus: number | null;
  /** The `status` of the answer. */
  gatewayStatus: string | null;
  code: string | null;
  description: string | null;
}

/** One send of a call. Stored before it leaves (M1). */
export interface Send {
  requestId: string;
  /** The index of the gateway key that signs it: 0, or 1 while a key is rotated. */
  keyIndex: number;
  at: number;
  /** When it left at the latest: it may have waited in the queue. Null while it is open. */
  leftBy: number | null;
  endedAt: number | null;
  end: CallEnd | null;
  /** It was refused for its signature and sent again with the other key, so it no longer counts (M4). */
  superseded: boolean;
}

/** What decided that an attempt failed. */
export type FailedBy =
  /** A payment with status error: a decline with a payment id. */
  | "payment"
  /** A refusal without a payment, of the only send. */
  | "refusal"
  /** The same for the signature or the merchant's account (HTTP 401). The gateway order_id stays. */
  | "unauthorized"
  /** Two polls found that the gateway never saw it (M5). Provisional. */
  | "silence"
  /** The reads before a later attempt did not show a free order_id in time. Nothing was sent. */
  | "never_sent"
  /** The payment under this gateway order_id belongs to an earlier attempt. */
  | "other_attempt"
  /** No payment page was opened, so nobody could pay (P4). */
  | "no_page"
  /** The page's time is over, and nothing was paid (P5). Provisional. */
  | "page_expired"
  /** The page gave way to another attempt, or to a close (P6). Provisional. */
  | "replaced";

/** Why an attempt failed. */
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
  /** The gateway's status of the row; null if no read had one. */
  status: string | null;
  /** When a read first showed it. */
  readonly firstSeenAt: number;
  /** Attention was raised because it is not settled. */
  readonly isReported: boolean;
}

/** The members of a payment beside its status. Every read of the payment updates them. */
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

/** The state of one attempt. Only an `undecided` one may be sent again. */
export type AttemptState = "undecided" | "held" | "paid" | "failed" | "reversed" | "refunded";

/** Why the payment that was read is not the attempt's. It stops resends and raises attention (M6). */
export type Mismatch = Extract<AttentionReason, "amount_differs" | "old_payment" | "terms_differ" | "unknown_word">;

/** A call to the gateway that is stored before it leaves. Attempts and operations are such calls. */
export interface PendingCall {
  readonly number: number;
  /** The API that sends it, and that is asked about it (P3). An operation's is that of its payment. */
  readonly api: Api;
  /** The X-Request-Id. Every resend has the same. */
  requestId: string;
  /** When the click or the merchant's request arrived. */
  readonly createdAt: number;
  sends: Send[];
  decidedAt: number | null;
  /** An answer proved that the gateway saw it. From then on "never seen" is not believed (M5). */
  knownToGateway: boolean;
  /** No send before this time, because of the gateway's Retry-After. */
  notBefore: number;
  /** Grows with every send and every change of state. The answer of a poll from before is dropped (M5). */
  generation: number;
  /** When the open poll began, or when its reads will leave; null without one. */
  pollStartedAt: number | null;
  /** When to poll next: its deadline. Never null while undecided (M9). */
  nextPollAt: number | null;
}

/** A callback that came for an attempt. */
export interface Hint {
  readonly at: number;
  /** A poll has begun since. */
  readonly hasLedToPoll: boolean;
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
  /** The name of its callbacks, `order_id.nonce`: both their addresses have it, each with a MAC of its own. */
  readonly ticket: string;
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
  /** The exact text of every send. */
  body: string;
  /** Null for a stored card. */
  page: Page | null;
  state: AttemptState;
  failure: Failure | null;
  /** When a read first showed its payment as paid. `decidedAt` is the time of the last change of state, for example to refunded. */
  takenAt: number | null;
  paymentId: string | null;
  /** The answer of its own create named `paymentId` with this attempt's amount. */
  amountConfirmed: boolean;
  /** The last status that the gateway gave for it. */
  gatewayStatus: string | null;
  mismatch: Mismatch | null;
  /** The term that an earlier read contradicted. A read without that member does not clear it. */
  contradicted: "currency" | "profile" | null;
  /** When its newest poll began. The poll that follows a callback waits HINT_PAUSE after it. */
  lastPollStartedAt: number | null;
  /** The newest callback that still needs a poll with a readable answer; null without one. */
  hint: Hint | null;
  /** A callback came for it: the gateway may know a payment of it that the reads do not show yet (P1.5). */
  wasCalledBack: boolean;
  /** Gateway order_ids without a payment, by the reads before the first send. */
  freeOrderIds: string[];
  /** When the poll began that gave the first "never seen" that counts. */
  neverSeenAt: number | null;
  /** An operator assigned its payment. That payment's amount, date and terms are not compared any more (M8, resolve). */
  assignedByOperator: boolean;
  /** The gateway said that its payment is a test, which moves no money (P12). */
  isTest: boolean;
  ledger: Ledger | null;
}

/** What a merchant can do with a payment. */
export type OperationKind = "clearing" | "reverse" | "refund";

/** The state of an operation. `not_done`: it was never sent, an operator ended it, or the payment changed another way first (M8.6). */
export type OperationState = "undecided" | "done" | "refused" | "not_done";

/** An operation's payment before its send, and how long it has not changed since (P10). */
export interface OperationBaseline {
  /** Minor units. Refunds without ids are compared by their sum. */
  readonly refunded: number;
  /** When the poll began that first showed no change and counts; null before it. */
  unchangedAt: number | null;
}

/** One clearing, reverse or refund that the merchant asked for (M8). */
export interface Operation extends PendingCall {
  readonly kind: OperationKind;
  /** The number of the attempt whose payment it changes. */
  readonly attempt: number;
  /** Minor units; null: everything that is left. */
  readonly requestedAmount: number | null;
  /** Set by the read before the send. Null before it, and for a reverse. */
  amount: number | null;
  /** The exact text of every send; null before the first read. */
  body: string | null;
  state: OperationState;
  refusal: { code: ProblemCode; gatewayCode: string | null; description: string | null } | null;
  /** The ids of all rows that were known before the send. None of them can be its own. */
  knownRows: string[];
  /** The id of the row that the gateway's answer named. */
  namedRow: string | null;
  /** What a read is compared with while it is sent and undecided; absent otherwise, because a record keeps 200 ended operations (P10). */
  baseline?: OperationBaseline;
}

/** A payment that an operator named, and how reading it ended (M8, resolve). */
export interface Resolution {
  readonly number: number;
  readonly paymentId: string;
  readonly note: string;
  readonly at: number;
  state: "reading" | "adopted" | "refused" | "unavailable";
  /** When the read counts as lost. */
  nextPollAt: number | null;
}

/** Something that the merchant has to look at. Raised once for each reason and attempt. */
export interface Attention {
  readonly at: number;
  readonly reason: AttentionReason;
  readonly attempt: number | null;
  readonly operation: number | null;
  readonly detail: string | null;
}

/** Everything that is stored of one order. */
export interface ChargeRecord {
  readonly version: typeof RECORD_VERSION;
  readonly orderId: string;
  /** Null while the settings name the order's home. */
  gatewayChanged: GatewayChanged | null;
  /** How many Idempotency-Keys transitions have bound. */
  boundKeys: number;
  /** `iat` of the newest token that was accepted, in seconds (M2). */
  newestIssuedAt: number | null;
  closedAt: number | null;
  /** When it was redacted: what remains prevents a second charge (M10). */
  redactedAt: number | null;
  attempts: Attempt[];
  operations: Operation[];
  resolutions: Resolution[];
  attention: Attention[];
  /** When a GET last started a poll. */
  hintedAt: number | null;
  /** When the view that a shopper can see last changed. Retention counts from it (M10.6). */
  updatedAt: number | null;
  /** The number of the newest notification. */
  sequence: number;
}

/** A bound Idempotency-Key. It is never unbound (M2). */
export interface KeyBinding {
  /** `shopper pay`, `merchant pay`, …: caller and operation. */
  readonly scope: string;
  readonly key: string;
  /** The content of the request that bound it, compared as text. */
  readonly content: string;
  /** The number of the attempt, operation or resolution that it began or joined. */
  readonly subject: number;
}

/** A row of the outbox: one notification with the whole charge in the merchant's view. */
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

/** The longest stored text of the gateway, and the longest stored status or code, in characters. */
const MAX_TEXT = 160;
const MAX_CODE = 32;

/** A text of the gateway as it is stored: without control characters, and cut to MAX_TEXT. */
export function storedText(text: string | null | undefined): string | null {
  return text?.slice(0, MAX_TEXT).replaceAll(/[\p{Cc}\p{Cs}]/gu, " ") ?? null;
}

/** A status or code of the gateway as it is stored. */
export function storedCode(text: string | null | undefined): string | null {
  return storedText(text)?.slice(0, MAX_CODE) ?? null;
}

/** A payment id as it is stored: printable, at most 64 characters. Null for any other, because no read could name it. */
export function storedPaymentId(id: string | undefined): string | null {
  return id !== undefined && /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(id) ? id : null;
}

/** Whether two ids of the gateway are the same. A UUID may be written in either case. */
export function isSameId(one: string | null | undefined, other: string | null | undefined): boolean {
  return typeof one === "string" && typeof other === "string" && one.toLowerCase() === other.toLowerCase();
}

/** The record of an order of which nothing is stored. A stored record that cannot be read throws, and never becomes a new one (M9.8). */
export function newRecord(orderId: string): ChargeRecord {
  return {
    version: RECORD_VERSION,
    orderId,
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

/**
 * The content that a payment's Idempotency-Key is stored with, and compared with later (M2.1). It is a storage format: with another one
 * every repeated key would be refused as reused.
 */
export function termsText({ amount, currency, user_id, pay_with, profile_id, save_card_months, auto_clearing }: Terms): string {
  if (pay_with === "profile") return JSON.stringify([amount, currency, user_id, profile_id, auto_clearing]);
  return JSON.stringify([amount, currency, user_id, { payment_page: { save_card_months } }, auto_clearing]);
}

/** Whether all terms are equal. Not for a redacted order, whose user_id and profile_id are empty. */
export function sameTerms(one: Terms, other: Terms): boolean {
  return termsText(one) === termsText(other);
}
