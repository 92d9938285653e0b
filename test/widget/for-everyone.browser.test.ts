import { describe, expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { chargeOf, failedCharge } from "./charges.ts";
import { button, isSeen, part, put, setStage, settle, text } from "./stage.ts";

const stage = setStage();

describe("accessibility", () => {
  test("there is one live region from the beginning, and only its text changes", async () => {
    stage.edge.onGet = () => new Promise(() => {});
    const element = await put();
    const region = element.shadowRoot?.querySelector<HTMLElement>("[role=status]") ?? expect.fail("no live region");
    expect([isSeen(region), region.innerText.trim()]).toEqual([true, ""]);
    stage.edge.onGet = null;
    stage.edge.charge = failedCharge("card_expired", "other_card");
    await element.refresh();
    await settle(element);
    expect(element.shadowRoot?.querySelectorAll("[role=status], [aria-live]")).toHaveLength(1);
    expect(element.shadowRoot?.querySelector("[role=status]")).toBe(region);
    expect(region.innerText).toContain("Card expired. Pay with another card.");
  });

  test("a state that is read again unchanged does not touch the live region", async () => {
    stage.edge.charge = chargeOf({ status: "succeeded" });
    const element = await put();
    const seen = vi.fn();
    const observer = new MutationObserver(seen);
    observer.observe(part(element, "message"), { childList: true, characterData: true, subtree: true });
    await element.refresh();
    element.requestUpdate();
    await settle(element);
    expect(observer.takeRecords()).toEqual([]);
    expect(seen).not.toHaveBeenCalled();
  });

  test("the button is a native one, 44 px high or more, and the styles need no style element", async () => {
    const element = await put();
    expect(button(element).type).toBe("button");
    expect(button(element).getBoundingClientRect().height).toBeGreaterThanOrEqual(44);
    expect(element.shadowRoot?.querySelector("style")).toBeNull();
    expect(element.shadowRoot?.querySelector("[style]")).toBeNull();
    expect(element.shadowRoot?.adoptedStyleSheets).toHaveLength(1);
  });

  test("the theme is light, dark, or that of the page", async () => {
    const element = await put({ theme: "dark" });
    const back = (): string => getComputedStyle(part(element, "base")).backgroundColor;
    expect(back()).toBe("rgb(20, 26, 23)");
    element.theme = "light";
    await settle(element);
    expect(back()).toBe("rgb(255, 255, 255)");
    element.theme = "auto";
    document.documentElement.style.colorScheme = "dark";
    await settle(element);
    expect(back()).toBe("rgb(20, 26, 23)");
    document.documentElement.style.colorScheme = "";
    expect(back()).toBe("rgb(255, 255, 255)");
  });

  test("the content of a slot is shown in the states that it belongs to", async () => {
    const slots = ["details", "consent", "receipt", "help", "logos"];
    const element = await put();
    for (const name of slots) {
      element.append(Object.assign(document.createElement("p"), { slot: name, textContent: name }));
    }
    const seen = (): string[] => [...element.children].filter((child) => child.checkVisibility()).map(({ slot }) => slot);
    expect(seen()).toEqual(["details", "consent", "logos"]);
    button(element).click();
    await settle(element);
    expect(seen()).toEqual(["details", "receipt", "logos"]);
    stage.edge.charge = failedCharge("declined", "other_card");
    await element.refresh();
    await settle(element);
    expect(seen()).toEqual(["details", "consent", "help", "logos"]);
  });

  test("the keyboard is enough: Tab moves to the button, Enter and Space press it, Tab moves on to the next control", async () => {
    const element = await put({ confirm: true });
    const after = document.createElement("a");
    after.href = "#after";
    after.textContent = "after";
    document.body.append(after);
    const focused = (): Element | null => element.shadowRoot?.activeElement ?? document.activeElement;
    await userEvent.keyboard("{Tab}");
    expect(focused()).toBe(button(element));
    expect(getComputedStyle(button(element)).outlineStyle).toBe("solid");
    await userEvent.keyboard(" ");
    await settle(element);
    expect(element.status).toBe("confirming");
    await userEvent.keyboard("{Tab}");
    expect(focused()).toBe(part(element, "cancel"));
    await userEvent.keyboard("{Enter}");
    await settle(element);
    expect([element.status, focused()]).toEqual(["ready", button(element)]);
    await userEvent.keyboard("{Tab}");
    expect(focused()).toBe(after);
    expect(stage.edge.posts).toEqual([]);
  });

  describe("the page's own words on the button", () => {
    const own = (element: HTMLElement): HTMLElement => {
      const words = Object.assign(document.createElement("span"), { slot: "label", textContent: "Subscribe" });
      element.append(words);
      return words;
    };

    test("replace the verb and the amount, which are shown without them", async () => {
      const element = await put();
      expect(text(button(element))).toBe("Pay ₸1,234.50");
      const words = own(element);
      expect([words.checkVisibility(), words.assignedSlot?.parentElement]).toEqual([true, part(element, "label")]);
      expect(words.getBoundingClientRect().top).toBeLessThan(button(element).getBoundingClientRect().bottom);
      expect(part(element, "amount").textContent).toContain("1,234.50");
    });

    test("are not used if the button does something else", async () => {
      stage.edge.charge = failedCharge("insufficient_funds", "later");
      const element = await put();
      const words = own(element);
      await settle(element);
      expect([words.checkVisibility(), text(button(element))]).toEqual([false, "Try again"]);
    });
  });
});
