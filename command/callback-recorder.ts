/** Takes the gateway's callbacks during a trial and writes them down: their format in v5 is not published. */
import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";

/** A callback that arrived. */
export interface Recorded {
  readonly at: string;
  readonly method: string;
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

const MOST_BYTES = 64 * 1024;

/**
 * Listens for callbacks, and answers each in its own shape: "ok".
 *
 * @param listen `127.0.0.1:8799`
 * @param secretKey signs the older API's answer
 * @throws Error when the address is taken
 */
export async function recordCallbacks(listen: string, secretKey: string, record: (callback: Recorded) => void): Promise<Recorder> {
  const server = createServer((request, response) => {
    take(request, response, secretKey, record).catch(() => response.destroy());
  });
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

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  secretKey: string,
  record: (callback: Recorded) => void,
): Promise<void> {
  let body = "";
  for await (const chunk of request) if (body.length < MOST_BYTES) body += String(chunk);
  const path = request.url ?? "/";
  const answered = /^\s*(?:\{|\[|$)/.test(body) ? "json" : "xml";
  const { "content-type": type = "", "user-agent": agent = "" } = request.headers;
  record({
    at: new Date().toISOString(),
    method: request.method ?? "",
    path,
    headers: { "content-type": type, "user-agent": agent },
    body,
    answered,
  });
  response.writeHead(200, { "Content-Type": answered === "json" ? "application/json" : "application/xml; charset=utf-8" });
  response.end(answered === "json" ? '{"status":"ok"}' : olderAnswer(path, secretKey));
}

/** The older API's answer (Async API, "Callbacks"): MD5 of the script, the values in the order of their names, and the key. */
function olderAnswer(path: string, secretKey: string): string {
  const script =
    path
      .replace(/[?#].*$/, "")
      .split("/")
      .at(-1) ?? "";
  const salt = randomUUID();
  const signature = createHash("md5").update([script, salt, "ok", secretKey].join(";")).digest("hex");
  return `<?xml version="1.0" encoding="utf-8"?>\n<response><pg_salt>${salt}</pg_salt><pg_status>ok</pg_status><pg_sig>${signature}</pg_sig></response>\n`;
}
