/** What passed between the edge and the gateway about one order, from the gateway's own log. */
import type { Entry } from "../../../src/simulator/index.ts";
import type { Gateway } from "../../process/gateway.ts";
import type { Actor, Transcript } from "./transcript.ts";

interface Exchanged {
  readonly asked: Entry;
  readonly answer: Entry;
}

type Json = Readonly<Record<string, unknown>>;

function json(text: string): Json {
  return JSON.parse(text) as Json;
}

/** How each call is told; what is not here, the reads of a request, is told of nobody. */
const CALLS: Readonly<Record<string, (body: Json) => string>> = {
  "gateway.payment.create": ({ amount, currency, order_id }) => `gateway.payment.create: order ${order_id}, ${amount} ${currency}`,
  "gateway.payment.clearing": ({ amount }) => `gateway.payment.clearing: ${amount}`,
  "gateway.payment.refund": ({ amount }) => `gateway.payment.refund: ${amount}`,
  "gateway.payment.status": () => "gateway.payment.status",
};

function exchangesSince({ simulator }: Gateway, since: number): readonly Exchanged[] {
  const { entries } = simulator.log;
  return entries.flatMap((asked) => {
    const answer = entries.find(({ exchange, what }) => exchange === asked.exchange && (what === "answer" || what === "callback_answer"));
    const isQuestion = asked.what === "request" || asked.what === "callback";
    return isQuestion && asked.number > since && answer !== undefined ? [{ asked, answer }] : [];
  });
}

/** The word that an answer says: of a payment, or of the row of its refund; to a callback of the older API, in XML. */
function wordOf(body: string): unknown {
  const older = /<pg_status>(\w+)<\/pg_status>/.exec(body)?.[1];
  if (older !== undefined) return older;
  const { status, refund_payment } = json(body);
  return status ?? (refund_payment as Json | undefined)?.["status"];
}

/** The number of the newest entry: what comes after it is new. */
export function newest({ simulator }: Gateway): number {
  return simulator.log.entries.at(-1)?.number ?? 0;
}

/**
 * Tells what has passed since then: calls and callbacks, and of all reads the last, which decides.
 *
 * @param since - of {@link newest}
 */
export async function tellGateway(gateway: Gateway, { tell }: Transcript, since: number): Promise<void> {
  await gateway.simulator.idle();
  const exchanges = exchangesSince(gateway, since);
  const actionOf = ({ asked }: Exchanged): string => asked.headers["x-action"] ?? "";
  const isRead = (exchange: Exchanged): boolean => actionOf(exchange) === "gateway.payment.status";
  const callbacks = exchanges.filter(({ asked }) => asked.what === "callback");
  const calls = exchanges.filter((exchange) => exchange.asked.what === "request" && !isRead(exchange));
  const line = (from: Actor, to: Actor, what: string, { answer }: Exchanged): void =>
    tell(from, to, what, `${answer.httpStatus} ${wordOf(answer.body)}`);
  for (const call of calls) {
    const what = CALLS[actionOf(call)]?.(json(call.asked.body));
    if (what !== undefined) line("edge", "gateway", what, call);
  }
  for (const callback of callbacks)
    line("gateway", "edge", callback.asked.title.startsWith("check") ? "check_url" : "result_url", callback);
  const read = exchanges.findLast(isRead);
  if (read !== undefined) line("edge", "gateway", CALLS["gateway.payment.status"]?.({}) ?? "", read);
}
