import { afterEach, describe, expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { activate, button, part, put, setStage, settle } from "./stage.ts";

const stage = setStage();

afterEach(() => activate(true));

/** A dialog with a field of its own, and whether it is open. */
function openDialog(kind: "dialog" | "popover" | "role"): { box: HTMLElement; field: HTMLInputElement; isOpen: () => boolean } {
  const box = document.createElement(kind === "dialog" ? "dialog" : "div");
  const field = document.createElement("input");
  box.append(field);
  document.body.append(box);
  if (box instanceof HTMLDialogElement) {
    box.showModal();
    return { box, field, isOpen: () => box.open };
  }
  if (kind === "popover") {
    box.popover = "auto";
    box.showPopover();
    return { box, field, isOpen: () => box.matches(":popover-open") };
  }
  // As libraries do it: whoever hears Escape, closes.
  box.setAttribute("role", "dialog");
  let isOpen = true;
  box.addEventListener("keydown", ({ key }) => {
    isOpen &&= key !== "Escape";
  });
  return { box, field, isOpen: () => isOpen };
}

/** An element that asks to be pressed once more. */
async function asking(around: Node): Promise<FreedomPayCharge> {
  const element = await put({ confirm: true });
  around.appendChild(element);
  await settle(element);
  button(element).click();
  await settle(element);
  expect(element.status).toBe("confirming");
  return element;
}

const pressEscape = async (element: FreedomPayCharge): Promise<void> => {
  await userEvent.keyboard("{Escape}");
  await settle(element);
};

describe.each(["dialog", "popover", "role"] as const)("Escape in a question inside a %s", (kind) => {
  test.each<[string, (element: FreedomPayCharge, field: HTMLElement) => void]>([
    ["the button", (element) => button(element).focus()],
    ["the second button", (element) => part(element, "cancel").focus()],
    ["another field of the dialog", (_element, field) => field.focus()],
  ])("closes the question alone, and the next one the dialog: the focus is on %s", async (_where, focus) => {
    const { box, field, isOpen } = openDialog(kind);
    const element = await asking(box);
    focus(element, field);
    await pressEscape(element);
    expect([element.status, isOpen()]).toEqual(["ready", true]);
    await pressEscape(element);
    expect(isOpen()).toBe(false);
    expect(stage.edge.posts).toEqual([]);
  });

  test("also through shadow roots", async () => {
    const { box, isOpen } = openDialog(kind);
    const host = document.createElement("div");
    host.attachShadow({ mode: "open" });
    box.append(host);
    const element = await asking(host.shadowRoot ?? expect.fail("no shadow root"));
    button(element).focus();
    await pressEscape(element);
    expect([element.status, isOpen()]).toEqual(["ready", true]);
  });
});

describe("Escape", () => {
  test("where the focus is on nothing closes the question", async () => {
    const element = await asking(document.body);
    (document.activeElement as HTMLElement | null)?.blur();
    await pressEscape(element);
    expect(element.status).toBe("ready");
  });

  test("in a dialog above the element belongs to that dialog", async () => {
    const element = await asking(document.body);
    const { field, isOpen } = openDialog("dialog");
    field.focus();
    await pressEscape(element);
    expect([element.status, isOpen()]).toEqual(["confirming", false]);
  });

  test("in a field elsewhere on the page belongs to that field", async () => {
    const element = await asking(document.body);
    const field = document.createElement("input");
    const heard = vi.fn();
    field.addEventListener("keydown", ({ defaultPrevented }) => heard(defaultPrevented));
    document.body.append(field);
    field.focus();
    await pressEscape(element);
    expect([element.status, heard.mock.calls]).toEqual(["confirming", [[false]]]);
  });

  test("where nothing is asked is the page's", async () => {
    const { box, isOpen } = openDialog("dialog");
    const element = await put({ confirm: true });
    box.append(element);
    await settle(element);
    button(element).focus();
    await pressEscape(element);
    expect(isOpen()).toBe(false);
  });
});
