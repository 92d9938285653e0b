/** Whether a callback is a notification of the Merchant API that verifies. Only the answer to a check depends on it (P6). */
import { readNotification } from "../../../src/merchant-api/notification.ts";

/** A callback, with its body read already. */
export interface RawCallback {
  readonly kind: "check" | "result";
  readonly request: Pick<Request, "url" | "method">;
  readonly body: Uint8Array;
}

/**
 * Whether one of the keys signed the notification, over the last segment of our address, and each field that is used is there once in its
 * form.
 *
 * @param secretKeys the values of FREEDOM_PAY_SECRET_KEY
 */
export async function isVerified({ kind, request, body }: RawCallback, secretKeys: readonly string[]): Promise<boolean> {
  const { url, method } = request;
  if (method !== "GET" && method !== "POST") return false;
  const copy = new Request(url, method === "GET" ? { method } : { method, body: new Uint8Array(body) });
  return (await readNotification(copy, { kind, secretKeys })).kind === "verified";
}
