/** Runs the service of docs/self-hosting.md where systemd does not: its command under its user, with its limits and nothing to write to. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { unitValues, walkBlock } from "../../scripts/deploy-page.ts";
import { until } from "../process/test-server.ts";

/** The settings of the service. */
export const SETTINGS_FILE = "/etc/freedom-pay-charge.env";

/** A started program, and what it has written. */
export interface Program {
  readonly output: () => string;
  /** Ends it with SIGTERM. Resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a program. */
export function startProgram(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Program {
  const child: ChildProcess = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return {
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/**
 * Starts the service, and waits until it is ready. Of the unit these hold: User, EnvironmentFile, ExecStart, StateDirectory and its mode, UMask,
 * LimitNOFILE, NoNewPrivileges, no capabilities, ProtectSystem=strict, PrivateTmp.
 */
export async function startService(): Promise<Program> {
  const unit = walkBlock("unit");
  const value = (key: string): string => {
    const [found, ...others] = unitValues(unit, key);
    if (found === undefined || others.length > 0)
      throw new Error(`The unit has ${others.length + (found === undefined ? 0 : 1)} times ${key}`);
    return found;
  };
  const user = value("User");
  const state = `/var/lib/${value("StateDirectory")}`;
  const script = `set -e
umask ${value("UMask")}
install -d -o ${user} -g ${value("Group")} -m ${value("StateDirectoryMode")} ${state}
set -a; . ${value("EnvironmentFile")}; set +a
export STATE_DIRECTORY=${state}
mount --bind ${state} ${state}
for each in / /etc /opt /root /var; do mount -o remount,bind,ro $each; done
mount -t tmpfs -o mode=1777 tmpfs /tmp
cd /
# A container may allow fewer than the unit.
ulimit -n ${value("LimitNOFILE")} || ulimit -n "$(ulimit -Hn)"
exec setpriv --reuid ${user} --regid ${value("Group")} --clear-groups --no-new-privs \\
  --bounding-set=-all --inh-caps=-all ${value("ExecStart")}`;
  const service = startProgram("unshare", ["--mount", "bash", "-c", script], { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" });
  await until("the service is ready", () => {
    if (/^Ready on /m.test(service.output())) return true;
    if (/^(?:mount|setpriv|prlimit|workerd|Error|\S+ is not)/m.test(service.output())) throw new Error(service.output());
    return null;
  });
  return service;
}
