/** Sends many clicks at the same time. */
import { Agent, request } from "node:http";
import type { TestServer } from "./test-server.ts";

/** The answer to one click. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: number | null;
  readonly body: string;
}

/** A client that opens a new connection for each POST unless one is free. */
export interface LoadClient {
  post(token: string, key: string): Promise<Answer>;
  close(): void;
}

/** Creates a client without a limit of connections. */
export function createLoadClient({ edge }: TestServer): LoadClient {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    post: (token, key) =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Length": "0" };
        const sent = request(`${edge.origin}/v1/charges`, { method: "POST", agent, headers }, (answer) => {
          let body = "";
          answer.setEncoding("utf8");
          answer.on("data", (text: string) => (body += text));
          answer.once("error", reject);
          answer.once("end", () => {
            const retryAfter = answer.headers["retry-after"];
            resolve({ status: answer.statusCode ?? 0, retryAfter: retryAfter === undefined ? null : Number(retryAfter), body });
          });
        });
        sent.once("error", reject);
        sent.end();
      }),
    close: () => agent.destroy(),
  };
}
