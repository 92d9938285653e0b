/**
 * The property of orders that share a shard: what happens to one is not seen in another. Each function runs an order alone and beside its
 * neighbors, and returns what differs.
 */
import { isDeepStrictEqual } from "node:util";
import type { ChargeRecord } from "../../edge/machine/record.ts";
import { newRecord } from "../../edge/machine/record.ts";
import type { Edge } from "./edge.ts";
import { EDGE, edgeWith } from "./edge.ts";
import { generate } from "./generate.ts";
import type { Scenario } from "./scenario.ts";
import { HOUR } from "./scenario.ts";
import type { SeenOrder, SharedOrder } from "./shared-shard.ts";
import { runTogether } from "./shared-shard.ts";

const OWN = "1234";

/** Orders in the shard of 1234. */
const NEIGHBORS = ["neighbor-22", "neighbor-199", "neighbor-474"];

/** The first seed of the neighbors: other histories than the order's own. */
const NEIGHBOR_SEEDS = 50_000;

/** Nobody visits the pages of an order beside others. */
const WITHOUT_PAGES = { pages: false };

/** What was compared. */
export interface Comparison {
  /** What differs; null if nothing does. */
  readonly difference: string | null;
  /** Log lines of the order. If there are none, nothing has happened. */
  readonly lines: number;
}

/** The results of many seeds. */
export interface Isolation {
  seeds: number;
  lines: number;
  readonly differences: { readonly seed: number; readonly difference: string }[];
}

export function newIsolation(): Isolation {
  return { seeds: 0, lines: 0, differences: [] };
}

export function addIsolation(to: Isolation, from: Isolation): void {
  to.seeds += from.seeds;
  to.lines += from.lines;
  to.differences.push(...from.differences);
}

function neighbors(seed: number, change: Partial<Scenario> = {}): SharedOrder[] {
  return NEIGHBORS.map((orderId, index) => ({
    orderId,
    scenario: { ...generate(NEIGHBOR_SEEDS + seed * NEIGHBORS.length + index, WITHOUT_PAGES), ...change },
  }));
}

async function seenIn(orders: readonly SharedOrder[], edge: Edge): Promise<SeenOrder> {
  const seen = (await runTogether(orders, edge)).get(OWN);
  if (seen === undefined) throw new Error("The order was not run");
  return seen;
}

let roomy: Promise<Edge> | null = null;

/** The edge with a queue of calls that is never full. */
function edgeWithRoom(): Promise<Edge> {
  roomy ??= edgeWith("a queue with room", [
    { file: "gateways/call-queue", find: "MAX_OPEN_CALLS = 6;", replace: "MAX_OPEN_CALLS = 600;" },
    { file: "gateways/call-queue", find: "read: 3, notification: 1 }", replace: "read: 600, notification: 600 }" },
  ]);
  return roomy;
}

/** While the queue of calls has room: rows, answers and log lines of the order are equal to the byte, whatever its neighbors do. */
export async function compareWithRoom(seed: number): Promise<Comparison> {
  const edge = await edgeWithRoom();
  const own: SharedOrder = { orderId: OWN, scenario: generate(seed, WITHOUT_PAGES) };
  const alone = await seenIn([own], edge);
  const beside = await seenIn([own, ...neighbors(seed)], edge);
  const differing = (["rows", "answers", "log"] as const).filter((part) => !isDeepStrictEqual(beside[part], alone[part]));
  return { difference: differing.length === 0 ? null : `${differing.join(", ")} beside neighbors`, lines: alone.log.length };
}

function outcomeOf({ rows }: SeenOrder): unknown {
  const record = rows.record === null ? newRecord(OWN) : (JSON.parse(rows.record) as ChargeRecord);
  return record.attempts.map(({ state, paymentId, gatewayOrderId }) => [state, paymentId, gatewayOrderId]);
}

/** While calls of the neighbors hang and fill the queue: the order has the same outcome, and nothing of them appears in it. */
export async function compareWhileNeighborsHang(seed: number): Promise<Comparison> {
  const hanging = { outages: [{ from: 0, lasts: HOUR, answer: "none" as const }], callFaults: [] };
  const usual = { outages: [], callFaults: [], oldPayment: null, oddRows: null };
  // One click: whether a later one finds the attempt decided would depend on how long the order had to wait.
  const { actions, plans, ...scenario } = generate(seed, WITHOUT_PAGES);
  const click = actions.filter(({ type }) => type === "click").slice(0, 1);
  // Nothing is edited in the cabinet either: whether the last read shows such an edit depends on how late that read was.
  const unedited = plans.map((plan) => ({ ...plan, cabinet: [] }));
  const own: SharedOrder = { orderId: OWN, scenario: { ...scenario, ...usual, plans: unedited, reactions: [], actions: click } };
  const alone = await seenIn([own], EDGE);
  const beside = await seenIn([own, ...neighbors(seed, hanging)], EDGE);
  const differences = [
    ...(isDeepStrictEqual(outcomeOf(beside), outcomeOf(alone)) ? [] : ["the outcome beside neighbors whose calls hang"]),
    ...(JSON.stringify(beside).includes("neighbor") ? ["a neighbor appears in the order"] : []),
  ];
  return { difference: differences.length === 0 ? null : differences.join(", "), lines: alone.log.length };
}

/** Compares the orders of many seeds, alone and beside neighbors. */
export async function compareSeeds(seeds: Iterable<number>): Promise<Isolation> {
  const isolation = newIsolation();
  for (const seed of seeds) {
    isolation.seeds += 1;
    for (const compare of [compareWithRoom, compareWhileNeighborsHang]) {
      const { difference, lines } = await compare(seed);
      isolation.lines += lines;
      if (difference !== null) isolation.differences.push({ seed, difference });
    }
  }
  return isolation;
}
