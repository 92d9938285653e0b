import axe from "axe-core";
import { expect, test } from "vitest";
import { LONG } from "../length.ts";
import { putEveryState, STATE_COUNT } from "./every-state.ts";
import { button, isSeen, part, put, setStage } from "./stage.ts";

const stage = setStage();

const LOCALES = ["kk", "ru", "en"] as const;

/** `npm run a11y` also checks all of them, at other widths. */
const LOOKS = LONG
  ? LOCALES.flatMap((locale) => (["light", "dark"] as const).map((theme) => [locale, theme] as const))
  : ([
      ["kk", "light"],
      ["ru", "dark"],
    ] as const);

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds on the elements, by rule and place. */
async function axeViolations(): Promise<string[]> {
  const { violations } = await axe.run({ include: "freedom-pay-charge" }, { runOnly: WCAG });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`));
}

test.each(LOOKS)("axe finds no violation in any state, in %s and %s", async (locale, theme) => {
  const elements = await putEveryState(stage, locale, theme);
  expect(elements).toHaveLength(STATE_COUNT);
  expect(await axeViolations()).toEqual([]);
});

test("axe would find a violation if there was one", async () => {
  const element = await put();
  element.style.setProperty("--freedom-pay-accent", "#4fb84e");
  element.style.setProperty("--freedom-pay-on-accent", "#fff");
  expect((await axeViolations()).join()).toContain("color-contrast");
});

test("every control has 24 px or more, and two buttons have space between them", async () => {
  const elements = await putEveryState(stage, "kk", "light");
  for (const element of elements) {
    const boxes = [button(element), part(element, "continue"), part(element, "cancel")]
      .filter(isSeen)
      .map((one) => one.getBoundingClientRect());
    for (const { width, height } of boxes) expect(Math.min(width, height), element.status).toBeGreaterThanOrEqual(24);
    const [first, second] = boxes;
    expect(second === undefined).toBe(element.status !== "confirming");
    if (first && second) expect(second.top - first.bottom).toBeGreaterThanOrEqual(8);
  }
});

test("every button has a name, and text that is not in the shopper's language is marked with its language", async () => {
  for (const locale of LOCALES)
    for (const element of await putEveryState(stage, locale, "light")) {
      expect(part(element, "base").lang).toBe(locale);
      for (const one of [button(element), part(element, "continue"), part(element, "cancel")].filter(isSeen))
        expect(one.innerText.trim() || element.textContent, element.status).not.toBe("");
    }
});
