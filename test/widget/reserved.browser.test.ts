import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { failedCharge } from "./charges.ts";
import { putEveryState } from "./every-state.ts";
import { jsonResponse } from "./fake-edge.ts";
import { button, look, put, setStage, settle } from "./stage.ts";

const stage = setStage();

/** The height that the documentation reserves for the element, so that nothing below it moves: 25rem, in pixels. */
const RESERVED = 400;

const SHIFTS_ARE_TOLD = PerformanceObserver.supportedEntryTypes.includes("layout-shift");

/** After this time a shift no longer counts as caused by the shopper's press (Layout Instability API: 500 ms). */
const LONG_AFTER_THE_PRESS = SHIFTS_ARE_TOLD ? 700 : 0;

const recipe = document.createElement("style");

beforeEach(() => {
  recipe.textContent = "freedom-pay-charge { display: block; min-height: 25rem; }";
  document.head.append(recipe);
});

afterEach(() => recipe.remove());

/** The content below the element. */
function putBelow(): HTMLElement {
  const below = Object.assign(document.createElement("p"), { textContent: "What must not move" });
  document.body.append(below);
  return below;
}

/** An entry of the Layout Instability API: how much moved, and which nodes. Nodes of a shadow tree are null. */
interface Shift extends PerformanceEntry {
  readonly value: number;
  readonly sources: readonly { readonly node: Node | null }[];
}

/** The layout shift during a function, which only Chromium reports: in all, and outside of the elements. */
async function shiftsDuring(deed: () => Promise<void>): Promise<{ readonly sum: number; readonly moved: readonly (string | null)[] }> {
  const shifts: Shift[] = [];
  const observer = new PerformanceObserver((list) => void shifts.push(...(list.getEntries() as Shift[])));
  if (SHIFTS_ARE_TOLD) observer.observe({ type: "layout-shift" });
  await deed();
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  shifts.push(...(observer.takeRecords() as Shift[]));
  observer.disconnect();
  return {
    sum: shifts.reduce((sum, { value }) => sum + value, 0),
    moved: shifts.flatMap(({ sources }) => sources.flatMap(({ node }) => (node ? [node.textContent] : []))),
  };
}

/** A shopper's click that the bank declines a while later. */
async function beDeclined(element: FreedomPayCharge): Promise<void> {
  const { setTimeout: wait } = globalThis;
  stage.edge.onPost = async ({ url }) => {
    await new Promise((resolve) => wait(resolve, LONG_AFTER_THE_PRESS));
    expect(url).toContain("/v1/charges");
    const charge = failedCharge("authentication_required", "bank");
    stage.edge.charge = charge;
    return jsonResponse(charge, 201);
  };
  button(element).click();
  await vi.waitFor(() => expect(element.status).toBe("failed"));
  await settle(element);
}

test.each((["kk", "ru", "en"] as const).flatMap((locale) => ([320, 416] as const).map((width) => [locale, width] as const)))(
  "in every state the element stays within the space that is reserved for it, in %s, %i px wide",
  async (locale, width) => {
    const elements = await putEveryState(stage, locale, "light");
    for (const element of elements) element.style.width = `${width}px`;
    const heights = elements.map((element) => [look(element).said, element.getBoundingClientRect()] as const);
    expect(heights.filter(([, box]) => box.width !== width || box.height !== RESERVED)).toEqual([]);
  },
);

test.each([320, 416])("on a declined click nothing below the element moves, and little inside it, %i px wide", async (width) => {
  const element = await put({ locale: "ru" });
  element.style.width = `${width}px`;
  const below = putBelow();
  const { top } = below.getBoundingClientRect();
  const { sum, moved } = await shiftsDuring(() => beDeclined(element));
  expect(moved).toEqual([]);
  // The button makes room for the message. Up to 0.1 a page counts as stable.
  expect(sum).toBeLessThan(0.01);
  expect(below.getBoundingClientRect().top).toBe(top);
});

test("the check finds a shift: without the reserved space the content below moves", async () => {
  recipe.textContent = "";
  const element = await put({ locale: "ru" });
  element.style.width = "320px";
  const below = putBelow();
  const { top } = below.getBoundingClientRect();
  const { moved } = await shiftsDuring(() => beDeclined(element));
  if (SHIFTS_ARE_TOLD) expect(moved).toContain(below.textContent);
  expect(below.getBoundingClientRect().top).toBeGreaterThan(top);
});
