import type { Browser } from "playwright";
import { inPage, metrics, openPlace, TOKEN } from "./element-stage.ts";

/** What a thousand elements that came and went left on a page. */
export interface Leavings {
  readonly bytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Puts elements on a page and takes them out again, a thousand times, and measures what stays of them. */
export async function measureLeavings(browser: Browser): Promise<Leavings> {
  const place = await openPlace();
  try {
    return await inPage(browser, place, async (tab, session) => {
      await tab.evaluate(() => loadElement());
      await tab.locator("freedom-pay-charge[status=ready]").waitFor();
      await session.send("Performance.enable");
      const comeAndGo = (times: number): Promise<void> =>
        tab.evaluate(
          async ([count, token]) => {
            for (let round = 0; round < count; round += 1) {
              const element = document.createElement("freedom-pay-charge") as HTMLElement & { readonly updateComplete: Promise<unknown> };
              element.setAttribute("token", token);
              document.body.append(element);
              await element.updateComplete;
              element.remove();
              await element.updateComplete;
            }
            await new Promise((resolve) => setTimeout(resolve, 300));
          },
          [times, TOKEN] as const,
        );
      const measure = async (): Promise<Leavings> => {
        for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
        const of = await metrics(session);
        return { bytes: of("JSHeapUsedSize"), nodes: of("Nodes"), listeners: of("JSEventListeners") };
      };
      // The first hundred warm up what is kept for good: compiled code, the page's own tables.
      await comeAndGo(100);
      const before = await measure();
      await comeAndGo(1000);
      const after = await measure();
      return { bytes: after.bytes - before.bytes, nodes: after.nodes - before.nodes, listeners: after.listeners - before.listeners };
    });
  } finally {
    place.close();
  }
}
