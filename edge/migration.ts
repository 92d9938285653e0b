/** Brings a stored record of an older version up to this one. A record of a newer version is refused: an older deployment must not touch it. */
import type { ChargeRecord } from "./record.ts";
import { RECORD_VERSION } from "./record.ts";

type Stored = Record<string, unknown>;

/** From each version to the next. */
const STEPS: Readonly<Record<number, (record: Stored) => Stored>> = {
  // 1 had attempts only: no operations, resolutions or retention, and nothing that an operator adopted.
  1: (record) => ({
    ...record,
    entombedAt: null,
    operations: [],
    resolutions: [],
    attempts: rowsOf(record["attempts"]).map((attempt) => ({ ...attempt, adopted: false })),
    attention: rowsOf(record["attention"]).map((told) => ({ ...told, operation: null })),
  }),
  // 2 did not keep whether a create's own answer had the attempt's amount, nor when a payment that was refunded since was taken.
  2: (record) => ({
    ...record,
    attempts: rowsOf(record["attempts"]).map((attempt) => ({
      ...attempt,
      vouched: false,
      takenAt: attempt["state"] === "paid" ? attempt["decidedAt"] : null,
    })),
  }),
};

function rowsOf(value: unknown): readonly Stored[] {
  return Array.isArray(value) ? (value as Stored[]) : [];
}

/**
 * The record as this version keeps it.
 *
 * @param stored JSON that this package wrote, of any version up to its own
 * @throws {TypeError} for a record of a newer version, or one without a version
 */
export function migrateRecord(stored: unknown): ChargeRecord {
  let record = stored as Stored;
  for (let version = record["version"]; version !== RECORD_VERSION; version = record["version"]) {
    const step = STEPS[Number(version)];
    if (typeof version !== "number" || step === undefined)
      throw new TypeError(`No deployment like this one reads a charge of version ${String(version)}`);
    record = { ...step(record), version: version + 1 };
  }
  return record as unknown as ChargeRecord;
}
