/** Takes the gateway's callbacks during a live test and writes them down: their format in v5 is not published. */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { pgSignatureText } from "../src/lib/pg-signature.ts";

/** Where the callbacks of one live test arrive. Nobody can guess the addresses, and nothing else is answered. */
export interface CallbackAddresses {
  readonly check_url: string;
  readonly result_url: string;
}

/** A callback that arrived. */
export interface Recorded {
  readonly at: string;
  readonly method: string;
  /** With the query, in which a GET has its fields. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The shape in which it was answered. */
  readonly answered: "json" | "xml";
}

/** A recorder that listens. */
export interface Recorder {
  close(): Promise<void>;
}

/** What {@link recordCallbacks} takes. */
export interface RecorderOptions {
  /** `127.0.0.1:8799` */
  readonly listen: string;
  readonly addresses: CallbackAddresses;
  /** Signs the older API's answer. */
  readonly secretKey: string;
  readonly record: (callback: Recorded) => void;
}

const MOST_BYTES = 64 * 1024;

const TICKET_BYTES = 32;

/**
 * New addresses for one live test.
 *
 * @param base where the gateway reaches the recorder, without a slash at the end, a query or a fragment
 */
export function makeCallbackAddresses(base: string): CallbackAddresses {
  const ticket = randomBytes(TICKET_BYTES).toString("base64url");
  return { check_url: `${base}/check/${ticket}`, result_url: `${base}/result/${ticket}` };
}

/**
 * Listens for callbacks, and answers each in its own shape: "ok". Only a POST or GET of the two addresses is answered, written down
 * and signed for; all else is 404. An answer is signed over the last segment of the path: whoever could choose that would get the
 * merchant's signature of another request (see {@link pgSignatureText}).
 *
 * @throws Error when the address to listen at is taken
 */
export async function recordCallbacks(options: RecorderOptions): Promise<Recorder> {
  const server = createServer((request, response) => {
    take(request, response, options).catch(() => response.destroy());
  });
  const { listen } = options;
  const separator = listen.lastIndexOf(":");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(listen.slice(separator + 1)), listen.slice(0, separator), resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function take(request: IncomingMessage, response: ServerResponse, { addresses, secretKey, record }: RecorderOptions): Promise<void> {
  const { method = "", url: target = "" } = request;
  const script = scriptOf(method, target, addresses);
  if (script === null) {
    response.writeHead(404, { "Content-Type": "text/plain", Connection: "close" }).end("Not found\n");
    return;
  }
  const body = await bodyOf(request);
  const answered = isOlderApi(target, body) ? "xml" : "json";
  const { "content-type": type = "", "user-agent": agent = "" } = request.headers;
  const headers = { "content-type": type, "user-agent": agent };
  record({ at: new Date().toISOString(), method, path: unsigned(target), headers, body: unsigned(body), answered });
  response.writeHead(200, { "Content-Type": answered === "json" ? "application/json" : "application/xml; charset=utf-8" });
  response.end(answered === "json" ? '{"status":"ok"}' : olderAnswer(script, secretKey));
}

/** The last segment of one of the two addresses' paths, where it is called; null for anything else, also for another spelling of it. */
function scriptOf(method: string, target: string, { check_url, result_url }: CallbackAddresses): string | null {
  if (method !== "POST" && method !== "GET") return null;
  const [called = ""] = target.split("?", 1);
  const known = [check_url, result_url].map((url) => new URL(url).pathname).find((path) => path === called);
  return known?.split("/").at(-1) ?? null;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (length < MOST_BYTES && Buffer.isBuffer(chunk)) chunks.push(chunk.subarray(0, MOST_BYTES - length));
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString();
}

/** Form fields, XML, or fields in the query. */
function isOlderApi(target: string, body: string): boolean {
  return body.trim() === "" ? /\?./.test(target) : !/^\s*[{[]/.test(body);
}

/** A signature is not written down, only where it stood: in a form, a query, XML, JSON or a part. */
function unsigned(text: string): string {
  return text.replaceAll(/(pg_sig(?:CDATA|%[0-9A-Fa-f]{2}|[^0-9A-Za-z])+)[0-9A-Fa-f]{32}\b/g, "$1<signature>");
}

/** The older API's answer (Async API, "Callbacks"): values in the order of their names. */
function olderAnswer(script: string, secretKey: string): string {
  const salt = randomBytes(16).toString("hex");
  const signature = createHash("md5")
    .update(pgSignatureText(script, [salt, "ok"], secretKey))
    .digest("hex");
  return `<?xml version="1.0" encoding="utf-8"?>\n<response><pg_salt>${salt}</pg_salt><pg_status>ok</pg_status><pg_sig>${signature}</pg_sig></response>\n`;
}
