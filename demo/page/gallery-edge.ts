import type { ChargeView, FailureCategory, ProblemCode, Retry } from "../../src/edge-api.ts";

/** What an edge would answer: a charge that differs from a fresh one, a refusal, an error, or nothing. */
type Answer =
  | { readonly charge: Partial<ChargeView>; readonly afterwards?: "cut" }
  | { readonly refusal: readonly [status: number, code: ProblemCode] }
  | { readonly silence: "cut" | "forever" };

/** What the shopper may do after each failure, as the edge says it. */
const RETRIES: Readonly<Record<FailureCategory, Retry>> = {
  declined: "other_card",
  insufficient_funds: "later",
  limit_exceeded: "later",
  card_expired: "other_card",
  card_blocked: "other_card",
  card_invalid: "other_card",
  profile_dead: "new_profile",
  authentication_required: "bank",
  gateway_unavailable: "now",
  amount_invalid: "none",
  configuration: "none",
};

const FAILURES: readonly (readonly [string, Answer])[] = Object.entries(RETRIES).map(([category, retry]) => [
  `failed: ${category}`,
  { charge: { status: "failed", attempt: 1, failure: { category: category as FailureCategory, retry } } },
]);

/** Every state that the element can show, by its name, and the answer that brings it there. */
export const GALLERY: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["loading", { silence: "forever" }],
  ["ready", { charge: {} }],
  ["confirming", { charge: {} }],
  ["processing", { charge: { status: "processing", attempt: 1 } }],
  ["processing: bank_confirmation", { charge: { status: "processing", attempt: 1, needs: "bank_confirmation" } }],
  ["processing: no connection", { charge: { status: "processing", attempt: 1 }, afterwards: "cut" }],
  ["unconfirmed", { charge: { status: "unconfirmed", attempt: 1 } }],
  ["authorized", { charge: { status: "authorized", attempt: 1, payment_id: "1000000001" } }],
  ["succeeded", { charge: { status: "succeeded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990 } }],
  [
    "succeeded: refunded in part",
    { charge: { status: "succeeded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990, refunded_amount: 1500.5 } },
  ],
  ["refunded", { charge: { status: "refunded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990, refunded_amount: 4990 } }],
  ["reversed", { charge: { status: "reversed", attempt: 1, payment_id: "1000000001" } }],
  ...FAILURES,
  ["closed", { charge: { status: "closed" } }],
  ["expired", { refusal: [401, "token_expired"] }],
  ["conflict", { refusal: [409, "charge_conflict"] }],
  ["unreachable", { silence: "cut" }],
  ["unreachable: server error", { refusal: [503, "unavailable"] }],
  ["misconfigured", { refusal: [403, "origin_not_allowed"] }],
]);

/** What the charge and its token say alike. */
export interface Terms extends Pick<ChargeView, "order_id" | "amount" | "currency" | "description" | "card"> {}

/**
 * A token as the element reads it before the edge has answered. Its signature is none: no edge would take it, and none is asked.
 */
export function tokenFor({ order_id, amount, currency, description, card }: Terms): string {
  const iat = Math.floor(Date.now() / 1000) - 60;
  const charge = { order_id, amount, currency, description, card, user_id: "demo-shopper", profile_id: "demo-1" };
  const claims = { iss: "gallery", aud: "freedom-pay-charge", iat, exp: iat + 1800, charge };
  return [{ alg: "HS256", typ: "JWT" }, claims, "gallery"].map(base64url).join(".");
}

function base64url(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * Answers one call of an element as an edge in this state would, without a network: a page has but a few connections, and the
 * elements that wait for a change would take them all.
 *
 * @param waits - asked to answer only when something changes, which it never does
 * @throws TypeError as a fetch that found nobody; AbortError when the caller gave up
 */
export async function answerAs(state: string, terms: Terms, waits: boolean, signal: AbortSignal): Promise<Response> {
  const answer = GALLERY.get(state);
  if (answer === undefined || ("silence" in answer && answer.silence === "cut")) throw new TypeError("Failed to fetch");
  if (waits && "charge" in answer && answer.afterwards === "cut") throw new TypeError("Failed to fetch");
  if (waits || "silence" in answer)
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  if ("refusal" in answer) {
    const [status, code] = answer.refusal;
    return Response.json({ status, code, title: "Simulated" }, { status });
  }
  const charge: ChargeView = {
    ...{ status: "ready", needs: null, attempt: 0, failure: null, payment_id: null, cleared_amount: 0, refunded_amount: 0 },
    updated_at: new Date().toISOString(),
    ...terms,
    ...answer.charge,
  };
  return Response.json(charge, { headers: { ETag: '"1"' } });
}
