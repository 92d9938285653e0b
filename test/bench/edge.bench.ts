/** Requests to the edge beside peers that do less: how far its own code is from the least that a durable charge costs. */
import { expect, test } from "vitest";
import { bundlePeers, bundleWarmEdge } from "./peer-config.ts";
import type { PeerName } from "./peer-name.ts";
import type { Load, Server } from "./processes.ts";
import {
  Cleanup,
  edgeSettings,
  peerSettings,
  serveOn,
  startFastify,
  startGateway,
  startLoadGenerator,
  temporaryFolder,
} from "./processes.ts";
import { writeSection } from "./results.ts";
import type { Measured, Variant } from "./rounds.ts";
import { CONNECTIONS, measure } from "./rounds.ts";
import type { Goal } from "./statistics.ts";
import { goalTable, ratios, table, withSpread } from "./statistics.ts";

/** Orders that are charged before the rounds, to be repeated and read. */
const KNOWN_ORDERS = 64;

const LIMIT = 3_600_000;

const PEERS: readonly (readonly [name: string, peer: PeerName, request: "get" | "post" | "charge", orders: number | null])[] = [
  ["no-op", "noop", "get", null],
  ["forward", "forward", "post", null],
  ["sign and forward", "sign", "post", null],
  ["token and warm object", "warm", "charge", KNOWN_ORDERS],
  ["bare new object", "bare", "charge", null],
  ["skeleton", "skeleton", "charge", null],
  ["two-commit skeleton", "two-commits", "charge", null],
];

/** Names of the variants whose ratios are reported. */
const [WARM, BARE, SKELETON, TWO_COMMITS] = ["token and warm object", "bare new object", "skeleton", "two-commit skeleton"];
const [NEW_ORDER, REPLAY, READ, FASTIFY] = ["edge: new order", "edge: replay", "edge: read", "Fastify and node:sqlite"];

/** What a variant is compared with. */
const REFERENCES: Readonly<Record<string, string>> = {
  [BARE]: WARM,
  [SKELETON]: BARE,
  [TWO_COMMITS]: SKELETON,
  [NEW_ORDER]: SKELETON,
  [REPLAY]: WARM,
  [READ]: WARM,
  [FASTIFY]: SKELETON,
};

async function charged(server: Server, prefix: string, load: Load): Promise<Server> {
  const { port } = server;
  const job = { port, request: "charge", prefix, orders: null, connections: 8, seconds: null, requests: KNOWN_ORDERS } as const;
  expect((await load(job)).statuses).toEqual({ 201: KNOWN_ORDERS });
  return server;
}

function rowOf(measured: Measured, all: readonly Measured[]): readonly string[] {
  const { name, rate, p50, p99, cpu, memory } = measured;
  const reference = all.find((other) => other.name === (REFERENCES[name] ?? "no-op"));
  const ratio = reference === undefined ? "" : `${withSpread(ratios(rate, reference.rate))} of ${reference.name}`;
  const cost = reference === undefined ? "" : withSpread(ratios(cpu, reference.cpu));
  return [name, withSpread(rate), withSpread(p50), withSpread(p99), withSpread(cpu), withSpread(memory), ratio, cost];
}

function goalsOf(all: readonly Measured[]): readonly Goal[] {
  const of = (name: string): Measured => {
    const found = all.find((measured) => measured.name === name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const rate = (name: string, reference: string): number[] => [...ratios(of(name).rate, of(reference).rate)];
  return [
    { text: "new order: at least 0.6 of the skeleton's rate", measured: rate(NEW_ORDER, SKELETON), isMet: (ratio) => ratio >= 0.6 },
    {
      text: "new order: at most 2.5 times the skeleton's CPU",
      measured: ratios(of(NEW_ORDER).cpu, of(SKELETON).cpu),
      isMet: (ratio) => ratio <= 2.5,
    },
    { text: "new order: above the bare new object's rate", measured: rate(NEW_ORDER, BARE), isMet: (ratio) => ratio > 1 },
    { text: "replay: at least 0.6 of token and warm object", measured: rate(REPLAY, WARM), isMet: (ratio) => ratio >= 0.6 },
    { text: "read: at least 0.6 of token and warm object", measured: rate(READ, WARM), isMet: (ratio) => ratio >= 0.6 },
    { text: "the skeleton itself: above the bare new object's rate", measured: rate(SKELETON, BARE), isMet: (ratio) => ratio > 1 },
  ];
}

test("requests a second and their cost, beside the peers", { timeout: LIMIT }, async (context) => {
  const cleanup = new Cleanup();
  context.onTestFinished(() => cleanup.run());
  const gateway = await startGateway(cleanup);
  const load = await startLoadGenerator(cleanup);
  const peers = await bundlePeers(await temporaryFolder(cleanup, "peers"));
  const edge = await bundleWarmEdge(await temporaryFolder(cleanup, "edge"));
  const fastify = await startFastify(cleanup, gateway);
  const startEdge = (): Promise<Server> => serveOn(cleanup, edge, { env: edgeSettings(gateway) });
  const variants: Variant[] = [];
  for (const [name, peer, request, orders] of PEERS) {
    const server = await serveOn(cleanup, peers, { env: peerSettings(gateway, peer) });
    variants.push({ name, server, job: { request, prefix: peer, orders } });
  }
  variants.push(
    { name: NEW_ORDER, server: await startEdge(), job: { request: "charge", prefix: "new", orders: null } },
    {
      name: REPLAY,
      server: await charged(await startEdge(), "replayed", load),
      job: { request: "charge", prefix: "replayed", orders: KNOWN_ORDERS },
    },
    { name: READ, server: await charged(await startEdge(), "read", load), job: { request: "read", prefix: "read", orders: KNOWN_ORDERS } },
    { name: FASTIFY, server: fastify, job: { request: "charge", prefix: "fastify", orders: null } },
  );
  const all = await measure(variants, load);

  // Every order was charged once.
  const { repeated, byPrefix } = await gateway.counts();
  expect(repeated).toBe(0);
  expect([byPrefix["replayed"], byPrefix["read"]]).toEqual([KNOWN_ORDERS, KNOWN_ORDERS]);
  for (const { name, job } of variants)
    if (job.request === "charge" && job.orders === null && name !== BARE)
      expect(byPrefix[job.prefix], name).toBe(all.find((measured) => measured.name === name)?.requests);

  const head = ["variant", "requests/s", "p50 ms", "p99 ms", "CPU ms/request", "memory MB", "rate, as a ratio", "CPU, as a ratio"];
  const notes = `${CONNECTIONS} connections, a gateway that answers at once, and the load on the same machine. Each variant has a process of its own. CPU is that of the server's process until it is idle again, so it includes updates of the daily index. No notifications; the log goes to /dev/null. Objects that orders share are open already, as on a busy server.`;
  const rows = all.map((measured) => rowOf(measured, all));
  writeSection("Edge", `${notes}\n\n${table(head, rows)}\n\n${goalTable(goalsOf(all))}`, { fastify: fastify.version });
});
