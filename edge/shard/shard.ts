/**
 * One shard: the orders that share an object, and the calls that it answers. It decides nothing by itself. The platform is a port, so the
 * simulation runs this very code.
 */
import type { Charge as ChargeInput } from "../../src/charge-token.ts";
import type { ChargeView, MerchantChargeAnswer, ProblemCode } from "../../src/edge-api.ts";
import { HOUR, SECOND } from "../../src/lib/time.ts";
import { toMinorUnits } from "../../src/money.ts";
import { bindProfile } from "../../src/merchant-api/bound-profile.ts";
import { entityTag, isKnown, readIfNoneMatch } from "../http/entity-tag.ts";
import type { RequestContext } from "../log.ts";
import type { ReceivedCallback } from "../machine/events/callback.ts";
import { answerToCallback, noticeOf, saysTest } from "../machine/events/callback.ts";
import type { ChargeEvent, Decision } from "../machine/event.ts";
import { CLOSE_SCOPE } from "../machine/events/close.ts";
import { operationScope } from "../machine/events/operate.ts";
import { conflictsOnRead, payScope } from "../machine/events/pay.ts";
import { RESOLVE_SCOPE } from "../machine/events/resolve.ts";
import { startingWith } from "../machine/first-request-id.ts";
import type { RequestedChange } from "../machine/not-allowed.ts";
import { whyEnded, whyNotAllowed, whyNotAssigned, whyNotSentAgain } from "../machine/not-allowed.ts";
import type { ProfileOffer } from "../machine/page-record.ts";
import type { Attempt, ChargeRecord, Operation, Resolution } from "../machine/record.ts";
import { currentRecord } from "../machine/runner.ts";
import { chargeView, merchantChargeView } from "../machine/view.ts";
import type {
  CallbackRequest,
  CallbackResponse,
  CloseRequest,
  NotifyRequest,
  OperateRequest,
  OperationResponse,
  PayRequest,
  PayResponse,
  ReadRequest,
  ReadResponse,
  Refusal,
  ResolveRequest,
  ReturnRequest,
  ReturnResponse,
} from "../rpc.ts";
import { UnreadableRecord } from "../storage/order-store.ts";
import { DueOrders } from "./due-orders.ts";
import type { OrderCall, ShardPlatform } from "./orders.ts";
import { Orders } from "./orders.ts";
import { PostLimit } from "./post-limit.ts";

/** How long an operation, a resolve and a notify wait for the outcome. */
const OPERATION_WAIT = 10 * SECOND;

/** How long a request to pay waits for the read of an open page. */
const PAGE_READ_WAIT = 10 * SECOND;

/** How often a full shard is written to the log. */
const FULL_LOG_INTERVAL = HOUR;

/** Seconds after which a caller who could not wait may ask again, and up to twice as long. */
const ASK_AGAIN = 2;

/** The answer to a payment while the merchant has stopped them (M2.14). */
const STOPPED: Refusal = {
  ok: false,
  code: "unavailable",
  retryAfter: 300,
  detail: "ACCEPT_PAYMENTS is false: no payment begins now",
};

/** The scope of the Idempotency-Key of a notify. */
const NOTIFY_SCOPE = "merchant notify";

type PayEvent = Extract<ChargeEvent, { type: "pay" }>;

/** The attempt whose page is read first, and since when. */
interface AskedPage {
  readonly asksPage: number;
  readonly askedAt: number;
}

/** The calls of one shard. */
export class Shard {
  readonly #platform: ShardPlatform;
  readonly #orders: Orders;
  readonly #due: DueOrders;
  readonly #posts = new PostLimit();
  #fullLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(platform: ShardPlatform) {
    this.#platform = platform;
    this.#orders = new Orders(platform);
    this.#due = new DueOrders(this.#orders);
  }

  /** Begins an attempt, joins the undecided one, or answers what a known key has led to (M2). While payments are stopped: the last alone. */
  pay(request: PayRequest): Promise<PayResponse> {
    const { request: context, key, issuedAt, waitSeconds, acceptsPayments, ...input } = request;
    const { charge, caller } = request;
    return this.#call(charge.order_id, context, async (order) => {
      const { store, ports, orderId } = order;
      const bound = store.binding(payScope(caller), key);
      if (bound === null && !acceptsPayments) return STOPPED;
      if (this.#orders.store.isFull() && store.load() === null) return this.#refuseNew();
      const wait = bound === null ? this.#posts.count(orderId, this.#platform.now()) : 0;
      if (wait > 0) return { ok: false, code: "rate_limited", retryAfter: wait };
      const event: PayEvent = { type: "pay", key, bound, input, issuedAt, askedAt: null };
      const askedAt = this.#platform.now();
      let reply = this.#orders.decide(startingWith(context.requestId, ports), event);
      if (!reply.ok && reply.asksPage !== undefined)
        reply = await this.#decideAfterRead(order, event, { askedAt, asksPage: reply.asksPage });
      if (!reply.ok) return this.#refusal(order, reply);
      await this.#until(orderId, () => !isAwaited(currentRecord(ports)), waitSeconds * SECOND);
      return { ok: true, began: reply.began, charge: this.#viewFor(order, currentRecord(ports), caller, charge) };
    });
  }

  /** Decides a request to pay again, once the open page that may give way was read (P6). */
  async #decideAfterRead({ orderId, ports, store }: OrderCall, event: PayEvent, asks: AskedPage): Promise<Decision> {
    const { askedAt, asksPage } = asks;
    await this.#until(orderId, () => isReadSince(currentRecord(ports).attempts[asksPage - 1], askedAt), PAGE_READ_WAIT);
    return this.#orders.decide(ports, { ...event, bound: store.binding(payScope(event.input.caller), event.key), askedAt });
  }

  /** A clearing, a reverse or a refund (M8). A lost answer leaves it undecided, and the charge shows that. */
  operate({ request, orderId, kind, key, amount }: OperateRequest): Promise<OperationResponse> {
    return this.#call(orderId, request, async (order) => {
      const { store, ports } = order;
      if (store.load() === null) return { ok: false, code: "charge_not_found" };
      const bound = store.binding(operationScope(kind), key);
      const requestedAmount = amount === null ? null : toMinorUnits(amount);
      const event = { type: "operate", kind, key, bound, requestedAmount } as const;
      const reply = this.#orders.decide(startingWith(request.requestId, ports), event);
      if (!reply.ok) return this.#refusal(order, reply, kind);
      const operation = (): Operation | undefined => currentRecord(ports).operations[reply.subject - 1];
      await this.#until(orderId, () => operation()?.state !== "undecided", OPERATION_WAIT);
      const record = currentRecord(ports);
      const ended = operation();
      const code = ended?.refusal?.code;
      if (ended === undefined || code === undefined) return { ok: true, charge: this.#answer(order, record) };
      return code === "operation_not_allowed" ? { ok: false, code, detail: whyEnded(ended, record) } : { ok: false, code };
    });
  }

  /** No attempt begins after this, also on an order that was never charged. */
  close({ request, orderId, key }: CloseRequest): Promise<OperationResponse> {
    return this.#call(orderId, request, async (order) => {
      const { store, ports } = order;
      if (this.#orders.store.isFull() && store.load() === null) return this.#refuseNew();
      const reply = this.#orders.decide(ports, { type: "close", key, bound: store.binding(CLOSE_SCOPE, key) });
      return reply.ok ? { ok: true, charge: this.#answer(order, currentRecord(ports)) } : this.#refusal(order, reply);
    });
  }

  /** An operator decides a stuck charge or operation (M8). */
  resolve({ request, orderId, key, paymentId, note }: ResolveRequest): Promise<OperationResponse> {
    return this.#call(orderId, request, async (order) => {
      const { store, ports } = order;
      if (store.load() === null) return { ok: false, code: "charge_not_found" };
      const reply = this.#orders.decide(ports, { type: "resolve", key, paymentId, note, bound: store.binding(RESOLVE_SCOPE, key) });
      if (!reply.ok) return this.#refusal(order, reply, paymentId === null ? "nothing_taken" : "payment_id");
      const state = (): Resolution["state"] | undefined => currentRecord(ports).resolutions[reply.subject - 1]?.state;
      await this.#until(orderId, () => state() !== "reading", OPERATION_WAIT);
      if (state() === "refused") return { ok: false, code: "operation_not_allowed", detail: whyNotAssigned(currentRecord(ports)) };
      if (state() === "unavailable") return { ok: false, code: "unavailable" };
      return { ok: true, charge: this.#answer(order, currentRecord(ports)) };
    });
  }

  /** Sends a notification again, under its own id and with its own content. */
  notify({ request, orderId, key, sequence }: NotifyRequest): Promise<OperationResponse> {
    return this.#call(orderId, request, async (order) => {
      const { store, ports } = order;
      const record = store.load();
      if (record === null) return { ok: false, code: "charge_not_found" };
      if (ports.isAway) return { ok: false, code: "unavailable" };
      // Its keys are gone, and what is still to be sent goes by itself (M10.7).
      if (record.redactedAt !== null) return { ok: false, code: "operation_not_allowed", detail: whyNotSentAgain(sequence, record) };
      const content = JSON.stringify([sequence]);
      const bound = store.binding(NOTIFY_SCOPE, key);
      if (bound !== null && bound.content !== content) return { ok: false, code: "idempotency_key_reused" };
      const subject = bound?.subject ?? store.outbox.resend(sequence, this.#platform.now());
      if (subject === null) return { ok: false, code: "operation_not_allowed", detail: whyNotSentAgain(sequence, currentRecord(ports)) };
      if (bound === null) {
        store.bind({ scope: NOTIFY_SCOPE, key, content, subject });
        this.#orders.dispatcher.resume(orderId);
        store.reschedule();
      }
      await this.#until(orderId, () => !store.outbox.isPending(subject), OPERATION_WAIT);
      return { ok: true, charge: this.#answer(order, currentRecord(ports)) };
    });
  }

  /** The state of the order, at once or when it changes. Starts a poll early. */
  read(request: ReadRequest): Promise<ReadResponse> {
    const { orderId, caller, charge } = request;
    return this.#call(orderId, request.request, async (order) => {
      const { ports, store } = order;
      const record = store.load();
      if (record === null && caller === "merchant") return { ok: false, code: "charge_not_found" };
      if (record !== null && isUnsettled(record)) this.#orders.run(ports, { type: "hint", ticket: null });
      const known = readIfNoneMatch(request.ifNoneMatch);
      const end = this.#platform.now() + request.waitSeconds * SECOND;
      for (;;) {
        const now = currentRecord(ports);
        if (charge !== null && conflictsOnRead(now, charge)) return this.#refusal(order, { ok: false, code: "charge_conflict" });
        const etag = tagOf(now, caller, charge);
        const left = end - this.#platform.now();
        const hasRoom = this.#orders.waiters.hasRoom(orderId);
        // A caller who wanted to wait and could not is told when to ask again.
        const busy = left > 0 && !hasRoom ? { retryAfter: this.#askAgain(orderId) } : {};
        if (!isKnown(etag, known)) return { ok: true, etag, charge: this.#viewFor(order, now, caller, charge), ...busy };
        if (left <= 0 || !hasRoom) return { ok: true, etag, notModified: true, ...busy };
        await this.#orders.waiters.nextChange(orderId, left);
      }
    });
  }

  /**
   * A callback whose ticket the Worker has verified: answered from storage alone; then the payment is polled (M7). If the callback
   * cannot be stored it is not answered, so the gateway repeats it.
   */
  callback({ request, orderId, ...received }: CallbackRequest): Promise<CallbackResponse> {
    return this.#call(orderId, request, async ({ ports, store }) => {
      const offer = await this.#offerIn(store.load(), received);
      // Loaded again, because binding the profile takes a moment.
      const record = store.load();
      const answer = answerToCallback(record, received);
      const { ticket } = received;
      const notice = record === null ? null : noticeOf(record, received, { answer, offer });
      const said = notice === null ? {} : { notice };
      if (record !== null) this.#orders.run(ports, { type: "hint", ticket, isTest: saysTest(record, received), ...said });
      return { ok: true, answer };
    });
  }

  /** The profile that a verified result names, bound to the user of its attempt; null without one (P9). */
  async #offerIn(record: ChargeRecord | null, { ticket, profile = null }: ReceivedCallback): Promise<ProfileOffer | null> {
    const attempt = record?.attempts.find((one) => one.ticket === ticket && one.page !== null);
    if (profile === null || attempt === undefined || record?.redactedAt !== null) return null;
    const { callbackKeys } = this.#platform.settings;
    return { ...profile, profileId: await bindProfile(profile.profileId, attempt.terms.user_id, callbackKeys) };
  }

  /** A shopper came back from a page: where the browser goes next. The code is given to the first who returns as paid (P7). */
  returned({ request, orderId, ticket, by }: ReturnRequest): Promise<ReturnResponse> {
    return this.#call(orderId, request, async ({ ports, store }) => {
      const record = store.load();
      if (record !== null && record.redactedAt !== null) return { ok: true, gone: true };
      const page = record?.attempts.find((attempt) => attempt.page?.returnTicket === ticket)?.page ?? null;
      if (page === null) return { ok: false, code: "charge_not_found" };
      this.#orders.run(ports, { type: "returned", ticket, by });
      return { ok: true, returnUrl: page.returnUrl, code: by === "paid" && !page.isCodeGiven ? page.returnCode : null };
    });
  }

  /** The alarm has fired. */
  alarm(): void {
    this.#due.onAlarm();
  }

  /** Compares the alarm with the rows. Called by a daily index for its unsettled orders, so that a lost alarm is set again. */
  check(): void {
    this.#orders.compareAlarm();
  }

  /** Bytes that the shard stores. */
  usedBytes(): number {
    return this.#orders.store.usedBytes();
  }

  /** Runs a call of one order. A record that cannot be read stops that order alone. */
  async #call<Response>(
    orderId: string,
    request: RequestContext,
    act: (order: OrderCall) => Promise<Response | Refusal>,
  ): Promise<Response | Refusal> {
    try {
      const order = this.#orders.open(orderId, request);
      return order === null ? { ok: false, code: "unavailable" } : await act(order);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#orders.onError(error, { orderId, request });
      this.#platform.log({ event: "attention", order_id: orderId, reason: "record_unreadable" });
      return { ok: false, code: "unavailable" };
    }
  }

  #viewFor(
    order: OrderCall,
    record: ChargeRecord,
    caller: "shopper" | "merchant",
    requested: ChargeInput | null,
  ): ChargeView | MerchantChargeAnswer {
    const view = chargeView(record, requested);
    // A key that is known may be of other terms than the page that is open now (P5).
    return caller === "merchant" ? { ...this.#answer(order, record), payment_page: view.payment_page } : view;
  }

  /** The merchant's view of an order that is stored. */
  #answer({ store }: OrderCall, record: ChargeRecord): MerchantChargeAnswer {
    return { ...merchantChargeView(record), notifications: store.outbox.views() };
  }

  #refusal(
    { store }: OrderCall,
    { code, retryAfter }: { readonly ok: false; readonly code: ProblemCode; readonly retryAfter?: number },
    requested?: RequestedChange,
  ): Refusal {
    const record = store.load();
    const why =
      code === "operation_not_allowed" && record !== null && requested !== undefined ? { detail: whyNotAllowed(requested, record) } : {};
    // A conflict is about other terms, so it shows no page.
    const shown = code === "charge_conflict" && record !== null ? { charge: { ...chargeView(record, null), payment_page: null } } : {};
    return { ok: false, code, ...(retryAfter === undefined ? {} : { retryAfter }), ...shown, ...why };
  }

  /** Refuses an order that is not stored yet, and logs once an hour why. */
  #refuseNew(): Refusal {
    const now = this.#platform.now();
    if (now - this.#fullLoggedAt >= FULL_LOG_INTERVAL) {
      this.#fullLoggedAt = now;
      this.#platform.log({ event: "attention", reason: "storage_full" });
    }
    return { ok: false, code: "unavailable" };
  }

  #askAgain(orderId: string): number {
    return Math.ceil(ASK_AGAIN * (1 + this.#platform.random(orderId).fraction()));
  }

  async #until(orderId: string, condition: () => boolean, most: number): Promise<void> {
    const end = this.#platform.now() + most;
    while (!condition()) {
      const left = end - this.#platform.now();
      if (left <= 0 || !this.#orders.waiters.hasRoom(orderId)) return;
      await this.#orders.waiters.nextChange(orderId, left);
    }
  }
}

function isUndecided(record: ChargeRecord): boolean {
  return record.attempts.some((attempt) => attempt.state === "undecided");
}

/** Whether a caller waits for this order: not once a page can be opened. */
function isAwaited(record: ChargeRecord): boolean {
  return record.attempts.some(({ state, page }) => state === "undecided" && (page === null || page.openedAt === null));
}

/** Whether a poll of a page that began since then has ended. */
function isReadSince(attempt: Attempt | undefined, at: number): boolean {
  if (attempt === undefined || attempt.state !== "undecided") return true;
  return attempt.pollStartedAt === null && attempt.lastPollStartedAt !== null && attempt.lastPollStartedAt >= at;
}

function isUnsettled(record: ChargeRecord): boolean {
  return isUndecided(record) || record.operations.some((operation) => operation.state === "undecided");
}

/**
 * The tag of what a caller is shown. The merchant's leaves out what became of the notifications, so that it changes with the charge
 * alone, and is weak for that (RFC 9110 §8.8.1).
 */
function tagOf(record: ChargeRecord, caller: "shopper" | "merchant", requested: ChargeInput | null): string {
  return caller === "merchant" ? `W/${entityTag(merchantChargeView(record))}` : entityTag(chargeView(record, requested));
}
