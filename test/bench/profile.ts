/**
 * `node test/bench/profile.ts [charge|replay|read] [seconds]`: which functions of the edge use the time, by the profiler of V8 in workerd.
 * A function of the platform is listed with its caller: `exec ← load`.
 */
import { freePort } from "../process/free-port.ts";
import type { LoadJob } from "./load-generator.ts";
import { bundleWarmEdge } from "./peer-config.ts";
import { Cleanup, cpuOf, edgeSettings, serveOn, startGateway, startLoadGenerator, temporaryFolder } from "./processes.ts";
import { table } from "./statistics.ts";

/** How many functions are printed. */
const SHOWN = 40;

/** Microseconds between two samples. */
const INTERVAL = 200;

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A CPU profile of the inspector protocol. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A session with the inspector of workerd. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown };
      if (id !== undefined) this.#waiting.get(id)?.(result);
    });
  }

  static async open(port: number): Promise<Inspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as readonly { readonly webSocketDebuggerUrl: string }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    return new Inspector(socket);
  }

  call(method: string, params: object = {}): Promise<unknown> {
    const id = (this.#last += 1);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.#socket.close();
  }
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode, caller: string): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url !== "") return `${name} ${url.split("/").at(-1)}:${lineNumber + 1}`;
  return name.startsWith("(") && name !== "(anonymous)" ? name : `${name} ← ${caller}`;
}

/** Time by function. */
interface Shares {
  /** Milliseconds that were not idle. */
  readonly busy: number;
  /** The share of each: in it alone, and with what it called. */
  readonly functions: readonly { readonly name: string; readonly self: number; readonly total: number }[];
}

function sharesOf({ nodes, samples, timeDeltas }: Profile): Shares {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  const walk = (node: ProfileNode, callers: readonly string[]): number => {
    const name = nameOf(node, callers.at(-1) ?? "");
    const own = name === "(idle)" ? 0 : (times.get(node.id) ?? 0);
    const inside = [...callers, name];
    const children = (node.children ?? []).flatMap((id) => byId.get(id) ?? []);
    const all = own + children.reduce((sum, child) => sum + walk(child, inside), 0);
    self.set(name, (self.get(name) ?? 0) + own);
    // A function that calls itself counts once.
    if (!callers.includes(name)) total.set(name, (total.get(name) ?? 0) + all);
    return all;
  };
  const [root] = nodes;
  const all = root === undefined ? 0 : walk(root, []);
  return { busy: all / 1000, functions: [...self].map(([name, own]) => ({ name, self: own / all, total: (total.get(name) ?? 0) / all })) };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const KINDS: Readonly<Record<string, Pick<LoadJob, "request" | "orders">>> = {
  charge: { request: "charge", orders: null },
  replay: { request: "charge", orders: 64 },
  read: { request: "read", orders: 64 },
};

const [kind = "charge", seconds = "10"] = process.argv.slice(2);
const cleanup = new Cleanup();
try {
  const gateway = await startGateway(cleanup);
  const load = await startLoadGenerator(cleanup);
  // The profiler shows the names of the script, not those that stacks show.
  const config = await bundleWarmEdge(await temporaryFolder(cleanup, "edge"), undefined, ["--minify=false"]);
  const inspectorPort = await freePort();
  const args = [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  const { port, pid } = await serveOn(cleanup, config, { env: edgeSettings(gateway), args });
  const job = { port, prefix: "profiled", connections: 32, ...(KINDS[kind] ?? { request: "charge", orders: null }) } as const;
  const warmUp = await load({ ...job, request: "charge", seconds: null, requests: 1000 });
  const inspector = await Inspector.open(inspectorPort);
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: INTERVAL });
  await inspector.call("Profiler.start");
  const before = await cpuOf(pid);
  const result = await load({ ...job, from: job.orders === null ? warmUp.requests + 1 : 1, seconds: Number(seconds), requests: null });
  const cpu = ((await cpuOf(pid)) - before) / result.requests;
  const { profile } = (await inspector.call("Profiler.stop")) as { readonly profile: Profile };
  inspector.close();
  const { busy, functions } = sharesOf(profile);
  const printed = (by: "self" | "total"): string =>
    table(
      ["function", "self", "total"],
      [...functions]
        .sort((a, b) => b[by] - a[by])
        .slice(0, SHOWN)
        .map(({ name, self, total }) => [name, percent(self), percent(total)]),
    );
  console.log(
    `${kind}: ${Math.round(result.rate)} a second; each ${cpu.toFixed(2)} ms of CPU, ${(busy / result.requests).toFixed(2)} in the profile\n`,
  );
  console.log(`By self\n\n${printed("self")}\n\nBy total\n\n${printed("total")}`);
} finally {
  await cleanup.run();
}
