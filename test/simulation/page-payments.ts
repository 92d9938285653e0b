/**
 * Payments on payment pages that nothing could stop (P6), and the ids of tries that the edge could know (P2.6).
 *
 * A second payment is possible although the edge is right:
 * 1. The gateway sent no check, or does not heed its answer.
 * 2. The check was answered `ok` more than 15 minutes before another attempt began: for so long a page does not give way.
 * 3. The gateway lets somebody pay a page that is paid.
 * 4. An older state was restored, which does not have the check.
 */
import type { SimulationEvent } from "./simulation-event.ts";
import type { Books } from "./books.ts";
import { MINUTE } from "./scenario.ts";

/** How long a check that was answered `ok` holds its page. */
const CHECK_HOLDS = 15 * MINUTE;

/** Ids of tries that the edge keeps of one page. */
const MOST_TRIES = 3;

interface EndedCheck {
  readonly at: number;
  readonly stops: boolean;
}

export class PagePayments {
  /** By the id of the try: its last check. */
  readonly #checks = new Map<string, EndedCheck>();
  /** When an attempt first was stored under an order_id. True time. */
  readonly #beganAt = new Map<string, number>();
  /** The ids of tries that anything named, by order_id. */
  readonly #named = new Map<string, string[]>();

  /** An older state is restored: it does not have the checks that were answered `ok` later, nor ids that were named later. */
  forget(): void {
    this.#checks.clear();
    this.#named.clear();
  }

  /** @param keys with which the edge verifies notifications */
  onEvent(event: SimulationEvent, now: number, keys: readonly string[]): void {
    if (event.type === "check_ended" && event.tryId !== null) this.#checks.set(event.tryId, { at: now, stops: event.stops });
    else if (event.type === "applied")
      for (const { gatewayOrderId, page } of event.after.attempts) {
        if (!this.#beganAt.has(gatewayOrderId)) this.#beganAt.set(gatewayOrderId, now);
        for (const { id } of page?.tries ?? []) this.#name(gatewayOrderId, id);
      }
    else if (
      event.type === "callback_delivered" &&
      event.signedWith !== null &&
      keys.includes(event.signedWith) &&
      event.answer !== "unanswered" &&
      event.callback.facts.id !== null
    )
      this.#name(event.callback.facts.order_id, event.callback.facts.id);
  }

  #name(orderId: string, id: string): void {
    const known = this.#named.get(orderId) ?? [];
    if (!known.includes(id)) this.#named.set(orderId, [...known, id]);
  }

  /** Whether a payment could be known: the read of its number shows it, or something named it. */
  isKnowable(id: string, books: Books): boolean {
    const payment = books.payment(id);
    if (payment === undefined || !books.isOnPage(payment)) return true;
    if (books.models.merchant.orders.get(payment.orderId)?.paymentId === id) return true;
    const named = this.#named.get(payment.orderId) ?? [];
    // Of more the edge keeps those that may still be paid, as far as it can know.
    return named.length <= MOST_TRIES && named.includes(id);
  }

  /** The payments of pages that nothing could stop, among those that took money. @param skew of the edge's clock, ms */
  unstoppable(ids: readonly string[], books: Books, skew: number): ReadonlySet<string> {
    const paid = ids.map((id) => books.payment(id)).filter((payment) => payment !== undefined);
    const found = paid.filter((payment) => {
      if (!books.isOnPage(payment)) return false;
      const check = this.#checks.get(payment.id);
      if (check === undefined || !check.stops) return true;
      return paid.some(
        (other) =>
          other !== payment &&
          (other.orderId === payment.orderId || (this.#beganAt.get(other.orderId) ?? 0) >= check.at + CHECK_HOLDS - 2 * skew),
      );
    });
    return new Set(found.map(({ id }) => id));
  }
}
