import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ELEMENT_LIMIT, grownModules, measureElement } from "../../scripts/element.ts";

/** The size of each module when the figures were last written down: `node scripts/element-size.ts`. */
const recorded = JSON.parse(readFileSync(new URL("element-size.json", import.meta.url), "utf8")) as Record<string, number>;

test("the script-tag file has at most 20 KB, with Lit and three languages", async () => {
  const { total, modules } = await measureElement();
  expect(total, `${total} bytes of gzip -9, at most ${ELEMENT_LIMIT}. Grown: ${grownModules(modules, recorded)}`).toBeLessThanOrEqual(
    ELEMENT_LIMIT,
  );
  // With modules missing in the record, the message could not name the module that grew.
  expect(Object.keys(recorded).toSorted()).toEqual(Object.keys(modules).toSorted());
});

test("from two measurements it names the modules that grew, the largest growth first", () => {
  expect(grownModules({ "a.ts": 100, "b.ts": 90, "new.ts": 70, "c.ts": 10 }, { "a.ts": 95, "b.ts": 90, "c.ts": 40 })).toBe(
    "new.ts by 70 to 70, a.ts by 5 to 100",
  );
  expect(grownModules({ "a.ts": 1 }, { "a.ts": 1 })).toBe("no module");
});
