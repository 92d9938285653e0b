/** Converts replies of the model to Web standard Responses, broken ones included. */

import type { Reply } from "./state.ts";

/**
 * The connection broke before the answer was complete. `Simulator.fetch` rejects with it, and the body of an answer that is
 * cut fails with it. A server that hosts the simulator should then destroy the socket.
 *
 * @example
 * ```ts
 * import { buildRequest, createGateway, paymentStatus, requestId } from "freedom-pay-charge";
 * import { AnswerLost, createSimulator } from "freedom-pay-charge/simulator";
 *
 * const simulator = createSimulator({ merchantId: "500000", secretKeys: ["test-secret-of-the-gateway"] });
 * simulator.startOutage(60_000); // breaks connections
 * const gateway = await createGateway({ url: "https://test-api.freedompay.kz", merchantId: "500000", secretKey: "test-secret-of-the-gateway" });
 * const request = await buildRequest(gateway, paymentStatus({ order_id: "1" }, requestId()));
 * const error: unknown = await simulator.fetch(request).catch((reason: unknown) => reason);
 * console.log(error instanceof AnswerLost); // true
 * simulator.close();
 * ```
 */
export class AnswerLost extends TypeError {
  override readonly name: string = "AnswerLost";

  constructor() {
    super("The simulated gateway broke the connection");
  }
}

/** A body that sends its beginning and then fails. */
export function breakingBody(beginning: string): ReadableStream<Uint8Array> {
  const pieces = beginning === "" ? [] : [new TextEncoder().encode(beginning)];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller): void {
        const piece = pieces.shift();
        if (piece === undefined) {
          controller.error(new AnswerLost());
        } else {
          controller.enqueue(piece);
        }
      },
    },
    { highWaterMark: 0 },
  );
}

/** The reply as a Response; a cut one has a body that fails with {@link AnswerLost}. */
export function responseOf(reply: Reply): Response {
  const body = reply.httpStatus === 304 ? null : reply.cut ? breakingBody(reply.body) : reply.body;
  return new Response(body, { status: reply.httpStatus, headers: { ...reply.headers } });
}
