/** The faults that only calls of the Merchant API have, as a table like that of faults.ts. */
import type { Fault } from "../../src/simulator/index.ts";
import type { Prng } from "./prng.ts";
import type { CallFault, CallKind } from "./scenario.ts";

interface MerchantFaultKind {
  readonly name: string;
  readonly on: readonly CallKind[];
  readonly weight: number;
  readonly fault: (prng: Prng) => Fault;
  readonly twist?: CallFault["twist"];
}

const CHANGES: readonly CallKind[] = ["create", "edit"];
const READS: readonly CallKind[] = ["payment_status"];
const ALL: readonly CallKind[] = [...CHANGES, ...READS];

/** Codes about the card, the profile, the amount, the shop, the gateway, and unlisted ones. */
const CODES = ["10009", "8888", "9901", "11070", "11017", "9403", "9999", "120", "77777"];
const NOT_ENABLED = ["9992", "9994", "9996", "9997"];

const answered = (code: string): Fault => ({ answer: { httpStatus: 200, code } });
const maybeActed = (prng: Prng, fault: Fault): Fault => (prng.bool(0.7) ? fault : { ...fault, acts: false });

/** The table. Only `not identified`, `9991` and `not enabled` say that nothing was taken, and nothing was. */
const MERCHANT_FAULT_KINDS: readonly MerchantFaultKind[] = [
  { name: "an error although it acted", on: CHANGES, weight: 5, fault: (prng) => answered(prng.pick(CODES)) },
  { name: "a signed refusal", on: ["create"], weight: 4, fault: (prng) => ({ refuses: { code: prng.pick(CODES) } }) },
  {
    name: "an unsigned error",
    on: ALL,
    weight: 3,
    twist: "unsigned",
    fault: (prng) => maybeActed(prng, answered(prng.pick([...CODES, ...NOT_ENABLED]))),
  },
  { name: "not identified", on: ALL, weight: 2, twist: "not identified", fault: () => ({ ...answered("9998"), acts: false }) },
  { name: "a forged success", on: ALL, weight: 4, twist: "forged success", fault: (prng) => maybeActed(prng, answered("9999")) },
  { name: "a forged refusal", on: ALL, weight: 2, twist: "forged refusal", fault: (prng) => maybeActed(prng, answered("9999")) },
  { name: "9991 without a payment", on: ["create"], weight: 4, fault: () => ({ refuses: { code: "9991" } }) },
  { name: "not enabled", on: CHANGES, weight: 2, fault: (prng) => ({ refuses: { code: prng.pick(NOT_ENABLED) } }) },
  {
    name: "not decided",
    on: READS,
    weight: 4,
    fault: (prng) => ({ shows: { status: prng.pick(["pending", "waiting", "partial", "new", "incomplete"]) } }),
  },
  { name: "absent as 340", on: READS, weight: 2, twist: "absent as 340", fault: () => ({}) },
  { name: "absent, unsigned", on: READS, weight: 2, twist: "absent, unsigned", fault: () => ({}) },
  { name: "the sum of the refunds alone", on: READS, weight: 2, fault: () => ({ shows: { rows: "sum" } }) },
];

/** A fault of the Merchant API for the same call. A read of a request has none. */
export function makeMerchantFault(prng: Prng, { on, nth, ...other }: CallFault): CallFault {
  const kinds = MERCHANT_FAULT_KINDS.filter((one) => one.on.includes(on));
  if (kinds.length === 0) return { on, nth, ...other };
  const { name, fault, twist } = prng.weighted(kinds.map((one) => [one.weight, one] as const));
  return { name, on, nth, api: "merchant", fault: fault(prng), hangs: false, ...(twist === undefined ? {} : { twist }) };
}

/** The names of these faults, each with the calls that it affects. */
export const MERCHANT_FAULT_NAMES: readonly string[] = MERCHANT_FAULT_KINDS.flatMap(({ name, on }) => on.map((kind) => `${kind}: ${name}`));
