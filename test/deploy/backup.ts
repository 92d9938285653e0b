/** The backup's unit and the restore of docs/self-hosting.md, where systemd does not run. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unitValues, walkBlock } from "../../scripts/deploy-page.ts";

const NODE = "/usr/bin/node";

/** Where the unit's backups are. */
const BACKUPS = "/var/lib/freedom-pay-charge-backups";

/** Runs with a Node that can back up, whatever the system's is. It is seen in this mount namespace alone. */
function withNewNode<Value>(act: () => Value): Value {
  const copy = "/opt/node-of-the-tests";
  copyFileSync(process.execPath, copy);
  chmodSync(copy, 0o755);
  execFileSync("mount", ["--bind", copy, NODE]);
  try {
    return act();
  } finally {
    execFileSync("umount", [NODE]);
  }
}

/** Runs the backup's service once, as its user. Returns the folder of the backup. */
export function backUp(): string {
  const unit = walkBlock("backup service");
  const [user = ""] = unitValues(unit, "User");
  const commands = [...unitValues(unit, "ExecStart"), ...unitValues(unit, "ExecStartPost")];
  // In a unit `%%` is a percent sign and `$$` a dollar.
  const script = commands.map((command) => command.replaceAll("%%", "%").replaceAll("$$", "$")).join("\n");
  execFileSync("install", ["-d", "-o", user, "-g", user, "-m", "700", BACKUPS]);
  withNewNode(() => execFileSync("runuser", ["-u", user, "--", "bash", "-ec", `umask 0077\n${script}`], { stdio: "pipe" }));
  const [name, ...others] = readdirSync(BACKUPS);
  if (name === undefined || others.length > 0) throw new Error(`There are ${readdirSync(BACKUPS).length} backups`);
  return join(BACKUPS, name);
}

/** A new server has no state. Then the page's commands, with a systemctl that does nothing. @returns what they have said */
export function restore(backup: string, state: string): string {
  cpSync(backup, "/root/backup", { recursive: true });
  for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
  rmSync(BACKUPS, { recursive: true });
  mkdirSync("/opt/stubs", { recursive: true });
  writeFileSync("/opt/stubs/systemctl", "#!/bin/sh\n", { mode: 0o755 });
  const env = { PATH: "/opt/stubs:/usr/sbin:/usr/bin:/sbin:/bin" };
  return withNewNode(() => {
    const { status, stdout, stderr } = spawnSync("bash", ["-ec", walkBlock("restore")], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${stdout}${stderr}`);
    return stdout;
  });
}
