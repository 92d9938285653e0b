import { expect, vi } from "vitest";
import { retryAdvice } from "../../src/decline.ts";
import type { FailureCategory } from "../../src/edge-api.ts";
import type { ElementStatus } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { chargeOf, failedCharge, pagedCharge, problemOf } from "./charges.ts";
import type { Call } from "./fake-edge.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import type { Stage } from "./stage.ts";
import { button, pageToken, put, putOnTop, settle, token } from "./stage.ts";

/** The result of a read, by the number of reads before it. */
type Answer = (orderId: string, before: number) => Response | Promise<Response>;

const charged =
  (otherwise: Parameters<typeof chargeOf>[0] = {}): Answer =>
  (orderId) =>
    jsonResponse(chargeOf({ order_id: orderId, attempt: 1, payment_id: "1000000001", ...otherwise }));

const paged =
  (...[page]: Parameters<typeof pagedCharge>): Answer =>
  (order_id) =>
    jsonResponse(pagedCharge(page, { order_id }));

const refused =
  (...[status, code]: Parameters<typeof problemOf>): Answer =>
  () =>
    jsonResponse(problemOf(status, code), status);

const ready = charged({ status: "ready", attempt: 0, payment_id: null });

/** The first answer once, then always the other. */
const then =
  (first: Answer, other: Answer): Answer =>
  (orderId, before) =>
    (before === 0 ? first : other)(orderId, before);

const never: Answer = () => new Promise(() => {});

/** A refusal that contains the charge: it failed, and can be tried again later. */
const failedAnd =
  (...[status, code]: Parameters<typeof problemOf>): Answer =>
  (order_id) =>
    jsonResponse(problemOf(status, code, { charge: failedCharge("insufficient_funds", "later", { order_id }) }), status);

const FAILURES: readonly FailureCategory[] = [
  "declined",
  "insufficient_funds",
  "limit_exceeded",
  "card_expired",
  "card_blocked",
  "card_invalid",
  "profile_dead",
  "authentication_required",
  "gateway_unavailable",
  "amount_invalid",
  "configuration",
];

/** Every state that looks different, by the name of its order: its status, and the answer of the edge. */
const STATES: Readonly<Record<string, readonly [status: ElementStatus, answer: Answer]>> = {
  loading: ["loading", never],
  ready: ["ready", ready],
  disabled: ["ready", ready],
  "own-label": ["ready", ready],
  confirming: ["confirming", ready],
  processing: ["processing", charged({ status: "processing" })],
  "processing-5s": ["processing", then(charged({ status: "processing" }), never)],
  "processing-30s": ["processing", then(charged({ status: "processing" }), never)],
  "processing-30s-cut": ["processing", then(charged({ status: "processing" }), networkFails)],
  "processing-bank": ["processing", charged({ status: "processing", needs: "bank_confirmation" })],
  unconfirmed: ["unconfirmed", charged({ status: "unconfirmed" })],
  "unconfirmed-cut": ["unconfirmed", then(charged({ status: "unconfirmed" }), networkFails)],
  "unconfirmed-expired": ["unconfirmed", then(charged({ status: "unconfirmed" }), refused(401, "token_expired"))],
  authorized: ["authorized", charged({ status: "authorized" })],
  succeeded: ["succeeded", charged({ status: "succeeded" })],
  "part-refund": ["succeeded", charged({ status: "succeeded", refunded_amount: 200 })],
  reversed: ["reversed", charged({ status: "reversed" })],
  refunded: ["refunded", charged({ status: "refunded", refunded_amount: 1234.5 })],
  closed: ["closed", charged({ status: "closed" })],
  ...Object.fromEntries(
    FAILURES.map((category) => [
      `failed-${category}`,
      ["failed", (order_id) => jsonResponse(failedCharge(category, retryAdvice(category, false), { order_id }))] satisfies [
        ElementStatus,
        Answer,
      ],
    ]),
  ),
  "page-ready": ["ready", charged({ status: "ready", attempt: 0, payment_id: null, card: null })],
  "page-redirecting": ["redirecting", then(charged({ status: "ready", attempt: 0, payment_id: null, card: null }), never)],
  "page-open": ["processing", paged()],
  "page-open-cut": ["processing", then(paged(), networkFails)],
  "page-declined": ["processing", paged({ last_failure: { category: "card_invalid", retry: "other_card" } })],
  "page-returned": ["processing", paged(null)],
  "page-closed": ["processing", then(paged(null), never)],
  "page-closed-expired": ["processing", then(paged(null), refused(401, "token_expired"))],
  "page-failed": ["failed", (order_id) => jsonResponse(failedCharge("page_expired", "now", { order_id, card: null }))],
  "failed-expired": ["failed", failedAnd(401, "token_expired")],
  "failed-barred": ["failed", failedAnd(403, "retry_not_allowed")],
  expired: ["expired", refused(401, "token_expired")],
  conflict: ["conflict", refused(409, "charge_conflict")],
  unreachable: ["unreachable", networkFails],
  offline: ["unreachable", then(networkFails, never)],
  "server-error": ["unreachable", refused(503, "unavailable")],
  misconfigured: ["misconfigured", refused(403, "origin_not_allowed")],
};

/** The time until the text of a state is shown, in milliseconds. */
const WAITS: Readonly<Record<string, number>> = {
  "processing-5s": 5000,
  "processing-30s": 30_000,
  "processing-30s-cut": 30_000,
  "page-closed": 5000,
  "page-closed-expired": 5000,
  "page-redirecting": 0,
};

/** States that follow a second read. */
const READ_TWICE: readonly string[] = [
  "processing-30s-cut",
  "unconfirmed-cut",
  "unconfirmed-expired",
  "page-open-cut",
  "page-closed-expired",
];

/** Lets the time of a state pass, so that its timers run. */
async function ripen(order: string, element: FreedomPayCharge): Promise<void> {
  if (order === "page-redirecting") {
    putOnTop(element);
    button(element).click();
  }
  await vi.advanceTimersByTimeAsync(WAITS[order] ?? 0);
  // From here on it is in its document again.
  Reflect.deleteProperty(element, "ownerDocument");
  if (READ_TWICE.includes(order)) await element.refresh();
}

/** The number of elements that {@link putEveryState} adds. */
export const STATE_COUNT: number = Object.keys(STATES).length + 1;

/** Adds an element for every state to the page, in one language and theme. */
export async function putEveryState(stage: Stage, locale: "kk" | "ru" | "en", theme: "light" | "dark"): Promise<FreedomPayCharge[]> {
  const reads = new Map<string, number>();
  stage.edge.onGet = ({ url }: Call) => {
    const order = url.split("/").at(-1) ?? "";
    const before = reads.get(order) ?? 0;
    reads.set(order, before + 1);
    return STATES[order]?.[1](order, before) ?? networkFails();
  };
  stage.edge.onPost = () => jsonResponse(pagedCharge({}, { order_id: "page-redirecting" }), 201);
  const elements: FreedomPayCharge[] = [];
  for (const [order, [status]] of Object.entries(STATES)) {
    // What is waited for is not waited for here, and what comes after it does not come.
    const isTimed = order in WAITS || READ_TWICE.includes(order) || order === "offline";
    if (isTimed) vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(order !== "offline");
    const element = await put({
      token: (order.startsWith("page") ? pageToken : token)({ order_id: order }),
      locale,
      theme,
      confirm: order === "confirming",
      disabled: order === "disabled",
    });
    if (order === "own-label")
      element.append(Object.assign(document.createElement("b"), { slot: "label", textContent: "Жазылымды рәсімдеу" }));
    if (order === "confirming") button(element).click();
    if (isTimed) await ripen(order, element);
    else await vi.waitFor(() => expect(element.status, order).toBe(status));
    await settle(element);
    expect(element.status, order).toBe(status);
    line.mockRestore();
    vi.useRealTimers();
    elements.push(element);
  }
  elements.push(await put({ token: "no token", locale, theme }));
  return elements;
}
