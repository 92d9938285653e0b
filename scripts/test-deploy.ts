// npm run test:deploy -- [flags of vitest]: follows docs/self-hosting.md on this machine, up to charges through nginx and Caddy.
// Needs root on Debian with its nginx, caddy and systemd, and the npm registry. What it writes outside of the project goes to a file
// system in memory that no other process sees, and its network is a loopback interface of its own.
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { walkBlock } from "./deploy-page.ts";
import { ROOT, run, toolCommand } from "./run.ts";
import { findProgram } from "./system-program.ts";

/** Programs of the system, and where Debian has them. */
const PROGRAMS = ["nginx", "caddy", "systemd-analyze", "unshare", "setpriv", "openssl", "curl", "useradd", "ip"] as const;

/** The PATH of root on Debian: the page's commands run with the system's Node. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The folders that the page writes to. */
const WRITTEN = ["etc", "opt", "root", "var"] as const;

/** The name of the edge on the page, and where the page has its certificate. */
const HOST = "pay.shop.example";
const CERTIFICATES = `/etc/letsencrypt/live/${HOST}`;

/** Why it cannot run here. Null if it can. */
function whyNot(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "npm run test:deploy needs root on Debian";
  const missing = PROGRAMS.filter((name) => findProgram([name], [], { PATH: SYSTEM_PATH }) === null);
  return missing.length === 0
    ? null
    : `Not installed: ${missing.join(", ")}. On Debian: apt-get install nginx caddy systemd curl openssl iproute2`;
}

/** A script for a mount namespace of its own: it lays memory over the folders, installs as the page says, and runs the tests. */
function script(folder: string, file: string, tests: readonly string[]): string {
  const quoted = tests.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(" ");
  return `set -e
mount -t tmpfs tmpfs '${folder}'
for each in ${WRITTEN.join(" ")}; do
  mkdir -p "${folder}/$each/upper" "${folder}/$each/work"
  mount -t overlay overlay -o "lowerdir=/$each,upperdir=${folder}/$each/upper,workdir=${folder}/$each/work" "/$each"
done
echo '127.0.0.1 ${HOST}' >> /etc/hosts
mkdir -p '${CERTIFICATES}'
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=${HOST}' -addext 'subjectAltName=DNS:${HOST}' \\
  -keyout '${CERTIFICATES}/privkey.pem' -out '${CERTIFICATES}/fullchain.pem' 2> /dev/null
cp '${file}' /root/
(
  export PATH=${SYSTEM_PATH}
${walkBlock("install")}
)
export NODE_EXTRA_CA_CERTS='${CERTIFICATES}/fullchain.pem'
exec unshare --net sh -ec "ip link set lo up; echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; cd '${ROOT}'; exec \\"\\$@\\"" sh ${quoted}
`;
}

const reason = whyNot();
if (reason !== null) {
  console.error(reason);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), "deploy-"));
  try {
    let code = await run(["npm", "pack", "--silent", "--pack-destination", folder]);
    const [name = ""] = globSync("*.tgz", { cwd: folder });
    const world = mkdtempSync(join(tmpdir(), "deploy-world-"));
    const tests = toolCommand("vitest", "run", "--project", "deploy", ...process.argv.slice(2));
    if (code === 0)
      code = await run(["unshare", "--mount", "bash", "-c", script(world, join(folder, name), tests)], {
        DEPLOY_BEGAN: String(Date.now()),
      });
    rmSync(world, { recursive: true, force: true });
    process.exitCode = code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
