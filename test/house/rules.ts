import { retiredWordsIn } from "./retired-words.ts";
import type { ModuleRequest, Source } from "./source.ts";
import { WEB_GLOBALS } from "./web-globals.ts";

/** A house rule: returns the violations in one file. */
export type Rule = (source: Source) => readonly string[];

type Room = "src" | "merchant-api" | "simulator" | "edge" | "widget" | "command" | "demo" | "test" | "scripts" | "root";

/** The allowed imports between rooms: everything, or types only. All others are violations. */
const ARROWS: Readonly<Record<Room, Readonly<Partial<Record<Room, "all" | "types">>>>> = {
  src: { src: "all" },
  "merchant-api": { "merchant-api": "all", src: "all" },
  simulator: { simulator: "all", src: "types", "merchant-api": "types" },
  edge: { edge: "all", src: "all", "merchant-api": "all" },
  widget: { widget: "all", src: "types" },
  command: { command: "all", src: "all", "merchant-api": "all" },
  demo: { demo: "all", edge: "all", widget: "all", src: "all", simulator: "all", scripts: "all" },
  test: {
    src: "all",
    "merchant-api": "all",
    simulator: "all",
    edge: "all",
    widget: "all",
    command: "all",
    demo: "all",
    test: "all",
    scripts: "all",
    root: "all",
  },
  scripts: { command: "all", edge: "all", scripts: "all", src: "all" },
  root: { scripts: "all" },
};

/** The packages that a room of the product may use. Other rooms may use any. */
const PACKAGES: Readonly<Partial<Record<Room, readonly string[]>>> = {
  src: ["jose", "valibot"],
  "merchant-api": ["@noble/hashes", "@rgrove/parse-xml", "jose", "valibot"],
  simulator: [],
  edge: ["hono", "valibot", "cloudflare:workers"],
  widget: ["lit"],
  command: [
    "node:child_process",
    "node:crypto",
    "node:dns",
    "node:fs",
    "node:http",
    "node:module",
    "node:net",
    "node:path",
    "node:readline",
    "node:sqlite",
    "node:stream",
    "node:timers",
    "node:url",
    "node:util",
  ],
};

/** The schemas of the edge's answers. */
const ANSWERS: readonly string[] = ["src/edge-api.ts", "src/lib/deployment-api.ts"];

/** The rooms that are published. */
const PRODUCT: readonly Room[] = ["src", "merchant-api", "simulator", "edge", "widget", "command"];

/** The edge's files that may import the platform. */
const ON_WORKERS = ["edge/charge.ts", "edge/daily-index.ts", "edge/worker.ts"];

/** The allowed imports between the edge's rooms. Files directly in `edge/`, the hall, may import all of them. */
const EDGE_ARROWS: Readonly<Record<string, readonly string[]>> = {
  machine: ["machine"],
  gateways: ["gateways", "machine", "hall"],
  shard: ["shard", "gateways", "delivery", "storage", "machine", "http", "hall"],
  storage: ["storage", "machine"],
  delivery: ["delivery", "gateways", "storage", "machine", "hall"],
  http: ["http", "machine", "hall"],
  doctor: ["doctor", "http", "machine", "hall"],
};

/** Files of the hall that the rooms may not import, except types of an object. */
const ABOVE_THE_ROOMS = ["edge/worker.ts", "edge/charge.ts", "edge/daily-index.ts"];

/** Every room may import types of the log line. */
const LOG = "edge/log.ts";

/** The build's file that the edge imports as text. */
const BUILT_ELEMENT = "dist/cdn/freedom-pay-charge.js";

const MAX_LINES = 400;

function roomOf(path: string): Room {
  if (path.startsWith("src/simulator/")) return "simulator";
  if (path.startsWith("src/merchant-api/")) return "merchant-api";
  const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : "root";
  return (folder in ARROWS ? folder : "root") as Room;
}

function isRelative({ specifier }: ModuleRequest): boolean {
  return specifier.startsWith(".");
}

/** The path of a relative import, from the project's folder. */
function target(source: Source, { specifier }: ModuleRequest): string {
  return new URL(specifier, `file:///${source.path}`).pathname.slice(1);
}

/** A room imports only from the allowed rooms. */
export const arrows: Rule = (source) =>
  source.requests.filter(isRelative).flatMap((request) => {
    const from = roomOf(source.path);
    const path = target(source, request);
    if (path === BUILT_ELEMENT)
      return source.path === "edge/http/element-file.ts" || from === "test" ? [] : [`${source.path} imports ${path}`];
    const to = roomOf(path);
    const allowed = ARROWS[from][to];
    if (allowed === "all" || (allowed === "types" && request.typeOnly)) return [];
    return [`${source.path} imports ${path}${allowed === "types" ? " and may only import types of it" : ""}`];
  });

/** The room of a file in the edge: its folder, or the hall. */
function edgeRoomOf(path: string): string {
  return path.split("/").length > 2 ? (path.split("/")[1] ?? "hall") : "hall";
}

/** Inside the edge a room imports only from the allowed rooms. `machine/` imports no HTTP, storage, delivery or platform. */
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

/** The circular imports, types included, each as the path of its files. */
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

/** Neither the edge nor the element imports the module with card numbers, which is for PCI-certified servers. */
export const cardPayment: Rule = (source) =>
  source.requests
    .filter(isRelative)
    .filter((request) => ["edge", "widget"].includes(roomOf(source.path)) && target(source, request) === "src/card-payment.ts")
    .map(() => `${source.path} imports src/card-payment.ts`);

/** The product imports only types of its answer schemas, because it does not validate its answers at run time. */
export const answers: Rule = (source) =>
  ANSWERS.includes(source.path) || !PRODUCT.includes(roomOf(source.path))
    ? []
    : source.requests
        .filter((request) => isRelative(request) && !request.typeOnly && ANSWERS.includes(target(source, request)))
        .map((request) => `${source.path} imports ${target(source, request)} and may only import types of it`);

/** A room uses only its own packages. cloudflare:workers is only for the edge's platform files. */
export const packages: Rule = (source) =>
  source.requests
    .filter((request) => !isRelative(request))
    .filter((request) => {
      const { specifier } = request;
      const allowed = PACKAGES[roomOf(source.path)];
      if (allowed === undefined) return false;
      if (specifier === "cloudflare:workers") return !ON_WORKERS.includes(source.path);
      // A framework's typings import types of the framework, which do not exist at run time.
      if (source.path.startsWith("widget/") && source.path.endsWith(".d.ts") && request.typeOnly) return false;
      return !allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    })
    .map(({ specifier }) => `${source.path} imports ${specifier}`);

/** In the edge only the table of routes contains URLs. */
export const routes: Rule = (source) =>
  roomOf(source.path) === "edge" && source.path !== "edge/routes.ts"
    ? source.texts.filter((text) => /\/v1\/|\/healthz/.test(text)).map((text) => `${source.path} knows the route ${text}`)
    : [];

/** src/, and the suite that tests it in every runtime, use only globals of every runtime. */
export const webStandards: Rule = (source) =>
  ["src", "merchant-api", "simulator"].includes(roomOf(source.path)) || source.path.startsWith("test/everywhere/suite/")
    ? source.globals.filter((name) => !WEB_GLOBALS.has(name)).map((name) => `${source.path} uses the global ${name}`)
    : [];

/** A file has one idea and a name for it. Tests may be longer than other files. */
export const oneIdea: Rule = (source) => [
  ...(source.lines > MAX_LINES && roomOf(source.path) !== "test" ? [`${source.path} has ${source.lines} lines`] : []),
  ...(/(^|\/)(utils?|helpers?|common|misc|[^/]*manager|handle[^/]*)(\.|\/)/i.test(source.path)
    ? [`${source.path} does not name an idea`]
    : []),
];

/** Whether a file measures times, for a quiet machine. */
function isBench(path: string): boolean {
  return path.startsWith("test/bench/") || path.startsWith("test/endurance/") || path === "scripts/element-timing.ts";
}

/** No test asserts a measured time, because it would fail on a slower machine. */
export const noStopwatch: Rule = (source) =>
  roomOf(source.path) !== "test" || isBench(source.path)
    ? []
    : [
        ...source.measured.map((text) => `${source.path} asserts how long something took: ${text}`),
        ...source.requests
          .filter((request) => isRelative(request) && isBench(target(source, request)))
          .map((request) => `${source.path} imports ${target(source, request)}, which measures time`),
      ];

/** No time-out of a test is shorter than those in scripts/timeouts.ts, which fit a machine ten times slower. */
export const timeouts: Rule = (source) =>
  roomOf(source.path) === "test" ? source.shortLimits.map((text) => `${source.path} gives up too soon: ${text}`) : [];

/** A clean room uses no retired word: see test/house/retired-words.ts. */
export const retiredWords: Rule = ({ path, text }) => retiredWordsIn(path, text).map((word) => `${path} uses the retired word ${word}`);

/** The rules by name. */
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
  retiredWords,
};
