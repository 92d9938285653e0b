/** Attention that the passing of time raises: a charge that stays undecided, a hold that ends, a refund that is never settled. */
import type { AttentionReason } from "../../src/edge-api.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { unsettled } from "./oracle-refunds.ts";
import { DAY, HOUR, MINUTE } from "./scenario.ts";

/** When a page may end. */
const PAGE_ENDS = 45 * MINUTE;

/** How late the alarm may be. */
const ALARM_TAKES = 2 * MINUTE;

/**
 * Attention that must be raised, and by when (the edge's clock). A refund counts by itself: attention from before `by` does not count for
 * it.
 */
interface Notice {
  readonly reason: AttentionReason;
  readonly by: number;
  readonly isOfRefund?: boolean;
  readonly raisedFrom?: number;
}

/** Attention that is raised after a day or later may come up to an hour late, so that orders share alarms. */
function hourAfter(at: number): number {
  return Math.ceil(at / HOUR) * HOUR;
}

export function attentionChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  let checkedText: unknown = null;
  let checkedNumbers: unknown = null;
  let due: readonly Notice[] = [];
  /** When an attempt that had failed became undecided again. True time. Its attention is due from then on. */
  let reopenedAt = Number.NEGATIVE_INFINITY;

  function noticesOf(attempt: Attempt): readonly Notice[] {
    const { state, decidedAt, terms, page } = attempt;
    // A page may stay open until its end (P5.6).
    const createdAt = page?.openedAt == null ? attempt.createdAt : page.openedAt + PAGE_ENDS;
    const { undecidedAttentionAfter, holdEnds } = context.ruleNumbers();
    if (state === "undecided")
      return [
        { reason: "undecided_15_minutes", by: createdAt + undecidedAttentionAfter },
        { reason: "undecided_1_day", by: hourAfter(createdAt + DAY) },
      ];
    if (state === "held" && !terms.auto_clearing && decidedAt !== null)
      return [{ reason: "hold_expires", by: hourAfter(decidedAt + holdEnds - DAY) }];
    return state === "paid"
      ? unsettled(attempt).map(({ firstSeenAt }) => ({
          reason: "refund_unsettled",
          by: hourAfter(firstSeenAt + DAY),
          raisedFrom: firstSeenAt + DAY,
          isOfRefund: true,
        }))
      : [];
  }

  /** The attention that an order still lacks. */
  function missingNotices({ attempts, attention, redactedAt }: ChargeRecord): readonly Notice[] {
    if (redactedAt !== null) return [];
    return attempts.flatMap((attempt) =>
      noticesOf(attempt).filter(
        ({ reason, by, isOfRefund = false, raisedFrom = by }) =>
          !attention.some(
            (raised) => raised.reason === reason && raised.attempt === attempt.number && (!isOfRefund || raised.at >= raisedFrom),
          ),
      ),
    );
  }

  return {
    onEvent(event): void {
      if (event.type !== "applied") return;
      const { before, after } = event;
      if (after.attempts.some(({ state }, index) => state === "undecided" && before.attempts[index]?.state === "failed"))
        reopenedAt = schedule.now;
    },
    check(record): void {
      const text = object.rows.record;
      if (text !== checkedText || context.ruleNumbers() !== checkedNumbers) {
        checkedText = text;
        checkedNumbers = context.ruleNumbers();
        due = missingNotices(record);
      }
      // A changed constant counts from when the object is next opened.
      if (due.length === 0 || object.openedAt === null) return;
      const calmSince = Math.max(context.lastDisturbance(), object.openedAt, reopenedAt);
      if (schedule.now <= calmSince + ALARM_TAKES) return;
      const late = due.find(({ by }) => object.now > by + ALARM_TAKES + 2 * context.clockSkew());
      if (late !== undefined)
        fail(
          late.isOfRefund === true ? "M8" : "M5",
          `attention ${late.reason} was due ${Math.round((object.now - late.by) / MINUTE)} min ago, and is not raised`,
        );
    },
  };
}
