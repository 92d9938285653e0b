import { buildElementIfStale } from "./element.ts";

/** vitest's global set-up of the projects whose Worker serves the element's file. */
export async function setup(): Promise<void> {
  await buildElementIfStale();
}
