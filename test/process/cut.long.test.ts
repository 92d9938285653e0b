import { describe, expect, test } from "vitest";
import type { Cut, ProxiedCall } from "./tcp-proxy.ts";
import { endOfHead, startTcpProxy } from "./tcp-proxy.ts";
import type { TestServer } from "./test-server.ts";
import { click, expectPaidOnce, expectCleanOutput, startTestServer } from "./test-server.ts";

/** Positions in an HTTP message at which a connection can break, for example after the first byte. */
const POSITIONS: Readonly<Record<string, Cut["after"]>> = {
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

/** The connection broke after the whole answer. */
const AFTER_ALL: Cut["after"] = (bytes) => bytes.length;

/** Number of positions that are evenly spread over the bytes of a message. */
const SPREAD = 191;

/** 200 positions. */
const PLACES: readonly Cut["after"][] = [
  ...Object.values(POSITIONS),
  ...Array.from(
    { length: SPREAD },
    (_, place): Cut["after"] =>
      (bytes) =>
        Math.floor((bytes.length * place) / SPREAD),
  ),
];

function breaksIn(part: Cut["in"], places: readonly Cut["after"][]): readonly Cut[] {
  return places.flatMap((after) => (["end", "reset"] as const).map((how): Cut => ({ in: part, after, how })));
}

/** Cuts the first calls of an action, each at another position, and each request at most once. */
function breaking(action: string, breaks: readonly Cut[]): { readonly left: Cut[]; readonly at: (call: ProxiedCall) => Cut | null } {
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

/** Number of concurrent orders. */
const AT_A_TIME = 50;

/** Pays one order for each position. Every order must be paid once. */
async function payThrough(testServer: TestServer, breaks: readonly Cut[], left: readonly Cut[]): Promise<void> {
  const orders = breaks.map((_, index) => `order-${index + 1}`);
  const waiting = [...orders];
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        await click(testServer, order);
        await expectPaidOnce(testServer, order);
      }
    }),
  );
  expect(left).toEqual([]);
  expect(testServer.gateway.simulator.ledger()).toHaveLength(orders.length);
  expectCleanOutput(testServer);
}

describe.concurrent("a connection that breaks", () => {
  test.for([
    ["payment.create", "request", PLACES],
    ["payment.create", "answer", [...PLACES, AFTER_ALL]],
    ["payment.status", "request", PLACES],
    ["payment.status", "answer", PLACES],
  ] as const)("in a %s, at every position of the %s: every order is paid once", async ([action, part, places], context) => {
    const breaks = breaksIn(part, places);
    const { left, at } = breaking(action, breaks);
    const testServer = await startTestServer(context, { proxy: (gateway) => startTcpProxy(gateway, at) });
    await payThrough(testServer, breaks, left);
  });
});
