import { readFile } from "node:fs/promises";
import { transformWithOxc } from "vite";
import { createAccounts, GUEST } from "./accounts.ts";
import { observedFetch } from "./exchange.ts";
import type { Handler } from "./http-server.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { Order, ShopSettings, OrderStatus, Wording } from "./shop.ts";
import type { StoredCard } from "./stored-cards.ts";
import { chargeOf, chargeToken, profileToAttach, receiveNotification, refund } from "./shop.ts";

/** The price in tenge. The server sets it. */
const PRICE = 4_990;
const LANGUAGES = ["kk", "ru", "en"] as const;
const PRODUCT: Readonly<Record<Wording["language"], string>> = {
  kk: "Апорт алмасы, 5 кг",
  ru: "Яблоки апорт, 5 кг",
  en: "Aport apples, 5 kg",
};

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

/** The choice of a new card, among the names of the stored ones. */
const NEW_CARD = "new";

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
  const accounts = createAccounts();
  const statuses = new Map<string, OrderStatus>();
  const receive = observedFetch(
    (input, init) => receiveNotification(shop, new Request(input, init), orders, statuses),
    () => ({ from: "edge", to: "shop" }),
    exchangeLog.add,
  );
  const fetchEdge = observedFetch(fetch, () => ({ from: "shop", to: "edge" }), exchangeLog.add);

  const routes: Readonly<Record<string, Route>> = {
    "POST token": async (order, { card: name, language: tag }) => {
      const stored = accounts.cardsOf(order.userId).find((card) => card.name === name);
      if (stored === undefined && name !== NEW_CARD) return Response.json({ error: "no_such_card" }, { status: 400 });
      const language = LANGUAGES.find((known) => known === tag) ?? "en";
      return Response.json({ token: await chargeToken(shop, order, stored ?? null, { description: PRODUCT[language], language }) });
    },
    "POST card": async (order, { code }) => {
      const charge = await chargeOf(shop, order, fetchEdge);
      // The profile is known a moment after the payment.
      if (charge?.profile == null) return Response.json({ card: null }, { status: 202 });
      const profile = order.userId === GUEST ? null : profileToAttach(order.userId, code, charge);
      if (profile === null) return Response.json({ error: "not_yours" }, { status: 403 });
      accounts.attach(order.userId, profile);
      return Response.json({ card: profile.card });
    },
    "POST refund": async (order) => new Response(null, { status: (await refund(shop, order, fetchEdge)) ? 202 : 409 }),
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

  /** A page. A return from the payment page is a step of its order. */
  const visit = observedFetch(
    async (input) => {
      const file = FILES[new URL(new Request(input).url).pathname];
      return file === undefined ? NOT_FOUND() : page(...file, shop.edge);
    },
    ({ searchParams }) => (searchParams.has("order") ? { from: "browser", to: "shop" } : null),
    exchangeLog.add,
  );

  async function openPage(request: Request): Promise<Response> {
    const response = await visit(request);
    if (new URL(request.url).pathname === "/" && accounts.userOf(request) === GUEST) response.headers.set("Set-Cookie", accounts.open());
    return response;
  }

  function createOrder(request: Request): Response {
    const order: Order = {
      id: `A-${String(crypto.getRandomValues(new Uint32Array(1))[0])
        .slice(-6)
        .padStart(6, "0")}`,
      amount: PRICE,
      userId: accounts.userOf(request),
    };
    orders.set(order.id, order);
    return Response.json({ order_id: order.id, amount: order.amount, currency: "KZT" }, { status: 201 });
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "GET" && FILES[pathname] !== undefined) return openPage(request);
    if (request.method === "GET" && pathname === "/cards") {
      const cards = accounts.cardsOf(accounts.userOf(request));
      return Response.json([...cards, { name: NEW_CARD }].map(({ name, brand, last4 }: Partial<StoredCard>) => ({ name, brand, last4 })));
    }
    if (request.method === "POST" && pathname === "/orders") return createOrder(request);
    if (request.method === "POST" && pathname === "/notifications") return receive(request);
    const [, folder, id = "", call = ""] = pathname.split("/");
    const order = orders.get(id);
    const route = routes[`${request.method} ${call}`];
    if (folder !== "orders" || order === undefined || route === undefined) return NOT_FOUND();
    // Nobody changes another customer's order.
    if (request.method === "POST" && order.userId !== accounts.userOf(request)) return NOT_FOUND();
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
