import type { Ports } from "./runner.ts";

/**
 * Ports whose first request id is the id of the HTTP request. A new attempt or operation draws the first id, so the merchant finds the
 * id of their own request as X-Request-Id in the log and at the gateway. A request that begins nothing draws none.
 *
 * @param own the id of the HTTP request. It is used once, because an X-Request-Id names one call of the gateway for good
 */
export function startingWith(own: string, ports: Ports): Ports {
  let left: string | null = own;
  const requestId = (): string => {
    const id = left ?? ports.random.requestId();
    left = null;
    return id;
  };
  return { ...ports, random: { ...ports.random, requestId } };
}
