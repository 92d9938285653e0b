/** Records the gateway's callbacks during a live test, because their v5 format is not published. */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { pgSignatureText } from "../src/lib/pg-signature.ts";

/** The callback addresses of one live test. They cannot be guessed, and the recorder answers no others. */
export interface CallbackAddresses {
  readonly check_url: string;
  readonly result_url: string;
}

/** A recorded callback. */
export interface RecordedCallback {
  readonly at: string;
  readonly method: string;
  /** With the query, because a GET has its fields there. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The format of the answer. */
  readonly answerFormat: "json" | "xml";
}

/** A listening recorder. */
export interface Recorder {
  close(): Promise<void>;
}

/** Options of {@link recordCallbacks}. */
export interface RecorderOptions {
  /** For example `127.0.0.1:8799`. */
  readonly listen: string;
  readonly addresses: CallbackAddresses;
  /** Signs the older API's answer. */
  readonly secretKey: string;
  readonly record: (callback: RecordedCallback) => void;
}

const MAX_BODY_BYTES = 64 * 1024;

const TICKET_BYTES = 32;

/**
 * New addresses for one live test.
 *
 * @param base the URL at which the gateway reaches the recorder, without trailing slash, query or fragment
 */
export function makeCallbackAddresses(base: string): CallbackAddresses {
  // One for each purpose, because a signature covers the last segment, and no field's name (edge/http/ticket.ts).
  const ticket = (): string => randomBytes(TICKET_BYTES).toString("base64url");
  return { check_url: `${base}/check/${ticket()}`, result_url: `${base}/result/${ticket()}` };
}

/**
 * Listens for callbacks and answers each with "ok" in its own format. Only a POST or GET of the two addresses is recorded and
 * gets a signed answer; everything else is 404. The signature covers the last segment of the path. A caller who could choose the
 * segment would get the merchant's signature for another request (see {@link pgSignatureText}).
 *
 * @throws Error when the address to listen at is in use
 */
export async function recordCallbacks(options: RecorderOptions): Promise<Recorder> {
  const server = createServer((request, response) => {
    handle(request, response, options).catch(() => response.destroy());
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

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { addresses, secretKey, record }: RecorderOptions,
): Promise<void> {
  const { method = "", url: target = "" } = request;
  const script = scriptOf(method, target, addresses);
  if (script === null) {
    response.writeHead(404, { "Content-Type": "text/plain", Connection: "close" }).end("Not found\n");
    return;
  }
  const body = await bodyOf(request);
  const answerFormat = isOlderApi(target, body) ? "xml" : "json";
  const { "content-type": type = "", "user-agent": agent = "" } = request.headers;
  const headers = { "content-type": type, "user-agent": agent };
  record({ at: new Date().toISOString(), method, path: withoutSignature(target), headers, body: withoutSignature(body), answerFormat });
  response.writeHead(200, { "Content-Type": answerFormat === "json" ? "application/json" : "application/xml; charset=utf-8" });
  response.end(answerFormat === "json" ? '{"status":"ok"}' : olderAnswer(script, secretKey));
}

/** The last path segment if one of the two addresses is called; null for anything else, other spellings of an address included. */
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
    if (length < MAX_BODY_BYTES && Buffer.isBuffer(chunk)) chunks.push(chunk.subarray(0, MAX_BODY_BYTES - length));
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString();
}

/** Whether a callback has the older API's format: form fields, XML, or fields in the query. */
function isOlderApi(target: string, body: string): boolean {
  return body.trim() === "" ? /\?./.test(target) : !/^\s*[{[]/.test(body);
}

/** Replaces a signature by a placeholder: in a form, a query, XML, JSON or a part of a multipart body. */
function withoutSignature(text: string): string {
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
