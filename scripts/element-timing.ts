import type { Browser, CDPSession } from "playwright";
import { inPage, metrics, openPlace } from "./element-stage.ts";

/** One page that defines the element and renders it for the first time, on a CPU four times slower. */
export interface FirstRender {
  /** What the page's thread worked for it: script, style and layout, in milliseconds of the CPU. What else the machine does is not in it. */
  readonly work: number;
  /** From the import to the frame after the first render, in milliseconds by the clock, the network on loopback included. */
  readonly elapsed: number;
  /** The tasks of 50 ms or more by the clock, in milliseconds each (Long Tasks API). */
  readonly longTasks: readonly number[];
  /** The page's cumulative layout shift until the order could be paid. */
  readonly shifted: number;
  /** What the element asked of the edge before anybody pressed anything. */
  readonly asked: readonly string[];
}

/** What Chromium itself still does for a new page and its process, on the same cores, is over by then. Milliseconds. */
const SETTLING = 1000;

/** Milliseconds that the page's thread has worked so far. */
async function worked(session: CDPSession): Promise<number> {
  const of = await metrics(session);
  return (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000;
}

/** Measures definition and first render of the built script-tag file, each time in a fresh page of Chromium. */
export async function measureFirstRender(browser: Browser, rounds: number): Promise<readonly FirstRender[]> {
  const place = await openPlace();
  try {
    const found: FirstRender[] = [];
    for (let round = 0; round < rounds; round += 1) {
      place.asked.length = 0;
      found.push(
        await inPage(browser, place, async (tab, session) => {
          await session.send("Performance.enable", { timeDomain: "threadTicks" });
          await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
          await tab.waitForTimeout(SETTLING);
          const before = await worked(session);
          // Playwright's own evaluate() brings a script along that weighs more than the element.
          const { result } = await session.send("Runtime.evaluate", { expression: "render()", awaitPromise: true, returnByValue: true });
          const elapsed = Number(result.value);
          const work = (await worked(session)) - before;
          await tab.locator("freedom-pay-charge[status=ready]").waitFor();
          // A second read, or one more request of any kind, would come by now.
          await tab.waitForTimeout(300);
          return { work, elapsed, ...(await tab.evaluate(() => noted)), asked: [...place.asked] };
        }),
      );
    }
    return found;
  } finally {
    place.close();
  }
}
