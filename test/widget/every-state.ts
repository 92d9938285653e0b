import { expect, vi } from "vitest";
import { retryAdvice } from "../../src/decline.ts";
import type { FailureCategory } from "../../src/edge-api.ts";
import type { ElementStatus } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { chargeOf, failedCharge, problemOf } from "./charges.ts";
import type { Call } from "./fake-edge.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import type { Stage } from "./stage.ts";
import { button, put, settle, token } from "./stage.ts";

/** What a read comes to. */
type Answer = (orderId: string) => Response | Promise<Response>;

const charged =
  (otherwise: Parameters<typeof chargeOf>[0] = {}): Answer =>
  (orderId) =>
    jsonResponse(chargeOf({ order_id: orderId, attempt: 1, payment_id: "1000000001", ...otherwise }));

const refused =
  (...[status, code]: Parameters<typeof problemOf>): Answer =>
  () =>
    jsonResponse(problemOf(status, code), status);

const ready = charged({ status: "ready", attempt: 0, payment_id: null });

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

/** Every state that can be told apart by what is seen, by the order that is in it: its status, and what the edge says. */
const STATES: Readonly<Record<string, readonly [status: ElementStatus, answer: Answer]>> = {
  loading: ["loading", () => new Promise(() => {})],
  ready: ["ready", ready],
  disabled: ["ready", ready],
  "own-label": ["ready", ready],
  confirming: ["confirming", ready],
  processing: ["processing", charged({ status: "processing" })],
  "processing-bank": ["processing", charged({ status: "processing", needs: "bank_confirmation" })],
  unconfirmed: ["unconfirmed", charged({ status: "unconfirmed" })],
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
  expired: ["expired", refused(401, "token_expired")],
  conflict: ["conflict", refused(409, "charge_conflict")],
  unreachable: ["unreachable", networkFails],
  "server-error": ["unreachable", refused(503, "unavailable")],
  misconfigured: ["misconfigured", refused(403, "origin_not_allowed")],
};

/** How many elements {@link putEveryState} puts. */
export const STATE_COUNT: number = Object.keys(STATES).length + 1;

/** Puts an element in every state on the page, in one language and theme. */
export async function putEveryState(stage: Stage, locale: "kk" | "ru" | "en", theme: "light" | "dark"): Promise<FreedomPayCharge[]> {
  stage.edge.onGet = ({ url }: Call) => {
    const order = url.split("/").at(-1) ?? "";
    return STATES[order]?.[1](order) ?? networkFails();
  };
  const elements: FreedomPayCharge[] = [];
  for (const [order, [status]] of Object.entries(STATES)) {
    const element = await put({
      token: token({ order_id: order }),
      locale,
      theme,
      confirm: order === "confirming",
      disabled: order === "disabled",
    });
    if (order === "own-label")
      element.append(Object.assign(document.createElement("b"), { slot: "label", textContent: "Жазылымды рәсімдеу" }));
    if (order === "confirming") button(element).click();
    await vi.waitFor(() => expect(element.status, order).toBe(status));
    await settle(element);
    elements.push(element);
  }
  elements.push(await put({ token: "no token", locale, theme }));
  return elements;
}
