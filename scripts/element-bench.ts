// npm run bench:element: prints the element's size by module, its first render, its requests before a press, and what it leaves. Builds it first.
// Ends with 1 where no page of twenty defines and renders it within 50 ms of CPU without a long task.
import { chromium } from "playwright";
import { CHROMIUM_FLAGS, findChromium } from "./chromium.ts";
import { buildElement, ELEMENT_LIMIT, measureElement } from "./element.ts";
import { measureLeak } from "./element-leak.ts";
import { measureFirstRender } from "./element-timing.ts";

const ROUNDS = 20;

/** Milliseconds of CPU for definition and first render. What else the machine does only makes it slower: one page that keeps it is enough. */
const RENDER_LIMIT = 50;

/** The least, the value that half of all do not exceed, and the most, of milliseconds. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  return [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1].map((place) => `${(sorted[place] ?? 0).toFixed(1)} ms`).join(", ");
}

function line(name: string, figure: string): void {
  console.log(`${name.padEnd(56)}${figure}`);
}

await buildElement();
const { total, modules } = await measureElement();
console.log("bytes of gzip -9, by module (about: what modules share is counted in none)");
for (const [name, weight] of Object.entries(modules)) console.log(`${String(weight).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  in all, of ${ELEMENT_LIMIT}\n`);

const executablePath = findChromium();
const browser = await chromium.launch({ args: [...CHROMIUM_FLAGS], ...(executablePath === null ? {} : { executablePath }) });
try {
  const renders = await measureFirstRender(browser, ROUNDS);
  line("on a CPU four times slower, fresh pages", String(ROUNDS));
  line("definition and first render, CPU time, least, p50, max", spread(renders.map(({ work }) => work)));
  line("the same by the clock, with the file's way", spread(renders.map(({ elapsed }) => elapsed)));
  line("pages without a long task (50 ms or more by the clock)", String(renders.filter(({ longTasks }) => longTasks.length === 0).length));
  if (!renders.some(({ work, longTasks }) => work <= RENDER_LIMIT && longTasks.length === 0)) {
    line(`no page of ${ROUNDS} within`, `${RENDER_LIMIT} ms`);
    process.exitCode = 1;
  }
  line("cumulative layout shift, the most", String(Math.max(...renders.map(({ shifted }) => shifted))));
  line("asked of the edge before a click", [...new Set(renders.map(({ asked }) => asked.join(", ")))].join(" | "));
  const { bytes, nodes, listeners } = await measureLeak(browser);
  line("left by 1,000 elements that were added and removed", `${bytes} bytes, ${nodes} nodes, ${listeners} listeners`);
} finally {
  await browser.close();
}
