import { describe, expect, test, vi } from "vitest";
import { chargeOf, failedCharge } from "./charges.ts";
import { ENDPOINT, jsonResponse, networkFails } from "./fake-edge.ts";
import { activate, button, look, put, setStage, settle, token } from "./stage.ts";

const stage = setStage();

describe("a new token", () => {
  test("during a click ends the click under the old one: nothing is paid under the new one, and the charge is read", async () => {
    vi.useFakeTimers();
    stage.edge.onPost = networkFails;
    const element = await put();
    button(element).click();
    await vi.advanceTimersByTimeAsync(5000);
    const { length } = stage.edge.posts;
    stage.edge.charge = chargeOf({ order_id: "5678", amount: 99 });
    element.token = token({ order_id: "5678", amount: 99 });
    await vi.advanceTimersByTimeAsync(300_000);
    await settle(element);
    expect(stage.edge.posts).toHaveLength(length);
    expect(stage.edge.gets.at(-1)?.url).toBe(`${ENDPOINT}/v1/charges/5678`);
    expect(look(element)).toMatchObject({ status: "ready", amount: "₸99", button: "Pay ₸99" });
  });

  test("ends the long-polling read under the old one", async () => {
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    const element = await put();
    await vi.waitFor(() => expect(stage.edge.gets).toHaveLength(2));
    element.token = token({}, { iat: 1_700_000_001 });
    await settle(element);
    expect(stage.edge.gets[1]?.signal?.aborted).toBe(true);
    expect(stage.edge.gets).toHaveLength(3);
  });
});

describe("reads in the background", () => {
  test("wait for a charge that is decided elsewhere", async () => {
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    const element = await put();
    await vi.waitFor(() => expect(stage.edge.gets).toHaveLength(2));
    expect(stage.edge.gets[1]?.headers.get("Prefer")).toBe("wait=25");
    stage.edge.charge = chargeOf({ status: "succeeded", attempt: 1 });
    await vi.waitFor(() => expect(element.status).toBe("succeeded"));
  });

  test("end when the element is removed, and begin again when it is added again", async () => {
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    const element = await put();
    await vi.waitFor(() => expect(stage.edge.gets).toHaveLength(2));
    element.remove();
    await settle(element);
    expect(stage.edge.gets[1]?.signal?.aborted).toBe(true);
    stage.edge.charge = chargeOf({ status: "succeeded", attempt: 1 });
    await settle(element);
    expect(stage.edge.gets).toHaveLength(2);
    document.body.append(element);
    await settle(element);
    expect(element.status).toBe("succeeded");
  });

  test("continue when the element is moved", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const element = await put();
    button(element).click();
    const box = document.createElement("div");
    document.body.append(box);
    box.append(element);
    await settle(element);
    expect(stage.edge.posts[0]?.signal?.aborted).toBe(false);
    expect(stage.edge.gets).toHaveLength(1);
    expect(element.status).toBe("processing");
  });

  test("are not made by an element that is not on the page", async () => {
    const element = document.createElement("freedom-pay-charge");
    Object.assign(element, { endpoint: ENDPOINT, token: token() });
    await Promise.resolve();
    expect(stage.edge.calls).toEqual([]);
  });

  test("come at once when the browser is online again, or the page becomes visible", async () => {
    const element = await put();
    dispatchEvent(new Event("online"));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    await settle(element);
    expect(stage.edge.gets).toHaveLength(4);
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    element.remove();
    dispatchEvent(new Event("online"));
    await settle(element);
    expect(stage.edge.gets).toHaveLength(4);
  });
});

describe("methods", () => {
  test("charge() pays and resolves with the outcome", async () => {
    const element = await put();
    expect(await element.charge()).toEqual({
      order_id: "1234",
      status: "succeeded",
      payment_id: "77",
      category: null,
      reason: null,
      url: null,
    });
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("charge() waits until the charge is known, and until it is decided", async () => {
    stage.edge.onPost = () => {
      stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
      setTimeout(() => {
        stage.edge.charge = failedCharge("declined", "other_card");
      }, 100);
      return jsonResponse(stage.edge.charge, 201);
    };
    const element = document.createElement("freedom-pay-charge");
    Object.assign(element, { endpoint: ENDPOINT, token: token() });
    document.body.append(element);
    expect(await element.charge()).toMatchObject({ status: "failed", category: "declined" });
  });

  test("charge() pays under a token that was set just before", async () => {
    const element = await put();
    element.token = token({}, { iat: 1_700_000_001 });
    await element.charge();
    expect(stage.edge.posts.map(({ headers }) => headers.get("Authorization"))).toEqual([`Bearer ${element.token}`]);
  });

  test("charge() without an action of the shopper does not pay", async () => {
    activate(false);
    const element = await put();
    expect(await element.charge()).toMatchObject({ status: "ready" });
    expect(stage.edge.posts).toEqual([]);
    expect(console.error).toHaveBeenCalledOnce();
  });

  test("charge() pays within two minutes of a press, and not later, also if the machine slept meanwhile", async () => {
    vi.useFakeTimers();
    stage.edge.onPost = () => jsonResponse((stage.edge.charge = failedCharge("declined", "other_card")), 201);
    for (const [elapsed, posts] of [
      [120_000, 1],
      [120_001, 1],
    ] as const) {
      const element = await put();
      vi.advanceTimersByTime(elapsed);
      await element.charge();
      expect(stage.edge.posts, String(elapsed)).toHaveLength(posts);
      element.remove();
    }
    let answer: (response: Response) => void = () => {};
    stage.edge.onGet = () => new Promise((resolve) => (answer = resolve));
    const element = await put();
    const outcome = element.charge();
    await settle(element);
    vi.setSystemTime(Date.now() + 3_600_000);
    answer(jsonResponse(chargeOf()));
    expect(await outcome).toMatchObject({ status: "ready" });
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("one press pays once, however often charge() is called", async () => {
    stage.edge.onPost = () => jsonResponse((stage.edge.charge = failedCharge("declined", "other_card", { attempt: 1 })), 201);
    const element = await put();
    expect(await element.charge()).toMatchObject({ status: "failed" });
    expect(await element.charge()).toMatchObject({ status: "failed" });
    expect(stage.edge.posts).toHaveLength(1);
  });

  test.each([
    ["another token", token()],
    ["no token", null],
  ])("charge() that was called with %s does not pay with the token that follows", async (_before, before) => {
    stage.edge.onGet = () => new Promise(() => {});
    const element = await put({ token: before });
    const outcome = element.charge();
    await settle(element);
    stage.edge.onGet = () => jsonResponse(chargeOf({ order_id: "5678", amount: 99_000 }));
    element.token = token({ order_id: "5678", amount: 99_000 });
    expect(await outcome).toMatchObject({ order_id: "5678", status: "ready" });
    expect(stage.edge.posts).toEqual([]);
  });

  test("charge() on a paid order resolves with the paid charge", async () => {
    stage.edge.charge = chargeOf({ status: "succeeded", payment_id: "77" });
    expect(await (await put()).charge()).toMatchObject({ status: "succeeded", payment_id: "77" });
    expect(stage.edge.posts).toEqual([]);
  });

  test("charge() ends if the element is removed", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const element = await put();
    const outcome = element.charge();
    await vi.waitFor(() => expect(stage.edge.posts).toHaveLength(1));
    element.remove();
    expect(await outcome).toMatchObject({ status: "processing" });
  });

  test("refresh() reads the charge from the edge", async () => {
    const element = await put();
    stage.edge.charge = chargeOf({ status: "closed" });
    expect(await element.refresh()).toMatchObject({ status: "closed" });
    expect(stage.edge.gets).toHaveLength(2);
  });
});
