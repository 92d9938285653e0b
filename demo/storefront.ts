import { readFile } from "node:fs/promises";
import { transformWithOxc } from "vite";
import { observedFetch } from "./exchange.ts";
import type { Handler } from "./http-server.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { Order, ShopSettings, OrderStatus } from "./shop.ts";
import { chargeOf, chargeToken, receiveNotification } from "./shop.ts";
import { STORED_CARDS } from "./stored-cards.ts";

/** The price in tenge. The server sets it. */
const PRICE = 4_990;
const PRODUCT: Readonly<Record<string, string>> = { kk: "Апорт алмасы, 5 кг", ru: "Яблоки апорт, 5 кг", en: "Aport apples, 5 kg" };

/** The files of the pages, by path. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["page/index.html", "text/html; charset=utf-8"],
  "/order": ["page/order.html", "text/html; charset=utf-8"],
  "/gallery": ["page/gallery.html", "text/html; charset=utf-8"],
  "/page/gallery.css": ["page/gallery.css", "text/css; charset=utf-8"],
  "/page/gallery.ts": ["page/gallery.ts", "text/javascript; charset=utf-8"],
  "/page/gallery-edge.ts": ["page/gallery-edge.ts", "text/javascript; charset=utf-8"],
  "/page/element.css": ["page/element.css", "text/css; charset=utf-8"],
  "/page/page.css": ["page/page.css", "text/css; charset=utf-8"],
  "/page/apple.svg": ["page/apple.svg", "image/svg+xml"],
  "/page/storefront.ts": ["page/storefront.ts", "text/javascript; charset=utf-8"],
  "/page/order.ts": ["page/order.ts", "text/javascript; charset=utf-8"],
  "/page/exchanges.ts": ["page/exchanges.ts", "text/javascript; charset=utf-8"],
  "/page/language.ts": ["page/language.ts", "text/javascript; charset=utf-8"],
  "/page/picture.ts": ["page/picture.ts", "text/javascript; charset=utf-8"],
  "/page/picture.css": ["page/picture.css", "text/css; charset=utf-8"],
  "/page/steps.ts": ["page/steps.ts", "text/javascript; charset=utf-8"],
  "/page/texts.ts": ["page/texts.ts", "text/javascript; charset=utf-8"],
  "/exchange.ts": ["exchange.ts", "text/javascript; charset=utf-8"],
};

type Route = (order: Order, body: Readonly<Record<string, unknown>>, request: Request) => Promise<Response> | Response;

const NOT_FOUND = (): Response => Response.json({ error: "not_found" }, { status: 404 });

/**
 * The storefront's server: pages, orders, tokens for the element, notifications, and the state of an order.
 *
 * @param shop - its settings
 * @param exchangeLog - records the exchanges of shop and edge, and sends them to the pages
 */
export function createStorefront(shop: ShopSettings, exchangeLog: ExchangeLog): Handler {
  const orders = new Map<string, Order>();
  const statuses = new Map<string, OrderStatus>();
  const receive = observedFetch(
    (input, init) => receiveNotification(shop, new Request(input, init), orders, statuses),
    () => ({ from: "edge", to: "shop" }),
    exchangeLog.add,
  );
  const fetchEdge = observedFetch(fetch, () => ({ from: "shop", to: "edge" }), exchangeLog.add);

  const routes: Readonly<Record<string, Route>> = {
    "POST token": async (order, { card: name, language }) => {
      const card = STORED_CARDS.find((stored) => stored.name === name);
      if (card === undefined) return Response.json({ error: "no_such_card" }, { status: 400 });
      return Response.json({ token: await chargeToken(shop, order, card, PRODUCT[String(language)] ?? "Aport apples, 5 kg") });
    },
    "GET ": async (order) => {
      const charge = await chargeOf(shop, order, fetchEdge);
      return Response.json({
        order_id: order.id,
        amount: order.amount,
        currency: "KZT",
        status: charge?.status ?? "ready",
        updated_at: charge?.updated_at ?? null,
        released_at: statuses.get(order.id)?.releasedAt ?? null,
      });
    },
    "GET exchanges": (order, _body, request) =>
      new Response(exchangesOf(order, exchangeLog, request.signal), { headers: { "Content-Type": "text/event-stream" } }),
  };

  function createOrder(): Response {
    const order: Order = {
      id: `A-${String(crypto.getRandomValues(new Uint32Array(1))[0])
        .slice(-6)
        .padStart(6, "0")}`,
      amount: PRICE,
      userId: "demo-shopper",
    };
    orders.set(order.id, order);
    const cards = STORED_CARDS.map(({ name, brand, last4 }) => ({ name, brand, last4 }));
    return Response.json({ order_id: order.id, amount: order.amount, currency: "KZT", cards }, { status: 201 });
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const file = request.method === "GET" ? FILES[pathname] : undefined;
    if (file !== undefined) return page(...file, shop.edge);
    if (request.method === "POST" && pathname === "/orders") return createOrder();
    if (request.method === "POST" && pathname === "/notifications") return receive(request);
    const [, folder, id = "", call = ""] = pathname.split("/");
    const order = orders.get(id);
    const route = routes[`${request.method} ${call}`];
    if (folder !== "orders" || order === undefined || route === undefined) return NOT_FOUND();
    const body = request.method === "POST" ? await jsonOf(request) : {};
    return body === null ? Response.json({ error: "body_invalid" }, { status: 400 }) : route(order, body, request);
  }

  return async (request) => {
    const response = await answer(request).catch((error: unknown) => {
      console.error(error);
      return Response.json({ error: "internal" }, { status: 502 });
    });
    for (const [name, value] of Object.entries(securityHeaders(shop.edge))) response.headers.set(name, value);
    return response;
  };
}

/** Headers that allow no inline script, no inline style, and no hosts except the shop and the edge. */
function securityHeaders(edge: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${edge}`,
    `connect-src 'self' ${edge}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
  };
}

async function page(file: string, type: string, edge: string): Promise<Response> {
  const text = await readFile(new URL(file, import.meta.url), "utf8");
  const body = file.endsWith(".ts") ? (await transformWithOxc(text, file)).code : text.replaceAll("{{EDGE}}", edge);
  return new Response(body, { headers: { "Content-Type": type } });
}

/** The exchanges of an order, old and new, as server-sent events. */
function exchangesOf(order: Order, exchangeLog: ExchangeLog, signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      exchangeLog.follow(order.id, (exchange) => controller.enqueue(encoder.encode(`data: ${JSON.stringify(exchange)}\n\n`)), signal);
      signal.addEventListener("abort", () => controller.close(), { once: true });
    },
  });
}

async function jsonOf(request: Request): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const body: unknown = await request.json();
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
