/** Takes the simulated gateway's notifications to the shard, as the Worker does. */
import { readCallback } from "../../../edge/http/callback/body.ts";
import { verifyCallback } from "../../../edge/http/callback/verified.ts";
import type { CallbackRequest, CallbackResponse } from "../../../edge/rpc.ts";
import { signFields } from "../../../src/merchant-api/signature.ts";
import { REQUEST } from "./requests.ts";
import { SECRET_KEY } from "./test-shard.ts";

/** A notification for the order of this attempt, as the Worker hands it to the shard. */
export async function readNotification(
  request: Request,
  { orderId, ticket }: Pick<CallbackRequest, "orderId" | "ticket">,
): Promise<CallbackRequest> {
  const kind = request.url.endsWith("/check") ? "check" : "result";
  const body = new Uint8Array(await request.clone().arrayBuffer());
  const { content } = await readCallback({ contentType: request.headers.get("Content-Type"), body, query: "" });
  return { request: REQUEST, orderId, kind, ticket, content, ...(await verifyCallback({ kind, request, body }, [SECRET_KEY])) };
}

/** The signed answer to a check. Workerd signs it with an MD5 of its own, which Node does not have. */
export function answerToCheck(reply: CallbackResponse): Response {
  if (!reply.ok) return new Response(null, { status: 503 });
  const fields = [
    { name: "pg_salt", value: "salt" },
    { name: "pg_status", value: reply.answer },
  ];
  const signed = [...fields, { name: "pg_sig", value: signFields("check", fields, SECRET_KEY) }];
  const members = signed.map(({ name, value }) => `<${name}>${value}</${name}>`).join("");
  return new Response(`<?xml version="1.0" encoding="utf-8"?><response>${members}</response>`);
}
