/** Set-up of every project: `vi.waitFor` and `vi.waitUntil` wait as long as a slow machine needs, and not for a second. */
import { vi } from "vitest";
import { WAIT_LIMIT } from "../scripts/patience.ts";

const { waitFor, waitUntil } = vi;

type Options = Parameters<typeof waitFor>[1];

function patient(options: Options): Options {
  return { timeout: WAIT_LIMIT, ...(typeof options === "object" ? options : {}) };
}

vi.waitFor = (look, options) => waitFor(look, patient(options));
vi.waitUntil = (look, options) => waitUntil(look, patient(options));
