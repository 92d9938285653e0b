import { describe, expect, test, vi } from "vitest";
import { chargeOf } from "./charges.ts";
import { button, look, put, setStage, settle } from "./stage.ts";

const stage = setStage();

/** The ways in which libraries morph a page to a server's HTML, which does not have the status. */
const MORPHS: readonly (readonly [how: string, morph: (element: Element) => void])[] = [
  ["removes the attribute", (element) => element.removeAttribute("status")],
  ["empties it", (element) => element.setAttribute("status", "")],
  ["sets the status that was rendered first", (element) => element.setAttribute("status", "loading")],
  ["toggles it", (element) => void element.toggleAttribute("status")],
  ["removes its node", (element) => void element.attributes.removeNamedItem("status")],
];

describe("a morph that", () => {
  test.each(MORPHS)("%s is undone, in every status", async (_how, morph) => {
    for (const status of ["ready", "processing", "succeeded"] as const) {
      stage.edge.charge = chargeOf({ status, attempt: 1 });
      const element = await put();
      await vi.waitFor(() => expect(element.status).toBe(status));
      morph(element);
      expect([element.getAttribute("status"), element.status]).toEqual([status, status]);
      expect(element.matches(`[status=${status}]:state(${status})`)).toBe(true);
      element.remove();
    }
  });

  test("removes the attribute repeatedly is undone each time, without other effects", async () => {
    const element = await put();
    const heard = vi.fn();
    element.addEventListener("freedom-pay-change", heard);
    for (let times = 0; times < 100; times += 1) element.removeAttribute("status");
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", button: "Pay ₸1,234.50" });
    expect(heard).not.toHaveBeenCalled();
    expect(stage.edge.calls).toHaveLength(1);
  });

  test("removes the attribute while a press is in flight does not affect the press", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const element = await put();
    button(element).click();
    element.removeAttribute("status");
    await settle(element);
    expect(look(element)).toMatchObject({ status: "processing", button: "(Pay ₸1,234.50)" });
    expect(stage.edge.posts).toHaveLength(1);
  });
});

test("a status attribute that a server rendered is replaced by the element's own", async () => {
  const box = document.createElement("div");
  box.innerHTML = `<freedom-pay-charge status="succeeded" token="no token" endpoint="https://edge.example"></freedom-pay-charge>`;
  document.body.append(box);
  await vi.waitFor(() => expect(box.firstElementChild?.getAttribute("status")).toBe("misconfigured"));
});

test("an element outside of a page does not change its attribute", async () => {
  const element = await put();
  element.remove();
  await settle(element);
  element.removeAttribute("status");
  expect(element.hasAttribute("status")).toBe(false);
  document.body.append(element);
  await vi.waitFor(() => expect(element.getAttribute("status")).toBe("ready"));
});
