/** What the command line means: the doctor by itself, or with a live trial. */
import { parseArgs } from "node:util";
import { doctorAt } from "./doctor-report.ts";
import { readEdgeUrl } from "./edge-url.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { readTrial, TRIAL_OPTIONS, TRIAL_USAGE } from "./trial-options.ts";
import { runTrial } from "./trial.ts";

const USAGE = `Usage: freedom-pay-charge doctor URL
  Examines a deployment of the edge, charging nothing. URL is where it is, such as https://pay.shop.example:
  https, or http on this machine. Its API key is taken from the environment: EDGE_API_KEY.
  Exit code: 0 all is well, 1 something was found, 2 it could not be examined.

${TRIAL_USAGE}`;

/**
 * Runs the command.
 *
 * @param args without the name of the command: `["doctor", "https://pay.shop.example"]`
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { env, write } = terminal;
  const usage = (fault: string): ExitCode => {
    write(`${fault}\n\n${USAGE}\n`);
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
    const trial = readTrial(values, env, url);
    return typeof trial === "string" ? usage(trial) : runTrial(trial, terminal);
  }
  if (url === undefined) return usage("Where is the edge? Its URL is missing");
  const edge = readEdgeUrl(url);
  if (typeof edge !== "string") return usage(edge.fault);
  const apiKey = env["EDGE_API_KEY"]?.trim().split(/\s+/)[0] ?? "";
  if (apiKey === "") return usage("EDGE_API_KEY is not set in the environment");
  return doctorAt(edge, apiKey, write);
}

type Parsed = ReturnType<typeof parseCommand>;

function parseCommand(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: { help: { type: "boolean", short: "h" }, ...TRIAL_OPTIONS } });
}

function parse(args: readonly string[]): Parsed | string {
  try {
    return parseCommand(args);
  } catch (error) {
    return error instanceof Error ? error.message : "This cannot be read";
  }
}
