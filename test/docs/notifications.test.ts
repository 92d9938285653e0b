/** docs/notifications.md: runs its receiver as a server with notifications of the edge's sender, and checks its facts. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { deliver as tryDelivery } from "../../edge/delivery/notify.ts";
import { nextTryAt } from "../../edge/machine/notification-retries.ts";
import document from "../../openapi.json" with { type: "json" };
import { validator } from "../openapi/json-schema.ts";
import { codeBlocks, onlyCodeBlock } from "./code-block.ts";
import { installBuiltPackage } from "./installed-package.ts";
import { NODE_20 } from "./old-node.ts";

const PAGE = "docs/notifications.md";
const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const OLD_SECRET = `whsec_${btoa("test-secret-from-before-rotation")}`;

const [RECEIVER = "", SQL_STORE = "", FILE_STORE = "", SERVER = "", TEST = ""] = codeBlocks(PAGE, "js");

/** What the page's store has kept. */
interface Shop {
  /** The environment of the receiver. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: string;
  clear(): void;
  /** In hundredths. */
  setPrice(price: number): void;
  shipments(): readonly string[];
  charge(): unknown;
}

function shopOfSql(folder: string): Shop {
  const database = join(folder, "shop.db");
  const rows = (sql: string): readonly Readonly<Record<string, unknown>>[] => {
    const db = new DatabaseSync(database);
    try {
      return db
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
    } finally {
      db.close();
    }
  };
  return {
    env: { SHOP_DB: database },
    store: SQL_STORE,
    clear: () => {
      for (const table of ["charge", "shipment", "orders"]) rows(`DELETE FROM ${table}`);
    },
    setPrice: (price) => void rows(`INSERT OR REPLACE INTO orders VALUES ('1234', ${price}, 'KZT')`),
    shipments: () => rows("SELECT order_id FROM shipment").map(({ order_id }) => String(order_id)),
    charge: () => rows("SELECT * FROM charge")[0] ?? null,
  };
}

function shopOfFiles(folder: string): Shop {
  const shop = join(folder, "shop");
  const charge = join(shop, "charges/1234.json");
  return {
    env: { SHOP_FOLDER: shop },
    store: FILE_STORE,
    clear: () => {
      for (const file of globSync("*/*", { cwd: shop })) rmSync(join(shop, file));
    },
    setPrice: (price) => writeFileSync(join(shop, "orders/1234.json"), JSON.stringify({ price, currency: "KZT" })),
    shipments: () => readdirSync(join(shop, "shipments")),
    charge: () => (existsSync(charge) ? JSON.parse(readFileSync(charge, "utf8")) : null),
  };
}

const NODE = process.execPath;

/** The page's receiver with each of its stores, on each Node that is installed. */
const RECEIVERS: readonly (readonly [string, string, (folder: string) => Shop])[] = [
  ["with SQLite", NODE, shopOfSql],
  ["with files", NODE, shopOfFiles],
  ...(NODE_20 === null ? [] : [["with files, on Node 20", NODE_20, shopOfFiles] as const]),
];

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "notifications-"));
  await installBuiltPackage(folder);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A folder with the page's code and this store. */
function place(open: (folder: string) => Shop): { readonly cwd: string; readonly shop: Shop } {
  const cwd = mkdtempSync(join(folder, "shop-"));
  const shop = open(cwd);
  for (const code of [RECEIVER, SERVER, TEST, shop.store]) writeFileSync(join(cwd, /^\/\/ (\S+)/.exec(code)?.[1] ?? "unnamed"), code);
  return { cwd, shop };
}

function environment({ env }: Shop): NodeJS.ProcessEnv {
  return { ...process.env, ...env, NOTIFY_SECRET: SECRET, PORT: "0", NODE_NO_WARNINGS: "1" };
}

describe.each(RECEIVERS)("The receiver of the page %s", (_name, node, open) => {
  let shop: Shop;
  let server: ChildProcess;
  let url: string;
  /** What it has printed since the test began. */
  let printed: string[];

  beforeAll(async () => {
    const placed = place(open);
    shop = placed.shop;
    server = spawn(node, ["notifications.mjs"], { cwd: placed.cwd, env: environment(shop), stdio: ["ignore", "pipe", "ignore"] });
    if (server.stdout === null) throw new Error("It says nothing");
    const lines = createInterface(server.stdout);
    [url = ""] = (await once(lines, "line")) as [string];
    lines.on("line", (line) => printed.push(line));
  });

  afterAll(async () => {
    const ended = once(server, "exit");
    server.kill();
    await ended;
  });

  beforeEach(() => {
    printed = [];
    shop.clear();
    shop.setPrice(1010);
  });

  /** Delivers like the edge, and returns the result. By default the price was taken. */
  async function deliver(
    sequence: number,
    status: string,
    { secrets = [SECRET], at = Date.now(), ...charge }: { secrets?: readonly string[]; at?: number; [member: string]: unknown } = {},
  ): Promise<unknown> {
    const taken = { amount: 10.1, currency: "KZT", cleared_amount: 10.1, refunded_amount: 0 };
    const data = { order_id: "1234", sequence, status, ...taken, ...charge };
    const body = JSON.stringify({ type: `charge.${status}`, timestamp: "2026-11-22T10:00:00.000Z", data });
    return tryDelivery({ id: `msg_${sequence}`, body }, { url, secrets }, at);
  }

  const DELIVERED = { end: "delivered", status: 204 };

  test("ships once after three deliveries, two of them at the same time", async () => {
    expect(await deliver(1, "authorized", { cleared_amount: 0 })).toEqual(DELIVERED);
    expect(shop.shipments()).toEqual([]);
    expect(await Promise.all([deliver(2, "succeeded"), deliver(2, "succeeded")])).toEqual([DELIVERED, DELIVERED]);
    expect(await deliver(2, "succeeded")).toEqual(DELIVERED);
    expect(shop.shipments()).toEqual(["1234"]);
    await vi.waitFor(() => expect(printed).toHaveLength(4));
    expect(printed.filter((line) => line.endsWith("its goods leave"))).toHaveLength(1);
    expect(shop.charge()).toEqual({ order_id: "1234", sequence: 2, status: "succeeded", taken: 1010, currency: "KZT" });
  });

  test.each([
    ["is only held", "authorized", { cleared_amount: 0 }],
    ["was cleared in part", "succeeded", { cleared_amount: 10.09 }],
    ["was refunded in part", "succeeded", { refunded_amount: 0.01 }],
    ["has a pending complete refund", "succeeded", { refunded_amount: 10.1 }],
    ["was taken under a higher price", "succeeded", { amount: 11, cleared_amount: 11 }],
    ["was taken in another currency", "succeeded", { currency: "KGS" }],
    ["is of an order that the shop does not know", "succeeded", { order_id: "1235" }],
    ["has no taken amount", "succeeded", { cleared_amount: undefined }],
  ])("does not ship an order that %s, with any amount", async (_, status, charge) => {
    expect(await deliver(1, status, charge)).toEqual(DELIVERED);
    expect(shop.shipments()).toEqual([]);
  });

  test("compares the taken and not refunded amount exactly", async () => {
    shop.setPrice(499990);
    expect(await deliver(1, "succeeded", { amount: 5000.1, cleared_amount: 5000.1, refunded_amount: 0.2 })).toEqual(DELIVERED);
    expect(shop.shipments()).toEqual(["1234"]);
  });

  test("ships a part clearing once the shop has written its new price", async () => {
    shop.setPrice(900);
    await deliver(1, "succeeded", { cleared_amount: 9 });
    expect(shop.shipments()).toEqual(["1234"]);
  });

  test("does not ship after an older notification", async () => {
    expect(await deliver(3, "refunded")).toEqual(DELIVERED);
    expect(await deliver(2, "succeeded")).toEqual(DELIVERED);
    expect(shop.charge()).toMatchObject({ status: "refunded", sequence: 3 });
    expect(shop.shipments()).toEqual([]);
  });

  test("accepts an unknown type, and the signatures of a rotation", async () => {
    expect(await deliver(1, "something_new", { secrets: [OLD_SECRET, SECRET] })).toEqual(DELIVERED);
  });

  test("refuses forged and old notifications, and stores nothing", async () => {
    for (const refused of [
      await deliver(1, "succeeded", { secrets: [OLD_SECRET] }),
      await deliver(1, "succeeded", { at: Date.now() - 301_000 }),
    ]) {
      expect(refused).toMatchObject({ end: null, status: 400 });
    }
    expect(shop.charge()).toBeNull();
  });
});

test.each(RECEIVERS)("the receiver's test on the page passes %s", (_name, node, open) => {
  const { cwd, shop } = place(open);
  const { status, stdout } = spawnSync(node, ["--test", "receiver.test.mjs"], { cwd, env: environment(shop), encoding: "utf8" });
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/pass 1\b/);
});

test(`the receiver was run ${RECEIVERS.map(([name]) => name).join("; ")}`, () => {
  expect([RECEIVER, SQL_STORE, FILE_STORE, SERVER, TEST].every((code) => /^\/\/ \S+\.mjs$/m.test(code))).toBe(true);
});

describe("The page", () => {
  const text = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8");
  const column = (heading: string): readonly string[] => {
    const table =
      text
        .slice(text.indexOf(heading))
        .split("\n\n")
        .find((part) => part.startsWith("| ")) ?? "";
    return Array.from(table.matchAll(/^\| `([\w.]+)`/gm), ([, name = ""]) => name);
  };

  test("shows a valid body", () => {
    const schema = { $ref: "#/components/schemas/NotificationBody" };
    expect(validator(document)(schema, JSON.parse(onlyCodeBlock(PAGE, "json")))).toEqual([]);
  });

  test("names every type once", () => {
    expect([...column("## What is announced")].sort()).toEqual([...document.components.schemas.NotificationType.enum].sort());
  });

  test("names every code that the receiver's check throws", () => {
    const source = readFileSync(new URL("../../src/notification.ts", import.meta.url), "utf8");
    const thrown = new Set(Array.from(source.matchAll(/FreedomPayError\("(\w+)"/g), ([, code = ""]) => code));
    expect([...column("## When it is refused")].sort()).toEqual([...thrown].sort());
  });

  test("has the current pauses between tries", () => {
    const pauses: string[] = [];
    for (let failed = 1; ; failed += 1) {
      const at = nextTryAt({ now: 0, failed, fraction: 0, retryAfter: null });
      if (at === null) break;
      const seconds = at / 1000;
      pauses.push(seconds >= 3600 ? `${seconds / 3600} h` : seconds >= 60 ? `${seconds / 60} min` : `${seconds} s`);
    }
    expect(text).toContain(`<!-- pauses: begin -->${pauses.join(", ")}<!-- pauses: end -->`);
    expect(text).toContain(`${pauses.length + 1} tries`);
  });
});
