import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { describe, expect, inject, test } from "vitest";
import { serve } from "../../demo/http-server.ts";
import { ROOT } from "../../scripts/run.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { issueChargeToken, verifyNotification } from "../../src/index.ts";
import type { Edge } from "./edge.ts";
import { createEdge } from "./edge.ts";
import type { Gateway } from "./gateway.ts";
import { openGateway } from "./gateway.ts";
import { AMOUNT, until } from "./test-server.ts";

/** Number of concurrent shoppers. A merchant's server also charges all the time. */
const SHOPPERS = 4;

/** Number of orders that must be paid in every phase of a rotation. */
const ORDERS_A_PHASE = 8;

type Secret = "FREEDOM_PAY_SECRET_KEY" | "CHARGE_TOKEN_KEY" | "EDGE_API_KEY" | "CALLBACK_KEY" | "NOTIFY_SECRET";

/** The keys of the other parties: the storefront, the merchant's server, the receiver of notifications, Freedom Pay. */
interface World {
  readonly edge: Edge;
  readonly gateway: Gateway;
  /** The keys that the gateway accepts: one at a time. */
  readonly gatewayKeys: string[];
  readonly held: Record<Secret, string>;
  readonly failures: string[];
  readonly orders: string[];
  /** Orders that are paid according to the shopper's view. */
  readonly paid: Set<string>;
  /** Orders that are paid according to a notification. */
  readonly notified: Set<string>;
  /** When the gateway changed to its new key. */
  swappedAt: number | null;
  /** Orders whose two tries were refused before and after the gateway changed its key. The next click pays them. */
  readonly straddled: string[];
  ended: boolean;
}

function newSecret(secret: Secret): string {
  const random = `test-secret-${randomBytes(24).toString("base64url")}`;
  return secret === "NOTIFY_SECRET" ? `whsec_${Buffer.from(random).toString("base64")}` : random;
}

const SECRETS: readonly Secret[] = ["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY", "NOTIFY_SECRET"];

async function openWorld(context: TestContext): Promise<World> {
  const held = Object.fromEntries(SECRETS.map((secret) => [secret, newSecret(secret)])) as Record<Secret, string>;
  const gatewayKeys = [held.FREEDOM_PAY_SECRET_KEY];
  const gateway = await openGateway("999999", gatewayKeys);
  const receiver = await serve(async (request) => {
    try {
      // The receiver has one secret at a time, and accepts only notifications that it signed.
      const { type, data } = await verifyNotification(request, world.held.NOTIFY_SECRET);
      if (type === "charge.succeeded") world.notified.add(data.order_id);
      return new Response(null, { status: 204 });
    } catch (error) {
      world.failures.push(`a notification was refused: ${String(error)}`);
      return new Response(null, { status: 401 });
    }
  });
  const edge = await createEdge(inject("edgeConfig"), {
    ...held,
    FREEDOM_PAY_MERCHANT_ID: "999999",
    FREEDOM_PAY_URL: gateway.origin,
    ALLOWED_ORIGINS: "https://shop.example",
    NOTIFY_URL: `${receiver.origin}/notified`,
  });
  const world: World = {
    edge,
    gateway,
    gatewayKeys,
    held,
    failures: [],
    orders: [],
    paid: new Set(),
    notified: new Set(),
    swappedAt: null,
    straddled: [],
    ended: false,
  };
  context.onTestFinished(async () => {
    world.ended = true;
    await edge.close();
    await gateway.close();
    await receiver.close();
  });
  await edge.start();
  return world;
}

/**
 * Calls the edge. Like the element and a merchant's server, it repeats the call while the edge restarts. An unexpected answer fails the
 * test.
 */
async function ask(world: World, path: string, init: RequestInit): Promise<MerchantChargeView> {
  const call = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${world.edge.origin}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  const { status, text } = await until("the edge answers", () => call().catch(() => null));
  if (status !== 200 && status !== 201) world.failures.push(`${init.method ?? "GET"} ${path}: ${status} ${text}`);
  return JSON.parse(text);
}

/** Whether the two tries of a charge were refused before and after the gateway changed its key. */
function straddles({ swappedAt }: World, { status, failure, updated_at }: MerchantChargeView): boolean {
  const since = swappedAt === null ? Number.POSITIVE_INFINITY : Math.abs(Date.parse(updated_at ?? "") - swappedAt);
  return status === "failed" && failure?.category === "configuration" && since < 20_000;
}

/** Pays, and reads until the charge is decided. After a restart during a call that takes 25 s. */
async function buy(world: World, order: string, click: (key: string) => Promise<unknown>, bearer: () => string): Promise<void> {
  await click(randomUUID());
  const charge = await until(`order ${order} is decided`, async () => {
    const charge = await ask(world, `/v1/charges/${order}`, { headers: { Authorization: `Bearer ${bearer()}` } });
    return charge.status === "processing" || charge.status === "unconfirmed" ? null : charge;
  });
  if (straddles(world, charge)) {
    world.straddled.push(order);
    // The pause after a failure.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    return buy(world, order, click, bearer);
  }
  if (charge.status !== "succeeded") world.failures.push(`order ${order} is ${charge.status}`);
  world.paid.add(order);
}

const PROFILES = ["pays", "later-1", "later-1.callbacks-late-1", "lost-after"] as const;

/** Milliseconds between two purchases, so that one is always pending and two cores have time for the rest. */
const BETWEEN_PURCHASES = 300;

function pauseBetweenPurchases(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, BETWEEN_PURCHASES));
}

/** A shopper who buys repeatedly, each time with a new token of the storefront. */
async function shop(world: World, shopper: number): Promise<void> {
  for (let bought = 0; !world.ended; bought += 1) {
    const order = `order-${shopper}-${bought}`;
    const profile = PROFILES[(shopper + bought) % PROFILES.length] ?? "pays";
    const terms = {
      order_id: order,
      amount: AMOUNT,
      currency: "KZT",
      description: "Test order",
      user_id: "12345",
      profile_id: profile,
    } as const;
    const token = await issueChargeToken(terms, { key: world.held.CHARGE_TOKEN_KEY, issuer: "shop.example" });
    world.orders.push(order);
    const click = (key: string): Promise<unknown> =>
      ask(world, "/v1/charges", { method: "POST", headers: { Authorization: `Bearer ${token}`, "Idempotency-Key": key } });
    await buy(world, order, click, () => token);
    await pauseBetweenPurchases();
  }
}

/** The merchant's server, which reads paid orders and makes its own charges. */
async function serveShop(world: World): Promise<void> {
  for (let number = 0; !world.ended; number += 1) {
    const order = `order-of-the-server-${number}`;
    const terms = { order_id: order, amount: AMOUNT, currency: "KZT", description: "Test order", user_id: "12345", profile_id: "pays" };
    const body = JSON.stringify({ ...terms, user_ip: "192.0.2.1" });
    world.orders.push(order);
    const click = (key: string): Promise<unknown> => {
      const headers = { Authorization: `Bearer ${world.held.EDGE_API_KEY}`, "Idempotency-Key": key };
      return ask(world, "/v1/charges", { method: "POST", headers, body });
    };
    await buy(world, order, click, () => world.held.EDGE_API_KEY);
    await pauseBetweenPurchases();
  }
}

/** Waits until so many more orders are paid. */
async function traffic(world: World): Promise<void> {
  const enough = world.paid.size + ORDERS_A_PHASE;
  await until(`${ORDERS_A_PHASE} more orders are paid`, () => (world.paid.size >= enough ? true : null));
}

async function deploy({ edge }: World, secret: Secret, value: string): Promise<void> {
  await edge.kill();
  await edge.start({ [secret]: value });
}

/** Waits until every order that was started before now is paid and has its callback. */
async function everythingBegunIsOver(world: World): Promise<void> {
  const begun = [...world.orders];
  await until("every started order is paid", () => (begun.every((order) => world.paid.has(order)) ? true : null));
  const hasCallback = (order: string): boolean =>
    world.gateway.simulator.log.entries.some(
      ({ what, title, httpStatus }) => what === "callback_answer" && httpStatus === 200 && title.endsWith(`result callback for ${order}`),
    );
  await until("every callback has arrived", () => (begun.every(hasCallback) ? true : null));
}

type Step = readonly [text: string, act: (world: World, secret: Secret, renewed: string) => Promise<void> | void];

const BOTH: Step = [
  "Set both at the edge: the new one, a space, the old one.",
  (world, secret, renewed) => deploy(world, secret, `${renewed} ${world.held[secret]}`),
];
const ALONE: Step = ["Set the new one alone at the edge.", (world, secret, renewed) => deploy(world, secret, renewed)];

function hold(world: World, secret: Secret, renewed: string): void {
  world.held[secret] = renewed;
}

/** The steps of docs/rotating-secrets.md, word for word. */
const PROCEDURES: Readonly<Record<Secret, readonly Step[]>> = {
  FREEDOM_PAY_SECRET_KEY: [
    BOTH,
    [
      "Let Freedom Pay activate the new one.",
      (world, secret, renewed) => {
        world.gatewayKeys.splice(0, 1, renewed);
        world.swappedAt = Date.now();
        hold(world, secret, renewed);
      },
    ],
    ALONE,
  ],
  CHARGE_TOKEN_KEY: [
    BOTH,
    ["Let the storefront's server sign with the new one.", hold],
    ["Wait until the tokens of the old one have expired: 30 minutes, unless your server sets another lifetime.", everythingBegunIsOver],
    ALONE,
  ],
  EDGE_API_KEY: [
    BOTH,
    ["Let the merchant's server call with the new one.", hold],
    ["Wait until no call with the old one is under way: a minute.", everythingBegunIsOver],
    ALONE,
  ],
  CALLBACK_KEY: [BOTH, ["Wait a day, until earlier payments are decided and their callbacks have come.", everythingBegunIsOver], ALONE],
  NOTIFY_SECRET: [BOTH, ["Let the receiver of notifications verify with the new one.", hold], ALONE],
};

describe.concurrent("rotated while people pay, with nobody noticing", () => {
  for (const secret of SECRETS) {
    test(secret, async (context) => {
      const world = await openWorld(context);
      const renewed = newSecret(secret);
      const old = world.held[secret];
      const everybody = [...Array.from({ length: SHOPPERS }, (_, shopper) => shop(world, shopper)), serveShop(world)];
      await traffic(world);
      for (const [, act] of PROCEDURES[secret]) {
        await act(world, secret, renewed);
        await traffic(world);
      }
      world.ended = true;
      await Promise.all(everybody);

      expect(world.failures).toEqual([]);
      expect(world.orders.length).toBeGreaterThanOrEqual(ORDERS_A_PHASE * (PROCEDURES[secret].length + 1));
      const { ledger, log } = world.gateway.simulator;
      const taken = ledger().filter(({ kind }) => kind === "taken");
      expect(taken.map(({ orderId }) => orderId).sort()).toEqual([...world.orders].sort());
      // A callback without an answer is repeated, and none was refused.
      const turnedAway = log.entries.filter(
        ({ what, httpStatus }) => what === "callback_answer" && httpStatus !== null && httpStatus !== 200,
      );
      expect(turnedAway).toEqual([]);
      await until("every order was notified", () => (world.orders.every((order) => world.notified.has(order)) ? true : null));
      expect(world.failures).toEqual([]);
      const output = world.edge.output();
      expect(output).not.toContain('"event":"error"');
      const lookedAt = Array.from(output.matchAll(/"event":"attention".*?"order_id":"([^"]*)"/g), ([, order]) => order);
      expect(lookedAt.sort()).toEqual([...world.straddled].sort());
      for (const value of [...Object.values(world.held), old, renewed]) expect(output).not.toContain(value);
      console.log(
        `${secret}: ${world.orders.length} orders in ${PROCEDURES[secret].length + 1} phases, 0 failures, ${world.straddled.length} paid by a second click`,
      );
    });
  }
});

test("the page has the steps that the test follows", async () => {
  const text = (await readFile(join(ROOT, "docs/rotating-secrets.md"), "utf8")).replaceAll(/\s+/g, " ");
  for (const secret of SECRETS) {
    const [, section = ""] = text.split(`## ${secret} `);
    const [own = ""] = section.split(" ## ");
    const steps = [...` ${own}`.matchAll(/ \d+\. (.*?)(?= \d+\. | $|$)/g)].map(([, step = ""]) => step.trim());
    for (const [index, [step]] of PROCEDURES[secret].entries()) expect(steps[index], secret).toContain(step);
    expect(steps, secret).toHaveLength(PROCEDURES[secret].length);
  }
});
