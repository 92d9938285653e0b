import axe from "axe-core";
import { expect, test } from "vitest";
import { cdp } from "vitest/browser";
import { putEveryState } from "./every-state.ts";
import { button, isSeen, part, put, setStage } from "./stage.ts";

const stage = setStage();

const LOOKS = (["kk", "ru", "en"] as const).flatMap((locale) => (["light", "dark"] as const).map((theme) => [locale, theme] as const));

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds on the elements, by rule and place. */
async function barriers(): Promise<string[]> {
  const { violations } = await axe.run({ include: "freedom-pay-charge" }, { runOnly: WCAG });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`));
}

test.each(LOOKS)("axe finds no barrier in any state, in %s and %s", async (locale, theme) => {
  const elements = await putEveryState(stage, locale, theme);
  expect(elements).toHaveLength(19);
  expect(await barriers()).toEqual([]);
});

test("axe would see a barrier", async () => {
  const element = await put();
  element.style.setProperty("--freedom-pay-accent", "#4fb84e");
  element.style.setProperty("--freedom-pay-on-accent", "#fff");
  expect((await barriers()).join()).toContain("color-contrast");
});

test.each(LOOKS)("in 320 px, and in 640 at twice the size, nothing sticks out in any state, in %s and %s", async (locale, theme) => {
  const elements = await putEveryState(stage, locale, theme);
  const box = document.createElement("div");
  document.body.append(box);
  box.append(...elements);
  for (const [width, zoom] of [
    ["320px", "1"],
    ["640px", "2"],
  ] as const) {
    Object.assign(box.style, { width, zoom });
    for (const element of elements) {
      const base = part(element, "base");
      expect(base.scrollWidth, element.status).toBeLessThanOrEqual(base.clientWidth);
      if (isSeen(button(element))) expect(button(element).scrollWidth, element.status).toBeLessThanOrEqual(button(element).clientWidth);
    }
  }
});

test("what can be pressed is 24 px or more, and keeps an edge where the system chooses the colours", async () => {
  const elements = await putEveryState(stage, "kk", "light");
  for (const element of elements.filter((one) => isSeen(button(one))))
    expect(button(element).getBoundingClientRect().height, element.status).toBeGreaterThanOrEqual(24);
  const session = cdp() as unknown as { send(method: string, params: unknown): Promise<void> };
  await session.send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
  try {
    const { borderTopColor, borderTopWidth, backgroundColor } = getComputedStyle(button(elements[1] ?? expect.fail("no element")));
    expect([borderTopWidth, borderTopColor === backgroundColor]).toEqual(["1px", false]);
  } finally {
    await session.send("Emulation.setEmulatedMedia", { features: [] });
  }
});

test("where the system asks for less motion the sign of work turns slowly", async () => {
  const session = cdp() as unknown as { send(method: string, params: unknown): Promise<void> };
  const elements = await putEveryState(stage, "ru", "dark");
  const spinner = part(elements.find(({ status }) => status === "processing") ?? expect.fail("none"), "spinner");
  expect(getComputedStyle(spinner).animationDuration).toBe("1s");
  await session.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  try {
    expect(getComputedStyle(spinner).animationDuration).toBe("9s");
  } finally {
    await session.send("Emulation.setEmulatedMedia", { features: [] });
  }
});
