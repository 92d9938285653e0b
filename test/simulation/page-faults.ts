/** The faults of the calls that only payment pages have, as a table like that of faults.ts: `page` opens one, `cards` lists a user's cards. */
import type { Fault } from "../../src/simulator/index.ts";
import type { Prng } from "./prng.ts";
import type { CallFault, CallKind, Twist } from "./scenario.ts";
import { SECOND } from "./scenario.ts";

interface PageFaultKind {
  readonly name: string;
  readonly on: readonly CallKind[];
  readonly weight: number;
  readonly fault: (prng: Prng) => Fault;
  readonly twist?: Twist;
  readonly mayHang?: boolean;
}

const OPENS: readonly CallKind[] = ["page"];
const LISTS: readonly CallKind[] = ["cards"];
const BOTH: readonly CallKind[] = [...OPENS, ...LISTS];

/** The table. */
const PAGE_FAULT_KINDS: readonly PageFaultKind[] = [
  { name: "lost before it acts", on: BOTH, weight: 3, mayHang: true, fault: () => ({ acts: false, answer: "lost" }) },
  { name: "lost after it acted", on: BOTH, weight: 4, mayHang: true, fault: () => ({ answer: "lost" }) },
  { name: "accepted late", on: OPENS, weight: 2, mayHang: true, fault: (prng) => ({ actsAfter: prng.int(SECOND, 30 * SECOND) }) },
  { name: "slow", on: BOTH, weight: 2, fault: (prng) => ({ answersAfter: prng.int(1, 40) * SECOND }) },
  { name: "5xx", on: BOTH, weight: 2, fault: (prng) => ({ acts: prng.bool(0.5), answer: { httpStatus: prng.pick([500, 502, 503]) } }) },
  {
    name: "an error although it acted",
    on: BOTH,
    weight: 3,
    fault: (prng) => ({ answer: { httpStatus: 200, code: prng.pick(["9999", "120"]) } }),
  },
  {
    name: "a signed refusal",
    on: OPENS,
    weight: 2,
    fault: (prng) => ({ refuses: { code: prng.pick(["9403", "77777", "9992", "9997"]) } }),
  },
  { name: "9991 without a payment", on: OPENS, weight: 2, fault: () => ({ refuses: { code: "9991" } }) },
  { name: "401", on: BOTH, weight: 2, fault: () => ({ acts: false, answer: { httpStatus: 401, code: "1100" } }) },
  {
    name: "not identified",
    on: OPENS,
    weight: 1,
    twist: "not identified",
    fault: () => ({ acts: false, answer: { httpStatus: 200, code: "9998" } }),
  },
  { name: "unsigned", on: BOTH, weight: 3, twist: "unsigned", fault: () => ({}) },
  { name: "a forged success", on: BOTH, weight: 3, twist: "forged success", fault: () => ({}) },
  { name: "another host", on: OPENS, weight: 4, twist: "foreign host", fault: () => ({}) },
  { name: "an http address", on: OPENS, weight: 2, twist: "http address", fault: () => ({}) },
  { name: "an unusual host of the gateway", on: OPENS, weight: 2, twist: "another host of the gateway", fault: () => ({}) },
  { name: "no address", on: OPENS, weight: 1, twist: "no address", fault: () => ({}) },
  { name: "another number", on: OPENS, weight: 3, twist: "another number", fault: () => ({}) },
  { name: "no tokens", on: LISTS, weight: 3, twist: "no tokens", fault: () => ({}) },
];

/** Makes a fault for the n-th call of a kind. */
export function makePageFault(prng: Prng, on: "page" | "cards", nth: number): CallFault {
  const kinds = PAGE_FAULT_KINDS.filter((one) => one.on.includes(on)).map((one) => [one.weight, one] as const);
  const { name, fault, twist, mayHang = false } = prng.weighted(kinds);
  return {
    name,
    on,
    nth,
    api: "merchant",
    fault: fault(prng),
    hangs: mayHang && prng.bool(0.4),
    ...(twist === undefined ? {} : { twist }),
  };
}

/** The names of these faults, each with the calls that it affects. */
export const PAGE_FAULT_NAMES: readonly string[] = PAGE_FAULT_KINDS.flatMap(({ name, on }) => on.map((kind) => `${kind}: ${name}`));
