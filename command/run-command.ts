/** Parses the command line: the doctor, or the doctor's live test. */
import { parseArgs } from "node:util";
import { runDoctor } from "./doctor-report.ts";
import { readEdgeUrl } from "./edge-url.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { readLiveTestOptions, LIVE_TEST_FLAGS, LIVE_TEST_USAGE } from "./live-test-options.ts";
import { runLiveTest } from "./live-test.ts";

const USAGE = `Usage: freedom-pay-charge doctor URL
  Checks a deployment of the edge without a charge. URL is its address, such as https://pay.shop.example:
  https, or http on this machine. The environment variable EDGE_API_KEY has its API key.
  Exit code: 0 no problems, 1 problems found, 2 the edge could not be checked.

${LIVE_TEST_USAGE}`;

/**
 * Runs the command.
 *
 * @param args without the name of the command: `["doctor", "https://pay.shop.example"]`
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { env, write } = terminal;
  const usage = (problem: string): ExitCode => {
    write(`${problem}\n\n${USAGE}\n`);
    return 2;
  };
  const parsed = parse(args);
  if (typeof parsed === "string") return usage(parsed);
  const { positionals, values } = parsed;
  if (values.help === true) {
    write(`${USAGE}\n`);
    return 0;
  }
  const [command, url, ...others] = positionals;
  if (command !== "doctor" || others.length > 0) return usage("The command is: doctor");
  if (values.live !== undefined) {
    const liveTest = readLiveTestOptions(values, env, url);
    return typeof liveTest === "string" ? usage(liveTest) : runLiveTest(liveTest, terminal);
  }
  if (url === undefined) return usage("The URL of the edge is missing");
  const edge = readEdgeUrl(url);
  if (typeof edge !== "string") return usage(edge.problem);
  const apiKey = env["EDGE_API_KEY"]?.trim().split(/\s+/)[0] ?? "";
  if (apiKey === "") return usage("EDGE_API_KEY is not set in the environment");
  return runDoctor(edge, apiKey, write);
}

type Parsed = ReturnType<typeof parseCommand>;

function parseCommand(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: { help: { type: "boolean", short: "h" }, ...LIVE_TEST_FLAGS } });
}

function parse(args: readonly string[]): Parsed | string {
  try {
    return parseCommand(args);
  } catch (error) {
    return error instanceof Error ? error.message : "The command line is invalid";
  }
}
