import { readFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ELEMENT_FILE } from "../../scripts/element.ts";
import type { ChargeView } from "../../src/edge-api.ts";
import { closedGate } from "../gate.ts";
import { chargeOf, failedCharge, pagedCharge } from "../widget/charges.ts";

/** A page on one origin and an edge that serves the built element on another. */
export interface ElementPage {
  readonly page: string;
  readonly edge: string;
  /** What was asked of the edge, as `METHOD /path`. */
  readonly asked: string[];
  /** The Idempotency-Keys of the POSTs that arrived. */
  readonly keys: string[];
  /** What the edge shows, by order; `ready` otherwise. A POST makes it succeed. */
  readonly charges: Map<string, ChargeView>;
  /** From here on POSTs that arrive are not answered. */
  hold(): void;
  /** Answers those that were held, and from here on all at once. */
  release(): void;
  /** The bank declines what is posted: each time another attempt, which may be followed by another one. */
  declines: boolean;
  /** Where the page is that a POST opens, instead of paying. */
  opens: string | null;
  close(): Promise<void>;
}

const succeeded = (order_id: string): ChargeView => chargeOf({ order_id, status: "succeeded", attempt: 1, payment_id: "77" });

const declined = (order_id: string, attempt: number): ChargeView =>
  failedCharge("insufficient_funds", "later", { order_id, attempt, amount: 4990, card: null });

/** What a POST makes of an order. */
function posted({ opens, declines, keys }: ElementPage, order_id: string): ChargeView {
  if (opens !== null) return pagedCharge({ url: opens }, { order_id });
  return declines ? declined(order_id, keys.length) : succeeded(order_id);
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<{ server: Server; origin: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/**
 * Serves the built element from an edge, and a page with this body.
 *
 * @param policy - the page's Content-Security-Policy
 * @param scripts - the page's own, by their path
 */
export async function openElementPage(
  body: (edge: string) => string,
  policy?: (edge: string) => string,
  scripts: ReadonlyMap<string, string> = new Map(),
): Promise<ElementPage> {
  const element = readFileSync(ELEMENT_FILE);
  const charges = new Map<string, ChargeView>();
  const asked: string[] = [];
  const keys: string[] = [];
  let gate = closedGate();
  gate.open();
  const edge = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://edge");
    const cors = {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Headers": "authorization,idempotency-key,if-none-match,prefer",
      "Access-Control-Expose-Headers": "ETag",
    };
    if (request.method === "OPTIONS") {
      response.writeHead(204, { ...cors, "Access-Control-Max-Age": "600" }).end();
      return;
    }
    asked.push(`${request.method} ${url.pathname}`);
    if (request.method === "POST") keys.push(String(request.headers["idempotency-key"]));
    if (url.pathname.endsWith(".js")) {
      response.writeHead(200, { ...cors, "Content-Type": "text/javascript; charset=utf-8" }).end(element);
      return;
    }
    const claims = JSON.parse(Buffer.from((request.headers.authorization ?? "").split(".")[1] ?? "", "base64url").toString()) as {
      charge: { order_id: string };
    };
    const orderId = claims.charge.order_id;
    if (request.method === "POST") await gate.passed;
    if (request.method === "POST") charges.set(orderId, posted(place, orderId));
    const charge = charges.get(orderId) ?? chargeOf({ order_id: orderId });
    response.writeHead(200, { ...cors, "Content-Type": "application/json", ETag: `"${charge.status}"` }).end(JSON.stringify(charge));
  });
  const shop = await listen((request, response) => {
    const script = scripts.get(request.url ?? "");
    if (script !== undefined) {
      response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8" }).end(script);
      return;
    }
    response
      .writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...(policy && { "Content-Security-Policy": policy(edge.origin) }) })
      .end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title>${body(edge.origin)}</html>`);
  });
  const place: ElementPage = {
    page: shop.origin,
    edge: edge.origin,
    asked,
    keys,
    charges,
    hold: () => {
      gate = closedGate();
    },
    release: () => gate.open(),
    declines: false,
    opens: null,
    close: async () => {
      gate.open();
      for (const { server } of [edge, shop]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return place;
}
