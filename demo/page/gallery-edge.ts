import type { ChargeFailure, ChargeView, FailureCategory, ProblemCode, Retry } from "../../src/edge-api.ts";

/** A definite no, and the charge that it tells of, as it differs from a fresh one. */
interface Refused {
  readonly refusal: readonly [status: number, code: ProblemCode];
  readonly failed?: Partial<ChargeView>;
}

/** What an edge would answer: a charge that differs from a fresh one, a refusal, an error, or nothing. */
type Answer =
  /** `afterwards`: what every read after the first one comes to. `onPage`: it is paid on a payment page, which `page` shows. */
  | { readonly charge: Partial<ChargeView>; readonly afterwards?: "cut" | Refused; readonly onPage?: boolean; readonly page?: ShownPage }
  | Refused
  | { readonly silence: "cut" | "forever" };

/** A page that is open from the beginning, or that a press opens. */
interface ShownPage {
  readonly isPressed?: boolean;
  readonly last_failure?: ChargeFailure;
}

const FAILED: Partial<ChargeView> = { status: "failed", attempt: 1, failure: { category: "insufficient_funds", retry: "later" } };

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
  page_expired: "now",
};

const FAILURES: readonly (readonly [string, Answer])[] = Object.entries(RETRIES).map(([category, retry]) => [
  `failed: ${category}`,
  {
    charge: { status: "failed", attempt: 1, failure: { category: category as FailureCategory, retry } },
    onPage: category === "page_expired",
  },
]);

/** The shopper is, or was, on a payment page. */
const ON_PAGE: Partial<ChargeView> = { status: "processing", attempt: 1, needs: "payment_page" };

/** Every state that the element can show, by its name, and the answer that brings it there. */
export const GALLERY: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["ready", { charge: {} }],
  ["ready: own label", { charge: {} }],
  ["ready: disabled", { charge: {} }],
  ["ready: payment page", { charge: {}, onPage: true }],
  ["confirming", { charge: {} }],
  ["loading", { silence: "forever" }],
  ["processing", { charge: { status: "processing", attempt: 1 } }],
  ["processing: after 5 s", { charge: { status: "processing", attempt: 1 } }],
  ["processing: after 30 s", { charge: { status: "processing", attempt: 1 } }],
  ["processing: bank_confirmation", { charge: { status: "processing", attempt: 1, needs: "bank_confirmation" } }],
  ["processing: no connection", { charge: { status: "processing", attempt: 1 }, afterwards: "cut" }],
  ["processing: after 30 s without connection", { charge: { status: "processing", attempt: 1 }, afterwards: "cut" }],
  ["redirecting", { charge: {}, onPage: true, page: { isPressed: true } }],
  ["processing: payment page open", { charge: ON_PAGE, onPage: true, page: {} }],
  [
    "processing: payment page open after a decline",
    { charge: ON_PAGE, onPage: true, page: { last_failure: { category: "insufficient_funds", retry: "later" } } },
  ],
  ["processing: back from the payment page", { charge: ON_PAGE, onPage: true }],
  ["processing: payment page closed", { charge: ON_PAGE, onPage: true }],
  ["unconfirmed", { charge: { status: "unconfirmed", attempt: 1 } }],
  ["unconfirmed: no connection", { charge: { status: "unconfirmed", attempt: 1 }, afterwards: "cut" }],
  ["unconfirmed: token_expired", { charge: { status: "unconfirmed", attempt: 1 }, afterwards: { refusal: [401, "token_expired"] } }],
  ["authorized", { charge: { status: "authorized", attempt: 1, payment_id: "1000000001" } }],
  ["succeeded", { charge: { status: "succeeded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990 } }],
  [
    "succeeded: refunded in part",
    { charge: { status: "succeeded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990, refunded_amount: 1500.5 } },
  ],
  ["refunded", { charge: { status: "refunded", attempt: 1, payment_id: "1000000001", cleared_amount: 4990, refunded_amount: 4990 } }],
  ["reversed", { charge: { status: "reversed", attempt: 1, payment_id: "1000000001" } }],
  ...FAILURES,
  ["failed: token_expired", { refusal: [401, "token_expired"], failed: FAILED }],
  ["failed: retry_not_allowed", { refusal: [403, "retry_not_allowed"], failed: FAILED }],
  ["closed", { charge: { status: "closed" } }],
  ["expired", { refusal: [401, "token_expired"] }],
  ["conflict", { refusal: [409, "charge_conflict"] }],
  ["unreachable", { silence: "cut" }],
  ["unreachable: off line", { silence: "cut" }],
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
  const paidWith = card ? { profile_id: "demo-1", card } : { payment_page: { return_url: "https://shop.example/", save_card_months: 12 } };
  const charge = { order_id, amount, currency, description, user_id: "demo-shopper", ...paidWith };
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
 * @param read - whether it `waits`: is to be answered only when something changes, which it never does; how many reads there were `before`
 * @returns never, for a read that waits, even when the element gives it up: what is on show is to stay as it is
 * @throws TypeError as a fetch that found nobody
 */
export async function answerAs(state: string, terms: Terms, read: Read): Promise<Response> {
  const answer = GALLERY.get(state);
  const changed = read.before > 0 && answer !== undefined && "charge" in answer ? answer.afterwards : undefined;
  if (answer === undefined || changed === "cut" || ("silence" in answer && answer.silence === "cut"))
    throw new TypeError("Failed to fetch");
  if (changed !== undefined) return refuse(changed, terms);
  if (read.waits || "silence" in answer || isAfterPress(answer, read)) return new Promise(() => {});
  if ("refusal" in answer) return refuse(answer, terms);
  const { charge, page } = answer;
  const isOpen = page !== undefined && page.isPressed !== true;
  const shown = read.isPress || isOpen ? { ...ON_PAGE, payment_page: pageOf(page, read.here) } : charge;
  return Response.json(viewOf(shown, terms), { headers: { ETag: '"1"' } });
}

/** Whether this read follows the press that opened a page: the element is to stay on its way there. */
function isAfterPress(answer: Answer, { before, isPress }: Read): boolean {
  return "charge" in answer && answer.page?.isPressed === true && before > 0 && isPress !== true;
}

/** Whether an element comes into this state by a second read. */
export function changesLater(state: string): boolean {
  const answer = GALLERY.get(state);
  return answer !== undefined && "charge" in answer && answer.afterwards !== undefined;
}

/** Whether the order of a state is paid on a payment page. */
export function isOnPage(state: string): boolean {
  const answer = GALLERY.get(state);
  return answer !== undefined && "charge" in answer && answer.onPage === true;
}

/** One read of an element, or a press. */
export interface Read {
  readonly waits: boolean;
  readonly before: number;
  readonly isPress?: boolean;
  /** The gallery's own address: no link and no press leads away from it. */
  readonly here?: string;
}

function pageOf({ last_failure }: ShownPage = {}, here = ""): ChargeView["payment_page"] {
  return { url: `${here.split("#")[0]}#payment-page`, expires_at: "2100-01-01T00:00:00Z", last_failure: last_failure ?? null };
}

function viewOf(charge: Partial<ChargeView>, terms: Terms): ChargeView {
  return {
    ...{
      status: "ready",
      needs: null,
      payment_page: null,
      attempt: 0,
      failure: null,
      payment_id: null,
      cleared_amount: 0,
      refunded_amount: 0,
    },
    updated_at: new Date().toISOString(),
    ...terms,
    ...charge,
  };
}

function refuse({ refusal: [status, code], failed }: Refused, terms: Terms): Response {
  return Response.json({ status, code, title: "Simulated", ...(failed && { charge: viewOf(failed, terms) }) }, { status });
}
