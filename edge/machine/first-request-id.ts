import type { Ports } from "./runner.ts";

/**
 * The ports with which a request is decided that may begin an attempt or an operation. The first id that is drawn is the claim's, and
 * the claim alone draws before anything has begun: so the id of the request that began it, the one in its answer and in the log, is the
 * X-Request-Id under which the gateway knows it. A request that begins nothing draws nothing, and its id goes nowhere.
 *
 * @param own the id of the request. Never given twice: an id names one call of the gateway for good
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
