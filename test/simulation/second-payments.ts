/**
 * Payments that the gateway makes for an order_id which has one already, because its replay of the order_id has ended.
 *
 * M3 keeps the order_id after silence so that the gateway's own replay of it forbids a second payment. Before a later attempt is sent
 * the edge reads the order_id; so a second payment is the gateway's broken promise only where those reads did not show the first one: because
 * they said that there is none, because an older state was put back which knows of no attempt, or because the edge's clock was set and
 * silence was believed too early. That much of I1 is not the edge's to keep. Everything else is.
 */
import type { Payment } from "../../src/simulator/index.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { Happening, Passage } from "./happening.ts";

/** What is known of a history when a second payment is made. */
export interface Misled {
  /** Reads said `{}`, an older state was put back, or the clock was set. */
  readonly wasMisled: boolean;
  /** Payments that were there before the order. */
  readonly oldIds: ReadonlySet<string>;
  /** The books of the order's gateway. */
  readonly payments: Iterable<Payment>;
}

/** Collects them. */
export class SecondPayments {
  /** The ids of second payments, and of those that they are second to. */
  readonly ids = new Set<string>();
  /** Whether the newest read about an order_id showed a payment. */
  readonly #shows = new Map<string, boolean>();
  /** Whether the newest read had shown a payment when a create left, by X-Request-Id. */
  readonly #knewOne = new Map<string, boolean>();
  /** The order_id of a payment, by its id. */
  readonly #orderOf = new Map<string, string>();

  /** @returns whether a second payment was made that the edge could not forbid */
  hear(happening: Happening, { wasMisled, oldIds, payments }: Misled): boolean {
    if (happening.what === "evicted") {
      // An older state knows nothing of what was read after it.
      if (happening.why.includes("older state")) this.#shows.clear();
    } else if (happening.what === "departed") this.#departed(happening.passage);
    else if (happening.what === "ended" && happening.heard) this.#read(happening.passage, happening.outcome);
    else if (happening.what === "acted" && happening.made !== null) {
      const { id, orderId } = happening.made;
      this.#orderOf.set(id, orderId);
      const all = [...payments].filter((other) => other.orderId === orderId && !oldIds.has(other.id));
      if (all.length < 2 || !wasMisled || this.#knewOne.get(happening.call.requestId) === true) return false;
      for (const other of all) this.ids.add(other.id);
      return true;
    }
    return false;
  }

  #departed({ call }: Passage): void {
    const { order_id } = JSON.parse(call.body) as { readonly order_id?: string };
    if (call.action.name === "gateway.payment.create" && order_id !== undefined)
      this.#knewOne.set(call.requestId, this.#shows.get(order_id) === true);
  }

  #read({ call }: Passage, outcome: Outcome<unknown>): void {
    if (call.action.name !== "gateway.payment.status") return;
    const { id, order_id } = JSON.parse(call.body) as { readonly id?: string; readonly order_id?: string };
    const orderId = order_id ?? this.#orderOf.get(id ?? "");
    if (orderId === undefined) return;
    if (outcome.kind === "refused" && outcome.category === "not_found") this.#shows.set(orderId, false);
    else if (outcome.kind === "answered") this.#shows.set(orderId, "id" in (outcome.answer as object));
  }
}
