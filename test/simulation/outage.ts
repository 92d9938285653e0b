/** Measures how soon an order is decided when the gateway answers again: scenarios with one outage and no other fault. */
import { Prng } from "./prng.ts";
import type { Edge } from "./edge.ts";
import { generate } from "./generate.ts";
import type { Apis } from "./generate-apis.ts";
import type { Scenario } from "./scenario.ts";
import { HOUR, MINUTE, SECOND, START } from "./scenario.ts";
import { runScenario } from "./world.ts";

/** Whether the gateway had the payment when the outage began. */
export type Known = "seen" | "never seen";

/** The outages that are measured. */
export const OUTAGES: readonly { readonly name: string; readonly lasts: number }[] = [
  { name: "2 minutes", lasts: 2 * MINUTE },
  { name: "2 hours", lasts: 2 * HOUR },
];

export const DECIDED_WITHIN: Readonly<Record<Known, number>> = { seen: 90 * SECOND, "never seen": 8 * MINUTE };

/**
 * A scenario with one click and one outage.
 * 1. "seen": the gateway takes the create, then the outage begins and the answer is lost.
 * 2. "never seen": the click comes at any moment of the outage.
 */
export function outageScenario(seed: number, lasts: number, known: Known, apis?: Apis): Scenario {
  const prng = new Prng(seed).fork(`outage ${lasts} ${known}`);
  const plain = generate(seed, { apis, pages: false });
  const click = known === "seen" ? SECOND : SECOND + prng.int(0, lasts - SECOND);
  const from = known === "seen" ? SECOND + 300 : 0;
  const later = known === "seen" && prng.bool(0.5) ? prng.int(SECOND, lasts) : 0;
  return {
    ...plain,
    kind: `an outage of ${lasts / MINUTE} minutes, ${known}`,
    actions: [{ at: click, type: "click", tab: 1, key: "key-1", terms: 0, issuedAt: 0 }],
    reactions: [],
    plans: [
      {
        steps:
          later === 0
            ? [{ after: 0, does: "pays" }]
            : [
                { after: 0, does: "waits" },
                { after: later, does: "pays" },
              ],
        callbacks: { results: 0 },
      },
    ],
    callFaults:
      known === "seen" ? [{ name: "lost after it acted", on: "create", nth: 1, fault: { answer: "lost" }, hangs: prng.bool(0.5) }] : [],
    alarms: [],
    evictBeforeStep: [],
    outages: [{ from, lasts, answer: prng.pick(["none", "none", 502, 503, 504] as const) }],
    oldPayment: null,
    callbacks: "none",
    edgeKeys: ["old"],
    gatewayKeys: ["old"],
    remembersRequestsFor: prng.bool(0.5) ? 10 * MINUTE : null,
    replaysOrdersFor: null,
    oddRows: null,
    endsAt: from + lasts + 20 * MINUTE,
  };
}

/**
 * Milliseconds from the end of the outage to the decision. Null: not decided within 20 minutes.
 * @param apis those that the seed is played with (default: its own)
 */
export async function decidedAfter(seed: number, lasts: number, known: Known, edge: Edge, apis?: Apis): Promise<number | null> {
  const scenario = outageScenario(seed, lasts, known, apis);
  const { shownAt, violation } = await runScenario(scenario, edge);
  if (violation !== null) throw new Error(`Seed ${seed}, ${scenario.kind}: ${violation.invariant} ${violation.text}`);
  const decided = [...shownAt].filter(([status]) => ["succeeded", "authorized", "failed"].includes(status)).map(([, at]) => at);
  const [outage] = scenario.outages;
  if (outage === undefined || decided.length === 0) return null;
  // A payment that the gateway decides after the outage cannot be known earlier.
  const pays = scenario.plans[0]?.steps.at(-1)?.after ?? 0;
  const back = Math.max(START + outage.from + outage.lasts, known === "seen" ? START + SECOND + pays : 0);
  return Math.max(0, Math.min(...decided) - back);
}

/** The median and the largest of some numbers. */
export function medianAndMax(values: readonly number[]): { readonly p50: number; readonly max: number } {
  const sorted = [...values].sort((one, other) => one - other);
  return { p50: sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
