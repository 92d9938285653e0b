/** The edge as docs/self-hosting.md deploys it, for the tests of a whole charge: the packed command as its service, behind nginx. */
import { writeFileSync } from "node:fs";
import type { EdgeProcess } from "../../demo/edge-process.ts";
import { HOST, startProxy } from "./proxy.ts";
import { SETTINGS_FILE, startService } from "./service.ts";

/** Whether `npm run test:deploy` runs: then the tests of a charge go through nginx. */
export const isDeployed: boolean = process.env["DEPLOY_BEGAN"] !== undefined;

/** Starts the service and nginx. @param settings by name, without those of the deployment itself */
export async function startDeployedEdge(settings: Readonly<Record<string, string>>): Promise<EdgeProcess> {
  const origin = `https://${HOST}`;
  const all = { ...settings, PUBLIC_URL: origin, CLIENT_IP_HEADER: "X-Real-IP" };
  const lines = Object.entries(all).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(SETTINGS_FILE, lines.join(""), { mode: 0o600 });
  const service = await startService();
  const proxy = await startProxy("nginx");
  return {
    origin,
    log: service.output,
    onExit: () => {},
    close: async () => {
      await proxy.stop();
      await service.stop();
    },
  };
}
