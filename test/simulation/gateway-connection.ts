/**
 * The connection between the edge and the simulator's pure model: latency, faults, signature check, callbacks. Answers are classified by
 * the package's own code.
 */
import { outcomeOfResponse, outcomeOfThrow } from "../../src/outcome.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { ActionSpec, UnsignedCall } from "../../src/payment.ts";
import type { Call, Edit, Fault, ModelState, Payment, PlannedCallback, Plan, Queued, Reply } from "../../src/simulator/index.ts";
import { advance, AnswerLost, checkBefore, PAYS_AT_ONCE, receive, rejectResult } from "../../src/simulator/index.ts";
import { responseOf } from "../../src/simulator/response.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Prng } from "./prng.ts";
import type { CallbackAnswer, SimulationEvent, InFlightCall } from "./simulation-event.ts";
import { withOddRows } from "./odd-rows.ts";
import type { CallKind, Scenario, CallFault } from "./scenario.ts";
import { MINUTE, SECOND, START } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** The time-out of the edge for one call. */
const TIME_OUT = 20 * SECOND;

/** A result callback without an answer is repeated every half hour, four times (contract, "Callbacks"). */
const RESULT_REPEATS = 4;
const RESULT_PAUSE = 30 * MINUTE;

const KINDS: Readonly<Record<string, CallKind>> = {
  "gateway.payment.create": "create",
  "gateway.payment.status": "payment_status",
  "gateway.request.status": "request_status",
};

/** The part of the world that the connection uses. */
export interface ConnectionWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  /** The gateway keys that are accepted now. */
  acceptedKeys(): readonly string[];
  emit(event: SimulationEvent): void;
  /** Notes that something may delay the edge, from now on for this many ms. */
  noteDisturbance(milliseconds?: number): void;
  /** Delivers a callback to the edge. */
  deliver(callback: PlannedCallback): CallbackAnswer;
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

/** The connection to one gateway as one of its merchants. */
export class GatewayConnection {
  readonly to: Home;
  /** The gateway's books for that merchant. */
  readonly model: ModelState;
  readonly #world: ConnectionWorld;
  readonly #prng: Prng;
  readonly #callsByKind: Record<CallKind, number> = { create: 0, payment_status: 0, request_status: 0, edit: 0 };
  readonly #callFaults: ReadonlyMap<string, CallFault>;
  readonly #sentRequestIds = new Set<string>();
  readonly #scheduledItems = new WeakSet<Queued>();
  #callCount = 0;
  #paymentsMade = 0;
  #faultsStopped = false;

  constructor(world: ConnectionWorld, to: Home, model: ModelState, prng: Prng) {
    this.#world = world;
    this.to = to;
    this.model = model;
    this.#prng = prng;
    this.#callFaults = new Map(world.scenario.callFaults.map((callFault) => [`${callFault.on} ${callFault.nth}`, callFault]));
  }

  /**
   * Sends a call. The promise is settled by the schedule, and only while the incarnation that sent the call is alive.
   * @param key the gateway key that signs it
   */
  send<Answer>(call: UnsignedCall<Answer>, key: string, isAlive: () => boolean): Promise<Outcome<Answer>> {
    const { schedule } = this.#world;
    const on = KINDS[call.action.name] ?? "edit";
    this.#callsByKind[on] += 1;
    this.#callCount += 1;
    const callFault = this.#faultsStopped ? null : (this.#callFaults.get(`${on} ${this.#callsByKind[on]}`) ?? null);
    const isResend = this.#sentRequestIds.has(call.requestId);
    this.#sentRequestIds.add(call.requestId);
    const inFlight: InFlightCall = { number: this.#callCount, call, to: this.to, key, sentAt: schedule.now, callFault, isResend };
    this.#world.emit({ type: "call_sent", inFlight });
    if (callFault !== null) this.#world.noteDisturbance(TIME_OUT);
    return new Promise((resolve) => {
      let ended = false;
      const end = (outcome: Promise<Outcome<Answer>>): void => {
        if (ended) return;
        ended = true;
        const isDelivered = isAlive();
        void outcome.then((known) => {
          this.#world.emit({ type: "call_ended", inFlight, outcome: known, isDelivered });
          if (isDelivered) resolve(known);
        });
      };
      schedule.after(TIME_OUT, () => end(Promise.resolve(outcomeOfThrow(new DOMException("", "TimeoutError")))));
      schedule.after(this.#latency(), () => this.#arrive(inFlight, (reply) => end(classify(call.action, reply))));
    });
  }

  /** From now on no call fails and no outage continues. */
  stopFaults(): void {
    this.#faultsStopped = true;
    this.model.outages.length = 0;
  }

  /** Lets the gateway process calls that it accepted late, and edits in the merchant's cabinet. */
  progress(): void {
    const { model } = this;
    const { schedule } = this.#world;
    for (let next = model.queue[0]; next !== undefined && next.at <= schedule.now; next = model.queue[0]) {
      const { at } = next;
      const call = next.kind === "call" ? next.call : null;
      const callbacks = this.#recordBookChanges(call, true, () => advance(model, at));
      this.#callBack(callbacks);
    }
    this.#scheduleQueue();
  }

  #latency(): number {
    return this.#prng.int(4, 60);
  }

  /** The call reaches the gateway. The gateway checks the signature; before a create it may send a check callback. */
  #arrive(inFlight: InFlightCall, reply: (reply: Reply | null) => void): void {
    const { model } = this;
    const { schedule, scenario } = this.#world;
    this.progress();
    const call: Call = { action: inFlight.call.action.name, requestId: inFlight.call.requestId, body: inFlight.call.body };
    if (!this.#world.acceptedKeys().includes(inFlight.key)) {
      this.#world.noteDisturbance();
      this.#world.emit({ type: "call_received", inFlight, receipt: "key refused" });
      const fault: Fault = { acts: false, answer: { httpStatus: 401, code: "1100" } };
      const refused = receive(model, call, schedule.now, fault);
      schedule.after(this.#latency(), () => reply(refused.reply));
      return;
    }
    const fault = this.#consistentFault(inFlight, call);
    const mayAct = fault.acts !== false && fault.actsAfter === undefined && fault.refuses === undefined;
    const check = mayAct && !this.#isAway() ? checkBefore(model, call, schedule.now, this.#plan()) : null;
    if (check === null) this.#receive(inFlight, call, fault, reply);
    else {
      schedule.after(this.#latency(), () => {
        const answer = this.#world.deliver(check);
        this.#world.emit({ type: "callback_delivered", callback: check, answer });
        schedule.after(this.#latency(), () => {
          this.progress();
          this.#receive(inFlight, call, answer === "rejected" && scenario.honorsCheck ? { ...fault, declines: "10021" } : fault, reply);
        });
      });
    }
  }

  #isAway(): boolean {
    const { schedule } = this.#world;
    return this.model.outages.some(({ from, until }) => from <= schedule.now && schedule.now < until);
  }

  #receive(inFlight: InFlightCall, call: Call, fault: Fault, reply: (reply: Reply | null) => void): void {
    const { schedule } = this.#world;
    const plan = this.#plan();
    const isInOutage = this.#isAway();
    const received: { receipt?: ReturnType<typeof receive> } = {};
    const callbacks = this.#recordBookChanges(call, false, () => {
      received.receipt = receive(this.model, call, schedule.now, fault, plan);
      return received.receipt.callbacks;
    });
    const { receipt } = received;
    if (receipt === undefined) return;
    this.#world.emit({ type: "call_received", inFlight, receipt });
    this.#callBack(callbacks);
    this.#scheduleQueue();
    const hangs = receipt.reply === null && (inFlight.callFault?.hangs === true || (isInOutage && inFlight.number % 2 === 0));
    // While a call hangs, the attempt's next poll waits for it.
    if (isInOutage) this.#world.noteDisturbance(hangs ? TIME_OUT : 0);
    if (hangs) return;
    const answer = this.#asWritten(call, receipt.reply);
    schedule.at(receipt.repliesAt + this.#latency(), () => reply(answer));
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
  #consistentFault(inFlight: InFlightCall, call: Call): Fault {
    const fault = inFlight.callFault?.fault ?? {};
    if (fault.refuses === undefined) return fault;
    const { model } = this;
    const orderId = orderOf(call);
    const isQueued = model.queue.some(
      (item) => item.kind === "call" && (item.call.requestId === call.requestId || (orderId !== null && orderOf(item.call) === orderId)),
    );
    if (!isQueued && !model.requests.has(call.requestId) && (orderId === null || !model.orders.has(orderId))) return fault;
    return inFlight.isResend ? { answer: { httpStatus: fault.refuses.httpStatus ?? 200, code: fault.refuses.code } } : {};
  }

  /** Changes the gateway's books and emits an event with the difference. */
  #recordBookChanges(call: Call | null, late: boolean, act: () => readonly PlannedCallback[]): readonly PlannedCallback[] {
    const { model } = this;
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

  #callBack(callbacks: readonly PlannedCallback[]): void {
    const { schedule } = this.#world;
    for (const callback of callbacks) {
      schedule.at(callback.at + this.#latency(), () => this.#deliver(callback, RESULT_REPEATS));
    }
  }

  /** Repeats a result that was not answered. For an answer `rejected` the gateway refunds the payment. */
  #deliver(callback: PlannedCallback, repeats: number): void {
    const answer = this.#world.deliver(callback);
    this.#world.emit({ type: "callback_delivered", callback, answer });
    if (answer === "rejected") this.#refundRejected(callback);
    if (answer === "unanswered" && repeats > 0) this.#world.schedule.after(RESULT_PAUSE, () => this.#deliver(callback, repeats - 1));
  }

  /** The gateway refunds the payment (contract, `pg_can_reject`). */
  #refundRejected(callback: PlannedCallback): void {
    this.progress();
    this.#recordBookChanges({ action: "rejection", requestId: "", body: {} }, false, () => {
      rejectResult(this.model, callback, this.#world.schedule.now);
      return [];
    });
    this.#scheduleQueue();
  }

  #scheduleQueue(): void {
    const { schedule } = this.#world;
    for (const item of this.model.queue) {
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
