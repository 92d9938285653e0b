import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { migrateTables, tablesVersion } from "../../../edge/storage/tables.ts";
import { object } from "../with-gateway.ts";

const FIRST = ["CREATE TABLE one (value TEXT NOT NULL)", "INSERT INTO one (value) VALUES ('first')"];
const SECOND = ["ALTER TABLE one ADD COLUMN more TEXT NOT NULL DEFAULT 'second'"];

test("tables of an older version are migrated, and no step runs twice", async () => {
  const rows = await runInDurableObject(object(), (_, { storage: { sql } }) => {
    const versions = [tablesVersion(sql)];
    for (const migrations of [[FIRST], [FIRST, SECOND], [FIRST, SECOND]]) {
      migrateTables(sql, migrations);
      versions.push(tablesVersion(sql));
    }
    return [versions, sql.exec("SELECT * FROM one").toArray()];
  });
  expect(rows).toEqual([[0, 1, 2, 2], [{ value: "first", more: "second" }]]);
});

test("tables of a newer version are unchanged, because changes only add to tables", async () => {
  const version = await runInDurableObject(object(), (_, { storage: { sql } }) => {
    migrateTables(sql, [FIRST, SECOND]);
    migrateTables(sql, [FIRST]);
    return tablesVersion(sql);
  });
  expect(version).toBe(2);
});
