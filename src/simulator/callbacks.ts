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
  /** Other fields of a result of the Merchant API. */
  readonly more?: Readonly<Record<string, string>>;
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
}

type CallbackFormatting = Pick<PlannedCallback, "format" | "blanks" | "canReject" | "strict">;

function formattingOf(plan: Plan): CallbackFormatting {
  const { format = null, blanks = false, canReject = true, strictCheck = false } = plan.callbacks ?? {};
  return { format, blanks, canReject, strict: strictCheck };
}

/**
 * The check that the gateway sends before it acts on a create. Replays and invalid calls are not checked.
 *
 * @param plan - the plan of the payment: it has the format of its callbacks.
 * @returns null when there is no check.
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

/** The check of a payment that is about to be made; null without an address for it. */
export function checkOf(parsed: ParsedCreate, now: number, plan: Plan): PlannedCallback | null {
  if (parsed.checkUrl === null) {
    return null;
  }
  const facts: CallbackFacts = {
    id: null,
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
 */
export function resultsOf(payment: Payment, plan: Plan, url: string | null): readonly PlannedCallback[] {
  const ends = endsAfter(plan);
  const outcome = paymentAt(payment, payment.createdAt + (ends ?? 0));
  if (url === null || outcome === null) {
    return [];
  }
  const { results = 1, after = 0, early = false, forged = false } = plan.callbacks ?? {};
  const facts: CallbackFacts = {
    id: payment.id,
    order_id: payment.orderId,
    status: outcome.status,
    amount: payment.minor / 100,
    currency: payment.currency,
    code: outcome.code,
    description: payment.description,
    captured: outcome.taken > 0,
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
  const genuine = ends === null ? [] : Array.from({ length: results }, () => resultAt(payment.createdAt + ends + after, false));
  return [...(forged ? [resultAt(payment.createdAt, true)] : []), ...(early ? [resultAt(payment.createdAt, false)] : []), ...genuine];
}
