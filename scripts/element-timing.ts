import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, CDPSession, Page } from "playwright";
import { ELEMENT_FILE } from "./element.ts";

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

/** What a thousand elements that came and went left on a page. */
export interface Leavings {
  readonly bytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** What Chromium itself still does for a new page and its process, on the same cores, is over by then. Milliseconds. */
const SETTLING = 1000;

const ORDER = {
  order_id: "1234",
  amount: 4990,
  currency: "KZT",
  description: "Aport apples, 5 kg",
  card: { brand: "visa", last4: "4242" },
};
const CHARGE = {
  ...ORDER,
  status: "ready",
  needs: null,
  attempt: 0,
  failure: null,
  payment_id: null,
  cleared_amount: 0,
  refunded_amount: 0,
};
const CLAIMS = { iat: 1_700_000_000, exp: 1_700_001_800, charge: ORDER };
/** Its signature is none: it is shown to the element alone, which never looks. */
const TOKEN = `e30.${Buffer.from(JSON.stringify(CLAIMS)).toString("base64url")}.none`;

/** A page with an element, whose script waits to be told to load it; and what it notes meanwhile. */
const page = (edge: string): string => `<!doctype html><html lang="kk"><meta charset="utf-8"><title>A shop</title>
<style>freedom-pay-charge{display:block;min-height:25rem}</style>
<link rel="modulepreload" crossorigin="anonymous" href="${edge}/v1/freedom-pay-charge.js">
<script>
noted = { shifted: 0, longTasks: [] };
new PerformanceObserver((list) => { for (const { value } of list.getEntries()) noted.shifted += value; }).observe({ type: "layout-shift", buffered: true });
loadElement = () => import("${edge}/v1/freedom-pay-charge.js");
render = async () => {
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) noted.longTasks.push(duration); }).observe({ type: "longtask" });
  const began = performance.now();
  await loadElement();
  await document.querySelector("freedom-pay-charge").updateComplete;
  // The frame after the one in which it is laid out and painted.
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  return performance.now() - began;
};
</script>
<freedom-pay-charge token="${TOKEN}"></freedom-pay-charge><p>What must not move</p></html>`;

declare global {
  var noted: { shifted: number; longTasks: number[] };
  var loadElement: () => Promise<unknown>;
}

interface Place {
  readonly address: string;
  readonly asked: string[];
  close(): void;
}

async function listen(answer: RequestListener): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Serves the page on one origin and, on another, the element's file and one order that can be paid. */
async function openPlace(): Promise<Place> {
  const element = readFileSync(ELEMENT_FILE);
  const asked: string[] = [];
  const edge = await listen(({ method, url }, response) => {
    const isFile = url?.endsWith(".js") === true;
    if (method !== "OPTIONS" && !isFile) asked.push(`${method} ${url}`);
    response
      .writeHead(200, {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "*, authorization",
        "Content-Type": isFile ? "text/javascript" : "application/json",
      })
      .end(isFile ? element : JSON.stringify(CHARGE));
  });
  const shop = await listen((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page(edge.origin));
  });
  return {
    address: shop.origin,
    asked,
    close: () => {
      shop.close();
      edge.close();
    },
  };
}

async function metrics(session: CDPSession): Promise<(name: string) => number> {
  const all = (await session.send("Performance.getMetrics")).metrics;
  return (name) => all.find((metric) => metric.name === name)?.value ?? 0;
}

/** Milliseconds that the page's thread has worked so far. */
async function worked(session: CDPSession): Promise<number> {
  const of = await metrics(session);
  return (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000;
}

async function inPage<Value>(browser: Browser, place: Place, look: (page: Page, session: CDPSession) => Promise<Value>): Promise<Value> {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    await tab.goto(place.address);
    return await look(tab, await context.newCDPSession(tab));
  } finally {
    await context.close();
  }
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
