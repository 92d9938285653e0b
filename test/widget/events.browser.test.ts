import { describe, expect, test, vi } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import type { FreedomPayEvent, FreedomPayEventMap } from "../../widget/events.ts";
import { FreedomPaySubmitEvent, FreedomPaySuccessEvent } from "../../widget/events.ts";
import { chargeOf, failedCharge } from "./charges.ts";
import { ENDPOINT, networkFails } from "./fake-edge.ts";
import { EVENTS, button, listen, put, setStage, settle, token } from "./stage.ts";

const stage = setStage();

describe("events", () => {
  test("bubble out of shadow trees, with the charge in their detail", async () => {
    const host = document.createElement("div");
    host.attachShadow({ mode: "open" });
    document.body.append(host);
    const heard: FreedomPayEventMap["freedom-pay-success"][] = [];
    document.body.addEventListener("freedom-pay-success", (event) => heard.push(event), { once: true });
    stage.edge.charge = chargeOf({ status: "succeeded", payment_id: "77" });
    const element = document.createElement("freedom-pay-charge");
    Object.assign(element, { endpoint: ENDPOINT, token: token() });
    host.shadowRoot?.append(element);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toBeInstanceOf(FreedomPaySuccessEvent);
    expect(heard[0]?.detail).toEqual({ order_id: "1234", status: "succeeded", payment_id: "77", category: null, reason: null, url: null });
  });

  test("only the first can be cancelled", async () => {
    const element = await put();
    const events: FreedomPayEvent[] = [];
    for (const name of EVENTS) element.addEventListener(`freedom-pay-${name}`, (event: FreedomPayEvent) => events.push(event));
    button(element).click();
    await settle(element);
    expect(events[0]).toBeInstanceOf(FreedomPaySubmitEvent);
    expect(events.map(({ cancelable }) => cancelable)).toEqual([true, false, false, false, false]);
    expect(events.every(({ bubbles, composed }) => bubbles && composed)).toBe(true);
  });

  test.each<[string, ChargeView, string[]]>([
    ["a ready charge", chargeOf(), ["ready:ready", "change:ready"]],
    ["an unconfirmed one", chargeOf({ status: "unconfirmed" }), ["unconfirmed:unconfirmed", "change:unconfirmed"]],
    ["a held one", chargeOf({ status: "authorized" }), ["success:authorized", "change:authorized"]],
    ["a failed one", failedCharge("declined", "other_card"), ["failure:failed", "change:failed"]],
    ["a closed one", chargeOf({ status: "closed" }), ["change:closed"]],
    ["a refunded one", chargeOf({ status: "refunded" }), ["change:refunded"]],
  ])("report %s when it is read", async (_, charge, names) => {
    stage.edge.charge = charge;
    const element = document.createElement("freedom-pay-charge");
    const heard = listen(element);
    Object.assign(element, { endpoint: ENDPOINT, token: token() });
    document.body.append(element);
    await vi.waitFor(() => expect(heard).toEqual(names));
  });

  test("report an unreachable edge once, not for every try", async () => {
    vi.useFakeTimers();
    stage.edge.onGet = networkFails;
    const element = document.createElement("freedom-pay-charge");
    const heard = listen(element);
    Object.assign(element, { endpoint: ENDPOINT, token: token() });
    document.body.append(element);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual(["error:unreachable", "change:unreachable"]);
    expect(stage.edge.gets.length).toBeGreaterThan(3);
  });
});
