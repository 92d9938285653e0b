/** A page of a shop with the built element on it, and an edge with one order: for the benchmark and the tests. */
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, CDPSession, Page } from "playwright";
import { ELEMENT_FILE } from "./element.ts";

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
/** It has no valid signature: only the element sees it, and the element does not verify it. */
export const TOKEN = `e30.${Buffer.from(JSON.stringify(CLAIMS)).toString("base64url")}.none`;

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
  /** The layout shifts so far, summed up, and the long tasks while it was rendered. */
  var noted: { shifted: number; longTasks: number[] };
  var loadElement: () => Promise<unknown>;
  /** Loads and renders. @returns how long it took, in milliseconds by the clock */
  var render: () => Promise<number>;
}

/** The page and the edge behind it. */
export interface Place {
  readonly address: string;
  /** What was asked of the edge, but for the element's file. */
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
export async function openPlace(): Promise<Place> {
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

/** The page's counters by name (DevTools: Performance.getMetrics). */
export async function metrics(session: CDPSession): Promise<(name: string) => number> {
  const all = (await session.send("Performance.getMetrics")).metrics;
  return (name) => all.find((metric) => metric.name === name)?.value ?? 0;
}

/** Looks at the page in a context of its own. */
export async function inPage<Value>(
  browser: Browser,
  place: Place,
  look: (page: Page, session: CDPSession) => Promise<Value>,
): Promise<Value> {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    await tab.goto(place.address);
    return await look(tab, await context.newCDPSession(tab));
  } finally {
    await context.close();
  }
}
