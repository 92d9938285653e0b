import type { Exchange } from "./exchange.ts";
import { withoutSecrets } from "./exchange.ts";

/** The exchanges by order. */
export interface ExchangeLog {
  add(exchange: Exchange): void;
  /** Calls the listener with every exchange of an order, old and new, until the signal aborts. */
  follow(orderId: string, listener: (exchange: Exchange) => void, signal: AbortSignal): void;
}

/** @param keys - texts to redact */
export function createExchangeLog(keys: readonly string[]): ExchangeLog {
  const exchanges = new Map<string, Exchange[]>();
  const listeners = new Map<string, Set<(exchange: Exchange) => void>>();
  /** Orders by payment id, request id and payment page, because reads and visits name only these. */
  const orders = new Map<string, string>();

  function orderOf(exchange: Exchange): string | null {
    const match = /A-\d{6}/.exec(exchange.path + exchange.body + (exchange.answer?.body ?? ""));
    const asked = [...idsIn(exchange.path), ...idsIn(exchange.body)];
    const order = match?.[0] ?? asked.map((id) => orders.get(id)).find((known) => known !== undefined);
    if (order === undefined) return null;
    const requestId = exchange.headers.find(([name]) => name === "x-request-id")?.[1];
    for (const id of [requestId, ...asked, ...idsIn(exchange.answer?.body ?? "")]) if (id) orders.set(id, order);
    return order;
  }

  return {
    add(exchange) {
      const order = orderOf(exchange);
      if (order === null) return;
      const redacted = withoutSecrets(exchange, keys);
      exchanges.set(order, [...(exchanges.get(order) ?? []), redacted]);
      for (const listener of listeners.get(order) ?? []) listener(redacted);
    },
    follow(orderId, listener, signal) {
      for (const exchange of exchanges.get(orderId) ?? []) listener(exchange);
      const all = listeners.get(orderId) ?? new Set();
      listeners.set(orderId, all.add(listener));
      signal.addEventListener("abort", () => all.delete(listener), { once: true });
    },
  };
}

/** The ids in a message: of a payment or a request in JSON, of a payment in a form or in XML, of a payment page in its address. */
function idsIn(text: string): readonly string[] {
  const ids = [...text.matchAll(/(?:pg_payment_id[=>]|customer=)([\w.-]+)/g)].map(([, id = ""]) => id);
  const inJson = jsonId(text);
  return inJson === null ? ids : [...ids, inJson];
}

function jsonId(body: string): string | null {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === "string" || typeof id === "number" ? String(id) : null;
  } catch {
    return null;
  }
}
