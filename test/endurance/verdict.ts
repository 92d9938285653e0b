/** Compares what the edge shows with the gateway's own ledger, and judges samples by their slope. Pure. */

/** An order, and what it must have cost its payer. Minor units. */
export interface ExpectedOrder {
  readonly orderId: string;
  readonly taken: number;
  readonly refunded: number;
}

/** A payment as the gateway knows it. Minor units. */
export interface BookedPayment {
  /** The gateway's: of a later attempt `ORDER--2`. */
  readonly orderId: string;
  readonly taken: number;
  readonly held: number;
  readonly refunded: number;
}

/** An order as the edge shows it to the merchant. Major units. */
export interface ShownOrder {
  readonly orderId: string;
  readonly status: string;
  readonly cleared_amount: number;
  readonly refunded_amount: number;
}

const MINOR_UNITS = 100;

/** What is wrong with the orders: lost, doubled, or shown otherwise than booked. Empty if nothing is. */
export function faultsOf(
  expected: readonly ExpectedOrder[],
  booked: readonly BookedPayment[],
  shown: readonly ShownOrder[],
): readonly string[] {
  const payments = groupedBy(
    booked.filter(({ taken, held }) => taken > 0 || held > 0),
    ({ orderId }) => orderId.replace(/--\d+$/, ""),
  );
  const views = new Map(shown.map((order) => [order.orderId, order]));
  const known = new Set(expected.map(({ orderId }) => orderId));
  const strange = [...payments.keys()]
    .filter((orderId) => !known.has(orderId))
    .map((orderId) => `${orderId}: a payment that nobody ordered`);
  return [
    ...expected.flatMap((order) => {
      const [own, view] = [payments.get(order.orderId) ?? [], views.get(order.orderId) ?? null];
      // Shown as it is: the merchant lost a sale, and nobody lost money.
      if (own.length === 0 && view?.status === "failed") return [`${order.orderId}: refused, nothing was taken`];
      return [...bookFaults(order, own), ...viewFaults(order, view)];
    }),
    ...strange,
  ];
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function bookFaults({ orderId, taken, refunded }: ExpectedOrder, payments: readonly BookedPayment[]): readonly string[] {
  const sum = (part: "taken" | "refunded"): number => payments.reduce((total, payment) => total + payment[part], 0);
  if (payments.length === 0) return [`${orderId}: lost, the gateway took nothing`];
  if (payments.length > 1) return [`${orderId}: doubled, the gateway has ${payments.length} payments`];
  return [
    ...(sum("taken") === taken ? [] : [`${orderId}: the gateway took ${sum("taken")} instead of ${taken}`]),
    ...(sum("refunded") === refunded ? [] : [`${orderId}: the gateway refunded ${sum("refunded")} instead of ${refunded}`]),
  ];
}

function viewFaults({ orderId, taken, refunded }: ExpectedOrder, view: ShownOrder | null): readonly string[] {
  if (view === null) return [`${orderId}: lost, the edge does not know it`];
  const isRight =
    view.status === "succeeded" && view.cleared_amount * MINOR_UNITS === taken && view.refunded_amount * MINOR_UNITS === refunded;
  return isRight ? [] : [`${orderId}: the edge shows ${view.status}, ${view.cleared_amount} taken, ${view.refunded_amount} refunded`];
}

/** A notification that the merchant's server has accepted. */
export interface AcceptedNotification {
  readonly id: string;
  readonly orderId: string;
}

/** What is wrong with the notifications: each order has at least one, and each was accepted once. */
export function deliveryFaults(orderIds: readonly string[], accepted: readonly AcceptedNotification[]): readonly string[] {
  const times = groupedBy(accepted, ({ id }) => id);
  const told = new Set(accepted.map(({ orderId }) => orderId));
  return [
    ...orderIds.filter((orderId) => !told.has(orderId)).map((orderId) => `${orderId}: no notification was delivered`),
    ...[...times.values()]
      .filter(({ length }) => length > 1)
      .map((same) => `${same[0]?.orderId}: notification ${same[0]?.id} was delivered ${same.length} times`),
  ];
}

/** A figure at a time. */
export interface Sample {
  readonly second: number;
  readonly figure: number;
}

/** The growth of the last half of the samples by their slope (least squares), as a share of their mean. */
export function growthOf(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (of: (sample: Sample) => number): number => half.reduce((sum, sample) => sum + of(sample), 0) / half.length;
  const [second, figure] = [mean((sample) => sample.second), mean((sample) => sample.figure)];
  const covariance = half.reduce((sum, sample) => sum + (sample.second - second) * (sample.figure - figure), 0);
  const variance = half.reduce((sum, sample) => sum + (sample.second - second) ** 2, 0);
  const length = (half.at(-1)?.second ?? 0) - (half[0]?.second ?? 0);
  return variance === 0 || figure === 0 ? 0 : ((covariance / variance) * length) / figure;
}
