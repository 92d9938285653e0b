import { expect, test } from "vitest";
import * as time from "../../../src/lib/time.ts";

test("durations are milliseconds", () => {
  expect({ ...time }).toEqual({ SECOND: 1_000, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 });
});
