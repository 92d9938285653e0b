import type { Simulator } from "../src/simulator/index.ts";
import { createSimulator } from "../src/simulator/index.ts";
import type { Exchange } from "./exchange.ts";
import { observed } from "./exchange.ts";
import { serve } from "./http-server.ts";

/** The simulated gateway on an address of its own. A lost answer is a connection that breaks. */
export interface DemoGateway {
  readonly origin: string;
  readonly simulator: Simulator;
  close(): Promise<void>;
}

/**
 * Starts it on loopback.
 *
 * @param options.tell - is told every call that it gets and every callback that it makes
 */
export async function startGateway(options: {
  readonly merchantId: string;
  readonly secretKey: string;
  readonly tell: (exchange: Exchange) => void;
  /** Any free one when left out. */
  readonly port?: number;
}): Promise<DemoGateway> {
  const { merchantId, secretKey, tell, port } = options;
  const callbacks = observed(fetch, () => ({ from: "gateway", to: "edge" }), tell);
  // Its books are forgotten with it and an edge's are not: the ids of payments must not begin anew.
  const model = { firstId: Date.now() };
  const simulator = createSimulator({ merchantId, secretKeys: [secretKey], fetch: callbacks, model });
  const answer = observed(
    (input, init) => simulator.fetch(new Request(input, init)),
    () => ({ from: "edge", to: "gateway" }),
    tell,
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
