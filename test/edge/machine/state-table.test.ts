import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ANSWERS, ASKS, stateTable } from "./state-table.ts";

/** From the root of the project, where the tests are run. */
const README = "edge/README.md";

test.each([
  ["asks", ASKS],
  ["answers", ANSWERS],
])("the table of %s in edge/README.md matches the state machine", (name, happenings) => {
  const text = readFileSync(README, "utf8");
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `\n<!-- ${name}: end -->`];
  const table = stateTable(happenings);
  if (process.env["UPDATE_STATE_TABLE"] === "1") {
    const updated = text.slice(0, text.indexOf(begin) + begin.length) + table + text.slice(text.indexOf(end));
    writeFileSync(README, updated);
    return;
  }
  expect(text.slice(text.indexOf(begin) + begin.length, text.indexOf(end))).toBe(table);
});
