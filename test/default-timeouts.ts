/** Set-up of every project: `vi.waitFor` and `vi.waitUntil` get a time-out for slow machines instead of one second. */
import { vi } from "vitest";
import { WAIT_LIMIT } from "../scripts/timeouts.ts";

const { waitFor, waitUntil } = vi;

type Options = Parameters<typeof waitFor>[1];

function withDefaultTimeout(options: Options): Options {
  return { timeout: WAIT_LIMIT, ...(typeof options === "object" ? options : {}) };
}

vi.waitFor = (condition, options) => waitFor(condition, withDefaultTimeout(options));
vi.waitUntil = (condition, options) => waitUntil(condition, withDefaultTimeout(options));
