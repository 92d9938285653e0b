import type { Exchange } from "./exchange.ts";
import { withoutSecrets } from "./exchange.ts";

/** What happened, order by order. */
export interface Journal {
  add(exchange: Exchange): void;
  /** Tells all that happened to an order so far and all that will, until the signal ends it. */
  follow(orderId: string, listener: (exchange: Exchange) => void, signal: AbortSignal): void;
}

/** @param keys - texts that are never shown */
export function createJournal(keys: readonly string[]): Journal {
  const told = new Map<string, Exchange[]>();
  const listeners = new Map<string, Set<(exchange: Exchange) => void>>();
  /** The gateway's reads name a payment or an earlier call: which order that was for. */
  const orders = new Map<string, string>();

  function orderOf(exchange: Exchange): string | null {
    const named = /A-\d{6}/.exec(exchange.path + exchange.body + (exchange.answer?.body ?? ""));
    const order = named?.[0] ?? orders.get(idIn(exchange.body) ?? "");
    if (order === undefined) return null;
    const requestId = exchange.headers.find(([name]) => name === "x-request-id")?.[1];
    for (const id of [requestId, idIn(exchange.answer?.body ?? "")]) if (id) orders.set(id, order);
    return order;
  }

  return {
    add(exchange) {
      const order = orderOf(exchange);
      if (order === null) return;
      const shown = withoutSecrets(exchange, keys);
      told.set(order, [...(told.get(order) ?? []), shown]);
      for (const listener of listeners.get(order) ?? []) listener(shown);
    },
    follow(orderId, listener, signal) {
      for (const exchange of told.get(orderId) ?? []) listener(exchange);
      const all = listeners.get(orderId) ?? new Set();
      listeners.set(orderId, all.add(listener));
      signal.addEventListener("abort", () => all.delete(listener), { once: true });
    },
  };
}

function idIn(body: string): string | null {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === "string" || typeof id === "number" ? String(id) : null;
  } catch {
    return null;
  }
}
