import type { ModuleRequest, Source } from "./source.ts";
import { WEB_GLOBALS } from "./web-globals.ts";

/** A rule of the house: what is wrong in one file, in words; nothing when it keeps the rule. */
export type Rule = (source: Source) => readonly string[];

type Room = "src" | "simulator" | "edge" | "widget" | "command" | "demo" | "test" | "scripts" | "root";

/** What a room may ask of another: all that is there, or types alone. What is not here is an arrow that points the wrong way. */
const ARROWS: Readonly<Record<Room, Readonly<Partial<Record<Room, "all" | "types">>>>> = {
  src: { src: "all" },
  simulator: { simulator: "all", src: "types" },
  edge: { edge: "all", src: "all" },
  widget: { widget: "all", src: "types" },
  command: { command: "all", src: "all" },
  demo: { demo: "all", edge: "all", widget: "all", src: "all", simulator: "all", scripts: "all" },
  test: { src: "all", simulator: "all", edge: "all", widget: "all", command: "all", demo: "all", test: "all", scripts: "all", root: "all" },
  scripts: { command: "all", edge: "all", scripts: "all", src: "all" },
  root: { scripts: "all" },
};

/** The packages that a room of the product may use. The others are free. */
const PACKAGES: Readonly<Partial<Record<Room, readonly string[]>>> = {
  src: ["jose", "valibot"],
  simulator: [],
  edge: ["hono", "valibot", "cloudflare:workers"],
  widget: ["lit"],
  command: ["node:crypto", "node:fs", "node:http", "node:readline", "node:stream", "node:util"],
};

/** The schemas of what the edge answers. */
const ANSWERS: readonly string[] = ["src/edge-api.ts", "src/lib/deployment-api.ts"];

/** The rooms that are published. */
const PRODUCT: readonly Room[] = ["src", "simulator", "edge", "widget", "command"];

/** The edge's files that may know the platform they run on. */
const ON_WORKERS = ["edge/charge.ts", "edge/daily-index.ts", "edge/worker.ts"];

/** What the rooms of the edge may ask of one another. `edge/` itself, the hall, may ask all of them. */
const EDGE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  machine: ["machine"],
  gateways: ["gateways", "machine", "hall"],
  storage: ["storage", "machine"],
  delivery: ["delivery", "storage", "machine", "hall"],
  http: ["http", "machine", "hall"],
  doctor: ["doctor", "http", "machine", "hall"],
};

/** Files of the hall that nothing below may ask: they stand above the rooms. The types of an object are no arrow upwards. */
const ABOVE_THE_ROOMS = ["edge/worker.ts", "edge/charge.ts", "edge/daily-index.ts"];

/** The shape of a log line is known everywhere; only types of it are taken. */
const LOG = "edge/log.ts";

/** A hash judges nothing: the simulator verifies signatures by code of its own. */
const SIMULATOR_TAKES = "src/lib/md5.ts";

/** A product of the build that the edge serves: taken in as text, no arrow. */
const BUILT_ELEMENT = "dist/cdn/freedom-pay-charge.js";

const MAX_LINES = 400;

function roomOf(path: string): Room {
  if (path.startsWith("src/simulator/")) return "simulator";
  const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : "root";
  return (folder in ARROWS ? folder : "root") as Room;
}

function isRelative({ specifier }: ModuleRequest): boolean {
  return specifier.startsWith(".");
}

/** The path that a relative import names, from the project's folder. */
function target(source: Source, { specifier }: ModuleRequest): string {
  return new URL(specifier, `file:///${source.path}`).pathname.slice(1);
}

/** Each room imports only from the rooms below it. */
export const arrows: Rule = (source) =>
  source.requests.filter(isRelative).flatMap((request) => {
    const from = roomOf(source.path);
    const path = target(source, request);
    if (path === BUILT_ELEMENT)
      return source.path === "edge/http/element-file.ts" || from === "test" ? [] : [`${source.path} imports ${path}`];
    const to = roomOf(path);
    if (from === "simulator" && path === SIMULATOR_TAKES) return [];
    const allowed = ARROWS[from][to];
    if (allowed === "all" || (allowed === "types" && request.typeOnly)) return [];
    return [`${source.path} imports ${path}${allowed === "types" ? " and may only import types of it" : ""}`];
  });

/** The room of a file in the edge: the name of its folder, or the hall. */
function edgeRoomOf(path: string): string {
  return path.split("/").length > 2 ? (path.split("/")[1] ?? "hall") : "hall";
}

/** Inside the edge a room asks only the rooms below it. What decides (machine) knows neither HTTP, storage, delivery nor the platform. */
export const edgeRooms: Rule = (source) => {
  if (roomOf(source.path) !== "edge") return [];
  const allowed = EDGE_ARROWS[edgeRoomOf(source.path)];
  if (allowed === undefined) return [];
  return source.requests
    .filter(isRelative)
    .map((request) => ({ request, path: target(source, request) }))
    .filter(({ path }) => roomOf(path) === "edge")
    .filter(({ request, path }) => {
      if (ABOVE_THE_ROOMS.includes(path)) return !request.typeOnly || !allowed.includes("hall");
      return !allowed.includes(edgeRoomOf(path)) && !(path === LOG && request.typeOnly);
    })
    .map(({ path }) => `${source.path} imports ${path}`);
};

/** The circles of imports, types included: each as the files it leads through. */
export function circles(sources: readonly Source[]): readonly string[] {
  const imports = new Map(
    sources.map((source) => [source.path, source.requests.filter(isRelative).map((request) => target(source, request))]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (way.includes(path) || done.has(path)) return;
    for (const next of imports.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
  return found;
}

/** Card numbers are for PCI-certified servers: neither the edge nor the element can reach the module that takes them. */
export const cardPayment: Rule = (source) =>
  source.requests
    .filter(isRelative)
    .filter((request) => ["edge", "widget"].includes(roomOf(source.path)) && target(source, request) === "src/card-payment.ts")
    .map(() => `${source.path} imports src/card-payment.ts`);

/** The product knows the schemas of its answers as types alone: what is answered is not validated when it runs. */
export const answers: Rule = (source) =>
  ANSWERS.includes(source.path) || !PRODUCT.includes(roomOf(source.path))
    ? []
    : source.requests
        .filter((request) => isRelative(request) && !request.typeOnly && ANSWERS.includes(target(source, request)))
        .map((request) => `${source.path} imports ${target(source, request)} and may only import types of it`);

/** A room uses its own packages, Node's modules only outside the product, and cloudflare:workers only where the edge meets it. */
export const packages: Rule = (source) =>
  source.requests
    .filter((request) => !isRelative(request))
    .filter((request) => {
      const { specifier } = request;
      const allowed = PACKAGES[roomOf(source.path)];
      if (allowed === undefined) return false;
      if (specifier === "cloudflare:workers") return !ON_WORKERS.includes(source.path);
      // A framework's typings name the framework: nothing of it is left at run time.
      if (source.path.startsWith("widget/") && source.path.endsWith(".d.ts") && request.typeOnly) return false;
      return !allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    })
    .map(({ specifier }) => `${source.path} imports ${specifier}`);

/** In the edge only the table of routes knows URLs. */
export const routes: Rule = (source) =>
  roomOf(source.path) === "edge" && source.path !== "edge/routes.ts"
    ? source.texts.filter((text) => /\/v1\/|\/healthz/.test(text)).map((text) => `${source.path} knows the route ${text}`)
    : [];

/** src/ uses no global but those that every runtime has. */
export const webStandards: Rule = (source) =>
  ["src", "simulator"].includes(roomOf(source.path))
    ? source.globals.filter((name) => !WEB_GLOBALS.has(name)).map((name) => `${source.path} uses the global ${name}`)
    : [];

/** A file is one idea, and its name says which. A test may be as long as its table. */
export const oneIdea: Rule = (source) => [
  ...(source.lines > MAX_LINES && roomOf(source.path) !== "test" ? [`${source.path} has ${source.lines} lines`] : []),
  ...(/(^|\/)(utils?|helpers?|common|misc|[^/]*manager|handle[^/]*)(\.|\/)/i.test(source.path)
    ? [`${source.path} does not name an idea`]
    : []),
];

/** What measures is for the eye, on a machine that does nothing else. */
function isBench(path: string): boolean {
  return path.startsWith("test/bench/") || path === "scripts/element-timing.ts";
}

/** No test asserts how long something took: on a slower machine it would fail, and nothing would be wrong. */
export const noStopwatch: Rule = (source) =>
  roomOf(source.path) !== "test" || isBench(source.path)
    ? []
    : [
        ...source.measured.map((text) => `${source.path} asserts how long something took: ${text}`),
        ...source.requests
          .filter((request) => isRelative(request) && isBench(target(source, request)))
          .map((request) => `${source.path} imports ${target(source, request)}, which measures time`),
      ];

/** No test gives up before a machine that is ten times slower has done its work: limits stand in scripts/timeouts.ts. */
export const timeouts: Rule = (source) =>
  roomOf(source.path) === "test" ? source.shortLimits.map((text) => `${source.path} gives up too soon: ${text}`) : [];

/** All of them, by name. */
export const RULES: Readonly<Record<string, Rule>> = {
  arrows,
  edgeRooms,
  cardPayment,
  answers,
  packages,
  routes,
  webStandards,
  oneIdea,
  noStopwatch,
  timeouts,
};
