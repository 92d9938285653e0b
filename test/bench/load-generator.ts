/** Makes the load of the benches, as a process of its own: each connection sends its next request when it has its answer. */
import { AMOUNT, chargeOf, tokenFor } from "./fixture.ts";
import { HttpConnection } from "./http-connection.ts";

/** One load. */
export interface LoadJob {
  readonly port: number;
  /**
   * - `get`: GET / · `post`: POST / with the body of a create
   * - `charge`: POST /v1/charges with the token and the Idempotency-Key of an order · `read`: GET of the order with its token
   * - `callback`: POST of a form to `path`
   */
  readonly request: "get" | "post" | "charge" | "read" | "callback";
  readonly path?: string;
  /** Orders are named `prefix-1`, `prefix-2`, … */
  readonly prefix: string;
  /** How many orders the requests are about, in turn; null: each about a new one, from `from` on. */
  readonly orders: number | null;
  readonly from?: number;
  readonly connections: number;
  /** It ends after this time, or after this number of requests. Requests that are open then are still answered. */
  readonly seconds: number | null;
  readonly requests: number | null;
}

/** What a load has measured. */
export interface LoadResult {
  readonly requests: number;
  /** Requests a second, until the last answer. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by their status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The last answer that is not 200 or 201. */
  readonly refused: string | null;
}

const HOST = "Host: 127.0.0.1\r\n";

function post(path: string, headers: string, body = ""): string {
  return `POST ${path} HTTP/1.1\r\n${HOST}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

function requestOf({ request, path = "/", prefix }: LoadJob, number: number): string {
  const order = `${prefix}-${number}`;
  switch (request) {
    case "get":
      return `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
    case "post":
      return post(path, "Content-Type: application/json\r\n", createBody(order));
    case "charge":
      return post("/v1/charges", `Authorization: Bearer ${tokenFor(order)}\r\nIdempotency-Key: key-${order}\r\n`);
    case "read":
      return `GET /v1/charges/${order} HTTP/1.1\r\n${HOST}Authorization: Bearer ${tokenFor(order)}\r\n\r\n`;
    case "callback":
      return post(path, "Content-Type: application/x-www-form-urlencoded\r\n", `pg_order_id=${order}&pg_amount=${AMOUNT}&pg_result=1`);
  }
}

function createBody(orderId: string): string {
  const { profile_id, ...charge } = chargeOf(orderId);
  return JSON.stringify({
    ...charge,
    auto_clearing: true,
    from: { type: "recurrent", recurrent: { profile_id } },
    device: { user_ip: "192.0.2.1" },
  });
}

async function run(job: LoadJob): Promise<LoadResult> {
  const { orders, from = 1, seconds, requests } = job;
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let refused: string | null = null;
  let sent = 0;
  const began = performance.now();
  const end = seconds === null ? Number.POSITIVE_INFINITY : began + seconds * 1000;
  await Promise.all(
    Array.from({ length: job.connections }, async () => {
      const connection = new HttpConnection(job.port);
      while (performance.now() < end && (requests === null || sent < requests)) {
        const number = from + (orders === null ? sent : sent % orders);
        sent += 1;
        const bytes = requestOf(job, number);
        const at = performance.now();
        const { status, body } = await connection.request(bytes);
        times.push(performance.now() - at);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status !== 200 && status !== 201) refused = body;
      }
      connection.close();
    }),
  );
  const took = performance.now() - began;
  times.sort((a, b) => a - b);
  const percentile = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { requests: times.length, rate: (times.length * 1000) / took, p50: percentile(0.5), p99: percentile(0.99), statuses, refused };
}

process.on("message", (job: LoadJob) => {
  run(job).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
