/**
 * The gateway of the benches, as a process of its own. It answers at once, in the shapes of the official samples: every create makes a
 * payment and every read shows it paid. It verifies no signature, so that it takes little of the machine. It also receives notifications.
 * It calls the callback URLs of a create only if they are on loopback: check_url before it answers, result_url a while after.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the gateway has received. */
export interface GatewayCounts {
  readonly creates: number;
  readonly reads: number;
  readonly notifications: number;
  /** Answered callbacks. */
  readonly callbacks: number;
  /** Creates of an order_id that already has a payment. */
  readonly repeated: number;
  /** Creates by the order_id up to its last `-`. */
  readonly byPrefix: Readonly<Record<string, number>>;
  /** The callback URLs of the last create. */
  readonly urls: { readonly check_url?: string; readonly result_url?: string } | null;
}

interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly amount: unknown;
  readonly createdAt: string;
}

const FIRST_ID = 1_000_000_000;

const payments = new Map<string, Payment>();
const orders = new Set<string>();
const byPrefix = new Map<string, number>();
const counts = { creates: 0, reads: 0, notifications: 0, callbacks: 0, repeated: 0 };
let urls: GatewayCounts["urls"] = null;

/** Milliseconds from a create's answer to the call of its result_url. */
const RESULT_AFTER = 200;

async function callBack(url: string | undefined, orderId: string): Promise<void> {
  if (url?.startsWith("http://127.0.0.1:") !== true) return;
  const fields = { pg_order_id: orderId, pg_amount: "4990", pg_currency: "KZT", pg_result: "1" };
  await (await fetch(url, { method: "POST", body: new URLSearchParams(fields) })).text();
  counts.callbacks += 1;
}

async function create(body: Readonly<Record<string, unknown>>): Promise<unknown> {
  const orderId = String(body["order_id"]);
  counts.creates += 1;
  if (orders.has(orderId)) counts.repeated += 1;
  orders.add(orderId);
  const prefix = orderId.slice(0, orderId.lastIndexOf("-"));
  byPrefix.set(prefix, (byPrefix.get(prefix) ?? 0) + 1);
  const own = (body["urls"] as GatewayCounts["urls"]) ?? null;
  urls = own;
  const id = String(FIRST_ID + counts.creates);
  await callBack(own?.check_url, orderId);
  if (own !== null) setTimeout(callBack, RESULT_AFTER, own.result_url, orderId);
  const createdAt = `${new Date().toISOString().slice(0, -1)}068188Z`;
  payments.set(id, { id, orderId, amount: body["amount"], createdAt });
  return { id, status: "process", amount: body["amount"], created_at: createdAt };
}

function read(body: Readonly<Record<string, unknown>>): unknown {
  counts.reads += 1;
  const payment = payments.get(String(body["id"]));
  if (payment === undefined) return {};
  const { id, orderId, amount, createdAt } = payment;
  return {
    id,
    order_id: orderId,
    status: "success",
    amount,
    created_at: createdAt,
    clearing: { cleared: true, amount },
    from: { card: { brand: "visa", token: `card-${id}` } },
    additional: { approval_code: id.slice(-6), reference: `4${id}`, intreference: `REF${id}` },
    "3ds": { acs_url: "", flow_type: "F" },
  };
}

function answer(incoming: IncomingMessage, text: string): unknown {
  switch (incoming.url) {
    case "/v5/g2g/create":
      return create(JSON.parse(text));
    case "/v5/g2g/read":
      return read(JSON.parse(text));
    case "/notified":
      counts.notifications += 1;
      return null;
    case "/counts":
      return { ...counts, byPrefix: Object.fromEntries(byPrefix), urls } satisfies GatewayCounts;
    default:
      return {};
  }
}

function handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.once("end", async () => {
    const json = await answer(incoming, Buffer.concat(chunks).toString());
    if (json === null) {
      outgoing.writeHead(204).end();
      return;
    }
    const body = Buffer.from(JSON.stringify(json));
    outgoing.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.byteLength }).end(body);
  });
}

const server = createServer({ keepAliveTimeout: 120_000 }, handle);
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
