/** A notification about a payment page, written by the package's simulator, and read and verified by the code under test. */
import type { PlannedCallback } from "../../src/simulator/index.ts";
import { callbackRequest } from "../../src/simulator/index.ts";
import type { CallbackContent } from "../../edge/machine/events/callback.ts";
import type { VerifiedCallback } from "../../edge/http/callback/verified.ts";
import { readCallback } from "../../edge/http/callback/body.ts";
import type { Modules } from "./edge-modules.ts";

/** A notification as the Worker hands it to the object. */
export interface ReceivedNotification {
  readonly content: CallbackContent;
  readonly verified: VerifiedCallback;
}

/** How a notification is sent. */
export interface SentNotification {
  /** The gateway key that signs it. */
  readonly key: string;
  readonly salt: string;
  /** The address that it is sent to, where that is not its own. */
  readonly url?: string;
}

/** Reads a notification. @param keys the edge's gateway keys */
export async function receivedNotification(
  { verified }: Modules,
  callback: PlannedCallback,
  { key, salt, url }: SentNotification,
  keys: readonly string[],
): Promise<ReceivedNotification> {
  const sent = callbackRequest(callback, "form", key, salt);
  const address = url === undefined ? sent.url : `${url}${new URL(sent.url).search}`;
  const body = new TextEncoder().encode(sent.body ?? "");
  const contentType = sent.headers["content-type"] ?? null;
  const { content } = await readCallback({ contentType, body, query: new URL(address).search.slice(1) });
  const request = { url: address, method: sent.method };
  return { content, verified: await verified.verifyCallback({ kind: callback.kind, request, body }, keys) };
}
