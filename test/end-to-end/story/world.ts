/** Everybody who takes part in a merchant's day, each with an address and secrets of its own. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { bundleWorker } from "../../../scripts/bundle-worker.ts";
import type { ChargeInput } from "../../../src/index.ts";
import type { Edge } from "../../process/edge.ts";
import { createEdge } from "../../process/edge.ts";
import type { Gateway } from "../../process/gateway.ts";
import { openGateway } from "../../process/gateway.ts";
import { until } from "../../process/test-server.ts";
import { launchChromium } from "../storefront-page.ts";
import type { Receiver } from "./receiver.ts";
import { openReceiver } from "./receiver.ts";
import { openStorefront } from "./storefront.ts";

/** The two secrets that are changed in the course of the day. */
export type Rotated = "EDGE_API_KEY" | "NOTIFY_SECRET";

/** A merchant's day: the parts, and what the merchant's people hold. */
export interface World {
  readonly browser: Browser;
  readonly storefront: string;
  readonly edge: Edge;
  readonly gateway: Gateway;
  readonly receiver: Receiver;
  /** As the merchant's server and receiver hold them at the moment. */
  readonly held: Record<Rotated, string>;
  /** Every secret that there was: none of them may be seen anywhere. */
  readonly secrets: readonly string[];
  /** The merchant's server asks the edge, with its API key; while nobody answers, again, under the same key. */
  ask<Answer>(method: "GET" | "POST", path: string, body?: object): Promise<{ readonly status: number; readonly answer: Answer }>;
  /** A secret as `openssl rand -base64 32` makes one. */
  newSecret(of: Rotated): string;
  close(): Promise<void>;
}

const MERCHANT_ID = "999999";

/** Opens all of it on loopback. @param orders - what lies in the baskets */
export async function openWorld(orders: readonly ChargeInput[]): Promise<World> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  const secrets: string[] = [];
  const newKey = (): string => {
    const key = randomBytes(32).toString("base64");
    secrets.push(key);
    return key;
  };
  const newSecret = (of: Rotated): string => (of === "NOTIFY_SECRET" ? `whsec_${newKey()}` : newKey());
  const held = { EDGE_API_KEY: newSecret("EDGE_API_KEY"), NOTIFY_SECRET: newSecret("NOTIFY_SECRET") };
  const [gatewayKey, chargeTokenKey] = [newKey(), newKey()];
  let edge: Edge | null = null;
  try {
    const folder = await mkdtemp(join(tmpdir(), "edge-worker-"));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const [config, browser] = await Promise.all([bundleWorker(folder, ["local"]), launchChromium()]);
    ends.push(() => browser.close());
    const gateway = await openGateway(MERCHANT_ID, [gatewayKey]);
    ends.push(() => gateway.close());
    const receiver = await openReceiver(held.NOTIFY_SECRET);
    ends.push(() => receiver.close());
    const storefront = await openStorefront({
      edge: () => edge?.origin ?? "",
      chargeTokenKey,
      orders: new Map(orders.map((order) => [order.order_id, order])),
    });
    ends.push(() => storefront.close());
    const laidOut = await createEdge(config, {
      FREEDOM_PAY_MERCHANT_ID: MERCHANT_ID,
      FREEDOM_PAY_URL: gateway.origin,
      FREEDOM_PAY_SECRET_KEY: gatewayKey,
      CHARGE_TOKEN_KEY: chargeTokenKey,
      CALLBACK_KEY: newKey(),
      ...held,
      ALLOWED_ORIGINS: storefront.origin,
      NOTIFY_URL: receiver.url,
    });
    edge = laidOut;
    ends.push(() => laidOut.close());
    await laidOut.start();

    return {
      browser,
      storefront: storefront.origin,
      edge: laidOut,
      gateway,
      receiver,
      held,
      secrets,
      async ask(method, path, body) {
        const key = randomUUID();
        const content = body === undefined ? {} : { body: JSON.stringify(body) };
        return until("the edge answers", async () => {
          const headers = { Authorization: `Bearer ${held.EDGE_API_KEY}`, ...(method === "POST" && { "Idempotency-Key": key }) };
          try {
            const response = await fetch(`${laidOut.origin}${path}`, { method, headers, ...content });
            return { status: response.status, answer: await response.json() };
          } catch {
            return null;
          }
        });
      },
      newSecret,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
