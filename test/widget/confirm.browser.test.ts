import { describe, expect, test, vi } from "vitest";
import { page, userEvent } from "vitest/browser";
import { activate, button, isSeen, listen, look, part, pressAnew, put, setStage, settle, stopTheClock, text } from "./stage.ts";

const stage = setStage();

describe("with confirm", () => {
  test("the first press asks for confirmation, and the second one pays", async () => {
    const element = await put({ confirm: true });
    const heard = listen(element);
    button(element).click();
    await settle(element);
    expect(look(element)).toMatchObject({ status: "confirming", said: "Press once more to pay", button: "Pay ₸1,234.50" });
    expect(stage.edge.posts).toEqual([]);
    expect(heard).toEqual(["change:confirming"]);
    await pressAnew();
    button(element).click();
    await settle(element);
    expect(stage.edge.posts).toHaveLength(1);
    expect(heard.slice(1)).toEqual([
      "submit:confirming",
      "processing:processing",
      "change:processing",
      "success:succeeded",
      "change:succeeded",
    ]);
  });

  test("a double click asks for confirmation, and does not pay", async () => {
    activate(false);
    const element = await put({ confirm: true });
    stopTheClock();
    await userEvent.dblClick(page.elementLocator(button(element)));
    await settle(element);
    expect(element.status).toBe("confirming");
    expect(stage.edge.posts).toEqual([]);
  });

  test("a held Enter asks for confirmation, and does not pay", async () => {
    activate(false);
    const element = await put({ confirm: true });
    button(element).focus();
    await userEvent.keyboard("{Enter>30/}");
    await settle(element);
    expect(element.status).toBe("confirming");
    expect(stage.edge.posts).toEqual([]);
  });

  test("Escape cancels the first press", async () => {
    const element = await put({ confirm: true });
    button(element).focus();
    await userEvent.keyboard("{Enter}{Escape}");
    await settle(element);
    expect(look(element)).toMatchObject({ status: "ready", said: "" });
    await pressAnew();
    button(element).click();
    await settle(element);
    expect(element.status).toBe("confirming");
    expect(stage.edge.posts).toEqual([]);
  });

  test("Cancel cancels it too, and the focus moves to the first button", async () => {
    const element = await put({ confirm: true });
    const cancel = part(element, "cancel");
    expect(isSeen(cancel)).toBe(false);
    button(element).click();
    await settle(element);
    expect(text(cancel)).toBe("Cancel");
    await pressAnew();
    cancel.focus();
    cancel.click();
    await settle(element);
    expect([element.status, isSeen(cancel), element.shadowRoot?.activeElement]).toEqual(["ready", false, button(element)]);
    button(element).click();
    await settle(element);
    expect(element.status).toBe("confirming");
    expect(stage.edge.posts).toEqual([]);
  });

  test("the confirmation buttons have the collected words in every language", async () => {
    for (const [locale, word] of [
      ["kk", "Болдырмау"],
      ["ru", "Отмена"],
      ["en", "Cancel"],
    ] as const) {
      const element = await put({ confirm: true, locale });
      button(element).click();
      await settle(element);
      expect(text(part(element, "cancel"))).toBe(word);
    }
  });

  test("charge() asks for confirmation too, and resolves with the outcome of the shopper's choice", async () => {
    const element = await put({ confirm: true });
    const outcome = element.charge();
    await vi.waitFor(() => expect(element.status).toBe("confirming"));
    await pressAnew();
    button(element).click();
    expect(await outcome).toMatchObject({ status: "succeeded" });
  });

  test("a click that the page cancels changes nothing", async () => {
    const element = await put({ confirm: true });
    element.addEventListener("freedom-pay-submit", (event) => event.preventDefault());
    button(element).click();
    await pressAnew();
    button(element).click();
    await settle(element);
    expect(element.status).toBe("ready");
    expect(stage.edge.posts).toEqual([]);
  });

  test("the confirmation disappears when the order can no longer be paid", async () => {
    const element = await put({ confirm: true });
    button(element).click();
    stage.edge.charge = { ...stage.edge.charge, status: "closed" };
    await element.refresh();
    expect(element.status).toBe("closed");
  });
});
