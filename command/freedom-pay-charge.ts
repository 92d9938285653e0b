#!/usr/bin/env node
// The package's command: npx freedom-pay-charge doctor URL, serve. See docs/doctor.md and README.md.
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  input: process.stdin,
  write: (text) => void process.stdout.write(text),
});
