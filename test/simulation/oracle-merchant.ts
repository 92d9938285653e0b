/** P1, P3, P6 and P10: what holds for attempts by the Merchant API alone, which replays nothing. */
import type { ChargeRecord, Operation, PendingCall, Send } from "../../edge/machine/record.ts";
import type { Attempt } from "../../edge/machine/record.ts";
import type { Checker, CheckContext, Fail } from "./checker.ts";
import type { SimulationEvent } from "./simulation-event.ts";
import { MINUTE, SECOND } from "./scenario.ts";

/** How long an attempt that failed by silence counts as undecided for the other API (P3.2). */
const SILENT_FOR_OTHER_API = 20 * MINUTE;

/** Whether the gateway answered a send with a refusal that says that it took nothing, and that another one may follow (P1.2, P1.5). */
function mayBeFollowed({ end }: Send): boolean {
  if (end?.how !== "refused") return false;
  return end.httpStatus === 401 || end.code === "1100" || end.code === "9998" || end.code === "9991";
}

export function merchantChecker(context: CheckContext, fail: Fail): Checker {
  /** P1: a create is sent once, unless the gateway said that it took nothing. */
  function sentAgain({ number, sends }: Attempt): void {
    const [last, ...earlier] = sends.toReversed();
    if (last === undefined || earlier.every((send) => send.superseded && mayBeFollowed(send))) return;
    fail("P1", `attempt ${number} was sent again by the Merchant API`);
  }

  /** P10: an operation is sent once more if it is about the whole, long after its send, and never a third time. */
  function operationSentAgain(record: ChargeRecord, { number, kind, amount, attempt, sends }: Operation): void {
    const counted = sends.filter(({ superseded }) => !superseded);
    const [first, second, third] = counted;
    if (sends.some((send) => send.superseded && !mayBeFollowed(send))) fail("P10", `operation ${number} has a send that does not count`);
    if (third !== undefined) fail("P10", `operation ${number} was sent a third time`);
    if (first === undefined || second === undefined) return;
    const owner = record.attempts[attempt - 1];
    const refunded = (owner?.ledger?.refunds ?? []).reduce((sum, row) => sum + (row.status === "error" ? 0 : (row.amount ?? 0)), 0);
    const left = kind === "refund" ? (owner?.ledger?.clearedAmount ?? 0) - refunded : owner?.terms.amount;
    if (kind !== "reverse" && amount !== left)
      fail("P10", `operation ${number} (${kind} of ${amount}) was sent again, and ${left} is left`);
    // Two reads 30 s apart, the first of which may have used the constant of an earlier deployment.
    const apart = context.rulesChanged() ? 0 : 30 * SECOND;
    if (second.at - (first.leftBy ?? first.at) < context.ruleNumbers().neverSeenAfter + apart)
      fail("P10", `operation ${number} was sent again ${Math.round((second.at - first.at) / SECOND)} s after its send`);
  }

  /** P3: another API takes another order_id, and waits while an attempt may still turn out paid. */
  function attemptBegan(before: ChargeRecord, { number, api, gatewayOrderId, createdAt }: Attempt): void {
    const others = before.attempts.filter((one) => one.api !== api);
    if (others.some((one) => one.gatewayOrderId === gatewayOrderId))
      fail("P3", `attempt ${number} began under ${gatewayOrderId}, which the other API has used`);
    const silent = others.find(
      ({ failure, decidedAt }) => failure?.by === "silence" && createdAt - (decidedAt ?? 0) < SILENT_FOR_OTHER_API,
    );
    if (silent !== undefined) fail("P3", `attempt ${number} began, and attempt ${silent.number} by the other API may still turn out paid`);
  }

  /** P6: a check is the last moment at which a payment can be stopped. */
  function checkAnswered({ callback, signedWith, answer }: Extract<SimulationEvent, { readonly type: "callback_delivered" }>): void {
    if (callback.kind !== "check" || answer !== "ok") return;
    const { record } = context.object;
    const ticket = decodeURIComponent(callback.url.split("/").at(-1) ?? "");
    const attempt = record.attempts.find((one) => one.ticket === ticket);
    if (attempt?.api !== "merchant") return;
    if (signedWith === null || !context.keys().includes(signedWith)) fail("P6", "a check that does not verify was answered ok");
    // Its answer was decided a little earlier, and oracle-page.ts has judged it then.
    if (attempt.page !== null) return;
    if (attempt.state !== "undecided") fail("P6", `a check of attempt ${attempt.number}, which is ${attempt.state}, was answered ok`);
    if (record.closedAt !== null) fail("P6", "a check was answered ok, and the order is closed");
    if (record.attempts.some(({ state }) => state === "held" || state === "paid"))
      fail("P6", `a check of attempt ${attempt.number} was answered ok, and another attempt has the money`);
  }

  const isNew = (before: PendingCall | undefined, { sends }: PendingCall): boolean => sends.length > (before?.sends.length ?? 0);

  return {
    onEvent(event): void {
      if (event.type === "callback_delivered") checkAnswered(event);
      if (event.type !== "applied") return;
      const { before, after } = event;
      for (const [index, attempt] of after.attempts.entries()) {
        if (before.attempts[index] === undefined) attemptBegan(before, attempt);
        if (attempt.api === "merchant" && isNew(before.attempts[index], attempt)) sentAgain(attempt);
      }
      for (const [index, operation] of after.operations.entries())
        if (operation.api === "merchant" && isNew(before.operations[index], operation)) operationSentAgain(after, operation);
    },
  };
}
