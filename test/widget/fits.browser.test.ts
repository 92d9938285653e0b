import { afterEach, expect, test } from "vitest";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { LONG } from "../length.ts";
import { putEveryState } from "./every-state.ts";
import { part, put, setStage, token } from "./stage.ts";

const stage = setStage();

const LOCALES = ["kk", "ru", "en"] as const;

/** WCAG 2.2, 1.4.12: the text spacing that a reader may set without losing content. */
const TEXT_SPACING =
  "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}";

/** Style sheets of merchants' pages, by name. */
const UGLY: Readonly<Record<string, string>> = {
  "everything unset": "*{all:unset!important}",
  "everything initial": "*{all:initial!important}",
  "capitals with wide spacing and huge line height":
    "*{text-transform:uppercase!important;letter-spacing:.5em!important;word-spacing:2em!important;line-height:4!important;text-indent:3em!important}",
  "fonts of the page": "body *{font:italic 700 9px/0.8 cursive!important;white-space:nowrap!important;text-align:right!important}",
  "boxes of the page": "*{box-sizing:content-box!important;float:left!important;width:100%!important;overflow:hidden!important}",
  "from right to left": "*{direction:rtl!important;unicode-bidi:bidi-override!important}",
  "buttons and paragraphs of the page":
    "button,p,svg,slot,span{position:absolute!important;height:3px!important;font-size:60px!important;margin:-20px!important}",
};

let added: HTMLElement[] = [];

afterEach(() => {
  for (const node of added) node.remove();
  added = [];
});

function addStyle(css: string): void {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  added.push(style);
}

/** The content of an element that is cut off, overflows or overlaps other content. */
function misfits(element: FreedomPayCharge): string[] {
  const base = part(element, "base");
  const found: string[] = [];
  const say = (what: string, node: Element): void =>
    void found.push(`${element.status}: ${node.getAttribute("part") ?? node.tagName} ${what}: ${node.textContent}`);
  const seen = [...base.querySelectorAll<HTMLElement>("p,span,button,a,div,svg")].filter(
    (node) => node.checkVisibility() && !node.closest(".for-screen-readers,[part=spinner]:not([hidden])+*"),
  );
  if (base.scrollWidth > base.clientWidth || base.scrollHeight > base.clientHeight + 1) say("is too small", base);
  const around = base.getBoundingClientRect();
  for (const node of seen) {
    const box = node.getBoundingClientRect();
    if (node instanceof HTMLElement && getComputedStyle(node).display !== "inline") {
      if (node.scrollWidth > node.clientWidth + 1) say("is cut off at its side", node);
      if (node.scrollHeight > node.clientHeight + 1) say("is cut off below", node);
    }
    if (box.left < around.left || box.right > around.right || box.top < around.top || box.bottom > around.bottom) say("sticks out", node);
  }
  // Texts and buttons are below one another.
  const lines = seen.filter((node) => node.matches("p,button,a"));
  for (const [place, line] of lines.entries()) {
    const next = lines[place + 1];
    if (next && next.getBoundingClientRect().top < line.getBoundingClientRect().bottom - 0.5) say("lies over the next", line);
  }
  return found;
}

/** Elements in every state in a box of this width, at this size. */
async function putInto(locale: (typeof LOCALES)[number], width: string, zoom: string): Promise<FreedomPayCharge[]> {
  const elements = await putEveryState(stage, locale, "light");
  const box = document.createElement("div");
  document.body.append(box);
  box.append(...elements);
  Object.assign(box.style, { width, zoom });
  return elements;
}

test.each(
  LOCALES.flatMap((locale) =>
    (
      [
        ["320px", "1"],
        ["640px", "2"],
      ] as const
    ).map(([width, zoom]) => [locale, width, zoom] as const),
  ),
)("in every state nothing is cut off or overlaps, in %s, %s wide at %s times the size", async (...look) => {
  for (const element of await putInto(...look)) expect(misfits(element)).toEqual([]);
});

test.each(LOCALES)("nothing is cut off with the text spacing of WCAG 1.4.12, in %s", async (locale) => {
  for (const element of await putInto(locale, "320px", "1")) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT_SPACING);
    element.shadowRoot?.adoptedStyleSheets.push(sheet);
    expect(misfits(element)).toEqual([]);
  }
});

/** Kazakh needs the most room. */
const BESIDE_A_STYLE_SHEET = LONG ? LOCALES : (["kk"] as const);

test.each(Object.keys(UGLY))("nothing is cut off beside a merchant's style sheet: %s", async (name) => {
  for (const locale of BESIDE_A_STYLE_SHEET) {
    const plain = (await putInto(locale, "320px", "1")).map((element) => part(element, "base").getBoundingClientRect().height);
    document.body.replaceChildren();
    addStyle(UGLY[name] ?? "");
    const elements = await putInto(locale, "320px", "1");
    for (const [place, element] of elements.entries()) {
      expect(misfits(element)).toEqual([]);
      const base = part(element, "base");
      const { textTransform, letterSpacing, direction, fontStyle, textAlign } = getComputedStyle(base);
      expect([textTransform, letterSpacing, direction, fontStyle, textAlign]).toEqual(["none", "normal", "ltr", "normal", "start"]);
      // The page's style of the box around the element may make it wider, but its content must not become taller. Content that the page adds does not count.
      if (element.childElementCount === 0)
        expect(base.getBoundingClientRect().height, element.status).toBeLessThanOrEqual((plain[place] ?? 0) + 1);
    }
    document.body.replaceChildren();
    for (const node of added.splice(0)) node.remove();
  }
});

test("the longest order, amount, card and description, and words without line breaks, fit into 320 px and into 240 px", async () => {
  const long = {
    order_id: "x".repeat(40),
    amount: 99_999_999.99,
    currency: "KZT",
    description: "сөз".repeat(300),
    card: { brand: "w".repeat(20), last4: "4242" },
  };
  for (const locale of LOCALES)
    for (const width of ["320px", "240px"]) {
      const element = await put({ locale, token: token(long) });
      element.style.width = width;
      expect(misfits(element)).toEqual([]);
      element.remove();
    }
});

test("the check finds a text that is cut off, one that overflows, and two that overlap", async () => {
  const element = await put();
  expect(misfits(element)).toEqual([]);
  for (const spoiling of ["[part=description]{height:5px}", "[part=amount]{margin-left:-50px}", "[part=order]{margin-bottom:-20px}"]) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(spoiling);
    element.shadowRoot?.adoptedStyleSheets.push(sheet);
    expect(misfits(element), spoiling).not.toEqual([]);
    element.shadowRoot?.adoptedStyleSheets.pop();
  }
});
