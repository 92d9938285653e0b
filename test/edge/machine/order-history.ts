/** Runs a history of one order through the pure transition, with a clock that the test moves. */
import type { Charge } from "../../../src/charge-token.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { CreatedPayment, EditedPayment, PaymentState, RequestState } from "../../../src/payment.ts";
import { requestId } from "../../../src/request-id.ts";
import { pollWait } from "../../../edge/machine/poll-wait.ts";
import type { Api, ChargeRecord, Home, KeyBinding, OperationKind, OutboxRow } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import type { ChargeEvent, Effect, PollAnswer, Decision } from "../../../edge/machine/event.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { transition } from "../../../edge/machine/transition.ts";
import { statusOf } from "../../../edge/machine/view.ts";

export const START: number = Date.parse("2026-11-22T10:00:00.000Z");

export const HOME: Home = { host: "test-api.freedompay.kz", merchantId: "999999" };

export const CHARGE: Charge = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "Test order",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  auto_clearing: true,
};

type Send = Extract<Effect, { kind: "send" }>;
type PollEffect = Extract<Effect, { kind: "poll" }>;
type Said = PaymentState | Outcome<never>;

export const notFound: Outcome<never> = { kind: "refused", httpStatus: 200, code: "1202", description: null, category: "not_found" };

export function refusal(
  code: string,
  category: Extract<Outcome<never>, { kind: "refused" }>["category"],
  httpStatus = 200,
): Outcome<never> {
  return { kind: "refused", httpStatus, code, description: "refused", category };
}

export function lost(
  reason: "network" | "timeout" | "odd_json" | "server_error" | "rate_limited" = "network",
  retryAfter: number | null = null,
): Outcome<never> {
  return { kind: "unknown", reason, httpStatus: reason === "server_error" ? 502 : null, retryAfter };
}

export function created(status: string, more: Partial<CreatedPayment> = {}): Outcome<CreatedPayment> {
  return { kind: "answered", httpStatus: 200, answer: { id: "p1", status, amount: 10, ...more } };
}

export function requestKnown(response: NonNullable<RequestState["response"]>): Outcome<RequestState> {
  return { kind: "answered", httpStatus: 200, answer: { status: response.status ?? "process", response } };
}

export class OrderHistory {
  now: number = START;
  record: ChargeRecord = newRecord("1234");
  /** Whether the settings name another gateway or merchant. */
  isAway = false;
  readonly openCalls = new Set<string>();
  retentionDays = 400;
  effects: Effect[] = [];
  outbox: OutboxRow[] = [];
  gatewayKeys = 1;
  /** The API of the next attempts. */
  api: Api = "async";
  readonly bindings = new Map<string, KeyBinding>();
  #chance = 1;

  get status(): string {
    return statusOf(this.record);
  }

  get told(): string[] {
    return this.record.attention.map(({ reason }) => reason);
  }

  /** The attempt by its number. */
  attempt(number: number): ChargeRecord["attempts"][number] {
    const attempt = this.record.attempts[number - 1];
    if (attempt === undefined) throw new Error(`There is no attempt ${number}`);
    return attempt;
  }

  happen(event: ChargeEvent): Decision | null {
    const before = JSON.stringify(this.record);
    const given = this.record;
    const step = transition(given, event, {
      now: this.now,
      gatewayKeyCount: this.gatewayKeys,
      retentionDays: this.retentionDays,
      isAway: this.isAway,
      openCalls: new Set([...this.openCalls, ...this.#waits()]),
      random: {
        fraction: () => 0.5,
        requestId: () => {
          this.#chance += 1;
          const chance = this.#chance;
          return requestId(this.now, (bytes) => {
            bytes.fill(0);
            bytes[bytes.length - 1] = chance % 256;
            bytes[bytes.length - 2] = Math.floor(chance / 256);
          });
        },
      },
    });
    if (JSON.stringify(given) !== before) throw new Error("The transition changed the record it was given");
    this.record = step.record;
    this.effects.push(...step.effects);
    this.outbox.push(...step.outbox);
    if (step.forget) this.bindings.clear();
    if (step.binding !== null) this.bindings.set(`${step.binding.scope} ${step.binding.key}`, step.binding);
    for (const attempt of this.record.attempts) {
      if (attempt.state === "undecided" && attempt.nextPollAt === null) throw new Error("An undecided attempt has no deadline");
    }
    for (const operation of this.record.operations) {
      if (operation.state === "undecided" && operation.nextPollAt === null) throw new Error("An undecided operation has no deadline");
    }
    return step.reply;
  }

  /** The polls that are still to leave. One that is taken has left. */
  #waits(): readonly string[] {
    const polls = this.effects.filter((effect) => effect.kind === "poll" && effect.startedAt > this.now) as readonly PollEffect[];
    return polls.map(({ attempt, startedAt }) => pollWait(attempt, startedAt));
  }

  pay(
    key = "key-1",
    more: Partial<Charge> = {},
    issuedAt: number | null = Math.floor(START / 1000),
    caller: "shopper" | "merchant" = "shopper",
  ): Decision {
    const reply = this.happen({
      type: "pay",
      key,
      bound: this.bindings.get(`${caller} pay ${key}`) ?? null,
      input: {
        caller,
        api: this.api,
        charge: { ...CHARGE, ...more },
        userIp: "192.0.2.1",
        ticket: `ticket-${key}`,
        urls: null,
        page: null,
      },
      issuedAt,
      askedAt: null,
    });
    if (reply === null) throw new Error("The click was not answered");
    return reply;
  }

  /** Takes the only send out of the effects. */
  takeSend(): Send {
    const found = this.effects.filter((effect) => effect.kind === "send");
    const [send] = found;
    if (send === undefined || found.length !== 1) throw new Error(`There are ${found.length} sends`);
    this.effects = this.effects.filter((effect) => effect !== send);
    return send;
  }

  /** Takes the oldest poll out of the effects. */
  takePoll(): PollEffect {
    const poll = this.effects.find((effect) => effect.kind === "poll");
    if (poll === undefined) throw new Error("No poll is open");
    this.effects = this.effects.filter((effect) => effect !== poll);
    return poll;
  }

  get sends(): number {
    return this.effects.filter((effect) => effect.kind === "send").length;
  }

  get polls(): number {
    return this.effects.filter((effect) => effect.kind === "poll").length;
  }

  answer(outcome: Outcome<CreatedPayment>, send: Send = this.takeSend()): void {
    this.happen({ type: "create_answered", attempt: send.attempt, send: send.send, outcome, leftAt: this.#sentAt(send), read: null });
  }

  /** The time when a send was recorded, because there is no queue here. */
  #sentAt({ attempt, send }: Send): number | null {
    return this.record.attempts[attempt - 1]?.sends[send]?.at ?? null;
  }

  /** Answers a poll: request.status, and payment.status for each order_id. */
  see(says: { request?: Outcome<RequestState>; payment?: Said | ((orderId: string) => Said) }, poll: PollEffect = this.takePoll()): void {
    const answers = poll.reads.map((ask): PollAnswer => {
      if (ask.about === "request") return { about: "request", outcome: says.request ?? lost() };
      const said = typeof says.payment === "function" ? says.payment(ask.orderId) : (says.payment ?? lost());
      const outcome: Outcome<PaymentState> =
        "kind" in said ? (said as Outcome<never>) : { kind: "answered", httpStatus: 200, answer: said };
      return { about: "order", orderId: ask.orderId, outcome };
    });
    this.happen({ type: "polled", attempt: poll.attempt, generation: poll.generation, startedAt: poll.startedAt, answers });
  }

  /** A poll that finds nothing by both reads. */
  seeNothing(poll: PollEffect = this.takePoll()): void {
    this.see({ request: notFound, payment: {} }, poll);
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
  }

  /** Moves the clock to the earliest deadline and fires the alarm. */
  fireAlarm(): void {
    const earliest = Math.min(...deadlinesOf(this.record, this).map(({ at }) => at));
    if (!Number.isFinite(earliest)) throw new Error("There is no deadline");
    this.now = Math.max(this.now, earliest);
    this.happen({ type: "alarm" });
  }

  /** Fires the alarm until a poll is in flight. */
  untilPoll(): void {
    for (let fired = 0; this.polls === 0; fired += 1) {
      if (fired > 50) throw new Error("No poll was started");
      this.fireAlarm();
    }
  }

  /** Fires the alarm and finds nothing, until something is sent or the order is decided. */
  untilSendOrDecision(): void {
    for (let polls = 0; this.sends === 0 && this.record.attempts.at(-1)?.state === "undecided"; polls += 1) {
      if (polls > 500) throw new Error("Nothing is sent or decided");
      this.untilPoll();
      this.seeNothing();
    }
  }

  /** A payment that matches the last attempt. */
  payment(status: string, more: Partial<PaymentState> = {}): PaymentState {
    const orderId = this.record.attempts.at(-1)?.gatewayOrderId ?? "1234";
    return { id: "p1", order_id: orderId, status, amount: 10, created_at: new Date(this.now).toISOString(), ...more };
  }

  /** The operation by its number. */
  operation(number: number): ChargeRecord["operations"][number] {
    const operation = this.record.operations[number - 1];
    if (operation === undefined) throw new Error(`There is no operation ${number}`);
    return operation;
  }

  /** The merchant requests an operation, in minor units. */
  operate(kind: OperationKind, requestedAmount: number | null = null, key = `${kind}-1`): Decision {
    return this.#asked({ type: "operate", kind, requestedAmount, key, bound: this.bindings.get(`merchant ${kind} ${key}`) ?? null });
  }

  close(key = "close-1"): Decision {
    return this.#asked({ type: "close", key, bound: this.bindings.get(`merchant close ${key}`) ?? null });
  }

  /** An operator's resolution: a payment id, or null for "nothing was taken". */
  resolve(paymentId: string | null, key = "resolve-1", note = "seen in the cabinet"): Decision {
    return this.#asked({ type: "resolve", paymentId, note, key, bound: this.bindings.get(`merchant resolve ${key}`) ?? null });
  }

  #asked(event: ChargeEvent): Decision {
    const decision = this.happen(event);
    if (decision === null) throw new Error("The request was not answered");
    return decision;
  }

  /** Takes the only effect of a kind out of the effects. */
  take<Kind extends Effect["kind"]>(kind: Kind): Extract<Effect, { kind: Kind }> {
    const found = this.effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
    const [effect] = found;
    if (effect === undefined || found.length !== 1) throw new Error(`There are ${found.length} effects of ${kind}`);
    this.effects = this.effects.filter((other) => other !== effect);
    return effect;
  }

  /** Whether an effect of a kind is waiting. */
  wants(kind: Effect["kind"]): boolean {
    return this.effects.some((effect) => effect.kind === kind);
  }

  /** Answers the edit that is in flight. */
  edited(outcome: Outcome<EditedPayment>, edit: Extract<Effect, { kind: "edit" }> = this.take("edit")): void {
    this.happen({ type: "edit_answered", leftAt: null, operation: edit.operation, send: edit.send, outcome });
  }

  /** Fires the alarm until a poll of an operation is in flight, then answers it. */
  seeOperation(payment: Said, request: Outcome<RequestState> = lost()): void {
    for (let fired = 0; !this.wants("poll_operation"); fired += 1) {
      if (fired > 50) throw new Error("No poll was started");
      this.fireAlarm();
    }
    const { operation, generation, startedAt, request: asked } = this.take("poll_operation");
    const outcome: Outcome<PaymentState> =
      "kind" in payment ? (payment as Outcome<never>) : { kind: "answered", httpStatus: 200, answer: payment };
    this.happen({ type: "operation_polled", operation, generation, startedAt, payment: outcome, request: asked === null ? null : request });
  }

  /** A first attempt that is held. */
  hold(): void {
    this.pay("key-1", { auto_clearing: false });
    this.answer(created("process"));
    this.untilPoll();
    this.see({ payment: this.payment("approved") });
  }

  /** A first attempt that the gateway accepted and that was read as paid. */
  succeed(): void {
    this.pay();
    this.answer(created("process"));
    this.untilPoll();
    this.see({ payment: this.payment("success") });
  }

  /** A first attempt that was declined with a payment id, then the pause before a new click is allowed. */
  declined(code = "10009"): void {
    this.pay();
    this.answer(created("error", { error: { code } }));
    this.pass(2_000);
  }

  /** A first attempt that the gateway never saw and that was given up. */
  silent(): void {
    this.pay();
    for (;;) {
      if (this.sends > 0) this.answer(lost());
      this.untilSendOrDecision();
      if (this.sends === 0) break;
    }
    this.pass(2_000);
  }
}
