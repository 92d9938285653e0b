/**
 * A gateway on loopback for the suite, so that the runtime's own fetch is tried. It verifies every signature with Node's crypto, and does what the
 * order_id says. It also serves the files of a page, which then calls its own origin.
 */
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** The merchant's key: test/everywhere/suite/network.ts has the same. */
const SECRET = "test-secret-of-the-merchant";

/** A running gateway. */
export interface LoopbackGateway {
  readonly url: string;
  close(): void;
}

/** An answer to a call. */
type Answer = (response: ServerResponse, request: IncomingMessage, orderId: string) => void;

const paid = (orderId: string): string => JSON.stringify({ id: "77", order_id: orderId, status: "success", amount: 100 });

/** The answers by order_id. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  оплачен: (response, _, orderId) => {
    const bytes = Buffer.from(paid(orderId));
    // The first part ends in the middle of a letter.
    response.write(bytes.subarray(0, 25), () => setTimeout(() => response.end(bytes.subarray(25)), 20));
  },
  gzip: (response, _, orderId) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(paid(orderId))),
  headers: (response, request) => {
    const { "content-type": type, "x-action": action, "x-request-id": id, accept } = request.headers;
    response.end(JSON.stringify({ id: "77", status: "success", currency: [request.method, type, accept, action, id].join(" ") }));
  },
  redirect: (response) => response.writeHead(302, { location: "/moved" }).end(),
  "redirect-307": (response) => response.writeHead(307, { location: "/moved" }).end(),
  reset: (response) => response.destroy(),
  half: (response, _, orderId) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write(paid(orderId), () => setTimeout(() => response.destroy(), 20));
  },
  stalled: (response) => void response.write('{"id":'),
  silent: () => undefined,
  limited: (response) => response.writeHead(429, { "retry-after": "7" }).end("{}"),
  page: (response) => response.writeHead(403, { "content-type": "text/html" }).end("<html>"),
};

/** Starts the gateway. @param files the files of a page by their path */
export async function startLoopbackGateway(files: Readonly<Record<string, string>> = {}): Promise<LoopbackGateway> {
  let moved = 0;
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (path === "/moved") moved += 1;
    if (path === "/v5/g2g/read") answerCall(request, response, body, moved);
    else if (path === "/get_status3.php") response.end(answerForm(body.toString()));
    else
      response
        .writeHead(200, { "content-type": path.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8" })
        .end(files[path] ?? "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answerCall(request: IncomingMessage, response: ServerResponse, body: Buffer, moved: number): void {
  response.setHeader("content-type", "application/json");
  const [header = "", , mac = ""] = String(request.headers["x-jws-signature"]).split(".");
  const expected = createHmac("sha256", SECRET)
    .update(`${header}.${body.toString("base64url")}`)
    .digest("base64url");
  if (mac !== expected) {
    response.writeHead(401).end('{"error":{"code":"1100"}}');
    return;
  }
  const { order_id: orderId } = JSON.parse(body.toString()) as { order_id: string };
  if (orderId === "moved") response.end(JSON.stringify({ id: "77", amount: moved }));
  else ANSWERS[orderId]?.(response, request, orderId);
}

/** The signed status of a payment, if the form is signed. */
function answerForm(form: string): string {
  const given = Object.fromEntries(new URLSearchParams(form));
  if (given["pg_sig"] !== signatureOf(given)) return "<response><pg_status>error</pg_status><pg_error_code>9998</pg_error_code></response>";
  const fields = { pg_status: "ok", pg_payment_id: "902", pg_payment_status: "success", pg_amount: "20", pg_salt: "соль" };
  const elements = Object.entries({ ...fields, pg_sig: signatureOf(fields) }).map(([name, text]) => `<${name}>${text}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?><response>${elements.join("")}</response>`;
}

function signatureOf(fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).filter((name) => name !== "pg_sig");
  const texts = ["get_status3.php", ...names.sort().map((name) => fields[name] ?? ""), SECRET];
  return createHash("md5").update(texts.join(";")).digest("hex");
}
