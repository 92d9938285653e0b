/**
 * What is around the edge, as a process of its own: the simulated gateway, which verifies signatures and keeps the ledger, and the
 * merchant's server, which verifies notifications.
 */
import { serve } from "../../demo/http-server.ts";
import type { Server } from "../../demo/http-server.ts";
import { verifyNotification } from "../../src/notification.ts";
import { createSimulator, payments } from "../../src/simulator/index.ts";
import { MERCHANT } from "../bench/fixture.ts";
import { freePort } from "../process/free-port.ts";
import type { AcceptedNotification, BookedPayment } from "./verdict.ts";

/** How the merchant's server answers: at once, after 10 s, or not at all. */
export type ReceiverMode = "ready" | "slow" | "dead";

/** A question to this process. */
export type Question =
  | { readonly what: "start" }
  | { readonly what: "books" }
  | { readonly what: "notifications" }
  | { readonly what: "receiver"; readonly mode: ReceiverMode }
  /** A fault in the ledger, which the verdict has to find. */
  | { readonly what: "plant"; readonly fault: PlantedFault };

/** A payment that is there twice, or that is gone. */
export type PlantedFault = "doubled" | "lost";

/** What it answers to a question. */
export interface Answers {
  readonly start: { readonly gateway: string; readonly notifyUrl: string };
  readonly books: readonly BookedPayment[];
  readonly notifications: readonly AcceptedNotification[];
  readonly receiver: null;
  readonly plant: null;
}

/** Milliseconds after which a slow receiver answers. */
const SLOW = 10_000;

const simulator = createSimulator({ merchantId: MERCHANT.merchantId, secretKeys: [MERCHANT.secretKey] });
const accepted: AcceptedNotification[] = [];
let mode: ReceiverMode = "ready";
let receiver: Server | null = null;
let receiverPort = 0;

/** Counts a notification once its answer has a caller. */
async function receive(request: Request): Promise<Response> {
  const id = request.headers.get("webhook-id") ?? "";
  const { data } = await verifyNotification(request, MERCHANT.notifySecret);
  if (mode === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW));
  if (mode === "dead" || request.signal.aborted) throw new Error("Nobody answers");
  accepted.push({ id, orderId: data.order_id });
  return new Response(null, { status: 204 });
}

async function setReceiver(next: ReceiverMode): Promise<void> {
  mode = next;
  if (mode === "dead") {
    await receiver?.close();
    receiver = null;
  } else receiver ??= await serve(receive, receiverPort);
}

function plant(fault: PlantedFault): void {
  const [first] = simulator.state.payments.values();
  if (first === undefined) throw new Error("There is no payment yet");
  if (fault === "lost") simulator.state.payments.delete(first.id);
  else simulator.state.payments.set("planted", { ...first, id: "planted" });
}

async function answer(question: Question): Promise<Answers[Question["what"]]> {
  switch (question.what) {
    case "start": {
      const gateway = await serve(simulator.fetch);
      receiverPort = await freePort();
      await setReceiver("ready");
      return { gateway: gateway.origin, notifyUrl: `http://127.0.0.1:${receiverPort}/notified` };
    }
    case "books":
      return payments(simulator.state, Date.now()).map(({ orderId, taken, held, refunded }) => ({ orderId, taken, held, refunded }));
    case "notifications":
      return accepted;
    case "receiver":
      await setReceiver(question.mode);
      return null;
    case "plant":
      plant(question.fault);
      return null;
  }
}

process.on("message", (question: Question) => {
  answer(question).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once("disconnect", () => process.exit());
