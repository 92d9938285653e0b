/**
 * Second payments that the gateway makes for one order_id, because its replay of the order_id has expired.
 *
 * M3 keeps the order_id after silence, so that the gateway's own replay prevents a second payment. Before a later attempt is sent the edge
 * reads the order_id. The edge could not prevent a second payment if those reads did not show the first one:
 * 1. They said that there is none.
 * 2. An older state was restored that does not have the attempt.
 * 3. The edge's clock was set, and "never seen" counted too early.
 * I1 does not count these payments. All other rules still hold.
 */
import type { Payment } from "../../src/simulator/index.ts";
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import { apiOf, kindOf, namesOf } from "./call-facts.ts";
import type { SimulationEvent, InFlightCall } from "./simulation-event.ts";

/** What is known about a history when a second payment is made. */
export interface SecondPaymentContext {
  /** Whether a read said `{}`, an older state was restored, or the clock was set. */
  readonly edgeWasMisled: boolean;
  /** Payments that existed before the order. */
  readonly oldIds: ReadonlySet<string>;
  /** The payments of v5 in the books of the order's gateway. The Merchant API makes no second payment for an order_id. */
  readonly payments: Iterable<Payment>;
}

/** Collects second payments. */
export class SecondPayments {
  /** The ids of second payments, and of the payments before them. */
  readonly ids = new Set<string>();
  /** Whether the newest read of an order_id showed a payment. */
  readonly #newestReadShows = new Map<string, boolean>();
  /** Whether the newest read had shown a payment when a create was sent, by X-Request-Id. */
  readonly #knewPayment = new Map<string, boolean>();
  /** The order_id of a payment, by its id. */
  readonly #orderOf = new Map<string, string>();

  /** @returns whether a second payment was made that the edge could not prevent */
  onEvent(event: SimulationEvent, { edgeWasMisled, oldIds, payments }: SecondPaymentContext): boolean {
    if (event.type === "evicted") {
      // A restored state does not have later reads.
      if (event.why.includes("older state")) this.#newestReadShows.clear();
    } else if (event.type === "call_sent") this.#sentRequestIds(event.inFlight);
    else if (event.type === "call_ended" && event.isDelivered) this.#read(event.inFlight, event.outcome);
    else if (event.type === "gateway_acted" && event.made !== null) {
      const { id, orderId } = event.made;
      this.#orderOf.set(id, orderId);
      const all = [...payments].filter((other) => other.orderId === orderId && !oldIds.has(other.id));
      if (all.length < 2 || !edgeWasMisled || this.#knewPayment.get(event.call.requestId) === true) return false;
      for (const other of all) this.ids.add(other.id);
      return true;
    }
    return false;
  }

  #sentRequestIds({ call }: InFlightCall): void {
    const { orderId } = namesOf(call);
    if (kindOf(call) === "create" && orderId !== null) this.#knewPayment.set(call.requestId, this.#newestReadShows.get(orderId) === true);
  }

  #read({ call }: InFlightCall, outcome: GatewayOutcome<unknown>): void {
    if (kindOf(call) !== "payment_status" || apiOf(call) !== "async") return;
    const names = namesOf(call);
    const orderId = names.orderId ?? this.#orderOf.get(names.id ?? "");
    if (orderId === undefined) return;
    if (outcome.kind === "refused" && outcome.category === "not_found") this.#newestReadShows.set(orderId, false);
    else if (outcome.kind === "answered") this.#newestReadShows.set(orderId, "id" in (outcome.answer as object));
  }
}
