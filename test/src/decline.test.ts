import { describe, expect, test } from "vitest";
import type { CallKind, DeclineCategory } from "../../src/decline.ts";
import { categoryOf, retryAdvice } from "../../src/decline.ts";
import type { FailureCategory, Retry } from "../../src/edge-api.ts";

/** The contract's table, "Error codes", unchanged. */
const EVERYWHERE: readonly (readonly [DeclineCategory, string])[] = [
  ["insufficient_funds", "10009, 11006"],
  ["card_expired", "10017"],
  ["card_blocked", "10010, 10037, 10038, 10041, 11028, 11036"],
  ["card_invalid", "10005, 10008, 10032, 10040"],
  ["profile_dead", "9011, 11070"],
  ["limit_exceeded", "10006, 10028, 10022, 11012, 11015, 11019, 11020, 11051"],
  ["authentication_required", "10004, 8889, 11037, 11049, 11053"],
  ["declined", "10001, 10007, 10012, 10013, 10016, 10019, 10021, 10039, 10045, 11024, 11027"],
  ["amount_invalid", "10030, 11005, 11016"],
  ["configuration", "9403, 1100, 9992-9994, 9996-9998"],
  ["gateway_unavailable", "9999, 10000, 11000, 11014, 11052, 12000, 99999, 10025"],
  ["duplicate", "9991, 10011, 10015, 11013"],
  ["not_found", "11068"],
];

const OPERATIONS_ONLY = "9013, 10020, 10033-10036, 11017, 11018, 11025, 11026, 11054";

const KINDS: readonly CallKind[] = ["create", "edit", "read"];

/** `1, 3-5` → 1, 3, 4, 5. */
function codesIn(list: string): string[] {
  return list.split(", ").flatMap((part) => {
    const [first = "", last = first] = part.split("-");
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => String(Number(first) + index));
  });
}

const rows = EVERYWHERE.flatMap(([category, list]) => codesIn(list).map((code) => [code, category] as const));

describe("categoryOf", () => {
  test.each(rows)("reads %s as %s for every kind of call", (code, category) => {
    expect(KINDS.map((kind) => categoryOf(kind, code))).toEqual([category, category, category]);
  });

  test.each(codesIn(OPERATIONS_ONLY))("reads %s as a refused operation, only for an edit", (code) => {
    expect(KINDS.map((kind) => categoryOf(kind, code))).toEqual(["other", "operation_refused", "other"]);
  });

  test("reads 1202 as configuration for create and edit, and as not found for read", () => {
    expect(KINDS.map((kind) => categoryOf(kind, "1202"))).toEqual(["configuration", "configuration", "not_found"]);
  });

  test.each(["", "9995", "9990", "10032 ", "010009", "toString", "__proto__", "constructor", "12345"])("reads %j as other", (code) => {
    expect(KINDS.map((kind) => categoryOf(kind, code))).toEqual(["other", "other", "other"]);
  });
});

describe("retryAdvice", () => {
  const advice: Readonly<Record<FailureCategory, readonly [unproven: Retry, proven: Retry]>> = {
    card_expired: ["other_card", "other_card"],
    card_blocked: ["other_card", "other_card"],
    card_invalid: ["other_card", "other_card"],
    declined: ["other_card", "other_card"],
    profile_dead: ["new_profile", "new_profile"],
    authentication_required: ["bank", "bank"],
    insufficient_funds: ["later", "later"],
    limit_exceeded: ["later", "later"],
    gateway_unavailable: ["later", "now"],
    page_expired: ["now", "now"],
    amount_invalid: ["none", "none"],
    configuration: ["none", "none"],
  };

  test.each(Object.entries(advice) as [FailureCategory, readonly [Retry, Retry]][])("for %s is %j", (category, [unproven, proven]) => {
    expect(retryAdvice(category, false)).toBe(unproven);
    expect(retryAdvice(category, true)).toBe(proven);
  });
});
