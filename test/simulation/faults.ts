/** Every way in which a call to the gateway can fail, as a table: which calls it affects, and how often. */
import type { Fault } from "../../src/simulator/index.ts";
import type { Prng } from "./prng.ts";
import type { CallKind, CallFault } from "./scenario.ts";
import { SECOND } from "./scenario.ts";

/** One kind of fault. */
export interface FaultKind {
  readonly name: string;
  readonly on: readonly CallKind[];
  readonly weight: number;
  readonly fault: (prng: Prng) => Fault;
  /** Only for a fault without an answer. */
  readonly mayHang?: boolean;
}

const CHANGES: readonly CallKind[] = ["create", "edit"];
const READS: readonly CallKind[] = ["payment_status", "request_status"];
const PAYMENT_READS: readonly CallKind[] = ["payment_status"];
const ALL: readonly CallKind[] = [...CHANGES, ...READS];

/** Codes of a decline, of a merchant's mistake, and of nothing in particular. */
const REFUSAL_CODES = ["10009", "10017", "10010", "10007", "11070", "10006", "10004", "10030", "9403"];
const UNCLASSIFIED_CODES = ["9999", "77777", "12000"];

/** Whether the gateway acted before the answer was damaged. */
const maybeActed = (prng: Prng): Fault => (prng.bool(0.7) ? {} : { acts: false });

/** The table. Only `{}` and a lagging read may say that nothing was taken when something was. */
export const FAULT_KINDS: readonly FaultKind[] = [
  { name: "lost before it acts", on: ALL, weight: 6, mayHang: true, fault: () => ({ acts: false, answer: "lost" }) },
  { name: "lost after it acted", on: ALL, weight: 8, mayHang: true, fault: () => ({ answer: "lost" }) },
  {
    name: "accepted late",
    on: CHANGES,
    weight: 6,
    mayHang: true,
    fault: (prng) => ({ actsAfter: prng.int(SECOND, 30 * SECOND) }),
  },
  { name: "truncated", on: ALL, weight: 2, fault: (prng) => ({ ...maybeActed(prng), answer: "truncated" }) },
  { name: "cut off", on: ALL, weight: 2, fault: (prng) => ({ ...maybeActed(prng), answer: "cut" }) },
  { name: "{}", on: ALL, weight: 3, fault: () => ({ answer: "empty" }) },
  { name: "HTML", on: ALL, weight: 2, fault: (prng) => ({ ...maybeActed(prng), answer: "html" }) },
  { name: "redirect", on: ALL, weight: 1, fault: () => ({ acts: false, answer: { httpStatus: 302 } }) },
  {
    name: "error under 200",
    on: CHANGES,
    weight: 3,
    fault: (prng) => ({ ...maybeActed(prng), answer: { httpStatus: 200, code: prng.pick(UNCLASSIFIED_CODES) } }),
  },
  {
    name: "refused under 200",
    on: ["create"],
    weight: 3,
    fault: (prng) => ({ refuses: { code: prng.pick(REFUSAL_CODES), httpStatus: 200 } }),
  },
  {
    name: "refused under 422",
    on: ["create"],
    weight: 3,
    fault: (prng) => ({ refuses: { code: prng.pick(REFUSAL_CODES), httpStatus: 422 } }),
  },
  { name: "refused under 422", on: ["edit"], weight: 2, fault: () => ({ refuses: { code: "11017", httpStatus: 422 } }) },
  { name: "422 without JSON", on: CHANGES, weight: 2, fault: (prng) => ({ ...maybeActed(prng), answer: { httpStatus: 422 } }) },
  { name: "401", on: ALL, weight: 4, fault: () => ({ acts: false, answer: { httpStatus: 401, code: "1100" } }) },
  { name: "401 without JSON", on: ALL, weight: 2.5, fault: (prng) => ({ ...maybeActed(prng), answer: { httpStatus: 401 } }) },
  {
    name: "429",
    on: ALL,
    weight: 3,
    fault: (prng) => ({ acts: false, answer: { httpStatus: 429, ...(prng.bool(0.6) ? { retryAfter: prng.int(1, 60) } : {}) } }),
  },
  {
    name: "5xx",
    on: ALL,
    weight: 4,
    fault: (prng) => ({
      ...maybeActed(prng),
      answer: { httpStatus: prng.pick([500, 502, 503, 504]), ...(prng.bool(0.3) ? { code: prng.pick(REFUSAL_CODES) } : {}) },
    }),
  },
  { name: "9991", on: CHANGES, weight: 3, fault: (prng) => ({ ...maybeActed(prng), answer: { httpStatus: 200, code: "9991" } }) },
  { name: "slow", on: ALL, weight: 5, fault: (prng) => ({ answersAfter: prng.int(1, 120) * SECOND }) },
  { name: "lags", on: READS, weight: 8, fault: (prng) => ({ lag: prng.int(1, 20) * SECOND }) },
  { name: "goes backwards", on: PAYMENT_READS, weight: 3, fault: () => ({ shows: { status: "process" } }) },
  { name: "amount as text", on: PAYMENT_READS, weight: 2, fault: () => ({ shows: { amount: "text" } }) },
  { name: "amount wrong", on: PAYMENT_READS, weight: 3, fault: () => ({ shows: { amount: "wrong" } }) },
  {
    name: "unknown status",
    on: PAYMENT_READS,
    weight: 3,
    fault: (prng) => ({ shows: { status: prng.pick(["settling", "SUCCESS", "3ds"]) } }),
  },
  { name: "id as number", on: PAYMENT_READS, weight: 1, fault: () => ({ shows: { id: "number" } }) },
  { name: "sparse", on: PAYMENT_READS, weight: 2, fault: () => ({ shows: { sparse: true } }) },
];

/** Makes a fault for the n-th call of a kind. */
export function makeCallFault(prng: Prng, on: CallKind, nth: number): CallFault {
  const kind = prng.weighted(FAULT_KINDS.filter((one) => one.on.includes(on)).map((one) => [one.weight, one] as const));
  return { name: kind.name, on, nth, fault: kind.fault(prng), hangs: kind.mayHang === true && prng.bool(0.4) };
}

/** The names of all call faults, each with the calls that it affects. */
export const FAULT_NAMES: readonly string[] = FAULT_KINDS.flatMap(({ name, on }) => on.map((kind) => `${kind}: ${name}`));
