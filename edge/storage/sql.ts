/** The part of a Durable Object's storage that the edge uses: synchronous SQLite. The simulation and tests have their own. */

export type SqlValue = ArrayBuffer | string | number | null;

export interface SqlRows<Row> {
  toArray(): Row[];
  one(): Row;
}

export interface Sql {
  exec<Row extends Record<string, SqlValue>>(statement: string, ...bindings: SqlValue[]): SqlRows<Row>;
  /** The size of the database, in bytes. */
  readonly databaseSize: number;
}

export interface ShardStorage {
  readonly sql: Sql;
  /** Runs a function in one transaction: it is rolled back if the function throws. */
  transactionSync<Value>(closure: () => Value): Value;
}
