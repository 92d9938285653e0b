/** What a history is about, as probabilities. Types only. */
import type { CallKind } from "./scenario.ts";

/** What a history is about. Each number is a probability, but for those that say what they count. */
export interface ScenarioKind {
  readonly name: string;
  readonly weight: number;
  /** That a call of the first ones is struck, by kind of call. */
  readonly faultRates: Readonly<Record<CallKind, number>>;
  /** That all reads of the first minute lag behind by the same, up to 20 s. */
  readonly laggingReads: number;
  /** That the shop charges in two steps. */
  readonly twoStep: number;
  readonly declines: number;
  /** That the merchant's server asks for things: clearing, reverse, refund. */
  readonly operations: number;
  readonly outage: number;
  readonly evictions: number;
  readonly clockSteps: number;
  readonly restores: number;
  readonly storageFailures: number;
  readonly keyRotation: number;
  readonly oldPayments: number;
  /** That the gateway's payments are odd: other amounts, unknown words. */
  readonly oddPayments: number;
  /** That the order is closed, or a stuck one resolved. */
  readonly closes: number;
}
