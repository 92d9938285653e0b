/** Runs a history of arbitrary events in any order through the transition. */
import fc from "fast-check";
import type { Effect } from "../../../edge/machine/event.ts";
import { DAY } from "../../../src/lib/time.ts";
import type { Attempt, OperationKind } from "../../../edge/machine/record.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { PaymentState } from "../../../src/payment.ts";
import { toMajorUnits } from "../../../src/money.ts";
import type { OrderHistory } from "../../edge/machine/order-history.ts";
import { START } from "../../edge/machine/order-history.ts";
import type { Outcomes } from "./outcomes.ts";
import { outcomes, RIGHT_AMOUNT, RIGHT_ID, RIGHT_ORDER } from "./outcomes.ts";

const KINDS: readonly OperationKind[] = ["clearing", "reverse", "refund"];

/** The terms of clicks. */
const TERMS = [{}, { amount: 20 }, { profile_id: "another" }, { auto_clearing: false }] as const;

const SECOND = 1_000;

/** One event. */
export type Step =
  | { readonly does: "pay"; readonly key: number; readonly terms: number; readonly issued: number | null; readonly merchant: boolean }
  | { readonly does: "answer"; readonly which: number; readonly says: Outcomes; readonly again: boolean }
  | { readonly does: "alarm" }
  | { readonly does: "pass"; readonly milliseconds: number }
  | { readonly does: "hint"; readonly ticket: string | null }
  | { readonly does: "close"; readonly key: number }
  | { readonly does: "operate"; readonly kind: OperationKind; readonly amount: number | null; readonly key: number }
  | { readonly does: "resolve"; readonly paymentId: string | null; readonly key: number }
  | { readonly does: "evict" };

const key = fc.nat(3);

const pay = fc.record({
  does: fc.constant("pay" as const),
  key: fc.nat(9),
  terms: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(TERMS.length - 1) }),
  issued: fc.constantFrom(0, 0, 0, -60, 60, null),
  merchant: fc.boolean(),
});

const answer = fc.record({
  does: fc.constant("answer" as const),
  which: fc.nat(5),
  says: outcomes,
  again: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const pass = fc.record({
  does: fc.constant("pass" as const),
  milliseconds: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 15 * SECOND }) },
    { weight: 2, arbitrary: fc.constantFrom(2 * SECOND, 25 * SECOND, 120 * SECOND, 330 * SECOND) },
    { weight: 1, arbitrary: fc.constantFrom(-600 * SECOND, 600 * SECOND, 600 * SECOND, DAY, DAY, 6 * DAY, 401 * DAY) },
  ),
});

/** Histories of up to this many steps. */
export function histories(maxLength: number): fc.Arbitrary<readonly Step[]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: pay },
    { weight: 12, arbitrary: answer },
    { weight: 8, arbitrary: fc.constant({ does: "alarm" as const }) },
    { weight: 3, arbitrary: pass },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant("hint" as const), ticket: fc.constantFrom(null, "ticket-key-0", "ticket-key-1", "forged") }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant("operate" as const),
        kind: fc.constantFrom(...KINDS),
        amount: fc.constantFrom(null, null, 1, 500, 1_000, 99_999_999_00),
        key,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("resolve" as const), paymentId: fc.constantFrom(null, "p1", "p2"), key }),
    },
    { weight: 1, arbitrary: fc.oneof(fc.constant({ does: "evict" as const }), fc.record({ does: fc.constant("close" as const), key })) },
  );
  // Most histories start with a click, because otherwise the order would not exist. Some are closed immediately, some use up their attempts.
  const beginning = fc.oneof(
    { weight: 10, arbitrary: pay.map((first) => [first]) },
    { weight: 2, arbitrary: pay.map((first) => [first, { does: "close", key: 0 } as const]) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 7, max: 9 }).map((attempts) => Array.from({ length: attempts }, (_, number) => declined(number)).flat()),
    },
  );
  return fc.tuple(beginning, fc.array(step, { maxLength, size: "max" })).map(([first, others]) => [...first, ...others]);
}

/** An attempt that the gateway declines, and the pause before the next. */
function declined(number: number): readonly Step[] {
  const nothing = { kind: "answered", httpStatus: 200, answer: {} } as const;
  const create = { kind: "answered", httpStatus: 200, answer: { id: `p${number + 1}`, status: "error" } } as const;
  const request = { kind: "unknown", reason: "network", httpStatus: null, retryAfter: null } as const;
  const says: Outcomes = { create, payments: [nothing, nothing], request, edit: request };
  const answered = { does: "answer", which: 0, says, again: false } as const;
  const click = { does: "pay", key: 10 + number, terms: 0, issued: 0, merchant: false } as const;
  return [click, answered, ...(number === 0 ? [] : [answered]), { does: "pass", milliseconds: 2 * SECOND }];
}

/** The effect that a step answers, of those that wait. */
export function answeredBy(step: Step, waiting: readonly Effect[]): Effect | undefined {
  return step.does === "answer" ? waiting[step.which % Math.max(1, waiting.length)] : undefined;
}

/** Lets one step happen. Returns the effects that it set off. */
export function happen(history: OrderHistory, step: Step): readonly Effect[] {
  const waiting = history.effects;
  history.effects = [];
  const left = STEPS[step.does](history, step as never, waiting);
  const begun = history.effects;
  history.effects = [...left, ...begun];
  return begun;
}

type StepOf<Does extends Step["does"]> = Extract<Step, { readonly does: Does }>;

/** What each step does; returns those of the waiting effects that wait on. */
const STEPS: {
  readonly [Does in Step["does"]]: (history: OrderHistory, step: StepOf<Does>, waiting: readonly Effect[]) => readonly Effect[];
} = {
  pay(history, { key, terms, issued, merchant }, waiting) {
    const issuedAt = merchant || issued === null ? null : Math.floor(START / SECOND) + issued;
    history.pay(`key-${key}`, TERMS[terms] ?? {}, issuedAt, merchant ? "merchant" : "shopper");
    return waiting;
  },
  answer(history, step, waiting) {
    const effect = answeredBy(step, waiting);
    if (effect === undefined) return waiting;
    answerEffect(history, effect, step.says);
    return step.again ? waiting : waiting.filter((other) => other !== effect);
  },
  alarm(history, _, waiting) {
    // A settled order waits for its retention only: that comes when the time has passed, or every history would end there.
    const isDue = deadlinesOf(history.record, history).some(({ name, at }) => name !== "retention" || at <= history.now);
    if (isDue) history.fireAlarm();
    return waiting;
  },
  pass(history, { milliseconds }, waiting) {
    history.pass(milliseconds);
    return waiting;
  },
  hint(history, { ticket }, waiting) {
    history.happen({ type: "hint", ticket });
    return waiting;
  },
  close(history, { key }, waiting) {
    history.close(`close-${key}`);
    return waiting;
  },
  operate(history, { kind, amount, key }, waiting) {
    history.operate(kind, amount, `${kind}-${key}`);
    return waiting;
  },
  resolve(history, { paymentId, key }, waiting) {
    history.resolve(paymentId, `resolve-${key}`);
    return waiting;
  },
  evict: () => [],
};

function answerEffect(history: OrderHistory, effect: Effect, said: Outcomes): void {
  const attempt = attemptOf(history, effect);
  const says = right(said, attempt);
  const [first, second] = says.payments;
  switch (effect.kind) {
    case "send":
      history.happen({
        type: "create_answered",
        leftAt: null,
        read: null,
        attempt: effect.attempt,
        send: effect.send,
        outcome: says.create,
      });
      return;
    case "edit":
      history.happen({ type: "edit_answered", leftAt: null, operation: effect.operation, send: effect.send, outcome: says.edit });
      return;
    case "poll": {
      const answers = effect.reads.map((ask, index) => {
        if (ask.about === "request") return { about: "request", outcome: says.request } as const;
        return { about: "order", orderId: ask.orderId, outcome: about(ask.orderId, index === 0 ? first : second) } as const;
      });
      history.happen({ type: "polled", attempt: effect.attempt, generation: effect.generation, startedAt: effect.startedAt, answers });
      return;
    }
    case "poll_operation": {
      const { operation, generation, startedAt, request } = effect;
      const payment = about(attempt?.gatewayOrderId ?? "1234", first);
      history.happen({
        type: "operation_polled",
        operation,
        generation,
        startedAt,
        payment,
        request: request === null ? null : says.request,
      });
      return;
    }
    case "read_resolution":
      history.happen({
        type: "resolution_read",
        resolution: effect.resolution,
        payment: about(attempt?.gatewayOrderId ?? "1234", first),
      });
  }
}

function attemptOf({ record }: OrderHistory, effect: Effect): Attempt | undefined {
  if (effect.kind === "send" || effect.kind === "open_page" || effect.kind === "list_cards" || effect.kind === "poll")
    return record.attempts[effect.attempt - 1];
  if (effect.kind === "read_resolution") return record.attempts.at(-1);
  return record.attempts[(record.operations[effect.operation - 1]?.attempt ?? 1) - 1];
}

/** What is said, with the right ids and amounts of an attempt where it is to have them. */
function right(said: Outcomes, attempt: Attempt | undefined): Outcomes {
  const id = attempt?.paymentId ?? `p${attempt?.number ?? 1}`;
  const amount = toMajorUnits(attempt?.terms.amount ?? 1_000);
  const filled = (value: unknown): unknown => {
    if (value === RIGHT_ID) return id;
    if (value === RIGHT_AMOUNT) return amount;
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member)]));
  };
  return filled(said) as Outcomes;
}

/** The outcome of a read, with the requested order_id where the placeholder stands. */
function about(orderId: string, outcome: Outcome<PaymentState>): Outcome<PaymentState> {
  if (outcome.kind !== "answered" || outcome.answer.order_id !== RIGHT_ORDER) return outcome;
  return { ...outcome, answer: { ...outcome.answer, order_id: orderId } };
}
