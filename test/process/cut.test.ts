import { describe, expect, test } from "vitest";
import type { Break, Passing } from "./cable.ts";
import { endOfHead, layCable } from "./cable.ts";
import type { Stand } from "./stand.ts";
import { click, expectPaidOnce, expectQuiet, openStand } from "./stand.ts";

const LONG = process.env["TEST_LENGTH"] === "long";

/** Places in an HTTP message at which a connection can break. Between the first two bytes of the status line, say. */
const STAGES: Readonly<Record<string, Break["after"]>> = {
  "before its first byte": () => 0,
  "after its first byte": () => 1,
  "in its first line": () => 12,
  "in its headers": (bytes) => Math.floor(endOfHead(bytes) / 2),
  "before the blank line": (bytes) => endOfHead(bytes) - 2,
  "before its body": (bytes) => endOfHead(bytes),
  "at the first byte of its body": (bytes) => endOfHead(bytes) + 1,
  "in the middle of its body": (bytes) => Math.floor((endOfHead(bytes) + bytes.length) / 2),
  "before its last byte": (bytes) => bytes.length - 1,
};

/** The answer was whole, and only then the connection broke. */
const AFTER_ALL: Break["after"] = (bytes) => bytes.length;

/** In the long run a message breaks at as many places as this, evenly spread over its bytes. */
const SPREAD = 200;

const PLACES = LONG
  ? Array.from(
      { length: SPREAD },
      (_, place): Break["after"] =>
        (bytes) =>
          Math.floor((bytes.length * place) / SPREAD),
    )
  : Object.values(STAGES);

function breaksIn(part: Break["in"], places: readonly Break["after"][]): readonly Break[] {
  return places.flatMap((after) => (["end", "reset"] as const).map((how): Break => ({ in: part, after, how })));
}

/** Breaks the first calls of an action, each at a place of its own, and never the same request twice. */
function breaking(action: string, breaks: readonly Break[]): { readonly left: Break[]; readonly at: (call: Passing) => Break | null } {
  const left = [...breaks];
  const met = new Set<string>();
  return {
    left,
    at: (call) => {
      if (call.action !== action || met.has(call.requestId)) return null;
      met.add(call.requestId);
      return left.shift() ?? null;
    },
  };
}

/** Orders that are under way at a time. */
const AT_A_TIME = 50;

/** As many orders as there are places: each meets one of them, and is paid once. */
async function payThrough(stand: Stand, breaks: readonly Break[], left: readonly Break[]): Promise<void> {
  const orders = breaks.map((_, index) => `order-${index + 1}`);
  const waiting = [...orders];
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        await click(stand, order);
        await expectPaidOnce(stand, order);
      }
    }),
  );
  expect(left).toEqual([]);
  expect(stand.gateway.simulator.ledger()).toHaveLength(orders.length);
  expectQuiet(stand);
}

describe.concurrent("a connection that breaks", () => {
  test.for([
    ["payment.create", "request", PLACES],
    ["payment.create", "answer", [...PLACES, AFTER_ALL]],
    ["payment.status", "request", PLACES],
    ["payment.status", "answer", PLACES],
  ] as const)("in a %s, at every stage of the %s: every order is paid once", async ([action, part, places], context) => {
    const breaks = breaksIn(part, places);
    const { left, at } = breaking(action, breaks);
    const stand = await openStand(context, { between: (gateway) => layCable(gateway, at) });
    await payThrough(stand, breaks, left);
  });
});
