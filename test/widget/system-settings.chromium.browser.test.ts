// What the system asks of pages can be played in Chromium alone: Firefox has no command for it.
import { expect, test } from "vitest";
import { cdp } from "vitest/browser";
import { putEveryState } from "./every-state.ts";
import { button, part, setStage } from "./stage.ts";

const stage = setStage();

/** Lets the system ask for this, for as long as `look` takes. */
async function whereSystemAsks(name: string, value: string, look: () => void): Promise<void> {
  const session = cdp() as unknown as { send(method: string, params: unknown): Promise<void> };
  await session.send("Emulation.setEmulatedMedia", { features: [{ name, value }] });
  try {
    look();
  } finally {
    await session.send("Emulation.setEmulatedMedia", { features: [] });
  }
}

test("where the system chooses the colours the button keeps an edge", async () => {
  const [, element] = await putEveryState(stage, "kk", "light");
  await whereSystemAsks("forced-colors", "active", () => {
    const { borderTopColor, borderTopWidth, backgroundColor } = getComputedStyle(button(element ?? expect.fail("no element")));
    expect([borderTopWidth, borderTopColor === backgroundColor]).toEqual(["1px", false]);
  });
});

test("there the sign of a message has the colour of its text in every state, and the sign of work keeps its gap", async () => {
  const elements = await putEveryState(stage, "kk", "light");
  await whereSystemAsks("forced-colors", "active", () => {
    for (const element of elements) {
      const [icon, title] = [part(element, "icon"), part(element, "title")].map((one) => getComputedStyle(one));
      expect(icon?.color, element.status).toBe(title?.color);
      expect(getComputedStyle(part(element, "spinner")).borderRightWidth).toBe("0px");
    }
  });
});

test("where the system asks for less motion the sign of work turns slowly", async () => {
  const elements = await putEveryState(stage, "ru", "dark");
  const spinner = part(elements.find(({ status }) => status === "processing") ?? expect.fail("none"), "spinner");
  expect(getComputedStyle(spinner).animationDuration).toBe("1s");
  await whereSystemAsks("prefers-reduced-motion", "reduce", () => expect(getComputedStyle(spinner).animationDuration).toBe("9s"));
});
