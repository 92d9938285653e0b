/** The open files that a process may have. The edge needs three for each object that is open, and one for each connection. */
import { execFileSync } from "node:child_process";

/** With an order in each of the 256 shards, and as many connections as workerd takes at once on a small server. */
export const ENOUGH_FILES = 8192;

/** The limit for processes that this one starts; Infinity without one. Node has raised its own to the hard limit at its start. */
export function openFilesLimit(): number {
  const text = execFileSync("/bin/sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  return text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
}

/** What to do about a limit that is too low; null if it is high enough. */
export function whyTooFewFiles(limit: number): string | null {
  if (limit >= ENOUGH_FILES) return null;
  return (
    `Only ${limit} files may be open, and the edge needs ${ENOUGH_FILES}. Raise it by \`ulimit -n ${ENOUGH_FILES}\` in the shell, ` +
    `or LimitNOFILE=${ENOUGH_FILES} in the systemd unit; --allow-few-files starts all the same`
  );
}
