/** A poll after a callback, for whose time the object waits. */
import { expect, test } from "vitest";
import type { ChargeRecord } from "../../../edge/machine/record.ts";
import type { Ports } from "../../../edge/machine/runner.ts";
import { run } from "../../../edge/machine/runner.ts";
import { requestId } from "../../../src/request-id.ts";
import { OrderHistory } from "./order-history.ts";

/** A paid order just after a poll, on ports that store in memory. `meanwhile` happens while a poll waits. */
async function readsAfterCallback(meanwhile: (record: ChargeRecord) => void): Promise<readonly string[]> {
  const order = new OrderHistory();
  order.succeed();
  let { record } = order;
  const reads: string[] = [];
  const waits: string[][] = [];
  const openCalls = new Set<string>();
  const ports: Ports = {
    orderId: record.orderId,
    store: {
      load: () => record,
      binding: () => null,
      commit: (commit) => {
        record = commit.record;
      },
      storeDueTime: () => undefined,
    },
    random: { fraction: () => 0.5, requestId: () => requestId(order.now) },
    gatewayKeyCount: 1,
    retentionDays: 400,
    isAway: false,
    gatewayUrl: "https://api.freedompay.kz",
    bindProfile: async (id) => id,
    openCalls,
    now: () => order.now,
    send: () => Promise.reject(new Error("Nothing is sent")),
    read: async (call) => {
      reads.push(call.body);
      return { kind: "unknown", reason: "network", httpStatus: null, retryAfter: null };
    },
    within: (_, value) => value,
    until: async (at) => {
      waits.push([...openCalls]);
      record = structuredClone(record);
      meanwhile(record);
      order.now = at;
    },
    onCommit: () => undefined,
    onError: (error) => expect.fail(String(error)),
  };
  await run(ports, { type: "hint", ticket: "ticket-key-1" }).pending;
  expect(waits).toEqual([["attempt 1 poll", `attempt 1 wait ${order.now}`]]);
  expect([...openCalls]).toEqual([]);
  return reads;
}

test("leaves when its time has come", async () => {
  expect(await readsAfterCallback(() => undefined)).toEqual(['{"id":"p1"}']);
});

test("does not leave if the order was redacted or the attempt changed meanwhile", async () => {
  const change = (record: ChargeRecord): void => {
    for (const attempt of record.attempts) attempt.generation += 1;
  };
  expect(await readsAfterCallback(change)).toEqual([]);
});
