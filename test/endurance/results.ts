/** RESULTS.md of `npm run endurance`: what was measured last, a section for each part. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { circumstances, wasBusy } from "../bench/machine.ts";
import type { Verdict } from "./part.ts";
import { firstFaults } from "./part.ts";

const FILE = new URL("RESULTS.md", import.meta.url);

/** The parts by the name of their flag, and their titles. */
export const PARTS = {
  load: "New orders",
  overload: "More new orders than the edge can take",
  soak: "Soak",
  notifications: "A slow and a dead NOTIFY_URL",
  "slow-gateway": "A gateway that answers after 15 s",
  "full-disk": "A full disk",
} as const;

export type PartName = keyof typeof PARTS;

/** New orders a second in `test/bench/RESULTS.md`. */
export function newOrdersOfBench(): number {
  const [, rate] = /^\| edge: new order \| (\d+) /m.exec(readFileSync(new URL("../bench/RESULTS.md", import.meta.url), "utf8")) ?? [];
  if (rate === undefined) throw new Error("test/bench/RESULTS.md has no rate of new orders: npm run bench writes it");
  return Number(rate);
}

const INTRODUCTION = `# Results of the endurance runs

Written by \`npm run endurance\`, on the packed package, installed into an empty folder and run by \`freedom-pay-charge serve\`. The gateway is the
simulator, which verifies signatures and keeps a ledger: after each part every order is held against it. The load and the gateway ran on the
same machine. Calls arrive at a fixed rate, whether or not earlier ones were answered, and a time counts from the moment at which the call was to
arrive.`;

const BUSY = "**The machine was busy with other work in this run**, so its times say little.";

/** The text of a part's section. */
export function sectionOf({ text, faults, skipped }: Verdict): string {
  const verdict =
    skipped !== undefined
      ? `Skipped: ${skipped}.`
      : faults.length === 0
        ? "Verdict: passed."
        : `Verdict: **failed**.\n\n${firstFaults(faults)
            .map((fault) => `- ${fault}`)
            .join("\n")}`;
  return [circumstances(), ...(wasBusy() ? [BUSY] : []), ...(text === "" ? [] : [text]), verdict].join("\n\n");
}

/** Replaces the section of a part. */
export function writeResult(part: PartName, section: string): void {
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  const sections = Object.entries(PARTS).flatMap(([name, title]) => {
    const kept = before.split(`\n## ${title}\n`)[1]?.split("\n## ")[0]?.trim();
    const content = name === part ? section : kept;
    return content === undefined ? [] : [`## ${title}\n\n${content}`];
  });
  writeFileSync(FILE, `${[INTRODUCTION, ...sections].join("\n\n")}\n`);
}
