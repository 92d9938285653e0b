import { randomBytes } from "node:crypto";
import { buildElementIfStale } from "../scripts/element.ts";
import type { EdgeProcess } from "./edge-process.ts";
import { startEdge } from "./edge-process.ts";
import type { DemoGateway } from "./gateway.ts";
import { startGateway } from "./gateway.ts";
import type { Server } from "./http-server.ts";
import { serve } from "./http-server.ts";
import { createJournal } from "./journal.ts";
import { createStorefront } from "./storefront.ts";

/** The whole demo: a simulated gateway, the edge and a storefront, each with an origin of its own. */
export interface Stage {
  /** The storefront's address: the one to open. */
  readonly address: string;
  readonly gateway: DemoGateway;
  readonly edge: EdgeProcess;
  /** What the parts share, for whoever plays the merchant or looks over the gateway's shoulder. */
  readonly keys: Readonly<Record<"gateway" | "chargeToken" | "edgeApi" | "callback" | "notify", string>>;
  /** Ends all of it. */
  close(): Promise<void>;
}

const MERCHANT_ID = "500000";

/** A key as a merchant would make one, new for every start. */
function newKey(): string {
  return randomBytes(32).toString("base64url");
}

/** A secret by which notifications are signed: Standard Webhooks, "Signature scheme". */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * Starts everything on free ports of this machine, with new keys and empty storage.
 *
 * @param options.port - the storefront's port (default: a free one)
 * @throws Error when a part does not start; what had started has ended by then
 */
export async function startDemo(options: { readonly port?: number } = {}): Promise<Stage> {
  const keys = { gateway: newKey(), chargeToken: newKey(), edgeApi: newKey(), callback: newKey(), notify: newSecret() };
  const journal = createJournal(Object.values(keys));
  const running: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of running.splice(0).reverse()) await part.close();
  };

  try {
    await buildElementIfStale();
    // The edge must know the storefront's origin and the storefront the edge's: the storefront opens first, and answers when it can.
    let storefront: Parameters<typeof serve>[0] = () => new Response("Not open yet", { status: 503 });
    const shop: Server = await serve((request) => storefront(request), options.port);
    running.push(shop);
    const gateway = await startGateway({ merchantId: MERCHANT_ID, secretKey: keys.gateway, tell: journal.add });
    running.push(gateway);
    const edge = await startEdge({
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
      journal,
    );
    return { address: shop.origin, gateway, edge, keys, close };
  } catch (error) {
    await close();
    throw error;
  }
}
