/**
 * Whether a callback is a notification of the Merchant API that verifies. The answer to a check depends on it (P6), and whether a payment is
 * shown as a test (P12). Nothing else of a notification is used, and nothing of it is stored.
 */
import { readNotification } from "../../../src/merchant-api/notification.ts";

/** A callback, with its body read already. */
export interface RawCallback {
  readonly kind: "check" | "result";
  readonly request: Pick<Request, "url" | "method">;
  readonly body: Uint8Array;
}

/** What a verified notification says; of any other both are false. */
export interface VerifiedCallback {
  readonly isVerified: boolean;
  /** That its payment is a test. Never of a GET: its address, which is logged on the way, holds the fields and their signature. */
  readonly isTest: boolean;
}

const UNVERIFIED: VerifiedCallback = { isVerified: false, isTest: false };

/**
 * Whether one of the keys signed the notification, over the last segment of our address, and each field that is used is there once in its
 * form.
 *
 * @param secretKeys the values of FREEDOM_PAY_SECRET_KEY
 */
export async function verifyCallback({ kind, request, body }: RawCallback, secretKeys: readonly string[]): Promise<VerifiedCallback> {
  const { url, method } = request;
  if (method !== "GET" && method !== "POST") return UNVERIFIED;
  const copy = new Request(url, method === "GET" ? { method } : { method, body: new Uint8Array(body) });
  const read = await readNotification(copy, { kind, secretKeys });
  return read.kind === "verified" ? { isVerified: true, isTest: !read.isHintOnly && read.notice.isTest } : UNVERIFIED;
}
