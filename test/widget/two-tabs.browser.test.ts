import { describe, expect, test, vi } from "vitest";
import { STORAGE_KEY } from "../../widget/attempt-key.ts";
import { chargeOf } from "./charges.ts";
import { jsonResponse } from "./fake-edge.ts";
import { button, listen, look, put, setStage, settle, token } from "./stage.ts";

const stage = setStage({ realLocks: true });

/** Simulates another tab of this origin that sends its click on the order, until it is ended. */
async function sendElsewhere(orderId = "1234"): Promise<() => Promise<void>> {
  let end: () => void = () => {};
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((begun) => {
    ended = navigator.locks.request(`${STORAGE_KEY} ${orderId}`, () => {
      begun();
      return new Promise<void>((resolve) => (end = resolve));
    });
  });
  return async () => {
    end();
    await ended;
  };
}

describe("two tabs", () => {
  test("a click while the other tab sends one sends nothing, but reads the charge until it is decided", async () => {
    const element = await put();
    const heard = listen(element);
    localStorage.setItem(STORAGE_KEY, JSON.stringify([["1234", "key-of-the-other-tab", Date.now(), 0]]));
    const end = await sendElsewhere();
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    button(element).click();
    expect(element.status).toBe("processing");
    await vi.waitFor(() => expect(stage.edge.gets.at(-1)?.headers.get("Prefer")).toBe("wait=25"));
    stage.edge.charge = chargeOf({ status: "succeeded", attempt: 1 });
    await vi.waitFor(() => expect(element.status).toBe("succeeded"));
    await end();
    expect(stage.edge.posts).toEqual([]);
    expect(heard.filter((event) => event.startsWith("submit"))).toEqual(["submit:ready"]);
  });

  test("a click on another order is sent", async () => {
    const end = await sendElsewhere("5678");
    const element = await put();
    await element.charge();
    await end();
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("the lock is released when the click is answered, and when the element is removed", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const first = await put();
    button(first).click();
    await vi.waitFor(() => expect(stage.edge.posts).toHaveLength(1));
    first.remove();
    await vi.waitFor(async () => expect((await navigator.locks.query()).held).toEqual([]));
    stage.edge.onPost = () => jsonResponse(chargeOf({ status: "succeeded", attempt: 1 }), 201);
    const second = await put();
    await second.charge();
    expect(look(second).status).toBe("succeeded");
    await vi.waitFor(async () => expect((await navigator.locks.query()).held).toEqual([]));
    // Both clicks are one attempt, because the first may have arrived.
    expect(new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  });

  test("a click that another tab stores is followed without a click here; other stored changes are ignored", async () => {
    const element = await put();
    dispatchEvent(new StorageEvent("storage", { key: "basket" }));
    await settle(element);
    expect(stage.edge.gets).toHaveLength(1);
    stage.edge.charge = chargeOf({ status: "processing", attempt: 1 });
    dispatchEvent(new StorageEvent("storage", { key: STORAGE_KEY }));
    await vi.waitFor(() => expect(element.status).toBe("processing"));
  });

  test("two elements of one order on one page make one payment", async () => {
    const [first, second] = [await put(), await put()];
    stage.edge.onPost = () => new Promise(() => {});
    button(first).click();
    button(second).click();
    expect([first.status, second.status]).toEqual(["processing", "processing"]);
    await vi.waitFor(() => expect(stage.edge.gets.length).toBeGreaterThan(2));
    // After 2 s the second is sent too, under the key of the first.
    expect(new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key"))).size).toBe(1);
  });
});

describe("one element, mounted and clicked in unusual ways", () => {
  test("mounted, removed and mounted again at once (StrictMode), it reads once and pays once", async () => {
    const element = document.createElement("freedom-pay-charge");
    Object.assign(element, { endpoint: "https://edge.example", token: token(), locale: "en" });
    document.body.append(element);
    element.remove();
    document.body.append(element);
    await element.updateComplete;
    await settle(element);
    expect(stage.edge.gets).toHaveLength(1);
    await element.charge();
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("restored from the back/forward cache during a click, it sends no second attempt", async () => {
    const keys = (): unknown[] => [...new Set(stage.edge.posts.map(({ headers }) => headers.get("Idempotency-Key")))];
    stage.edge.onPost = () => {
      throw new TypeError("Failed to fetch");
    };
    const element = await put();
    button(element).click();
    await vi.waitFor(() => expect(stage.edge.posts).toHaveLength(1));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await vi.waitFor(() => expect(stage.edge.posts).toHaveLength(2));
    expect(keys()).toHaveLength(1);
  });

  test("with a clock that is a day wrong in either direction, it neither sends a click too late nor forgets it", async () => {
    for (const wrong of [-86_400_000, 86_400_000]) {
      stage.edge.charge = chargeOf();
      stage.edge.calls.length = 0;
      vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000 + wrong);
      const element = await put();
      await element.charge();
      expect(stage.edge.posts).toHaveLength(1);
      expect(element.status).toBe("succeeded");
      vi.mocked(Date.now).mockRestore();
    }
  });
});
