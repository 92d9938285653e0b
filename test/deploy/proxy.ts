/** The proxies of docs/self-hosting.md as unprivileged processes, with the page's own blocks and a certificate of this test. */
import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { walkBlock } from "../../scripts/deploy-page.ts";
import { until } from "../process/test-server.ts";
import type { Program } from "./service.ts";
import { startProgram } from "./service.ts";

/** The edge's public name in the page. */
export const HOST = "pay.shop.example";

/** Debian's user for web servers. */
const WEB_USER = "www-data";

/** A running proxy. */
export interface RunningProxy extends Program {
  /** The file of the certificate that its clients trust. */
  readonly certificate: string;
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, WEB_USER], { encoding: "utf8" }));
}

/** A folder of the web server's user. */
function folderOf(name: string): string {
  const folder = mkdtempSync(join("/var", `${name}-`));
  chownSync(folder, idOf("-u"), idOf("-g"));
  return folder;
}

function asWebUser(env: NodeJS.ProcessEnv, ...command: readonly string[]): Program {
  const flags = ["--reuid", WEB_USER, "--regid", WEB_USER, "--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
  return startProgram("setpriv", [...flags, ...command], { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env });
}

function startNginx(): { readonly program: Program; readonly certificate: string } {
  const block = walkBlock("nginx");
  const fileOf = (directive: string): string => new RegExp(`^\\s*${directive} (\\S+);$`, "m").exec(block)?.[1] ?? "";
  // Made by npm run test:deploy, and trusted by this process.
  const certificate = fileOf("ssl_certificate");
  chownSync(fileOf("ssl_certificate_key"), idOf("-u"), idOf("-g"));
  writeFileSync("/etc/nginx/conf.d/freedom-pay-charge.conf", block);
  const folder = folderOf("nginx");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  const main = `daemon off; pid ${folder}/pid; error_log stderr; events {} http { ${temporary} include /etc/nginx/conf.d/freedom-pay-charge.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  return { program: asWebUser({}, "nginx", "-e", "stderr", "-c", join(folder, "nginx.conf")), certificate };
}

function startCaddy(): { readonly program: Program; readonly certificate: string } {
  const folder = folderOf("caddy");
  // Instead of a certificate from the internet: its own authority.
  const options = "{\n\tlocal_certs\n\tskip_install_trust\n\tadmin off\n}\n";
  writeFileSync("/etc/caddy/Caddyfile", `${options}${walkBlock("caddy")}`);
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const program = asWebUser(env, "caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile");
  return { program, certificate: join(folder, "caddy/pki/authorities/local/root.crt") };
}

/** Starts a proxy, and waits until the edge answers through it. */
export async function startProxy(name: "nginx" | "caddy"): Promise<RunningProxy> {
  const { program, certificate } = name === "nginx" ? startNginx() : startCaddy();
  const proxy = { ...program, certificate };
  await until(
    `${name} answers`,
    async () => {
      const answer = await callThrough(proxy, "/healthz").catch((error: unknown) => String(error));
      return typeof answer !== "string" && answer.status === 200 ? true : null;
    },
    60,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${program.output()}`);
  });
  return proxy;
}

/** An answer that came through a proxy. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A call of a client that trusts the proxy's certificate. */
export async function callThrough(
  { certificate }: Pick<RunningProxy, "certificate">,
  path: string,
  { method = "GET", headers = {}, body = "" }: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<Answer> {
  const ca = readFileSync(certificate);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: HOST, path, method, headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const found = Object.entries(response.headers).map(([key, value]): [string, string] => [key, String(value)]);
        resolve({ status: response.statusCode ?? 0, headers: new Headers(found), body: Buffer.concat(chunks).toString() });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
