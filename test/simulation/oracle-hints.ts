/** M7: every callback is followed by a readable read that started after it. No result is ever answered `rejected`. */
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import { apiOf, kindOf, namesOf } from "./call-facts.ts";
import type { InFlightCall } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { pollIntervalAt } from "./oracle-poll-intervals.ts";
import { DAY, MINUTE, SECOND } from "./scenario.ts";

/**
 * How long after a callback its read may end. A send or poll that was lost with its object is given up after 25 s. The next poll starts at
 * least 5 s after the one before. The rest is for the alarm and the read.
 */
const FOLLOWS_WITHIN = 35 * SECOND;

/** Whether the answer to a read of a payment is readable: it shows a payment, or that there is none. */
function isReadable(outcome: GatewayOutcome<unknown>): boolean {
  if (outcome.kind === "refused") return outcome.category === "not_found";
  return outcome.kind === "answered";
}

export function hintChecker(context: CheckContext, fail: Fail): Checker {
  const { schedule, object } = context;
  /** When the oldest callback arrived that no read has followed, by ticket. True time. */
  const waiting = new Map<string, number>();
  /** When the newest readable read about an attempt was sent, by ticket. True time. */
  const readFrom = new Map<string, number>();

  /** The tickets of the attempts that a read is about. */
  function ticketsOf({ attempts }: ChargeRecord, { call }: InFlightCall): readonly string[] {
    const names = namesOf(call);
    // The read that follows a create at once is stored with it, so the attempt has no payment id while the read is in flight.
    const orderId = names.orderId ?? context.books.payment(names.id)?.orderId;
    const isAbout = ({ api, paymentId, gatewayOrderId }: Attempt): boolean =>
      api === apiOf(call) && ((names.id !== null && names.id === paymentId) || orderId === gatewayOrderId);
    return attempts.filter(isAbout).map(({ ticket }) => ticket);
  }

  function onHint(ticket: string, at: number): void {
    const attempt = object.record.attempts.find((one) => one.ticket === ticket);
    if (attempt === undefined || attempt.sends.length === 0) return;
    if ((readFrom.get(ticket) ?? 0) <= at && !waiting.has(ticket)) waiting.set(ticket, at);
  }

  function read(inFlight: InFlightCall): void {
    for (const ticket of ticketsOf(object.record, inFlight)) {
      readFrom.set(ticket, Math.max(readFrom.get(ticket) ?? 0, inFlight.sentAt));
      if ((waiting.get(ticket) ?? Number.POSITIVE_INFINITY) < inFlight.sentAt) waiting.delete(ticket);
    }
  }

  return {
    onEvent(event): void {
      if (event.type === "callback_answered" && event.kind === "result" && event.answer === "rejected")
        fail("M7", "a result was answered `rejected`: the gateway refunds the payment then");
      else if (event.type === "hint_stored") onHint(event.ticket, event.at);
      else if (event.type === "call_ended" && event.isDelivered && kindOf(event.inFlight.call) === "payment_status") {
        if (isReadable(event.outcome)) read(event.inFlight);
      } else if (event.type === "evicted" && context.wasRestored()) waiting.clear();
    },
    check(record): void {
      if (waiting.size === 0) return;
      if (record.redactedAt !== null) waiting.clear();
      for (const [ticket, at] of waiting) {
        // A callback is followed for a day.
        if (schedule.now > at + DAY - 2 * context.clockSkew()) waiting.delete(ticket);
        const calmSince = Math.max(at, context.lastDisturbance());
        const pause = pollIntervalAt(schedule.now - at + 2 * context.clockSkew());
        if (schedule.now <= calmSince + FOLLOWS_WITHIN + pause + 2 * Math.min(context.clockSkew(), MINUTE)) continue;
        fail("M7", `a callback came ${Math.round((schedule.now - at) / SECOND)} s ago, and no readable read has followed it`);
      }
    },
  };
}
