/** What test/bench/counted/worker.ts counts. */
export interface Counts {
  /** Rows written, by table, entries of indexes included. */
  readonly rows: Record<string, number>;
  /** How often an alarm was set, by when it was to fire. */
  readonly alarmsSet: Record<string, number>;
  /** Requests of objects, by method. `alarm` is one that fired. */
  readonly requests: Record<string, number>;
}
