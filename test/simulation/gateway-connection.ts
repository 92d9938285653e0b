/**
 * The connection between the edge and the simulator's pure model: latency, faults, signature check, callbacks. Answers are classified by
 * the package's own code.
 */
import { outcomeOfResponse, outcomeOfThrow } from "../../src/outcome.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { ActionSpec } from "../../src/payment.ts";
import type {
  Call,
  CallOutcome,
  Edit,
  Fault,
  MerchantCall,
  ModelState,
  Payment,
  PlannedCallback,
  Plan,
  Queued,
  Reply,
  SimulatedPage,
} from "../../src/simulator/index.ts";
import { advance, AnswerLost, checkBefore, checkBeforeCharge, PAYS_AT_ONCE, receive, rejectResult } from "../../src/simulator/index.ts";
import { responseOf } from "../../src/simulator/response.ts";
import type { GatewayCall, GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import { isMerchantCall } from "../../edge/machine/gateway-call.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Books } from "./books.ts";
import { apiOf, kindOf, namesOf } from "./call-facts.ts";
import type { Modules } from "./edge-modules.ts";
import { classifyForm, notIdentified, readForm, receiveForm, signedForm } from "./merchant-gateway.ts";
import type { Prng } from "./prng.ts";
import type { CallbackAnswer, SimulationEvent, InFlightCall } from "./simulation-event.ts";
import type { PageGateway } from "./page-shoppers.ts";
import { PageShoppers } from "./page-shoppers.ts";
import { withOddRows } from "./odd-rows.ts";
import type { CallKind, Scenario, CallFault } from "./scenario.ts";
import { MINUTE, SECOND, START } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** The time-out of the edge for one call. */
const TIME_OUT = 20 * SECOND;

/** A result callback without an answer is repeated every half hour, four times (contract, "Callbacks"). */
const RESULT_REPEATS = 4;
const RESULT_PAUSE = 30 * MINUTE;

/** The part of the world that the connection uses. */
export interface ConnectionWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  /** The edge as it is deployed now. */
  readonly edge: Modules;
  /** The gateway keys that are accepted now. */
  acceptedKeys(): readonly string[];
  emit(event: SimulationEvent): void;
  /** Notes that something may delay the edge, from now on for this many ms. */
  noteDisturbance(milliseconds?: number): void;
  /** Delivers a notification about a payment page. It may not be answered. */
  notify(callback: PlannedCallback, signedWith: string | null): Promise<CallbackAnswer>;
  /** A browser comes back from a payment page. */
  returned(page: SimulatedPage, by: "paid" | "failed"): void;
  /** Delivers a callback to the edge. @param signedWith the gateway key; null for a callback that is not signed, or not by the gateway */
  deliver(callback: PlannedCallback, signedWith: string | null): CallbackAnswer;
}

/** Outcomes by answer. Equal bytes have equal outcomes, whatever the call. */
const outcomeCache = new Map<string, Outcome<unknown>>();

/** Classifies an answer by the code that the edge itself uses. Bodies are read by promises alone, so a run is reproducible. */
export async function classify<Answer>(action: ActionSpec<Answer>, reply: Reply | null): Promise<Outcome<Answer>> {
  if (reply === null) return outcomeOfThrow(new AnswerLost());
  const text = JSON.stringify([action.name, reply.httpStatus, reply.headers["retry-after"] ?? null, reply.cut, reply.body]);
  const known = outcomeCache.get(text);
  if (known !== undefined) return known as Outcome<Answer>;
  const outcome = await outcomeOfResponse(action, responseOf(reply));
  if (outcomeCache.size > 20_000) outcomeCache.clear();
  outcomeCache.set(text, outcome);
  return outcome;
}

/** A call that has arrived: as the Async API reads it, or as the Merchant API does. Null: the merchant is not identified. */
type Arrived = { readonly api: "async"; readonly call: Call } | { readonly api: "merchant"; readonly call: MerchantCall | null };

/** The connection to one gateway as one of its merchants. */
export class GatewayConnection {
  readonly to: Home;
  /** The gateway's books for that merchant. */
  readonly books: Books;
  /** The shoppers on its payment pages. */
  readonly shoppers: PageShoppers;
  readonly #world: ConnectionWorld;
  readonly #prng: Prng;
  readonly #callsByKind: Record<CallKind, number> = { create: 0, payment_status: 0, request_status: 0, edit: 0, page: 0, cards: 0 };
  readonly #callFaults: ReadonlyMap<string, CallFault>;
  readonly #sentRequestIds = new Set<string>();
  readonly #scheduledItems = new WeakSet<Queued>();
  /** The calls of the Merchant API that are accepted late. */
  readonly #lateCalls = new WeakMap<Queued, Call>();
  /** The signed forms of calls in flight. */
  readonly #forms = new WeakMap<InFlightCall, string>();
  #callCount = 0;
  #paymentsMade = 0;
  #faultsStopped = false;

  constructor(world: ConnectionWorld, to: Home, books: Books, prng: Prng) {
    this.#world = world;
    this.to = to;
    this.books = books;
    this.#prng = prng;
    this.shoppers = new PageShoppers(this.#pageGateway(), books.models.merchant);
    this.#callFaults = new Map(world.scenario.callFaults.map((callFault) => [`${callFault.on} ${callFault.nth}`, callFault]));
  }

  /**
   * Sends a call. The promise is settled by the schedule, and only while the incarnation that sent the call is alive.
   * @param key the gateway key that signs it
   */
  send<Answer>(call: GatewayCall<Answer>, key: string, isAlive: () => boolean): Promise<GatewayOutcome<Answer>> {
    const { schedule, edge } = this.#world;
    const on = kindOf(call);
    this.#callsByKind[on] += 1;
    this.#callCount += 1;
    const planned = this.#faultsStopped ? null : (this.#callFaults.get(`${on} ${this.#callsByKind[on]}`) ?? null);
    const callFault = planned?.api === "merchant" && !isMerchantCall(call) ? null : planned;
    const isResend = this.#sentRequestIds.has(call.requestId);
    this.#sentRequestIds.add(call.requestId);
    const inFlight: InFlightCall = { number: this.#callCount, call, to: this.to, key, sentAt: schedule.now, callFault, isResend };
    if (isMerchantCall(call)) void signedForm(call, this.to, key).then((form) => this.#forms.set(inFlight, form));
    this.#world.emit({ type: "call_sent", inFlight });
    if (callFault !== null) this.#world.noteDisturbance(TIME_OUT);
    return new Promise((resolve) => {
      let ended = false;
      const end = (outcome: Promise<GatewayOutcome<Answer>>): void => {
        if (ended) return;
        ended = true;
        const isDelivered = isAlive();
        void outcome.then((known) => {
          this.#world.emit({ type: "call_ended", inFlight, outcome: known, isDelivered });
          if (isDelivered) resolve(known);
        });
      };
      schedule.after(TIME_OUT, () => end(Promise.resolve(outcomeOfThrow(new DOMException("", "TimeoutError")))));
      schedule.after(this.#latency(), () =>
        this.#arrive(inFlight, (reply) => end(isMerchantCall(call) ? classifyForm(edge, call, reply, key) : classify(call.action, reply))),
      );
    });
  }

  #pageGateway(): PageGateway {
    const { schedule, scenario } = this.#world;
    const model = this.books.models.merchant;
    return {
      schedule,
      honorsCheck: scenario.honorsCheck,
      latency: () => this.#latency(),
      isOut: () => this.#isAway(model),
      progress: () => this.progress(),
      change: (act) => {
        this.#callBack(model, this.#recordBookChanges(model, null, false, act));
        this.#scheduleQueue();
      },
      ask: async (check) => {
        const signedWith = this.#signature(model, check);
        const answer = await this.#world.notify(check, signedWith);
        this.#world.emit({ type: "callback_delivered", callback: check, signedWith, answer });
        return answer;
      },
      returned: (page, by) => this.#world.returned(page, by),
      emit: (event) => this.#world.emit(event),
    };
  }

  /** From now on no call fails and no outage continues. */
  stopFaults(): void {
    this.#faultsStopped = true;
    for (const model of this.books.all()) model.outages.length = 0;
  }

  /** Lets the gateway process calls that it accepted late, and edits in the merchant's cabinet. */
  progress(): void {
    for (const model of this.books.all()) this.#progressOf(model);
    this.#scheduleQueue();
  }

  #progressOf(model: ModelState): void {
    const { schedule } = this.#world;
    for (let next = model.queue[0]; next !== undefined && next.at <= schedule.now; next = model.queue[0]) {
      const { at } = next;
      const call = next.kind === "call" ? next.call : (this.#lateCalls.get(next) ?? null);
      const callbacks = this.#recordBookChanges(model, call, true, () => advance(model, at));
      this.#callBack(model, callbacks);
    }
  }

  #latency(): number {
    return this.#prng.int(4, 60);
  }

  /** The call reaches the gateway. The gateway checks the signature; before a create it may send a check callback. */
  #arrive(inFlight: InFlightCall, reply: (reply: Reply | null) => void): void {
    const { schedule, scenario } = this.#world;
    this.progress();
    const { call } = inFlight;
    const model = this.books.models[apiOf(call)];
    const arrived = this.#read(inFlight);
    if (arrived.call === null || !this.#world.acceptedKeys().includes(inFlight.key)) {
      this.#world.noteDisturbance();
      this.#world.emit({ type: "call_received", inFlight, receipt: "key refused" });
      const fault: Fault = { acts: false, answer: { httpStatus: 401, code: "1100" } };
      const refused = arrived.api === "merchant" ? notIdentified() : receive(model, arrived.call, schedule.now, fault).reply;
      schedule.after(this.#latency(), () => reply(refused));
      return;
    }
    const fault = this.#consistentFault(inFlight);
    const mayAct = fault.acts !== false && fault.actsAfter === undefined && fault.refuses === undefined;
    const check = mayAct && !this.#isAway(model) ? this.#checkBefore(model, arrived) : null;
    if (check === null) this.#receive(inFlight, arrived, fault, reply);
    else {
      schedule.after(this.#latency(), () => {
        const signedWith = this.#signature(model, check);
        const answer = this.#world.deliver(check, signedWith);
        this.#world.emit({ type: "callback_delivered", callback: check, signedWith, answer });
        schedule.after(this.#latency(), () => {
          this.progress();
          this.#receive(inFlight, arrived, answer === "rejected" && scenario.honorsCheck ? { ...fault, declines: "10021" } : fault, reply);
        });
      });
    }
  }

  #read(inFlight: InFlightCall): Arrived {
    const { call } = inFlight;
    if (!isMerchantCall(call)) return { api: "async", call: { action: call.action.name, requestId: call.requestId, body: call.body } };
    const secretKeys = this.#world.acceptedKeys();
    const form = this.#forms.get(inFlight) ?? "";
    return { api: "merchant", call: readForm(call, form, { merchantId: this.to.merchantId, secretKeys }) };
  }

  #checkBefore(model: ModelState, { api, call }: Arrived): PlannedCallback | null {
    const { now } = this.#world.schedule;
    if (api === "async") return checkBefore(model, call, now, this.#plan());
    return call === null ? null : checkBeforeCharge(model, call, now, this.#plan());
  }

  #isAway(model: ModelState): boolean {
    const { schedule } = this.#world;
    return model.outages.some(({ from, until }) => from <= schedule.now && schedule.now < until);
  }

  #receive(inFlight: InFlightCall, arrived: Arrived, fault: Fault, reply: (reply: Reply | null) => void): void {
    const { schedule } = this.#world;
    const { call } = inFlight;
    const asCall: Call = { action: call.action.name, requestId: call.requestId, body: call.body };
    const model = this.books.models[arrived.api];
    const isInOutage = this.#isAway(model);
    const received: { receipt?: CallOutcome } = {};
    const callbacks = this.#recordBookChanges(model, asCall, false, () => {
      received.receipt = this.#receipt(model, arrived, inFlight.callFault, fault);
      return received.receipt.callbacks;
    });
    const { receipt } = received;
    if (receipt === undefined) return;
    if (arrived.api === "merchant") this.#keepLateCall(model, asCall, receipt.actsAt);
    this.#world.emit({ type: "call_received", inFlight, receipt });
    this.#callBack(model, callbacks);
    this.#scheduleQueue();
    const hangs = receipt.reply === null && (inFlight.callFault?.hangs === true || (isInOutage && inFlight.number % 2 === 0));
    // While a call hangs, the attempt's next poll waits for it.
    if (isInOutage) this.#world.noteDisturbance(hangs ? TIME_OUT : 0);
    if (hangs) return;
    const answer = this.#asWritten(asCall, receipt.reply);
    schedule.at(receipt.repliesAt + this.#latency(), () => reply(answer));
  }

  #receipt(model: ModelState, { api, call }: Arrived, callFault: CallFault | null, fault: Fault): CallOutcome {
    const { now } = this.#world.schedule;
    const plan = this.#plan();
    if (api === "async") return receive(model, call, now, fault, plan);
    if (call === null) throw new Error("A call of a merchant that is not identified is not received");
    // An outage answers before anybody signs.
    const twist = this.#isAway(model) ? undefined : callFault?.twist;
    return receiveForm(model, call, { now, fault, plan, twist });
  }

  /** Remembers which call an item of the queue is, because the Merchant API keeps none. */
  #keepLateCall(model: ModelState, call: Call, actsAt: number | null): void {
    const { now } = this.#world.schedule;
    const item = model.queue.find(
      (one) => one.at === actsAt && !this.#lateCalls.has(one) && (one.kind === "charge" || one.kind === "edit"),
    );
    if (item !== undefined && actsAt !== null && actsAt > now) this.#lateCalls.set(item, call);
  }

  /** The plan of the next payment. */
  #plan(): Plan {
    return this.#world.scenario.plans[this.#paymentsMade] ?? PAYS_AT_ONCE;
  }

  /** The answer as this gateway writes it now. */
  #asWritten(call: Call, reply: Reply | null): Reply | null {
    const { schedule, scenario } = this.#world;
    const odd = scenario.oddRows;
    if (reply === null || odd === null || call.action !== "gateway.payment.status") return reply;
    const since = schedule.now - START - odd.from;
    if (since < 0 || since >= (odd.lasts ?? Number.POSITIVE_INFINITY)) return reply;
    const answer = withOddRows(reply, odd.how);
    if (answer !== reply) this.#world.emit({ type: "odd_rows", how: odd.how });
    return answer;
  }

  /**
   * Drops a refusal that contradicts the gateway's books. A gateway that has a payment under the order_id, or an accepted request under the
   * id, does not refuse it. A proxy in front of it may still refuse a resend.
   */
  #consistentFault({ call, callFault, isResend }: InFlightCall): Fault {
    const fault = callFault?.fault ?? {};
    if (fault.refuses === undefined) return fault;
    const model = this.books.models[apiOf(call)];
    const orderId = kindOf(call) === "create" ? namesOf(call).orderId : null;
    const isQueued = model.queue.some((item) => {
      if (item.kind === "call") return item.call.requestId === call.requestId || (orderId !== null && orderOf(item.call) === orderId);
      return item.kind === "charge" && item.parsed.orderId === orderId;
    });
    if (!isQueued && !model.requests.has(call.requestId) && (orderId === null || !model.orders.has(orderId))) return fault;
    return isResend ? { answer: { httpStatus: fault.refuses.httpStatus ?? 200, code: fault.refuses.code } } : {};
  }

  /** Changes the gateway's books and emits an event with the difference. */
  #recordBookChanges(
    model: ModelState,
    call: Call | null,
    late: boolean,
    act: () => readonly PlannedCallback[],
  ): readonly PlannedCallback[] {
    const paymentsBefore = model.payments.size;
    const edits = (): Edit[] => [...model.payments.values()].flatMap((payment) => payment.edits);
    const editsBefore = new Set(edits());
    const callbacks = act();
    const made: Payment | null = model.payments.size > paymentsBefore ? ([...model.payments.values()].at(-1) ?? null) : null;
    const edit = edits().find((one) => !editsBefore.has(one)) ?? null;
    if (made !== null) this.#paymentsMade += 1;
    if (made !== null || edit !== null) {
      this.#world.emit({ type: "gateway_acted", call: call ?? { action: "cabinet", requestId: "", body: {} }, made, edit, late });
    }
    return callbacks;
  }

  #callBack(model: ModelState, callbacks: readonly PlannedCallback[]): void {
    const { schedule } = this.#world;
    for (const callback of callbacks) {
      schedule.at(callback.at + this.#latency(), () => this.#deliver(model, callback, RESULT_REPEATS));
    }
  }

  /** The key that signs a notification of the Merchant API. The format of v5's callbacks is not published. */
  #signature(model: ModelState, { forged }: PlannedCallback): string | null {
    return model === this.books.models.merchant && !forged ? (this.#world.acceptedKeys()[0] ?? null) : null;
  }

  /** Repeats a result that was not answered. For an answer `rejected` the gateway refunds the payment. */
  #deliver(model: ModelState, callback: PlannedCallback, repeats: number): void {
    const signedWith = this.#signature(model, callback);
    const isOfPage = model.pages.size > 0 && this.books.pageOf(callback.facts.order_id) !== undefined;
    if (!isOfPage) this.#answered(model, callback, repeats, this.#world.deliver(callback, signedWith));
    else this.#notify(model, callback, repeats, signedWith);
  }

  /** Sends a result of a page. Without an answer in time it is repeated. */
  #notify(model: ModelState, callback: PlannedCallback, repeats: number, signedWith: string | null): void {
    let isEnded = false;
    const end = (answer: CallbackAnswer): void => {
      if (!isEnded) this.#answered(model, callback, repeats, answer);
      isEnded = true;
    };
    this.#world.schedule.after(TIME_OUT, () => end("unanswered"));
    void this.#world.notify(callback, signedWith).then(end);
  }

  #answered(model: ModelState, callback: PlannedCallback, repeats: number, answer: CallbackAnswer): void {
    const signedWith = this.#signature(model, callback);
    this.#world.emit({ type: "callback_delivered", callback, signedWith, answer });
    if (answer === "rejected") this.#refundRejected(model, callback);
    if (answer === "unanswered" && repeats > 0) this.#world.schedule.after(RESULT_PAUSE, () => this.#deliver(model, callback, repeats - 1));
  }

  /** The gateway refunds the payment (contract, `pg_can_reject`). */
  #refundRejected(model: ModelState, callback: PlannedCallback): void {
    this.progress();
    this.#recordBookChanges(model, { action: "rejection", requestId: "", body: {} }, false, () => {
      rejectResult(model, callback, this.#world.schedule.now);
      return [];
    });
    this.#scheduleQueue();
  }

  #scheduleQueue(): void {
    const { schedule } = this.#world;
    for (const item of this.books.all().flatMap(({ queue }) => queue)) {
      if (this.#scheduledItems.has(item)) continue;
      this.#scheduledItems.add(item);
      schedule.at(item.at, () => this.progress());
    }
  }
}

/** The order_id of a create; null for any other call. */
function orderOf(call: Call): string | null {
  if (call.action !== "gateway.payment.create") return null;
  const body = typeof call.body === "string" ? (JSON.parse(call.body) as Record<string, unknown>) : call.body;
  return typeof body["order_id"] === "string" ? body["order_id"] : null;
}
