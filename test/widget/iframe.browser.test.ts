import { describe, expect, test, vi } from "vitest";
import { page } from "vitest/browser";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { ENDPOINT } from "./fake-edge.ts";
import { activate, button, look, part, put, setStage, settle, token } from "./stage.ts";

const stage = setStage();

/** An iframe on the page, and its document. */
async function openFrame(): Promise<{ frame: HTMLIFrameElement; inside: Document }> {
  const frame = document.createElement("iframe");
  frame.srcdoc = "<!doctype html><title>A frame</title><body></body>";
  frame.style.height = "600px";
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  return { frame, inside: frame.contentDocument ?? expect.fail("no document") };
}

/** An element that is not in a document yet. */
function unborn(): FreedomPayCharge {
  const element = document.createElement("freedom-pay-charge");
  return Object.assign(element, { endpoint: ENDPOINT, token: token(), locale: "en" });
}

/** The colours and the spacing of the element's own styles. */
function styled(element: FreedomPayCharge): readonly string[] {
  const view = element.ownerDocument.defaultView ?? expect.fail("no window");
  const { backgroundColor, minHeight } = view.getComputedStyle(button(element));
  return [backgroundColor, minHeight, view.getComputedStyle(part(element, "base")).padding];
}

const STYLED = ["rgb(5, 85, 50)", "48px", "24px"];

/** The ways in which an element gets into a frame. */
const WAYS: readonly (readonly [how: string, come: (inside: Document) => Promise<FreedomPayCharge>])[] = [
  [
    "that was moved there",
    async (inside) => {
      const element = await put();
      inside.body.append(element);
      return element;
    },
  ],
  [
    "that was first put there",
    async (inside) => {
      const element = unborn();
      inside.body.append(element);
      return element;
    },
  ],
  [
    "that was adopted before it was put there",
    async (inside) => {
      const element = await put();
      element.remove();
      await settle(element);
      inside.body.append(inside.adoptNode(element));
      return element;
    },
  ],
  [
    "in a shadow root there",
    async (inside) => {
      const host = inside.createElement("div");
      inside.body.append(host);
      const element = unborn();
      host.attachShadow({ mode: "open" }).append(element);
      return element;
    },
  ],
];

describe("an element in an iframe", () => {
  test.each(WAYS)("%s is styled, reads its order, and can be pressed there", async (_how, come) => {
    const { frame, inside } = await openFrame();
    const element = await come(inside);
    await vi.waitFor(() => expect(element.status).toBe("ready"));
    await settle(element);
    expect(styled(element)).toEqual(STYLED);
    expect(element.shadowRoot?.querySelector("style")).toBeNull();
    await page.frameLocator(page.elementLocator(frame)).getByRole("button").click();
    await vi.waitFor(() => expect(look(element)).toMatchObject({ status: "succeeded", said: "Payment successful / Payment no. 77" }));
    expect(stage.edge.posts).toHaveLength(1);
  });

  test("receives presses there, and no longer those of the page that it has left", async () => {
    activate(false);
    const { frame, inside } = await openFrame();
    const element = await put();
    inside.body.append(element);
    await settle(element);
    const other = document.createElement("button");
    other.textContent = "Elsewhere";
    document.body.append(other);
    await page.elementLocator(other).click();
    expect(await element.charge()).toMatchObject({ status: "ready", reason: "press_required" });
    const inFrame = inside.createElement("button");
    inFrame.textContent = "In the frame";
    inside.body.append(inFrame);
    await page.frameLocator(page.elementLocator(frame)).getByText("In the frame").click();
    expect(await element.charge()).toMatchObject({ status: "succeeded" });
  });

  test("that comes back to the page is styled, and so are two in one frame", async () => {
    const { inside } = await openFrame();
    const [first, second] = [await put(), await put()];
    inside.body.append(first, second);
    await settle(first);
    expect([styled(first), styled(second)]).toEqual([STYLED, STYLED]);
    document.body.append(first);
    await settle(first);
    expect(styled(first)).toEqual(STYLED);
    inside.body.append(first);
    await settle(first);
    expect(styled(first)).toEqual(STYLED);
  });

  test("uses the language of the frame, and follows its changes", async () => {
    const { inside } = await openFrame();
    document.documentElement.lang = "ru";
    inside.documentElement.lang = "kk";
    const element = await put({ locale: null });
    inside.body.append(element);
    await vi.waitFor(() => expect(part(element, "base").lang).toBe("kk"));
    inside.documentElement.lang = "en";
    await vi.waitFor(() => expect(part(element, "base").lang).toBe("en"));
  });

  test("keeps a press in flight while it is moved", async () => {
    stage.edge.onPost = () => new Promise(() => {});
    const { inside } = await openFrame();
    const element = await put();
    button(element).click();
    inside.body.append(element);
    await settle(element);
    expect([element.status, stage.edge.posts.length, stage.edge.posts[0]?.signal?.aborted]).toEqual(["processing", 1, false]);
    expect(styled(element)[2]).toBe("24px");
  });

  test("whose document has no window causes no error", async () => {
    const element = await put();
    document.implementation.createHTMLDocument().body.append(element);
    await settle(element);
    document.body.append(element);
    await vi.waitFor(() => expect(element.status).toBe("ready"));
    await settle(element);
    expect(styled(element)).toEqual(STYLED);
  });
});
