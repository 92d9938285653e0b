#!/usr/bin/env node
// The package's command: npx freedom-pay-charge doctor, serve, backup, restore. See docs/doctor.md and docs/backup.md.
import { runCommand } from "./run-command.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  input: process.stdin,
  write: (text) => void process.stdout.write(text),
});
