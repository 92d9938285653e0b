/** Many orders of few shards: what they share does not lose one, pay one twice, or stop the others. */
import { expect, test } from "vitest";
import { MAX_OPEN_CALLS } from "../../edge/gateways/call-queue.ts";
import { MAX_WAITERS } from "../../edge/shard/waiters.ts";
import { SHARDS, shardOf, slotOf } from "../../edge/storage/placement.ts";
import { serve } from "../../demo/http-server.ts";
import {
  AMOUNT,
  chargeOf,
  click,
  clickWithoutWaiting,
  expectCleanOutput,
  expectPaidOnce,
  startTestServer,
  tokenFor,
  until,
} from "./test-server.ts";

const SECOND = 1000;

const NOTIFY_SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The first orders with this prefix that are in these shards. */
function ordersIn(shards: readonly number[], prefix: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let number = 1; found.length < count; number += 1)
    if (shards.includes(shardOf(slotOf(`${prefix}-${number}`)))) found.push(`${prefix}-${number}`);
  return found;
}

/** Runs a function for each item, so many at once. */
async function atOnce<Item>(most: number, items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: most }, work));
}

test("2,000 orders of four shards, and a gateway that hangs for two minutes: each is decided in time, and none is paid twice", {
  timeout: 60 * 60 * SECOND,
}, async (context) => {
  const testServer = await startTestServer(context);
  const { gateway, edge } = testServer;
  const seen = ordersIn([0, 1, 2, 3], "seen", 1000);
  const unseen = ordersIn([0, 1, 2, 3], "unseen", 1000);

  // The gateway takes these, and decides them during the outage. Each POST waits ten seconds.
  await atOnce(500, seen, (order) => click(testServer, order, "later-120"));
  const files = await edge.openFiles();
  expect(gateway.simulator.payments().every(({ status }) => status === "process")).toBe(true);
  gateway.hang();
  // These never reach it.
  const clicks = unseen.map((order) => click(testServer, order));
  await sleep(120 * SECOND);
  gateway.resume();
  const again = Date.now();

  // No GET before the end, because a GET brings the next poll forward.
  await sleep(90 * SECOND);
  const late: number[] = [];
  const undecided: string[] = [];
  await atOnce(10, seen, async (order) => {
    const { status, attempts } = await chargeOf(testServer, order);
    if (status !== "succeeded") undecided.push(`${order} is ${status}`);
    expect(gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, payments: 1 });
    late.push((Date.parse(attempts[0]?.decided_at ?? "never") - again) / SECOND);
  });
  expect(undecided).toEqual([]);
  await sleep(again + 8 * 60 * SECOND - Date.now());
  const statuses: Record<string, number> = {};
  await atOnce(10, unseen, async (order) => {
    const { status } = await chargeOf(testServer, order);
    expect(["succeeded", "failed", "ready"], order).toContain(status);
    expect(gateway.simulator.totalsOf(order).taken, order).toBe(status === "succeeded" ? AMOUNT * 100 : 0);
    statuses[status] = (statuses[status] ?? 0) + 1;
  });
  await Promise.all(clicks);
  expectCleanOutput(testServer);
  late.sort((one, other) => one - other);
  console.log(
    `1,000 seen orders of four shards decided after the outage: p50 ${late[500]?.toFixed(1)} s, max ${late.at(-1)?.toFixed(1)} s; ` +
      `1,000 never seen: ${JSON.stringify(statuses)}; ${files.stored} files of state, ${files.open} descriptors open`,
  );
});

test("six calls out and fourteen queued, and the process is killed: every order is paid, and none twice", async (context) => {
  const testServer = await startTestServer(context);
  const { gateway, edge } = testServer;
  const orders = ordersIn([7], "order", 20);
  gateway.hang();
  for (const order of orders) clickWithoutWaiting(testServer, order);
  await until("six calls are out", () => (gateway.hanging() === MAX_OPEN_CALLS ? true : null));
  await sleep(SECOND);
  expect(gateway.hanging()).toBe(MAX_OPEN_CALLS);
  await edge.kill();
  gateway.resume();
  await edge.start();
  for (const order of orders) await expectPaidOnce(testServer, order);
  expectCleanOutput(testServer);
});

test("1,000 shoppers ask one shard: 500 wait, 500 are answered at once, and other orders are paid meanwhile", async (context) => {
  const testServer = await startTestServer(context);
  const undecided = ordersIn([9], "undecided", 50);
  await atOnce(10, undecided, (order) => click(testServer, order, "later-600"));
  let answered = 0;
  let toldToComeBack = 0;
  const ask = async (order: string): Promise<void> => {
    const headers = { Authorization: `Bearer ${await tokenFor(order, "later-600")}`, Prefer: "wait=25" };
    const url = `${testServer.edge.origin}/v1/charges/${order}`;
    const first = await fetch(url, { headers: { Authorization: headers.Authorization } });
    await first.text();
    const response = await fetch(url, { headers: { ...headers, "If-None-Match": first.headers.get("etag") ?? "" } });
    await response.text();
    answered += 1;
    if (response.headers.has("retry-after")) toldToComeBack += 1;
  };
  const asked = Promise.all(undecided.flatMap((order) => Array.from({ length: 20 }, () => ask(order))));
  await until("500 are answered", () => (answered >= 1000 - MAX_WAITERS ? true : null));
  expect(toldToComeBack).toBe(1000 - MAX_WAITERS);
  for (const order of ordersIn([9], "paid", 20)) {
    // A POST has no place to wait either, so it is answered before the payment is decided.
    await click(testServer, order);
    await expectPaidOnce(testServer, order);
  }
  expect(answered).toBe(1000 - MAX_WAITERS);
  await asked;
  expectCleanOutput(testServer);
});

test("a receiver that hangs delays no payment of its shard", async (context) => {
  const received: string[] = [];
  const receiver = await serve(async (request) => {
    received.push(await request.text());
    return new Promise(() => {});
  });
  context.onTestFinished(() => receiver.close());
  const settings = { NOTIFY_URL: `${receiver.origin}/notified`, NOTIFY_SECRET };
  const testServer = await startTestServer(context, { settings });
  const [first = "", ...others] = ordersIn([11], "order", 40);
  await click(testServer, first);
  await until("the receiver hangs", () => (received.length > 0 ? true : null));
  for (const order of others) await click(testServer, order).then(({ status }) => expect(status).toBe("succeeded"));
  // One notification of the shard is out at a time.
  expect(received).toHaveLength(1);
  expectCleanOutput(testServer);
});

test("an order in each of the 256 shards: files and descriptors are counted", async (context) => {
  const testServer = await startTestServer(context);
  const orders = Array.from({ length: SHARDS }, (_, shard) => ordersIn([shard], "order", 1)[0] ?? "");
  await atOnce(20, orders, (order) => click(testServer, order));
  const before = await testServer.edge.openFiles();
  await atOnce(20, orders, (order) => click(testServer, `${order}-again`));
  const after = await testServer.edge.openFiles();
  expect(before.stored).toBeGreaterThanOrEqual(SHARDS);
  expectCleanOutput(testServer);
  console.log(
    `${SHARDS} shards with an order each: ${before.stored} files, ${before.open} descriptors; ` +
      `with ${SHARDS} orders more: ${after.stored} files, ${after.open} descriptors`,
  );
});
