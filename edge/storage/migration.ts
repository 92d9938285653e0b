/** Brings a stored record of an older version up to this one. A record of a newer version is refused: an older deployment must not touch it. */
import type { ChargeRecord } from "../machine/record.ts";
import { RECORD_VERSION } from "../machine/record.ts";

/** A record as it was read from storage. */
export type StoredRecord = Readonly<Record<string, unknown>>;

/** For each version, how a record of that version becomes one of the next. */
export type RecordMigrations = Readonly<Record<number, (record: StoredRecord) => StoredRecord>>;

/** There is one version: nothing was released before it. */
const MIGRATIONS: RecordMigrations = {};

/**
 * The record as this version keeps it.
 *
 * @param stored JSON that this package wrote, of any version up to its own
 * @throws {TypeError} for a record of a newer version, or one without a version
 */
export function migrateRecord(stored: unknown): ChargeRecord {
  return migrate(stored, MIGRATIONS, RECORD_VERSION) as unknown as ChargeRecord;
}

/**
 * Applies migrations one after another. {@link migrateRecord} gives it this version's own.
 *
 * @throws {TypeError} for a version that the migrations do not lead up from
 */
export function migrate(stored: unknown, migrations: RecordMigrations, newest: number): StoredRecord {
  let record = stored as StoredRecord;
  for (let version = record["version"]; version !== newest; version = record["version"]) {
    const next = migrations[Number(version)];
    if (typeof version !== "number" || next === undefined)
      throw new TypeError(`This deployment does not know records of version ${String(version)}`);
    record = { ...next(record), version: version + 1 };
  }
  return record;
}
