import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import type { EdgeProcess } from "../../demo/edge-process.ts";
import { startEdge } from "../../demo/edge-process.ts";
import { startGateway } from "../../demo/gateway.ts";
import { serve } from "../../demo/http-server.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { issueChargeToken, takenAmount, toMinorUnits } from "../../src/index.ts";

/** A shop with the edge and a simulated gateway behind it. It serves built pages under a policy without exceptions. */
export interface Shop {
  readonly origin: string;
  readonly edge: string;
  /** What a server of the shop needs to know: the edge's address and the secrets that they share. */
  readonly env: Readonly<Record<"EDGE" | "CHARGE_TOKEN_KEY" | "EDGE_API_KEY" | "NOTIFY_SECRET", string>>;
  /** Serves a folder under `/name/`. */
  show(name: string, folder: string): void;
  /** Serves one page under `/name/`, beside the files of a folder that is shown there. */
  showPage(name: string, html: string): void;
  /**
   * Hands everything under `/name/` but the charge on to another server of the shop, and the notifications of orders whose number begins
   * with the name.
   *
   * @param address where the server has the path `/name`
   */
  handOn(name: string, address: string): void;
  /** A new order, and what its page needs. Under a name that ends in `-first` it is one order, whose card is entered on the payment page. */
  newCharge(name: string): Promise<{ readonly order_id: string; readonly endpoint: string; readonly token: string }>;
  /** What the merchant's server reads of an order; null when nobody has pressed the button. */
  read(orderId: string): Promise<MerchantChargeView | null>;
  /** Whether an order's price was taken, and not given back. A charge's `amount` is only what was asked for. */
  isPaid(charge: MerchantChargeView): boolean;
  close(): Promise<void>;
}

/** Of every order. */
const PRICE = { amount: 4990, currency: "KZT" } as const;

const KEYS = {
  FREEDOM_PAY_SECRET_KEY: "test-secret-of-the-gateway",
  CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
  EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
  CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
  NOTIFY_SECRET: `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`,
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** Opens it, and what it needs. */
export async function openShop(): Promise<Shop> {
  const folders = new Map<string, string>();
  const pages = new Map<string, string>();
  const servers = new Map<string, string>();
  let edge: EdgeProcess | undefined;
  let orders = 0;

  const newCharge: Shop["newCharge"] = async (name) => {
    const isFirst = name.endsWith("-first");
    const order_id = isFirst ? name : `${name}-${(orders += 1)}`;
    const payment_page = { return_url: `${server.origin}/${name}/`, save_card_months: 12 };
    const way = isFirst ? { payment_page } : { profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816" };
    const token = await issueChargeToken(
      { order_id, ...PRICE, description: "Aport apples, 5 kg", user_id: "12345", ...way },
      { key: KEYS.CHARGE_TOKEN_KEY, issuer: "shop.example", origin: server.origin },
    );
    return { order_id, endpoint: edge?.origin ?? "", token };
  };

  const answer = async (request: Request): Promise<Response> => {
    const [, name = "", ...rest] = new URL(request.url).pathname.split("/");
    if (name === "notifications") return notify(servers, request);
    const file = rest.join("/") || "index.html";
    if (file === "charge.json") return Response.json(await newCharge(name));
    const upstream = servers.get(name);
    if (upstream !== undefined) return answerOf(upstream, name, request, edge?.origin ?? "");
    const page = file === "index.html" ? pages.get(name) : undefined;
    const body = page ?? (await readFile(join(folders.get(name) ?? "", normalize(file))).catch(() => null));
    if (body === null) return new Response("Not here", { status: 404 });
    // Only a page with the script tag needs the edge among its scripts.
    const scripts = page === undefined ? "'self'" : `'self' ${edge?.origin}`;
    return new Response(body, {
      headers: {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Content-Security-Policy": `default-src 'none'; script-src ${scripts}; style-src 'self'; connect-src 'self' ${edge?.origin}`,
      },
    });
  };

  const server = await serve(answer);
  const gateway = await startGateway({ merchantId: "500000", secretKey: KEYS.FREEDOM_PAY_SECRET_KEY, onExchange: () => {} });
  edge = await startEdge({
    ...KEYS,
    FREEDOM_PAY_MERCHANT_ID: "500000",
    FREEDOM_PAY_URL: gateway.origin,
    ALLOWED_ORIGINS: server.origin,
    NOTIFY_URL: `${server.origin}/notifications`,
  });
  const { origin } = edge;
  const { CHARGE_TOKEN_KEY, EDGE_API_KEY, NOTIFY_SECRET } = KEYS;
  return {
    origin: server.origin,
    edge: origin,
    env: { EDGE: origin, CHARGE_TOKEN_KEY, EDGE_API_KEY, NOTIFY_SECRET },
    show: (name, folder) => void folders.set(name, folder),
    showPage: (name, html) => void pages.set(name, html),
    handOn: (name, address) => void servers.set(name, address),
    newCharge,
    read: async (orderId) => {
      const response = await fetch(`${origin}/v1/charges/${orderId}`, { headers: { Authorization: `Bearer ${KEYS.EDGE_API_KEY}` } });
      return response.ok ? ((await response.json()) as MerchantChargeView) : null;
    },
    isPaid: (charge) =>
      charge.status === "succeeded" && charge.currency === PRICE.currency && takenAmount(charge) === toMinorUnits(PRICE.amount),
    close: async () => {
      for (const part of [edge, gateway, server]) await part?.close();
    },
  };
}

/** Sends a request on to another server, byte for byte. */
async function sendOn(url: string, request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  // fetch() writes its own.
  for (const name of ["connection", "content-length", "host"]) headers.delete(name);
  const body = request.method === "GET" ? null : await request.arrayBuffer();
  return fetch(url, { method: request.method, headers, body, redirect: "manual" });
}

/** Sends a notification on to the server of its order. */
async function notify(servers: ReadonlyMap<string, string>, request: Request): Promise<Response> {
  const { data } = (await request.clone().json()) as { data: { order_id: string } };
  const address = servers.get(data.order_id.split("-")[0] ?? "");
  if (address === undefined) return new Response(null, { status: 204 });
  const { status } = await sendOn(`${address}/notifications`, request);
  return new Response(null, { status });
}

/** What another server of the shop answers. Its pages have scripts in them, so that the policy is a weaker one. */
async function answerOf(address: string, name: string, request: Request, edge: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const response = await sendOn(`${address}${pathname.slice(name.length + 1)}${search}`, request);
  const headers = new Headers(response.headers);
  // fetch() has unpacked it.
  for (const header of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(header);
  headers.set("Content-Security-Policy", `default-src 'self' 'unsafe-inline' ${edge}; img-src 'none'`);
  return new Response(await response.arrayBuffer(), { status: response.status, headers });
}
