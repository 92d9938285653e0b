import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "../../widget/define.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { ENDPOINT, FakeEdge } from "./fake-edge.ts";
import { part, text, token } from "./stage.ts";

const { fetch } = globalThis;

beforeEach(() => {
  globalThis.fetch = new FakeEdge().fetch;
});

afterEach(() => {
  document.body.replaceChildren();
  globalThis.fetch = fetch;
});

async function put(locale: string): Promise<FreedomPayCharge> {
  const element = document.createElement("freedom-pay-charge");
  Object.assign(element, { endpoint: ENDPOINT, token: token({ order_id: "1234" }), locale });
  document.body.append(element);
  await element.updateComplete;
  return element;
}

test("before its words are loaded the element is invisible but has its space, and nothing moves when they come", async () => {
  const element = await put("kk");
  const base = part(element, "base");
  expect(getComputedStyle(base).visibility).toBe("hidden");
  const { height } = element.getBoundingClientRect();
  await vi.waitFor(() => expect(getComputedStyle(base).visibility).toBe("visible"));
  expect(element.getBoundingClientRect().height).toBe(height);
  expect([base.lang, text(part(element, "order"))]).toEqual(["kk", "Тапсырыс №1234"]);
});

test("another language is shown when its words are loaded; until then the earlier one stays", async () => {
  const element = await put("kk");
  const base = part(element, "base");
  await vi.waitFor(() => expect(base.lang).toBe("kk"));
  const seen: string[] = [];
  const observer = new MutationObserver(() => seen.push(`${base.lang} ${getComputedStyle(base).visibility}`));
  observer.observe(base, { attributes: true, subtree: true, childList: true, characterData: true });
  element.locale = "ru";
  await element.updateComplete;
  expect(base.lang).toBe("kk");
  await vi.waitFor(() => expect(base.lang).toBe("ru"));
  observer.disconnect();
  expect(seen).toContain("ru visible");
  expect(seen.filter((one) => !["kk visible", "ru visible"].includes(one))).toEqual([]);
});
