import { afterEach, describe, expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { activate, button, part, put, setStage, settle } from "./stage.ts";

const stage = setStage();

afterEach(() => activate(true));

/** A dialog with a text field, and whether it is open. */
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
  // As in libraries: the dialog closes on every Escape that it receives.
  box.setAttribute("role", "dialog");
  let isOpen = true;
  box.addEventListener("keydown", ({ key }) => {
    isOpen &&= key !== "Escape";
  });
  return { box, field, isOpen: () => isOpen };
}

/** An element that asks for confirmation. */
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

describe.each(["dialog", "popover", "role"] as const)("Escape in a confirmation inside a %s", (kind) => {
  test.each<[string, (element: FreedomPayCharge, field: HTMLElement) => void]>([
    ["the button", (element) => button(element).focus()],
    ["the second button", (element) => part(element, "cancel").focus()],
    ["another field of the dialog", (_element, field) => field.focus()],
  ])("closes the confirmation alone, and the next Escape closes the dialog: the focus is on %s", async (_where, focus) => {
    const { box, field, isOpen } = openDialog(kind);
    const element = await asking(box);
    focus(element, field);
    await pressEscape(element);
    expect([element.status, isOpen()]).toEqual(["ready", true]);
    await pressEscape(element);
    expect(isOpen()).toBe(false);
    expect(stage.edge.posts).toEqual([]);
  });

  test("works through shadow roots too", async () => {
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
  test("closes the confirmation if nothing has the focus", async () => {
    const element = await asking(document.body);
    (document.activeElement as HTMLElement | null)?.blur();
    await pressEscape(element);
    expect(element.status).toBe("ready");
  });

  test("in a dialog above the element closes only that dialog", async () => {
    const element = await asking(document.body);
    const { field, isOpen } = openDialog("dialog");
    field.focus();
    await pressEscape(element);
    expect([element.status, isOpen()]).toEqual(["confirming", false]);
  });

  test("in a field elsewhere on the page is left to that field", async () => {
    const element = await asking(document.body);
    const field = document.createElement("input");
    const heard = vi.fn();
    field.addEventListener("keydown", ({ defaultPrevented }) => heard(defaultPrevented));
    document.body.append(field);
    field.focus();
    await pressEscape(element);
    expect([element.status, heard.mock.calls]).toEqual(["confirming", [[false]]]);
  });

  test("without a confirmation is left to the page", async () => {
    const { box, isOpen } = openDialog("dialog");
    const element = await put({ confirm: true });
    box.append(element);
    await settle(element);
    button(element).focus();
    await pressEscape(element);
    expect(isOpen()).toBe(false);
  });
});
