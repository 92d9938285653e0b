/** The simulated gateway as a server on loopback that a test can watch: what it hears, when it has acted, when its answer has left. */
import { serve } from "../../demo/http-server.ts";
import type { Entry, Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";

/** A moment in the life of a call: it has arrived; the gateway has acted on it; the last byte of the answer has been written. */
export type Moment = "heard" | "acted" | "answered";

/** A gateway under watch. */
export interface Gateway {
  readonly origin: string;
  readonly simulator: Simulator;
  /**
   * Waits for a moment of the next call of an action, and does something at once, before anything else happens.
   *
   * @param action - X-Action without its beginning: `payment.create`
   */
  next(moment: Moment, action: string, act: () => Promise<void> | void): Promise<void>;
  /** The calls of an action that arrived, or whose body or id names the order or payment. */
  calls(action: string, names?: string): readonly Entry[];
  close(): Promise<void>;
}

/**
 * @param secretKeys - the merchant's keys that it takes: looked at with every call, so that a test can change them
 * @param more - what the simulator is to do otherwise
 */
export async function openGateway(
  merchantId: string,
  secretKeys: readonly string[],
  more: Partial<SimulatorOptions> = {},
): Promise<Gateway> {
  const simulator = createSimulator({ merchantId, secretKeys, maxLogEntries: 1_000_000, ...more });
  const awaited: { readonly moment: Moment; readonly action: string; readonly act: () => void }[] = [];
  const come = (moment: Moment, request: Request): void => {
    const action = request.headers.get("x-action");
    const found = awaited.findIndex((one) => one.moment === moment && action === `gateway.${one.action}`);
    if (found >= 0) awaited.splice(found, 1)[0]?.act();
  };
  const server = await serve(async (request) => {
    come("heard", request);
    const answer = await simulator.fetch(request);
    come("acted", request);
    return new Response(
      toTheEnd(answer, () => come("answered", request)),
      answer,
    );
  });
  return {
    origin: server.origin,
    simulator,
    next: (moment, action, act) =>
      new Promise((resolve, reject) => {
        awaited.push({ moment, action, act: () => void Promise.resolve(act()).then(resolve, reject) });
      }),
    calls: (action, names) =>
      simulator.log.entries.filter(
        ({ what, headers, body }) =>
          what === "request" && headers["x-action"] === `gateway.${action}` && (names === undefined || body.includes(`"${names}"`)),
      ),
    close: async () => {
      simulator.close();
      await server.close();
    },
  };
}

/** The body of an answer; tells when its end has been written. A body that breaks off goes on breaking off. */
function toTheEnd(answer: Response, ended: () => void): ReadableStream<Uint8Array> | null {
  const reader = answer.body?.getReader();
  if (reader === undefined) return null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        // The server writes the end as soon as it sees it, before anything else that waits.
        setImmediate(ended);
      },
    },
    { highWaterMark: 0 },
  );
}
