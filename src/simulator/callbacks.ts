/** When the gateway sends callbacks, and with which facts. Their format is in `callback-request.ts`. */

import type { ParsedCreate } from "./parsed-create.ts";
import { parseCall } from "./parsed-call.ts";
import type { CallbackFormat, Plan } from "./plan.ts";
import { endsAfter } from "./plan.ts";
import type { Call, ModelState } from "./state.ts";
import { rememberedRequest, replayedOrder } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** The facts of a callback. */
export interface CallbackFacts {
  readonly id: string | null;
  readonly order_id: string;
  readonly status: string;
  /** Major units. */
  readonly amount: number;
  readonly currency: string;
  readonly code: string | null;
  readonly description: string;
  /** False: the money is only held. */
  readonly captured: boolean;
  /** Other fields of the Merchant API: those of a card and a profile, and the shop's own, which are echoed. */
  readonly more?: Readonly<Record<string, string>>;
  /** `pg_testing_mode` (default true). */
  readonly isTest?: boolean;
}

/** A planned callback. */
export interface PlannedCallback {
  /** `check`: before the payment. `result`: after its outcome. */
  readonly kind: "check" | "result";
  readonly url: string;
  /** When, epoch ms. */
  readonly at: number;
  /** True: not from the gateway, and with false facts. */
  readonly forged: boolean;
  readonly facts: CallbackFacts;
  /** Its format; null: the simulator's option. */
  readonly format: CallbackFormat | null;
  /** Whether members without a value are sent empty. */
  readonly blanks: boolean;
  /** A result, `pg_can_reject`: whether the gateway returns the money when it is answered `rejected`. */
  readonly canReject: boolean;
  /** A check: whether a missing or unreadable answer is also a refusal. */
  readonly strict: boolean;
  /** A result: whether somebody else sends the same bytes again after it was answered. */
  readonly replayed?: boolean;
}

type CallbackFormatting = Pick<PlannedCallback, "format" | "blanks" | "canReject" | "strict" | "replayed">;

function formattingOf(plan: Plan): CallbackFormatting {
  const { format = null, blanks = false, canReject = true, strictCheck = false, replayed = false } = plan.callbacks ?? {};
  return { format, blanks, canReject, strict: strictCheck, replayed };
}

/**
 * The check that the gateway sends before it acts on a create. Replays and invalid calls are not checked.
 *
 * @param plan - the plan of the payment: it has the format of its callbacks.
 * @returns null when there is no check.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { checkBefore, createModel } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7", urls: { check_url: "https://pay.shop.example/check", result_url: "https://pay.shop.example/result" } };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * console.log(checkBefore(createModel(), create, 0)?.url); // https://pay.shop.example/check
 * ```
 */
export function checkBefore(state: ModelState, call: Call, now: number, plan: Plan = { steps: [] }): PlannedCallback | null {
  const parsed = parseCall(call);
  if (parsed.action !== "create" || parsed.checkUrl === null) {
    return null;
  }
  if (replayedOrder(state, parsed.orderId, now) !== undefined || rememberedRequest(state, call.requestId, now) !== undefined) {
    return null;
  }
  return checkOf(parsed, now, plan);
}

/**
 * The check of a payment that is about to be made; null without an address for it.
 *
 * @param known - what a page knows already: the payment's id, and the shop's own fields.
 */
export function checkOf(
  parsed: ParsedCreate,
  now: number,
  plan: Plan,
  known: Pick<CallbackFacts, "id" | "more"> = { id: null },
): PlannedCallback | null {
  if (parsed.checkUrl === null) {
    return null;
  }
  const facts: CallbackFacts = {
    ...known,
    order_id: parsed.orderId,
    status: "check",
    amount: parsed.minor / 100,
    currency: parsed.currency,
    code: null,
    description: parsed.description,
    captured: false,
  };
  return { kind: "check", url: parsed.checkUrl, at: now, forged: false, facts, ...formattingOf(plan) };
}

/**
 * The result callbacks of a payment that was just accepted.
 *
 * @param url - the create's `result_url`; null: none.
 * @param of - `more`: other fields. `from`: when the plan begins, epoch ms (default: when the payment was made).
 */
export function resultsOf(
  payment: Payment,
  plan: Plan,
  url: string | null,
  of: { readonly more?: CallbackFacts["more"]; readonly from?: number } = {},
): readonly PlannedCallback[] {
  const { more = {}, from = payment.createdAt } = of;
  const ends = endsAfter(plan);
  const outcome = paymentAt(payment, from + (ends ?? 0));
  if (url === null || outcome === null) {
    return [];
  }
  const { results = 1, after = 0, early = false, forged = false, wrongAmount = false } = plan.callbacks ?? {};
  const facts: CallbackFacts = {
    id: payment.id,
    order_id: payment.orderId,
    status: outcome.status,
    amount: payment.minor / 100 + (wrongAmount ? 1 : 0),
    currency: payment.currency,
    code: outcome.code,
    description: payment.description,
    captured: outcome.taken > 0,
    isTest: payment.isTest,
    more,
  };
  const opposite = outcome.status === "error" ? "success" : "error";
  const forgedFacts: CallbackFacts = { ...facts, id: `9${payment.id}`, status: opposite, code: null, captured: opposite === "success" };
  const resultAt = (at: number, isForged: boolean): PlannedCallback => ({
    kind: "result",
    url,
    at,
    forged: isForged,
    facts: isForged ? forgedFacts : facts,
    ...formattingOf(plan),
  });
  const genuine = ends === null ? [] : Array.from({ length: results }, () => resultAt(from + ends + after, false));
  return [...(forged ? [resultAt(from, true)] : []), ...(early ? [resultAt(from, false)] : []), ...genuine];
}
