import type { Simulator } from "../src/simulator/index.ts";
import { createSimulator, PAGE_PATH } from "../src/simulator/index.ts";
import type { Exchange } from "./exchange.ts";
import { observedFetch } from "./exchange.ts";
import { serve } from "./http-server.ts";

/** The simulated gateway as a server. For a lost answer it breaks the connection. */
export interface DemoGateway {
  readonly origin: string;
  readonly simulator: Simulator;
  close(): Promise<void>;
}

/**
 * Starts the simulated gateway on loopback.
 *
 * @param options.onExchange - receives every call and every callback
 */
export async function startGateway(options: {
  readonly merchantId: string;
  readonly secretKey: string;
  readonly onExchange: (exchange: Exchange) => void;
  /** Default: a free port. */
  readonly port?: number;
}): Promise<DemoGateway> {
  const { merchantId, secretKey, onExchange, port } = options;
  const callbacks = observedFetch(fetch, () => ({ from: "gateway", to: "edge" }), onExchange);
  // A restarted gateway has no payments, but the edge has. New payment ids must differ from the old ones.
  const model = { firstId: Date.now() };
  const simulator = createSimulator({ merchantId, secretKeys: [secretKey], fetch: callbacks, model });
  const answer = observedFetch(
    (input, init) => simulator.fetch(new Request(input, init)),
    ({ pathname }) => ({ from: pathname === PAGE_PATH ? "browser" : "edge", to: "gateway" }),
    onExchange,
  );
  const server = await serve((request) => answer(request), port);
  return {
    origin: server.origin,
    simulator,
    close: async () => {
      simulator.close();
      await server.close();
    },
  };
}
