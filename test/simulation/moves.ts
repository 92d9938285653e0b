/** Why attempts take another gateway order_id than the one that a payment protects. An older state does not know it. */
import type { Api, ChargeRecord } from "../../edge/machine/record.ts";

/** How often an order took another order_id without a payment that a read would find: bare refusals, used order_ids, changes of the API. */
function movesOf({ attempts }: ChargeRecord): number {
  const changes = attempts.filter(({ api }, index) => index > 0 && attempts[index - 1]?.api !== api).length;
  const refusals = attempts.filter(({ failure }) => failure?.by === "refusal").length;
  // The send after a used order_id goes under the next one.
  const used = attempts
    .flatMap(({ sends }) => sends.slice(0, -1))
    .filter(({ superseded, end }) => superseded && end?.code === "9991").length;
  return changes + refusals + used;
}

/** The moves of an order, and the APIs that it was sent by. */
export class Moves {
  /** Whether a restored state lacks a move, or every attempt of an API. The reads before a later attempt cannot find the payment then. */
  areLost = false;
  #most = 0;
  readonly #sentBy = new Set<Api>();

  note(record: ChargeRecord, wasRestored: boolean): void {
    const known = new Set(record.attempts.filter(({ sends }) => sends.length > 0).map(({ api }) => api));
    const lacksApi = known.size > 0 && [...this.#sentBy].some((api) => !known.has(api));
    if (wasRestored && record.redactedAt === null && (movesOf(record) < this.#most || lacksApi)) this.areLost = true;
    this.#most = Math.max(this.#most, movesOf(record));
    for (const api of known) this.#sentBy.add(api);
  }
}
