// System settings can be emulated only in Chromium: Firefox has no command for it.
import { expect, test } from "vitest";
import { cdp } from "vitest/browser";
import { putEveryState } from "./every-state.ts";
import { button, part, setStage } from "./stage.ts";

const stage = setStage();

/** Emulates a system setting while `look` runs. */
async function whereSystemAsks(name: string, value: string, look: () => void): Promise<void> {
  const session = cdp() as unknown as { send(method: string, params: unknown): Promise<void> };
  await session.send("Emulation.setEmulatedMedia", { features: [{ name, value }] });
  try {
    look();
  } finally {
    await session.send("Emulation.setEmulatedMedia", { features: [] });
  }
}

test("under forced colours the button keeps a border", async () => {
  const [, element] = await putEveryState(stage, "kk", "light");
  await whereSystemAsks("forced-colors", "active", () => {
    const { borderTopColor, borderTopWidth, backgroundColor } = getComputedStyle(button(element ?? expect.fail("no element")));
    expect([borderTopWidth, borderTopColor === backgroundColor]).toEqual(["1px", false]);
  });
});

test("under forced colours the icon of a message has the colour of its text in every state, and the spinner keeps its gap", async () => {
  const elements = await putEveryState(stage, "kk", "light");
  await whereSystemAsks("forced-colors", "active", () => {
    for (const element of elements) {
      const [icon, title] = [part(element, "icon"), part(element, "title")].map((one) => getComputedStyle(one));
      expect(icon?.color, element.status).toBe(title?.color);
      expect(getComputedStyle(part(element, "spinner")).borderRightWidth).toBe("0px");
    }
  });
});

test("under reduced motion the spinner turns slowly", async () => {
  const elements = await putEveryState(stage, "ru", "dark");
  const spinner = part(elements.find(({ status }) => status === "processing") ?? expect.fail("none"), "spinner");
  expect(getComputedStyle(spinner).animationDuration).toBe("1s");
  await whereSystemAsks("prefers-reduced-motion", "reduce", () => expect(getComputedStyle(spinner).animationDuration).toBe("9s"));
});
