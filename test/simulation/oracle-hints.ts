/** M7: every callback is followed by a read that began after it and could be read; and no result is ever rejected. */
import type { Outcome } from "../../src/outcome.ts";
import type { ChargeRecord } from "../../edge/machine/record.ts";
import type { Passage } from "./happening.ts";
import type { Fail, Watch, Watched } from "./watch.ts";
import { pauseAt } from "./oracle-pace.ts";
import { DAY, MINUTE, SECOND } from "./scenario.ts";

/**
 * How long after a callback its read may end: a send or a look that was lost with its object is given up after 25 s, the next look is 5 s
 * after the start of the one before, and the alarm and the read have a little time.
 */
const FOLLOWS_WITHIN = 35 * SECOND;

/** Whether the answer to a read of a payment can be read: it shows a payment, or that there is none. */
function isReadable(outcome: Outcome<unknown>): boolean {
  if (outcome.kind === "refused") return outcome.category === "not_found";
  return outcome.kind === "answered";
}

export function watchHints(watched: Watched, fail: Fail): Watch {
  const { schedule, object } = watched;
  /** When the oldest callback came that no read has followed, by ticket. True time. */
  const waiting = new Map<string, number>();
  /** When the newest read about an attempt left that could be read, by ticket. True time. */
  const readFrom = new Map<string, number>();

  /** The tickets of the attempts that a read is about. */
  function ticketsOf({ attempts }: ChargeRecord, { call }: Passage): readonly string[] {
    const { id, order_id } = JSON.parse(call.body) as { readonly id?: string; readonly order_id?: string };
    return attempts.filter(({ paymentId, gatewayOrderId }) => id === paymentId || order_id === gatewayOrderId).map(({ ticket }) => ticket);
  }

  function hinted(ticket: string, at: number): void {
    const attempt = object.record.attempts.find((one) => one.ticket === ticket);
    if (attempt === undefined || attempt.sends.length === 0) return;
    if ((readFrom.get(ticket) ?? 0) <= at && !waiting.has(ticket)) waiting.set(ticket, at);
  }

  function read(passage: Passage): void {
    for (const ticket of ticketsOf(object.record, passage)) {
      readFrom.set(ticket, Math.max(readFrom.get(ticket) ?? 0, passage.departedAt));
      if ((waiting.get(ticket) ?? Number.POSITIVE_INFINITY) < passage.departedAt) waiting.delete(ticket);
    }
  }

  return {
    hear(happening): void {
      if (happening.what === "replied" && happening.kind === "result" && happening.answer === "rejected")
        fail("M7", "a result was answered `rejected`: the gateway gives the money back for that");
      else if (happening.what === "hinted") hinted(happening.ticket, happening.at);
      else if (happening.what === "ended" && happening.heard && happening.passage.call.action.name === "gateway.payment.status") {
        if (isReadable(happening.outcome)) read(happening.passage);
      } else if (happening.what === "evicted" && watched.wasRestored()) waiting.clear();
    },
    look(record): void {
      if (waiting.size === 0) return;
      if (record.redactedAt !== null) waiting.clear();
      for (const [ticket, at] of waiting) {
        // After a day a callback is not followed any more.
        if (schedule.now > at + DAY - 2 * watched.slip()) waiting.delete(ticket);
        const lately = Math.max(at, watched.disturbedAt());
        const pause = pauseAt(schedule.now - at + 2 * watched.slip());
        if (schedule.now <= lately + FOLLOWS_WITHIN + pause + 2 * Math.min(watched.slip(), MINUTE)) continue;
        fail("M7", `a callback came ${Math.round((schedule.now - at) / SECOND)} s ago, and no read has shown what came of it`);
      }
    },
  };
}
