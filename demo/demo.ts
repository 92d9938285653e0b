import { randomBytes } from "node:crypto";
import { buildElementIfStale } from "../scripts/element.ts";
import type { EdgeProcess } from "./edge-process.ts";
import { startEdge } from "./edge-process.ts";
import type { DemoGateway } from "./gateway.ts";
import { startGateway } from "./gateway.ts";
import type { Server } from "./http-server.ts";
import { serve } from "./http-server.ts";
import { createExchangeLog } from "./exchange-log.ts";
import { createStorefront } from "./storefront.ts";

/** The demo: a simulated gateway, the edge and a storefront, each with its own origin. */
export interface Demo {
  /** The address of the storefront. */
  readonly address: string;
  readonly gateway: DemoGateway;
  readonly edge: EdgeProcess;
  /** The shared keys, for tests that act as the merchant or the gateway. */
  readonly keys: Readonly<Record<"gateway" | "chargeToken" | "edgeApi" | "callback" | "notify", string>>;
  /** Ends all parts. */
  close(): Promise<void>;
}

const MERCHANT_ID = "500000";

/** A new key. */
function newKey(): string {
  return randomBytes(32).toString("base64url");
}

/** A new secret for notifications (Standard Webhooks, "Signature scheme"). */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * Starts the demo on free ports of this machine, with new keys and empty storage.
 *
 * @param options.port - the storefront's port (default: a free one)
 * @param options.startEdge - starts another edge than wrangler dev, with these settings and its own `PUBLIC_URL`
 * @throws Error when a part does not start; the other parts are ended before
 */
export async function startDemo(options: { readonly port?: number; readonly startEdge?: typeof startEdge } = {}): Promise<Demo> {
  const keys = { gateway: newKey(), chargeToken: newKey(), edgeApi: newKey(), callback: newKey(), notify: newSecret() };
  const exchangeLog = createExchangeLog(Object.values(keys));
  const running: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of running.splice(0).reverse()) await part.close();
  };

  try {
    await buildElementIfStale();
    // The edge and the storefront need each other's origins. So the storefront listens first, and answers 503 until the edge has started.
    let storefront: Parameters<typeof serve>[0] = () => new Response("Not open yet", { status: 503 });
    const shop: Server = await serve((request) => storefront(request), options.port);
    running.push(shop);
    const gateway = await startGateway({ merchantId: MERCHANT_ID, secretKey: keys.gateway, onExchange: exchangeLog.add });
    running.push(gateway);
    const edge = await (options.startEdge ?? startEdge)({
      FREEDOM_PAY_MERCHANT_ID: MERCHANT_ID,
      FREEDOM_PAY_URL: gateway.origin,
      FREEDOM_PAY_SECRET_KEY: keys.gateway,
      CHARGE_TOKEN_KEY: keys.chargeToken,
      EDGE_API_KEY: keys.edgeApi,
      CALLBACK_KEY: keys.callback,
      ALLOWED_ORIGINS: shop.origin,
      NOTIFY_URL: `${shop.origin}/notifications`,
      NOTIFY_SECRET: keys.notify,
    });
    running.push(edge);
    storefront = createStorefront(
      { origin: shop.origin, edge: edge.origin, chargeTokenKey: keys.chargeToken, edgeApiKey: keys.edgeApi, notifySecret: keys.notify },
      exchangeLog,
    );
    return { address: shop.origin, gateway, edge, keys, close };
  } catch (error) {
    await close();
    throw error;
  }
}
