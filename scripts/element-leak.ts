import type { Browser } from "playwright";
import { inPage, metrics, openPlace, TOKEN } from "./element-stage.ts";

/** What a thousand elements leave on a page after they were removed. */
export interface Leak {
  readonly bytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Adds elements to a page and removes them again, a thousand times, and measures what stays. */
export async function measureLeak(browser: Browser): Promise<Leak> {
  const place = await openPlace();
  try {
    return await inPage(browser, place, async (tab, session) => {
      await tab.evaluate(() => loadElement());
      await tab.locator("freedom-pay-charge[status=ready]").waitFor();
      await session.send("Performance.enable");
      const addAndRemove = (times: number): Promise<void> =>
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
      const measure = async (): Promise<Leak> => {
        for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
        const of = await metrics(session);
        return { bytes: of("JSHeapUsedSize"), nodes: of("Nodes"), listeners: of("JSEventListeners") };
      };
      // The first hundred fill what the browser keeps for good: compiled code, the page's own tables.
      await addAndRemove(100);
      const before = await measure();
      await addAndRemove(1000);
      const after = await measure();
      return { bytes: after.bytes - before.bytes, nodes: after.nodes - before.nodes, listeners: after.listeners - before.listeners };
    });
  } finally {
    place.close();
  }
}
