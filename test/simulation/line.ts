/**
 * The wire between the edge and the simulator's pure model, and the gateway's door: what leaves, how long it takes, what is done to
 * it on the way, how it ends. Answers go through the package's own classification.
 */
import { outcomeOfResponse, outcomeOfThrow } from "../../src/outcome.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { ActionSpec, UnsignedCall } from "../../src/payment.ts";
import type { Call, Edit, Fault, ModelState, Payment, PlannedCallback, Plan, Queued, Reply } from "../../src/simulator/index.ts";
import { advance, AnswerLost, checkBefore, PAYS_AT_ONCE, receive, rejectResult } from "../../src/simulator/index.ts";
import { responseOf } from "../../src/simulator/response.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Chance } from "./chance.ts";
import type { CallbackAnswer, Happening, Passage } from "./happening.ts";
import { withOddRows } from "./odd-rows.ts";
import type { CallKind, Scenario, Strike } from "./scenario.ts";
import { MINUTE, SECOND, START } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** The edge's time-out for one call. */
const TIME_OUT = 20 * SECOND;

/** A result callback without an answer is repeated every half hour, four times (contract, "Callbacks"). */
const RESULT_REPEATS = 4;
const RESULT_PAUSE = 30 * MINUTE;

const KINDS: Readonly<Record<string, CallKind>> = {
  "gateway.payment.create": "create",
  "gateway.payment.status": "payment_status",
  "gateway.request.status": "request_status",
};

/** What the line needs from the world it is in. */
export interface LineWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  /** The gateway keys that are accepted now. */
  accepts(): readonly string[];
  emit(happening: Happening): void;
  /** Something may cost time: from now on, for so many ms. */
  disturb(milliseconds?: number): void;
  /** A callback arrives at the edge. */
  deliver(callback: PlannedCallback): CallbackAnswer;
}

/** Outcomes by what was answered: the same bytes mean the same, whoever asks. */
const memory = new Map<string, Outcome<unknown>>();

/** What an answer means, by the classification that the edge itself uses. Bodies are read by promises alone, so it replays. */
export async function classify<Answer>(action: ActionSpec<Answer>, reply: Reply | null): Promise<Outcome<Answer>> {
  if (reply === null) return outcomeOfThrow(new AnswerLost());
  const text = JSON.stringify([action.name, reply.httpStatus, reply.headers["retry-after"] ?? null, reply.cut, reply.body]);
  const known = memory.get(text);
  if (known !== undefined) return known as Outcome<Answer>;
  const outcome = await outcomeOfResponse(action, responseOf(reply));
  if (memory.size > 20_000) memory.clear();
  memory.set(text, outcome);
  return outcome;
}

/** The wire to one gateway as one of its merchants, and its door. */
export class Line {
  readonly to: Home;
  /** The gateway's books of that merchant. */
  readonly model: ModelState;
  readonly #world: LineWorld;
  readonly #chance: Chance;
  readonly #heard: Record<CallKind, number> = { create: 0, payment_status: 0, request_status: 0, edit: 0 };
  readonly #strikes: ReadonlyMap<string, Strike>;
  readonly #departed = new Set<string>();
  readonly #watched = new WeakSet<Queued>();
  #passages = 0;
  #made = 0;
  #isCalm = false;

  constructor(world: LineWorld, to: Home, model: ModelState, chance: Chance) {
    this.#world = world;
    this.to = to;
    this.model = model;
    this.#chance = chance;
    this.#strikes = new Map(world.scenario.strikes.map((strike) => [`${strike.on} ${strike.nth}`, strike]));
  }

  /**
   * A call leaves. The promise is settled from the schedule alone, and only while the incarnation that sent it is alive.
   * @param key the gateway key that signs it
   */
  send<Answer>(call: UnsignedCall<Answer>, key: string, isAlive: () => boolean): Promise<Outcome<Answer>> {
    const { schedule } = this.#world;
    const on = KINDS[call.action.name] ?? "edit";
    this.#heard[on] += 1;
    this.#passages += 1;
    const strike = this.#isCalm ? null : (this.#strikes.get(`${on} ${this.#heard[on]}`) ?? null);
    const again = this.#departed.has(call.requestId);
    this.#departed.add(call.requestId);
    const passage: Passage = { number: this.#passages, call, to: this.to, key, departedAt: schedule.now, strike, again };
    this.#world.emit({ what: "departed", passage });
    if (strike !== null) this.#world.disturb(TIME_OUT);
    return new Promise((resolve) => {
      let ended = false;
      const end = (outcome: Promise<Outcome<Answer>>): void => {
        if (ended) return;
        ended = true;
        const heard = isAlive();
        void outcome.then((known) => {
          this.#world.emit({ what: "ended", passage, outcome: known, heard });
          if (heard) resolve(known);
        });
      };
      schedule.after(TIME_OUT, () => end(Promise.resolve(outcomeOfThrow(new DOMException("", "TimeoutError")))));
      schedule.after(this.#latency(), () => this.#knock(passage, (reply) => end(classify(call.action, reply))));
    });
  }

  /** From now on no call is struck, and no outage goes on. */
  becomeCalm(): void {
    this.#isCalm = true;
    this.model.outages.length = 0;
  }

  /** Lets the gateway catch up with what was accepted late and with the merchant's cabinet. */
  progress(): void {
    const { model } = this;
    const { schedule } = this.#world;
    for (let next = model.queue[0]; next !== undefined && next.at <= schedule.now; next = model.queue[0]) {
      const { at } = next;
      const call = next.kind === "call" ? next.call : null;
      const callbacks = this.#watchBooks(call, true, () => advance(model, at));
      this.#callBack(callbacks);
    }
    this.#watchQueue();
  }

  #latency(): number {
    return this.#chance.int(4, 60);
  }

  /** The call is at the gateway's door: its signature is checked; a create may be asked about first. */
  #knock(passage: Passage, reply: (reply: Reply | null) => void): void {
    const { model } = this;
    const { schedule, scenario } = this.#world;
    this.progress();
    const call: Call = { action: passage.call.action.name, requestId: passage.call.requestId, body: passage.call.body };
    if (!this.#world.accepts().includes(passage.key)) {
      this.#world.disturb();
      this.#world.emit({ what: "received", passage, receipt: "key refused" });
      const fault: Fault = { acts: false, answer: { httpStatus: 401, code: "1100" } };
      const refused = receive(model, call, schedule.now, fault);
      schedule.after(this.#latency(), () => reply(refused.reply));
      return;
    }
    const fault = this.#honest(passage, call);
    const mayAct = fault.acts !== false && fault.actsAfter === undefined && fault.refuses === undefined;
    const check = mayAct && !this.#isAway() ? checkBefore(model, call, schedule.now, this.#plan()) : null;
    if (check === null) this.#receive(passage, call, fault, reply);
    else {
      schedule.after(this.#latency(), () => {
        const answer = this.#world.deliver(check);
        this.#world.emit({ what: "called back", callback: check, answer });
        schedule.after(this.#latency(), () => {
          this.progress();
          this.#receive(passage, call, answer === "rejected" && scenario.heedsCheck ? { ...fault, declines: "10021" } : fault, reply);
        });
      });
    }
  }

  #isAway(): boolean {
    const { schedule } = this.#world;
    return this.model.outages.some(({ from, until }) => from <= schedule.now && schedule.now < until);
  }

  #receive(passage: Passage, call: Call, fault: Fault, reply: (reply: Reply | null) => void): void {
    const { schedule } = this.#world;
    const plan = this.#plan();
    const away = this.#isAway();
    const received: { receipt?: ReturnType<typeof receive> } = {};
    const callbacks = this.#watchBooks(call, false, () => {
      received.receipt = receive(this.model, call, schedule.now, fault, plan);
      return received.receipt.callbacks;
    });
    const { receipt } = received;
    if (receipt === undefined) return;
    this.#world.emit({ what: "received", passage, receipt });
    this.#callBack(callbacks);
    this.#watchQueue();
    const hangs = receipt.reply === null && (passage.strike?.hangs === true || (away && passage.number % 2 === 0));
    // While a call hangs, the attempt's next poll waits for it.
    if (away) this.#world.disturb(hangs ? TIME_OUT : 0);
    if (hangs) return;
    const written = this.#written(call, receipt.reply);
    schedule.at(receipt.repliesAt + this.#latency(), () => reply(written));
  }

  /** What becomes of the next payment. */
  #plan(): Plan {
    return this.#world.scenario.plans[this.#made] ?? PAYS_AT_ONCE;
  }

  /** The answer as this gateway writes it now. */
  #written(call: Call, reply: Reply | null): Reply | null {
    const { schedule, scenario } = this.#world;
    const odd = scenario.oddRows;
    if (reply === null || odd === null || call.action !== "gateway.payment.status") return reply;
    const since = schedule.now - START - odd.from;
    if (since < 0 || since >= (odd.lasts ?? Number.POSITIVE_INFINITY)) return reply;
    const written = withOddRows(reply, odd.how);
    if (written !== reply) this.#world.emit({ what: "odd rows", how: odd.how });
    return written;
  }

  /**
   * A gateway that has a payment under the order_id, or an accepted request under the id, does not answer that it refused it: such
   * a strike passes by. What stands in front of the gateway may still say so when the same request comes again.
   */
  #honest(passage: Passage, call: Call): Fault {
    const fault = passage.strike?.fault ?? {};
    if (fault.refuses === undefined) return fault;
    const { model } = this;
    const orderId = orderOf(call);
    const isQueued = model.queue.some(
      (item) => item.kind === "call" && (item.call.requestId === call.requestId || (orderId !== null && orderOf(item.call) === orderId)),
    );
    if (!isQueued && !model.requests.has(call.requestId) && (orderId === null || !model.orders.has(orderId))) return fault;
    return passage.again ? { answer: { httpStatus: fault.refuses.httpStatus ?? 200, code: fault.refuses.code } } : {};
  }

  /** Does something to the gateway's books and tells what came of it. */
  #watchBooks(call: Call | null, late: boolean, act: () => readonly PlannedCallback[]): readonly PlannedCallback[] {
    const { model } = this;
    const paymentsBefore = model.payments.size;
    const edits = (): Edit[] => [...model.payments.values()].flatMap((payment) => payment.edits);
    const editsBefore = new Set(edits());
    const callbacks = act();
    const made: Payment | null = model.payments.size > paymentsBefore ? ([...model.payments.values()].at(-1) ?? null) : null;
    const edit = edits().find((one) => !editsBefore.has(one)) ?? null;
    if (made !== null) this.#made += 1;
    if (made !== null || edit !== null) {
      this.#world.emit({ what: "acted", call: call ?? { action: "cabinet", requestId: "", body: {} }, made, edit, late });
    }
    return callbacks;
  }

  #callBack(callbacks: readonly PlannedCallback[]): void {
    const { schedule } = this.#world;
    for (const callback of callbacks) {
      schedule.at(callback.at + this.#latency(), () => this.#deliver(callback, RESULT_REPEATS));
    }
  }

  /** A result that nobody answers is repeated; one that is answered `rejected` gives the money back. */
  #deliver(callback: PlannedCallback, repeats: number): void {
    const answer = this.#world.deliver(callback);
    this.#world.emit({ what: "called back", callback, answer });
    if (answer === "rejected") this.#giveBack(callback);
    if (answer === "unanswered" && repeats > 0) this.#world.schedule.after(RESULT_PAUSE, () => this.#deliver(callback, repeats - 1));
  }

  /** The gateway gives the money back (contract, `pg_can_reject`). */
  #giveBack(callback: PlannedCallback): void {
    this.progress();
    this.#watchBooks({ action: "rejection", requestId: "", body: {} }, false, () => {
      rejectResult(this.model, callback, this.#world.schedule.now);
      return [];
    });
    this.#watchQueue();
  }

  #watchQueue(): void {
    const { schedule } = this.#world;
    for (const item of this.model.queue) {
      if (this.#watched.has(item)) continue;
      this.#watched.add(item);
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
