/** The suite as one module, which scripts/runtimes/ builds into one file for every runtime. */
import * as subject from "./subject.ts";
import { runCases } from "./suite/case.ts";
import { suiteOf } from "./suite/suite.ts";

/** Runs the suite. @param gatewayUrl of a gateway on loopback @returns the report as JSON */
export async function run(gatewayUrl: string): Promise<string> {
  return JSON.stringify(await runCases(suiteOf(subject, gatewayUrl)));
}
