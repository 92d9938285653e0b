/** Parses the command line, and runs one of the package's commands. */
import { parseArgs } from "node:util";
import { backup, BACKUP_USAGE } from "./backup.ts";
import { runDoctor } from "./doctor-report.ts";
import { readEdgeUrl } from "./edge-url.ts";
import { readLiveTestOptions, LIVE_TEST_FLAGS, LIVE_TEST_USAGE } from "./live-test-options.ts";
import { runLiveTest } from "./live-test.ts";
import { restore, RESTORE_FLAGS, RESTORE_USAGE } from "./restore.ts";
import { isListenAddress, serve, SERVE_FLAGS, SERVE_USAGE } from "./serve.ts";
import { defaultStateFolder } from "./state-folder.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const USAGE = `Usage: freedom-pay-charge doctor URL
  Checks a deployment of the edge without a charge. URL is its address, such as https://pay.shop.example:
  https, or http on this machine. The environment variable EDGE_API_KEY has its API key.
  Exit code: 0 no problems, 1 problems found, 2 the edge could not be checked.

${LIVE_TEST_USAGE}

${SERVE_USAGE}

${BACKUP_USAGE}

${RESTORE_USAGE}`;

/** Runs a command with its own arguments. A text says what is wrong with them. */
type Command = (args: string[], terminal: Terminal, worker: string | undefined) => Promise<ExitCode> | string;

const COMMANDS: Readonly<Record<string, Command>> = {
  doctor: doctorCommand,
  serve: serveCommand,
  backup: backupCommand,
  restore: restoreCommand,
};

/**
 * Runs the command.
 *
 * @param args without the name of the package: `["doctor", "https://pay.shop.example"]`
 * @param worker the folder of the built Worker (default: that in the package)
 */
export async function runCommand(args: readonly string[], terminal: Terminal, worker?: string): Promise<ExitCode> {
  const { write } = terminal;
  if (args.includes("--help") || args.includes("-h")) {
    write(`${USAGE}\n`);
    return 0;
  }
  const result = start(args, terminal, worker);
  if (typeof result !== "string") return result;
  write(`${result}\n\n${USAGE}\n`);
  return 2;
}

function start([name = "", ...args]: readonly string[], terminal: Terminal, worker: string | undefined): Promise<ExitCode> | string {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return `The command is one of: ${Object.keys(COMMANDS).join(", ")}`;
  try {
    return command(args, terminal, worker);
  } catch (error) {
    // parseArgs throws. A command itself returns a promise.
    return error instanceof Error ? error.message : "The command line is invalid";
  }
}

function doctorCommand(args: string[], terminal: Terminal): Promise<ExitCode> | string {
  const { env, write } = terminal;
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: LIVE_TEST_FLAGS });
  const [url, ...others] = positionals;
  if (others.length > 0) return "The command is: doctor URL";
  if (values.live !== undefined) {
    const liveTest = readLiveTestOptions(values, env, url);
    return typeof liveTest === "string" ? liveTest : runLiveTest(liveTest, terminal);
  }
  if (url === undefined) return "The URL of the edge is missing";
  const edge = readEdgeUrl(url);
  if (typeof edge !== "string") return edge.problem;
  const apiKey = env["EDGE_API_KEY"]?.trim().split(/\s+/)[0] ?? "";
  if (apiKey === "") return "EDGE_API_KEY is not set in the environment";
  return runDoctor(edge, apiKey, write);
}

function serveCommand(args: string[], terminal: Terminal, worker: string | undefined): Promise<ExitCode> | string {
  const { values } = parseArgs({ args, options: SERVE_FLAGS });
  const { listen, state = defaultStateFolder(terminal.env), "allow-few-files": allowFewFiles } = values;
  if (!isListenAddress(listen)) return "--listen is not an address and a port, such as 127.0.0.1:8787";
  return serve({ listen, state, allowFewFiles }, terminal, worker);
}

function backupCommand(args: string[], terminal: Terminal): Promise<ExitCode> | string {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { state: { type: "string" } } });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) return "The command is: backup FOLDER";
  return backup(folder, values.state ?? defaultStateFolder(terminal.env), terminal);
}

function restoreCommand(args: string[], terminal: Terminal): Promise<ExitCode> | string {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: RESTORE_FLAGS });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) return "The command is: restore FOLDER";
  const { state = defaultStateFolder(terminal.env), replace } = values;
  return restore(folder, { state, replace }, terminal);
}
