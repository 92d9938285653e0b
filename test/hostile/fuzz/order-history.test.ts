/** Rules that hold for an order after any events in any order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Decision, Effect } from "../../../edge/machine/event.ts";
import { entityTag } from "../../../edge/http/entity-tag.ts";
import { MAX_ATTEMPTS, SEND_WINDOW } from "../../../edge/machine/schedule.ts";
import type { Attempt, AttemptState, ChargeRecord, PendingCall } from "../../../edge/machine/record.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { chargeView, merchantChargeView } from "../../../edge/machine/view.ts";
import { OrderHistory } from "../../edge/machine/order-history.ts";
import type { Step } from "./absurd-history.ts";
import { answeredBy, happen, histories } from "./absurd-history.ts";
import { cases, TIMEOUT } from "./cases.ts";

/** The allowed next states of each state. A state after money moved never returns to one before. */
const MAY_BECOME: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  undecided: ["undecided", "held", "paid", "failed", "reversed", "refunded"],
  failed: ["undecided", "held", "paid", "failed", "reversed", "refunded"],
  held: ["held", "paid", "reversed", "refunded"],
  paid: ["paid", "reversed", "refunded"],
  reversed: ["reversed"],
  refunded: ["refunded"],
};

const HOUR = 60 * 60 * 1_000;

const TOOK_MONEY: readonly AttemptState[] = ["held", "paid", "reversed", "refunded"];

/** The first place where a value is not plain JSON, such as an infinite number. */
function notJson(value: unknown, path = "record"): string | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : path;
  if (typeof value !== "object") return path;
  for (const [name, member] of Object.entries(value)) {
    const where = notJson(member, `${path}.${name}`);
    if (where !== null) return where;
  }
  return null;
}

function openSends({ sends }: PendingCall): number {
  return sends.filter(({ endedAt }) => endedAt === null).length;
}

class Watched {
  readonly history = new OrderHistory();
  readonly #bodies = new Map<string, string>();

  step(step: Step): void {
    const before = this.history.record;
    const answered = answeredBy(step, this.history.effects);
    const begun = happen(this.history, step);
    const { record, now } = this.history;
    expect(notJson(record)).toBeNull();
    for (const effect of begun) this.#leaves(effect, step);
    for (const [index, attempt] of record.attempts.entries()) this.#attempt(attempt, before.attempts[index] ?? null, step, answered);
    for (const operation of record.operations) expect(openSends(operation)).toBeLessThanOrEqual(1);
    expect(record.operations.filter(({ state }) => state === "undecided").length).toBeLessThanOrEqual(1);
    expect(record.attempts.filter(({ state }) => state === "undecided").length).toBeLessThanOrEqual(
      1 + (before.attempts.length > 1 ? 1 : 0),
    );
    expect(record.attempts.length).toBeLessThanOrEqual(MAX_ATTEMPTS);
    if (before.closedAt !== null) expect(record.attempts.length).toBe(before.attempts.length);
    const ids = record.attempts.flatMap(({ paymentId }) => (paymentId === null ? [] : [paymentId]));
    expect(new Set(ids).size).toBe(ids.length);
    this.#seen(record);
    for (const { at } of deadlinesOf(record, this.history)) expect(Number.isFinite(at)).toBe(true);
    // No deadline remains in the past, because its alarm would fire immediately, forever.
    if (step.does === "alarm") for (const { name, at } of deadlinesOf(record, this.history)) expect(at, name).toBeGreaterThan(now);
  }

  /** A create is sent in time, once, never for a closed order, and always with the same bytes. */
  #leaves(effect: Effect, step: Step): void {
    if (effect.kind !== "send" && effect.kind !== "edit") return;
    const { record, now } = this.history;
    const subject = effect.kind === "send" ? record.attempts[effect.attempt - 1] : record.operations[effect.operation - 1];
    if (subject === undefined) throw new Error("Something was sent for nothing that is stored");
    expect(step.does).not.toBe("close");
    if (effect.kind === "send") expect(record.closedAt).toBeNull();
    expect(subject.state).toBe("undecided");
    expect(now - subject.createdAt).toBeLessThanOrEqual(subject.sends.length === 1 ? SEND_WINDOW : Number.POSITIVE_INFINITY);
    expect(now - (subject.sends[0]?.at ?? Number.NaN)).toBeLessThanOrEqual(SEND_WINDOW);
    expect(effect.send).toBe(subject.sends.length - 1);
    expect(effect.call.requestId).toBe(subject.requestId);
    expect(this.#bodies.get(effect.call.requestId) ?? effect.call.body).toBe(effect.call.body);
    this.#bodies.set(effect.call.requestId, effect.call.body);
  }

  #attempt(attempt: Attempt, before: Attempt | null, step: Step, answered: Effect | undefined): void {
    expect(openSends(attempt)).toBeLessThanOrEqual(1);
    // A hold is polled again, and for a day an attempt without any answer.
    const { state, failure, decidedAt } = attempt;
    const isYoung = decidedAt !== null && this.history.now - decidedAt < HOUR;
    if (state === "held" || (state === "failed" && failure?.by === "silence" && isYoung)) expect(attempt.nextPollAt).not.toBeNull();
    if (before === null) {
      expect(step.does).toBe("pay");
      return;
    }
    expect(MAY_BECOME[before.state]).toContain(state);
    // Money is believed because of a read: never because of a click, a deadline, a callback, or the answer to a create.
    if (!TOOK_MONEY.includes(before.state) && TOOK_MONEY.includes(state)) {
      expect(["poll", "poll_operation", "read_resolution"]).toContain(answered?.kind);
    }
  }

  #seen(record: ChargeRecord): void {
    const view = chargeView(record, null);
    expect(notJson(view, "view")).toBeNull();
    expect(notJson(merchantChargeView(record), "merchant's view")).toBeNull();
    expect(entityTag(view)).toMatch(/^"[0-9a-z]+"$/);
  }
}

test("no history throws, pays twice, pays late, pays a closed order, forgets a deadline or forgets money", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(histories(100), fc.constantFrom(1, 2), (steps, gatewayKeys) => {
      const watched = new Watched();
      watched.history.gatewayKeys = gatewayKeys;
      for (const step of steps) watched.step(step);
    }),
    cases("histories of an order"),
  );
});

test("a bound key never begins anything again", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(histories(30), (steps) => {
      const history = new OrderHistory();
      for (const step of steps) happen(history, step);
      for (const { scope, key } of history.bindings.values()) {
        const before = JSON.stringify(history.record);
        history.effects = [];
        const decision = ask(history, scope, key);
        expect(decision.ok ? decision.began : decision.code).toBe(decision.ok ? false : "idempotency_key_reused");
        expect(history.effects).toEqual([]);
        expect(JSON.stringify(history.record)).toBe(before);
      }
    }),
    cases("keys of a history"),
  );
});

/** Asks with a key for what it was bound to, or for something like it. */
function ask(history: OrderHistory, scope: string, key: string): Decision {
  const [caller, what] = scope.split(" ");
  if (what === "pay") return history.pay(key, {}, null, caller === "merchant" ? "merchant" : "shopper");
  if (what === "close") return history.close(key);
  if (what === "resolve") return history.resolve(null, key);
  return history.operate(what === "clearing" || what === "reverse" ? what : "refund", null, key);
}

test("the histories get far enough to prove something", () => {
  const reached = new Set<string>();
  for (const steps of fc.sample(histories(100), { numRuns: 400, seed: 3 })) {
    const history = new OrderHistory();
    for (const step of steps) {
      happen(history, step);
      reached.add(history.status);
      const { attempts, operations } = history.record;
      for (const { sends, assignedByOperator, failure } of attempts) {
        if (sends.length > 1) reached.add("sent again");
        if (assignedByOperator) reached.add("adopted");
        if (failure !== null) reached.add(`failed by ${failure.by}`);
      }
      if (attempts.length > 2) reached.add("a third attempt");
      for (const { kind, state, sends } of operations) {
        reached.add(`${kind} ${state}`);
        if (sends.length > 1) reached.add("an operation sent again");
      }
    }
  }
  expect([...reached]).toEqual(
    expect.arrayContaining([
      ...["processing", "unconfirmed", "authorized", "succeeded", "failed", "closed", "reversed", "refunded"],
      ...["sent again", "adopted", "a third attempt", "an operation sent again"],
      ...["payment", "refusal", "unauthorized", "silence", "never_sent", "other_attempt"].map((by) => `failed by ${by}`),
      ...["refund done", "refund refused", "refund not_done", "clearing undecided", "reverse undecided"],
    ]),
  );
});
