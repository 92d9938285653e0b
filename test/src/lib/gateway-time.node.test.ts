/** Sets the machine's time zone, which needs a separate process. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const MODULES = {
  time: new URL("../../../src/lib/gateway-time.ts", import.meta.url).href,
  outcome: new URL("../../../src/outcome.ts", import.meta.url).href,
};

/** Texts with and without an offset, and texts that are not times. */
const PROGRAM = `
const { gatewayTime } = await import(${JSON.stringify(MODULES.time)});
const { retryAfter } = await import(${JSON.stringify(MODULES.outcome)});
const times = ["2025-06-20 12:13:31", "2025-06-20T12:13:31.5", "2025-06-20T07:13:31Z", "2025-06-20T13:13:31+06:00", "2025-06-20", "June 20, 2025"];
const dated = (date) => retryAfter(new Headers({ "Retry-After": "Fri, 20 Jun 2025 07:14:31 GMT", Date: date }));
console.log(JSON.stringify([times.map(gatewayTime), dated("Fri, 20 Jun 2025 07:13:31 GMT"), dated("Fri, 20 Jun 2025 07:13:31")]));
`;

test.each(["UTC", "America/New_York", "Asia/Almaty", "Pacific/Kiritimati"])("a machine in %s reads the same instants", (zone) => {
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    env: { PATH: process.env["PATH"], TZ: zone },
    encoding: "utf8",
  });
  const at = Date.parse("2025-06-20T07:13:31Z");
  // A Date that is none is not used: that Retry-After is long over.
  expect(JSON.parse(output)).toEqual([[at, at + 500, at, at, null, null], 60, 0]);
});
