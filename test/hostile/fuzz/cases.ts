/**
 * How many cases each property is tried with: 2,000 in every run, shared out; 100,000 where TEST_LENGTH is "long"; FUZZ_RUNS says
 * another number. Every short run tries the same cases, so that a red one can be repeated; a long one tries others each time, and
 * FUZZ_SEED repeats it.
 */
import type { Parameters } from "fast-check";
import { TEST_LIMIT } from "../../../scripts/timeouts.ts";

/** The share of cases of each property. Their sum is 1. */
export const SHARES = {
  "histories of an order": 0.15,
  "keys of a history": 0.05,
  "gateway answers": 0.16,
  "gateway answers in bytes": 0.05,
  "tokens that were changed": 0.06,
  "tokens with any claims": 0.06,
  "headers of a token": 0.04,
  charges: 0.06,
  "merchants' bodies": 0.05,
  "Idempotency-Keys": 0.04,
  amounts: 0.04,
  "amounts as text": 0.03,
  settings: 0.04,
  callbacks: 0.04,
  "callbacks in every shape": 0.03,
  tickets: 0.03,
  "card numbers": 0.03,
  signatures: 0.02,
  "optional headers": 0.02,
  routes: 0.04,
} as const;

const QUICK = 2_000;
const LONG = 100_000;
const SEED = 20_261_122;

/** A number from the environment, or the default. */
function given(name: string, otherwise: number): number {
  const text = process.env[name] ?? "";
  return text === "" ? otherwise : Number(text);
}

const runs = given("FUZZ_RUNS", process.env["TEST_LENGTH"] === "long" ? LONG : QUICK);
const seed = given("FUZZ_SEED", runs > QUICK ? Number.NaN : SEED);

/** fast-check's options for one property. */
export function cases(property: keyof typeof SHARES): Parameters<unknown> {
  return { numRuns: Math.max(1, Math.round(runs * SHARES[property])), ...(Number.isNaN(seed) ? {} : { seed }) };
}

/** Time limit of one property in milliseconds. A case takes less than 100 on a slow machine. */
export const TIMEOUT: number = Math.max(TEST_LIMIT, runs * 100);
