/** Very many clicks at once. */
import { Agent, request } from "node:http";
import type { Stand } from "./stand.ts";

/** What one of a crowd was answered. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: number | null;
  readonly body: string;
}

/** A crowd before the edge: each post on a connection of its own unless one is free. */
export interface Crowd {
  post(token: string, key: string): Promise<Answer>;
  leave(): void;
}

/** As many connections as there are clicks. */
export function crowd({ edge }: Stand): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    post: (token, key) =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Length": "0" };
        const asked = request(`${edge.origin}/v1/charges`, { method: "POST", agent, headers }, (answer) => {
          let body = "";
          answer.setEncoding("utf8");
          answer.on("data", (text: string) => (body += text));
          answer.once("error", reject);
          answer.once("end", () => {
            const retryAfter = answer.headers["retry-after"];
            resolve({ status: answer.statusCode ?? 0, retryAfter: retryAfter === undefined ? null : Number(retryAfter), body });
          });
        });
        asked.once("error", reject);
        asked.end();
      }),
    leave: () => agent.destroy(),
  };
}
