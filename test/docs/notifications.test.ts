/** docs/notifications.md: runs its receiver as a server with notifications of the edge's sender, and checks its facts. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deliver as tryDelivery } from "../../edge/delivery/notify.ts";
import { nextTryAt } from "../../edge/machine/notification-retries.ts";
import document from "../../openapi.json" with { type: "json" };
import { validator } from "../openapi/json-schema.ts";
import { codeBlocks, onlyCodeBlock } from "./code-block.ts";
import { installPackage } from "./installed-package.ts";

const PAGE = "docs/notifications.md";
const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const OLD_SECRET = `whsec_${btoa("test-secret-from-before-rotation")}`;

let folder: string;
let database: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "notifications-"));
  database = join(folder, "shop.db");
  installPackage(folder);
  for (const code of codeBlocks(PAGE, "js")) writeFileSync(join(folder, /^\/\/ (\S+)/.exec(code)?.[1] ?? "unnamed"), code);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, SHOP_DB: database, NOTIFY_SECRET: SECRET, PORT: "0", NODE_NO_WARNINGS: "1" };
}

describe("The receiver of the page", () => {
  let shop: ChildProcess;
  let url: string;

  beforeAll(async () => {
    shop = spawn(process.execPath, ["notifications.mjs"], {
      cwd: folder,
      env: environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (shop.stdout === null) throw new Error("It says nothing");
    [url = ""] = (await once(createInterface(shop.stdout), "line")) as [string];
  });

  afterAll(async () => {
    const ended = once(shop, "exit");
    shop.kill();
    await ended;
  });

  beforeEach(() => rows("DELETE FROM charge"));
  beforeEach(() => rows("DELETE FROM shipment"));
  beforeEach(() => rows("INSERT OR REPLACE INTO orders VALUES ('1234', 1010, 'KZT')"));

  function rows(sql: string): readonly unknown[] {
    const db = new DatabaseSync(database);
    try {
      return db
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }));
    } finally {
      db.close();
    }
  }

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
    expect(rows("SELECT * FROM shipment")).toEqual([]);
    expect(await Promise.all([deliver(2, "succeeded"), deliver(2, "succeeded")])).toEqual([DELIVERED, DELIVERED]);
    expect(await deliver(2, "succeeded")).toEqual(DELIVERED);
    expect(rows("SELECT * FROM shipment")).toEqual([{ order_id: "1234" }]);
    expect(rows("SELECT * FROM charge")).toEqual([{ order_id: "1234", sequence: 2, status: "succeeded", taken: 1010, currency: "KZT" }]);
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
    expect(rows("SELECT * FROM shipment")).toEqual([]);
  });

  test("compares the taken and not refunded amount exactly", async () => {
    rows("INSERT OR REPLACE INTO orders VALUES ('1234', 499990, 'KZT')");
    expect(await deliver(1, "succeeded", { amount: 5000.1, cleared_amount: 5000.1, refunded_amount: 0.2 })).toEqual(DELIVERED);
    expect(rows("SELECT * FROM shipment")).toEqual([{ order_id: "1234" }]);
  });

  test("ships a part clearing once the shop has written its new price", async () => {
    rows("INSERT OR REPLACE INTO orders VALUES ('1234', 900, 'KZT')");
    await deliver(1, "succeeded", { cleared_amount: 9 });
    expect(rows("SELECT * FROM shipment")).toEqual([{ order_id: "1234" }]);
  });

  test("does not ship after an older notification", async () => {
    expect(await deliver(3, "refunded")).toEqual(DELIVERED);
    expect(await deliver(2, "succeeded")).toEqual(DELIVERED);
    expect(rows("SELECT status, sequence FROM charge")).toEqual([{ status: "refunded", sequence: 3 }]);
    expect(rows("SELECT * FROM shipment")).toEqual([]);
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
    expect(rows("SELECT * FROM charge")).toEqual([]);
  });
});

test("the receiver's test on the page passes", () => {
  const { status, stdout } = spawnSync(process.execPath, ["--test", "receiver.test.mjs"], {
    cwd: folder,
    env: environment(),
    encoding: "utf8",
  });
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/pass 1\b/);
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
