/** Our answer to a notification (docs/merchant-api.md, "Notifications"). */
import { SIGNATURE_FIELD, signFields } from "./signature.ts";
import { writeXml } from "./xml.ts";

/**
 * - `ok`: go on, or understood. A result always gets it.
 * - `rejected`: this payment must not go on. To a result with `canReject` it gives the money back.
 * - `error`: the notification could not be used.
 */
export type NotificationStatus = "ok" | "rejected" | "error";

/** What an answer is signed with. */
export interface NotificationSignature {
  /** The last segment of our own address, a ticket of ours that was verified. Never a script that a caller chose. */
  readonly script: string;
  /** The key that signed the notification. */
  readonly secretKey: string;
  /** Letters and digits. Random by default. */
  readonly salt?: string | undefined;
}

const DESCRIPTIONS: Readonly<Record<NotificationStatus, string | null>> = {
  ok: null,
  rejected: "This payment is not expected",
  error: "The notification could not be read",
};

/**
 * Answers a notification: HTTP 200 with signed XML. Every text in it is ours, nothing that came in is repeated.
 *
 * @throws FreedomPayError `input_invalid` for a script outside `[A-Za-z0-9._-]`.
 */
export function answerNotification(status: NotificationStatus, signature: NotificationSignature): Response {
  const { script, secretKey, salt = crypto.randomUUID().replaceAll("-", "") } = signature;
  const description = DESCRIPTIONS[status];
  const fields: readonly (readonly [name: string, text: string])[] = [
    ["pg_status", status],
    ...(description === null ? [] : [["pg_description", description] as const]),
    ["pg_salt", salt],
  ];
  const sig = signFields(
    script,
    fields.map(([name, value]) => ({ name, value })),
    secretKey,
  );
  const body = writeXml([...fields, [SIGNATURE_FIELD, sig]]);
  return new Response(body, { headers: { "Content-Type": "application/xml; charset=utf-8", "Cache-Control": "no-store" } });
}
