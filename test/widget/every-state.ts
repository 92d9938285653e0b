import { expect, vi } from "vitest";
import type { FailureCategory } from "../../src/edge-api.ts";
import type { ElementStatus } from "../../widget/events.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { chargeOf, failedCharge, problemOf } from "./charges.ts";
import type { Call } from "./fake-edge.ts";
import { jsonResponse, networkFails } from "./fake-edge.ts";
import type { Stage } from "./stage.ts";
import { button, put, settle, token } from "./stage.ts";

const FAILURES: readonly FailureCategory[] = ["insufficient_funds", "profile_dead", "gateway_unavailable"];

/** How a read is answered for an order that is named like the state it is to be in. */
function answer({ url }: Call): Response | Promise<Response> {
  const order = url.split("/").at(-1) ?? "";
  const failure = FAILURES.find((category) => order === `failed-${category}`);
  if (failure) return jsonResponse(failedCharge(failure, failure === "profile_dead" ? "new_profile" : "later", { order_id: order }));
  if (order === "loading") return new Promise(() => {});
  if (order === "unreachable") networkFails();
  if (order === "expired") return jsonResponse(problemOf(401, "token_expired"), 401);
  if (order === "conflict") return jsonResponse(problemOf(409, "charge_conflict"), 409);
  if (order === "part-refund") return jsonResponse(chargeOf({ order_id: order, status: "succeeded", refunded_amount: 200, attempt: 1 }));
  const status = order === "confirming" ? "ready" : (order as ReturnType<typeof chargeOf>["status"]);
  return jsonResponse(chargeOf({ order_id: order, status, attempt: status === "ready" ? 0 : 1 }));
}

/** Puts an element in every state on the page, in one language and theme. */
export async function putEveryState(stage: Stage, locale: "kk" | "ru" | "en", theme: "light" | "dark"): Promise<FreedomPayCharge[]> {
  stage.edge.onGet = answer;
  const states: (readonly [order: string, status: ElementStatus])[] = [
    ...(["loading", "ready", "confirming", "processing", "unconfirmed", "authorized", "succeeded", "closed"] as const).map(
      (status) => [status, status] as const,
    ),
    ...(["reversed", "refunded", "expired", "conflict", "unreachable"] as const).map((status) => [status, status] as const),
    ...FAILURES.map((category) => [`failed-${category}`, "failed"] as const),
    ["part-refund", "succeeded"],
  ];
  const elements: FreedomPayCharge[] = [];
  for (const [order, status] of states) {
    const element = await put({ token: token({ order_id: order }), locale, theme, confirm: order === "confirming" });
    if (order === "confirming") button(element).click();
    await vi.waitFor(() => expect(element.status).toBe(status));
    await settle(element);
    elements.push(element);
  }
  elements.push(
    await put({ token: "no token", locale, theme }),
    await put({ locale, theme, disabled: true, token: token({ order_id: "ready" }) }),
  );
  return elements;
}
