/** The storage of a shard for tests in Node: real SQLite in memory. */
import { DatabaseSync } from "node:sqlite";
import type { ShardStorage, Sql, SqlRows, SqlValue } from "../../../edge/storage/sql.ts";

export class SqliteStorage implements ShardStorage {
  readonly sql: Sql;
  /** The size that the storage reports. A database of ten gigabytes takes too long to fill. */
  reportedBytes = 0;
  readonly #db = new DatabaseSync(":memory:");

  constructor() {
    const size = (): number => this.reportedBytes;
    this.sql = {
      exec: (statement, ...bindings) => this.#exec(statement, bindings),
      get databaseSize() {
        return size();
      },
    };
  }

  /** The rows that were ever written, also by a transaction that was rolled back. */
  get writtenRows(): number {
    return Number(this.#db.prepare("SELECT total_changes() AS rows").get()?.["rows"]);
  }

  /** The rows of a query. */
  all(statement: string, ...bindings: SqlValue[]): Record<string, SqlValue>[] {
    return this.sql.exec(statement, ...bindings).toArray();
  }

  transactionSync<Value>(closure: () => Value): Value {
    this.#db.exec("BEGIN");
    try {
      const value = closure();
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #exec<Row>(statement: string, bindings: readonly SqlValue[]): SqlRows<Row> {
    // A prepared statement is one statement. Several, those that make tables, have no bindings.
    if (statement.includes(";\n")) {
      this.#db.exec(statement);
      return rowsOf<Row>([]);
    }
    return rowsOf(this.#db.prepare(statement).all(...(bindings as (string | number | null)[])) as Row[]);
  }
}

function rowsOf<Row>(rows: Row[]): SqlRows<Row> {
  return {
    toArray: () => rows,
    one() {
      const [row] = rows;
      if (row === undefined || rows.length > 1) throw new Error(`Expected one row, got ${rows.length}`);
      return row;
    },
  };
}
