/** The probabilities of one kind of scenario. Types only. */
import type { CallKind } from "./scenario.ts";

/** One kind of scenario. Each number is a probability, except the weight. */
export interface ScenarioKind {
  readonly name: string;
  readonly weight: number;
  /** That one of the first calls fails, by kind of call. */
  readonly faultRates: Readonly<Record<Exclude<CallKind, "page" | "cards">, number>>;
  /** That all reads of the first minute lag by the same time, up to 20 s. */
  readonly laggingReads: number;
  /** That the shop charges in two steps. */
  readonly twoStep: number;
  readonly declines: number;
  /** That the merchant's server requests clearings, reverses and refunds. */
  readonly operations: number;
  readonly outage: number;
  readonly evictions: number;
  readonly clockSteps: number;
  readonly restores: number;
  readonly storageFailures: number;
  readonly keyRotation: number;
  readonly oldPayments: number;
  /** That the gateway's payments are odd: other amounts, unknown statuses. */
  readonly oddPayments: number;
  /** That the order is closed, or a stuck one resolved. */
  readonly closes: number;
}
