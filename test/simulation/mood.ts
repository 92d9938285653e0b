/** What a history is about, as probabilities. Types only. */
import type { CallKind } from "./scenario.ts";

/** What a history is about. Each number is a probability, but for those that say what they count. */
export interface Mood {
  readonly name: string;
  readonly weight: number;
  /** That a call of the first ones is struck, by kind of call. */
  readonly strikes: Readonly<Record<CallKind, number>>;
  /** That all reads of the first minute lag behind by the same, up to 20 s. */
  readonly lags: number;
  /** That the shop charges in two steps. */
  readonly holds: number;
  readonly declines: number;
  /** That the merchant's server asks for things: clearing, reverse, refund. */
  readonly operates: number;
  readonly outage: number;
  readonly evictions: number;
  readonly clocks: number;
  readonly restores: number;
  readonly storage: number;
  readonly keys: number;
  readonly old: number;
  /** That the gateway's payments are odd: other amounts, unknown words. */
  readonly odd: number;
  /** That the order is closed, or a stuck one resolved. */
  readonly closes: number;
}
