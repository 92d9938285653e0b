/** The simulated gateway as a server on loopback. A test can wait until a call is received, acted on or answered. */
import { serve } from "../../demo/http-server.ts";
import { closedGate } from "../gate.ts";
import type { Entry, Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";

/** A stage of a call: received; acted on; answered, when the last byte of the answer has been written. */
export type Moment = "received" | "acted" | "answered";

/** A gateway whose calls a test can wait for. */
export interface Gateway {
  readonly origin: string;
  readonly simulator: Simulator;
  /**
   * Waits for a stage of the next call of an action, and runs a function immediately.
   *
   * @param action - X-Action without `gateway.`: `payment.create`
   */
  next(moment: Moment, action: string, act: () => Promise<void> | void): Promise<void>;
  /** The received calls of an action; with `names` only those whose body contains that order or payment. */
  calls(action: string, names?: string): readonly Entry[];
  /** From here on calls hang: they do not act and get no answer. */
  hang(): void;
  /** How many calls hang now. */
  hanging(): number;
  /** Ends {@link hang}. Calls that still wait are answered; those whose caller has left never act. */
  resume(): void;
  close(): Promise<void>;
}

/**
 * @param secretKeys - the accepted keys of the merchant. They are read for every call, so that a test can change them
 * @param more - other options of the simulator
 */
export async function openGateway(
  merchantId: string,
  secretKeys: readonly string[],
  more: Partial<SimulatorOptions> = {},
): Promise<Gateway> {
  const simulator = createSimulator({ merchantId, secretKeys, maxLogEntries: 1_000_000, ...more });
  const waiters: { readonly moment: Moment; readonly action: string; readonly act: () => void }[] = [];
  const notify = (moment: Moment, request: Request): void => {
    const action = request.headers.get("x-action");
    const found = waiters.findIndex((waiter) => waiter.moment === moment && action === `gateway.${waiter.action}`);
    if (found >= 0) waiters.splice(found, 1)[0]?.act();
  };
  let gate = closedGate();
  gate.open();
  let hanging = 0;
  const server = await serve(async (request) => {
    notify("received", request);
    hanging += 1;
    const left = new Promise<void>((resolve) => request.signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([gate.passed, left]);
    hanging -= 1;
    if (request.signal.aborted) throw new Error("The caller has left");
    const answer = await simulator.fetch(request);
    notify("acted", request);
    return new Response(
      withEndCallback(answer, () => notify("answered", request)),
      answer,
    );
  });
  return {
    origin: server.origin,
    simulator,
    next: (moment, action, act) =>
      new Promise((resolve, reject) => {
        waiters.push({ moment, action, act: () => void Promise.resolve(act()).then(resolve, reject) });
      }),
    calls: (action, names) =>
      simulator.log.entries.filter(
        ({ what, headers, body }) =>
          what === "request" && headers["x-action"] === `gateway.${action}` && (names === undefined || body.includes(`"${names}"`)),
      ),
    hang: () => {
      gate = closedGate();
    },
    hanging: () => hanging,
    resume: () => gate.open(),
    close: async () => {
      gate.open();
      simulator.close();
      await server.close();
    },
  };
}

/** The body of an answer, with a callback after its end has been written. A body that fails still fails. */
function withEndCallback(answer: Response, ended: () => void): ReadableStream<Uint8Array> | null {
  const reader = answer.body?.getReader();
  if (reader === undefined) return null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        // The server writes the end before other waiting work.
        setImmediate(ended);
      },
    },
    { highWaterMark: 0 },
  );
}
