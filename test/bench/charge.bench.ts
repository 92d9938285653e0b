/** What one charge costs: rows, alarms, requests of objects, log lines, and on a server of one's own fsyncs. Nothing here depends on the machine. */
import { expect, test } from "vitest";
import { shardOf, slotOf } from "../../edge/storage/placement.ts";
import { freePort } from "../process/free-port.ts";
import type { Counts } from "./counts.ts";
import { MERCHANT } from "./fixture.ts";
import { countFsyncs } from "./fsyncs.ts";
import { bundleWarmEdge } from "./peer-config.ts";
import type { BenchGateway, Load, Server } from "./processes.ts";
import { Cleanup, edgeSettings, serveOn, startGateway, startLoadGenerator, temporaryFolder } from "./processes.ts";
import { writeSection } from "./results.ts";
import { goalTable, table } from "./statistics.ts";

/** Milliseconds after which the page reads the charge: result_url was called before. */
const READ_AFTER = 1000;

/** Milliseconds after which the last alarm of a charge has fired: that of a call which would count as lost after 25 s. */
const SETTLED_AFTER = 40_000;

const CALLBACKS = 1000;

/** Everything that was counted until a moment. */
interface State extends Counts {
  readonly gateway: Readonly<Record<"creates" | "reads" | "notifications" | "callbacks", number>>;
  /** By event. */
  readonly logLines: Readonly<Record<string, number>>;
}

async function stateOf(server: Server, gateway: BenchGateway): Promise<State> {
  const counts = (await (await fetch(`http://127.0.0.1:${server.port}/bench-counts`)).json()) as Counts;
  const logLines: Record<string, number> = {};
  for (const [, event = ""] of server.output().matchAll(/"event":"(\w+)"/g)) logLines[event] = (logLines[event] ?? 0) + 1;
  const { creates, reads, notifications, callbacks } = await gateway.counts();
  return { ...counts, logLines, gateway: { creates, reads, notifications, callbacks } };
}

type Numbers = Readonly<Record<string, number>>;

function difference(after: Numbers, before: Numbers): Numbers {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, number]) => [name, number - (before[name] ?? 0)] as const)
      .filter(([, number]) => number !== 0),
  );
}

function sum(numbers: Numbers): number {
  return Object.values(numbers).reduce((total, number) => total + number, 0);
}

function listed(numbers: Numbers): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${number}`)
    .join(", ");
}

/** What was counted between two moments. */
interface Difference {
  readonly rows: Numbers;
  readonly alarmsSet: Numbers;
  readonly requests: Numbers;
  readonly logLines: Numbers;
  readonly gateway: Numbers;
}

function between(before: State, after: State): Difference {
  return {
    rows: difference(after.rows, before.rows),
    alarmsSet: difference(after.alarmsSet, before.alarmsSet),
    requests: difference(after.requests, before.requests),
    logLines: difference(after.logLines, before.logLines),
    gateway: difference(after.gateway, before.gateway),
  };
}

/** Two orders of one shard: the first creates its tables. */
function twoOrders(): readonly [number, number] {
  const shard = shardOf(slotOf("counted-1"));
  for (let number = 2; ; number += 1) if (shardOf(slotOf(`counted-${number}`)) === shard) return [1, number];
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function charge(load: Load, port: number, number: number): Promise<void> {
  const job = { port, prefix: "counted", orders: 1, from: number, connections: 1, seconds: null, requests: 1 } as const;
  expect((await load({ ...job, request: "charge" })).statuses).toEqual({ 201: 1 });
  await pause(READ_AFTER);
  expect((await load({ ...job, request: "read" })).statuses).toEqual({ 200: 1 });
  await pause(SETTLED_AFTER);
}

const withoutCallbacks = (requests: Numbers): Numbers =>
  Object.fromEntries(Object.entries(requests).filter(([name]) => name !== "Charge.callback"));

test("the rows, alarms, requests and log lines of a charge", { timeout: 600_000 }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  const gateway = await startGateway(cleanup);
  const load = await startLoadGenerator(cleanup);
  const port = await freePort();
  const env = edgeSettings(gateway, {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    NOTIFY_URL: `${gateway.origin}/notified`,
    NOTIFY_SECRET: MERCHANT.notifySecret,
  });
  const config = await bundleWarmEdge(await temporaryFolder(cleanup, "edge"), "test/bench/counted/worker.ts");
  const server = await serveOn(cleanup, config, { env, port, keepsOutput: true });
  const [first, second] = twoOrders();

  await charge(load, port, first);
  const fsyncs = await countFsyncs(server.pid);
  context.onTestFinished(() => fsyncs.stop());
  const before = await stateOf(server, gateway);
  await charge(load, port, second);
  const after = await stateOf(server, gateway);
  const fsyncsOfOne = fsyncs.count();
  const one = between(before, after);
  expect(one.gateway).toMatchObject({ creates: 1, notifications: 1, callbacks: 2 });

  const { urls } = await gateway.counts();
  const path = new URL(urls?.result_url ?? "").pathname;
  const job = { port, request: "callback", path, prefix: "counted", orders: 1, from: second, connections: 32 } as const;
  expect((await load({ ...job, seconds: null, requests: CALLBACKS })).statuses).toEqual({ 200: CALLBACKS });
  await pause(SETTLED_AFTER);
  const many = between(after, await stateOf(server, gateway));
  const fsyncsOfMany = (fsyncs.count() ?? 0) - (fsyncsOfOne ?? 0);

  const shown = (name: string, numbers: (counted: Difference) => Numbers): readonly string[] => [
    name,
    ...[one, many].flatMap((counted) => [String(sum(numbers(counted))), listed(numbers(counted))]),
  ];
  const rows = [
    shown("rows written, without the alarm's", ({ rows }) => rows),
    shown("alarms set, each a row", ({ alarmsSet }) => alarmsSet),
    shown("requests of objects, alarms included", ({ requests }) => requests),
    shown("log lines", ({ logLines }) => logLines),
    shown("calls of and to the gateway", ({ gateway: calls }) => calls),
    ...(fsyncsOfOne === null ? [] : [["fsyncs, of the daily index too", String(fsyncsOfOne), "", String(fsyncsOfMany), ""]]),
  ];
  const head = ["", "a charge", "", `then ${CALLBACKS} callbacks`, ""];
  const goals = goalTable([
    { text: "at most 18 rows, those of alarms included", measured: [sum(one.rows) + sum(one.alarmsSet)], isMet: (count) => count <= 18 },
    { text: "at most 2 alarms set", measured: [sum(one.alarmsSet)], isMet: (count) => count <= 2 },
    {
      text: "at most 6 requests of objects, callbacks left out",
      measured: [sum(withoutCallbacks(one.requests))],
      isMet: (count) => count <= 6,
    },
    { text: "at most 6 log lines", measured: [sum(one.logLines)], isMet: (count) => count <= 6 },
  ]);
  const notes =
    "The second charge of its shard: a POST with a token, a create during which check_url is called, a read, result_url, a notification, a GET after a second, and all alarms of the next 40 s. With a daily index.";
  writeSection("One charge", `${notes}\n\n${table(head, rows)}\n\n${goals}`);
});
