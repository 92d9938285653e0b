/** The log of the edge under a load: what is kept of it. */
import { expect, test } from "vitest";
import { EdgeLog } from "./edge-log.ts";

test("requests are counted, errors are kept, and workerd's own lines do not displace those of the command", () => {
  const log = new EdgeLog();
  for (let line = 0; line < 200; line += 1)
    log.add("workerd/jsg/util.c++:410: error: SQLite failed; database or disk is full: SQLITE_FULL");
  const error = '{"event":"error","at":"2026-11-29T22:44:50.388Z","error":"Error"}';
  const failed = '{"event":"request","at":"2026-11-29T22:44:50.388Z","route":"/v1/charges","status":500}';
  const ready = "Ready on http://127.0.0.1:8787";
  for (const line of [ready, error, failed, failed.replace("500", "201"), failed.replace("500", "201"), '{"event":"request", cut off'])
    log.add(line);
  expect(log.plain).toEqual([ready, '{"event":"request", cut off']);
  expect(log.alarming).toEqual([error, failed]);
  expect([201, 500, 503].map((status) => log.requests("/v1/charges", status))).toEqual([2, 1, 0]);
});
