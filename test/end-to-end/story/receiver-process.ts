// The merchant's receiver of notifications, as a process that can be killed: node receiver-process.ts PORT DATABASE, the secret from
// the environment. What it does with each delivery it tells its parent.
import { DatabaseSync } from "node:sqlite";
import { Webhook } from "standardwebhooks";
import { serve } from "../../../demo/http-server.ts";
import type { Notification } from "../../../src/index.ts";
import { takenAmount, toMinorUnits, verifyNotification } from "../../../src/index.ts";
import type { Delivery, Instruction } from "./receiver.ts";

const [port = "0", database = ""] = process.argv.slice(2);
let secret = process.env["NOTIFY_SECRET"] ?? "";
/** How the next deliveries are answered once they are stored: null is not at all. */
let answers: readonly (number | null)[] = [];

const db = new DatabaseSync(database);
db.exec("CREATE TABLE IF NOT EXISTS orders (order_id TEXT PRIMARY KEY, price INTEGER, currency TEXT)");
db.exec("CREATE TABLE IF NOT EXISTS charge (order_id TEXT PRIMARY KEY, sequence INTEGER, status TEXT, taken INTEGER, currency TEXT)");
db.exec("CREATE TABLE IF NOT EXISTS shipment (order_id TEXT PRIMARY KEY)");
// As in docs/notifications.md: the newest is the truth, and an order is shipped once, when its price was taken.
const price = db.prepare("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)");
const learn = db.prepare(`INSERT INTO charge VALUES (?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET sequence = excluded.sequence,
  status = excluded.status, taken = excluded.taken, currency = excluded.currency WHERE excluded.sequence > sequence`);
const ship = db.prepare(`INSERT OR IGNORE INTO shipment SELECT order_id FROM charge JOIN orders USING (order_id, currency)
  WHERE order_id = ? AND status = 'succeeded' AND taken = price`);

/** By the reference library, and by ours from the request itself. Both or neither: null is neither. @throws Error when they differ */
async function verified(request: Request): Promise<Notification | null> {
  const headers = Object.fromEntries(request.headers);
  const text = await request.clone().text();
  const reference = attempt(() => new Webhook(secret).verify(text, headers));
  const own = await verifyNotification(request, secret).catch(() => null);
  const told = own && { type: own.type, timestamp: own.timestamp, data: own.data };
  if (JSON.stringify(reference) !== JSON.stringify(told)) throw new Error(`standardwebhooks and verifyNotification differ about ${text}`);
  return own;
}

function attempt<Value>(deed: () => Value): Value | null {
  try {
    return deed();
  } catch {
    return null;
  }
}

function tell(delivery: Delivery): void {
  process.send?.(delivery);
}

const server = await serve(async (request) => {
  const notification = await verified(request);
  if (notification === null) {
    tell({ notification: null, released: false, answer: 401 });
    return new Response(null, { status: 401 });
  }
  const { order_id, sequence, status, currency } = notification.data;
  learn.run(order_id, sequence, status, takenAmount(notification.data), currency);
  const released = ship.run(order_id).changes === 1;
  const [answer = 204, ...later] = answers;
  answers = later;
  tell({ notification, released, answer });
  return answer === null ? new Promise<Response>(() => {}) : new Response(null, { status: answer });
}, Number(port));

process.on("message", (instruction: Instruction) => {
  secret = instruction.secret ?? secret;
  answers = instruction.answers ?? answers;
  for (const order of instruction.prices ?? []) price.run(order.order_id, toMinorUnits(order.amount), order.currency);
  process.send?.({ done: true });
});
// Nothing is left behind when the parent is gone.
process.on("disconnect", () => process.exit());
process.send?.({ listening: server.origin });
