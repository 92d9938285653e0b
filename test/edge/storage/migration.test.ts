import { expect, test } from "vitest";
import { migrate, migrateRecord } from "../../../edge/storage/migration.ts";
import { RECORD_VERSION } from "../../../edge/machine/record.ts";
import { OrderHistory } from "../machine/order-history.ts";

/** Migrations of invented versions: the first renames a member, the second adds one. */
const MIGRATIONS = {
  1: ({ old, ...record }: Readonly<Record<string, unknown>>) => ({ ...record, renamed: old }),
  2: (record: Readonly<Record<string, unknown>>) => ({ ...record, added: null }),
};

test("a record of an older version is migrated version by version", () => {
  expect(migrate({ version: 1, old: "kept" }, MIGRATIONS, 3)).toEqual({ version: 3, renamed: "kept", added: null });
  expect(migrate({ version: 2, renamed: "kept" }, MIGRATIONS, 3)).toEqual({ version: 3, renamed: "kept", added: null });
});

test("a record of this version is used as it is", () => {
  const order = new OrderHistory();
  order.succeed();
  expect(migrateRecord(JSON.parse(JSON.stringify(order.record)))).toEqual(order.record);
});

test.each([RECORD_VERSION + 1, 0, null, "1", "2", undefined])(
  "a record of version %s is refused, because an older deployment must not change it",
  (version) => {
    expect(() => migrateRecord({ version })).toThrow(new TypeError(`This deployment does not know records of version ${String(version)}`));
  },
);

test.each(["1", "2"])("a version that is the text %j is refused, also where a migration has that number", (version) => {
  expect(() => migrate({ version }, MIGRATIONS, 3)).toThrow(new TypeError(`This deployment does not know records of version ${version}`));
});
