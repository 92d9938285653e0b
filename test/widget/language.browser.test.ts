import { describe, expect, test, vi } from "vitest";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { part, put, setStage, settle } from "./stage.ts";

setStage();

/** The language of an element's texts. */
const spoken = (element: FreedomPayCharge): string => part(element, "base").lang;

function box(lang: string | null, ...inside: Node[]): HTMLElement {
  const element = document.createElement("div");
  if (lang !== null) element.setAttribute("lang", lang);
  element.append(...inside);
  return element;
}

/** A box with a shadow root, and its content. */
function shadowBox(lang: string | null, ...inside: Node[]): HTMLElement {
  const host = box(lang);
  host.attachShadow({ mode: "open" }).append(...inside);
  return host;
}

/** An element with the language of its surrounding elements. */
async function listening(): Promise<FreedomPayCharge> {
  const element = await put({ locale: null });
  // The browser's own languages must not affect these tests.
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["fr"]);
  return element;
}

/** Adds an element with its ancestors to the page. */
async function within(element: FreedomPayCharge, around: HTMLElement): Promise<void> {
  document.body.append(around);
  await settle(element);
}

describe("the language is the one that :lang() matches:", () => {
  test.each<[string, (element: Node) => HTMLElement, string]>([
    ["the nearest one", (element) => box("ru", box("kk", element)), "kk"],
    ["one with a region", (element) => box("kk-Cyrl-KZ", element), "kk"],
    ["one in capitals", (element) => box("EN-us", element), "en"],
    ["kz, which is meant for kk", (element) => box("kz", element), "kk"],
    ["that of a shadow root's host", (element) => shadowBox("kk", element), "kk"],
    ["one inside a shadow root, before that of its host", (element) => shadowBox("ru", box("en", element)), "en"],
    ["through two shadow roots", (element) => box("kk", shadowBox(null, shadowBox(null, element))), "kk"],
    ["none if it is marked as unknown: then the page's", (element) => box("kk", box("", element)), "en"],
    ["one that the element does not have: then the page's", (element) => box("kk", box("de", element)), "en"],
  ])("%s", async (_what, around, lang) => {
    document.documentElement.lang = "en";
    const element = await listening();
    await within(element, around(element));
    expect(spoken(element)).toBe(lang);
  });

  test("the element's own lang has priority, and its locale before that", async () => {
    const element = await listening();
    element.lang = "kk";
    await settle(element);
    expect(spoken(element)).toBe("kk");
    element.locale = "en";
    await settle(element);
    expect(spoken(element)).toBe("en");
  });
});

describe("the language changes when", () => {
  /** Waits until the observer has run and the element has rendered. */
  const spokenSoon = (element: FreedomPayCharge, lang: string): Promise<void> => vi.waitFor(() => expect(spoken(element)).toBe(lang));

  test("the page's language changes", async () => {
    const element = await listening();
    for (const lang of ["kk", "en", "ru"]) {
      document.documentElement.lang = lang;
      await spokenSoon(element, lang);
    }
  });

  test("a lang of an ancestor changes, is added, or is removed", async () => {
    document.documentElement.lang = "ru";
    const element = await listening();
    const around = box(null, element);
    await within(element, around);
    around.lang = "kk";
    await spokenSoon(element, "kk");
    around.lang = "en";
    await spokenSoon(element, "en");
    around.removeAttribute("lang");
    await spokenSoon(element, "ru");
  });

  test("a lang changes outside of the element's shadow root, or outside of the one around that", async () => {
    const element = await listening();
    const inner = shadowBox(null, element);
    const outer = shadowBox("ru", box(null, inner));
    await within(element, outer);
    outer.lang = "kk";
    await spokenSoon(element, "kk");
    inner.lang = "en";
    await spokenSoon(element, "en");
  });

  test("the element is moved", async () => {
    const element = await listening();
    await within(element, box("kk", element));
    expect(spoken(element)).toBe("kk");
    await within(element, shadowBox("en", element));
    expect(spoken(element)).toBe("en");
    const home = box("ru");
    document.body.append(home);
    const around = box(null, element);
    document.body.append(around);
    home.append(around);
    await settle(element);
    expect(spoken(element)).toBe("ru");
  });

  test("the browser's languages change", async () => {
    const element = await listening();
    await settle(element);
    vi.spyOn(navigator, "languages", "get").mockReturnValue(["de", "kk-KZ"]);
    dispatchEvent(new Event("languagechange"));
    await spokenSoon(element, "kk");
  });

  test("but not after the element was removed", async () => {
    const element = await listening();
    document.documentElement.lang = "kk";
    await spokenSoon(element, "kk");
    element.remove();
    const drawn = vi.spyOn(element, "requestUpdate");
    document.documentElement.lang = "en";
    await new Promise((resolve) => setTimeout(resolve));
    expect(drawn).not.toHaveBeenCalled();
  });
});
