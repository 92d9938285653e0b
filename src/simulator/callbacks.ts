/** When the gateway calls the merchant's server back, and what it says. How that is written is in `callback-request.ts`. */

import { understand } from "./asked.ts";
import type { CallbackFormat, Plan } from "./plan.ts";
import { endsAfter } from "./plan.ts";
import type { Call, ModelState } from "./state.ts";
import { rememberedRequest, replayedOrder } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** What a callback says. */
export interface CallbackFacts {
  readonly id: string | null;
  readonly order_id: string;
  readonly status: string;
  /** Major units. */
  readonly amount: number;
  readonly currency: string;
  readonly code: string | null;
  readonly description: string;
  /** False: the money is held only. */
  readonly captured: boolean;
}

/** A callback that is to be made. */
export interface PlannedCallback {
  /** `check`: may this payment go ahead? `result`: it ended. */
  readonly kind: "check" | "result";
  readonly url: string;
  /** When, epoch ms. */
  readonly at: number;
  /** True: not from the gateway, and what it says is a lie. */
  readonly forged: boolean;
  readonly facts: CallbackFacts;
  /** How it is written; null: as the simulator's option says. */
  readonly format: CallbackFormat | null;
  /** Whether members that the gateway has nothing to say about are there and empty. */
  readonly blanks: boolean;
  /** A result, `pg_can_reject`: whether the gateway gives the money back when it is answered `rejected`. */
  readonly canReject: boolean;
  /** A check: whether no answer, or one that cannot be read, is a refusal as well. */
  readonly strict: boolean;
}

type Written = Pick<PlannedCallback, "format" | "blanks" | "canReject" | "strict">;

function writtenBy(plan: Plan): Written {
  const { format = null, blanks = false, canReject = true, strictCheck = false } = plan.callbacks ?? {};
  return { format, blanks, canReject, strict: strictCheck };
}

/**
 * The check that the gateway makes before it acts on a create. Replays and misfits are not checked again.
 *
 * @param plan - what is to become of the payment: it says how its callbacks are written.
 * @returns null when none is made.
 */
export function checkBefore(state: ModelState, call: Call, now: number, plan: Plan = { steps: [] }): PlannedCallback | null {
  const asked = understand(call);
  if (asked.action !== "create" || asked.checkUrl === null) {
    return null;
  }
  if (replayedOrder(state, asked.orderId, now) !== undefined || rememberedRequest(state, call.requestId, now) !== undefined) {
    return null;
  }
  const facts: CallbackFacts = {
    id: null,
    order_id: asked.orderId,
    status: "check",
    amount: asked.minor / 100,
    currency: asked.currency,
    code: null,
    description: asked.description,
    captured: false,
  };
  return { kind: "check", url: asked.checkUrl, at: now, forged: false, facts, ...writtenBy(plan) };
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
  const lie: CallbackFacts = { ...facts, id: `9${payment.id}`, status: opposite, code: null, captured: opposite === "success" };
  const one = (at: number, isLie: boolean): PlannedCallback => ({
    kind: "result",
    url,
    at,
    forged: isLie,
    facts: isLie ? lie : facts,
    ...writtenBy(plan),
  });
  const truthful = ends === null ? [] : Array.from({ length: results }, () => one(payment.createdAt + ends + after, false));
  return [...(forged ? [one(payment.createdAt, true)] : []), ...(early ? [one(payment.createdAt, false)] : []), ...truthful];
}
