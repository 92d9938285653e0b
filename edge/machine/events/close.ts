/** The merchant closes an order (M2). */
import type { ChargeEvent, Decision } from "../event.ts";
import { MAX_KEYS } from "../schedule.ts";
import type { TransitionContext } from "../state.ts";
import { failUnsent, waitsForReads } from "./polled.ts";
import { answerToKnownKey } from "./pay.ts";

/** The scope of a key that closes. */
export const CLOSE_SCOPE = "merchant close";

/** No attempt begins any more, and nothing is sent again. An attempt that still waited for its reads ends. */
export function close(context: TransitionContext, event: Extract<ChargeEvent, { type: "close" }>): Decision {
  const { record, now } = context;
  if (event.bound !== null) return answerToKnownKey(event.bound, "");
  record.closedAt ??= now;
  for (const attempt of record.attempts) if (waitsForReads(attempt)) failUnsent(context, attempt);
  // A second close does what the first did.
  if (record.boundKeys < MAX_KEYS) context.binding = { scope: CLOSE_SCOPE, key: event.key, content: "", subject: 0 };
  return { ok: true, began: true, subject: 0 };
}
