// npm run gateway -- [--port 9000]: the simulated gateway alone, for an edge on this machine. Ctrl-C ends it and deletes its payments.
import { parseArgs } from "node:util";
import { shutdownRequested } from "./shutdown-signal.ts";
import type { Exchange } from "./exchange.ts";
import { withoutSecrets } from "./exchange.ts";
import { startGateway } from "./gateway.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "9000" } } });
const merchantId = "500000";
const secretKey = "test-secret-of-the-gateway";

function logExchange(exchange: Exchange): void {
  const { from, to, headers, path, answer, milliseconds } = withoutSecrets(exchange);
  const action = headers.find(([name]) => name === "x-action")?.[1];
  // Without the end of a callback's path, which is its ticket.
  const what = action ?? path.split("/").slice(0, 4).join("/");
  console.log(`  ${from} → ${to}  ${what}  ${answer?.status ?? "no answer"}  ${milliseconds} ms`);
}

try {
  const gateway = await startGateway({ merchantId, secretKey, onExchange: logExchange, port: Number(values.port) });
  console.log(`
  A simulated Freedom Pay. In the edge's .dev.vars:

  FREEDOM_PAY_URL=${gateway.origin}
  FREEDOM_PAY_MERCHANT_ID=${merchantId}
  FREEDOM_PAY_SECRET_KEY=${secretKey}

  Keywords in the profile_id choose the scenario: any UUID pays at once; card.later-5, card.decline-10009, card.lost-after.lag-5, …
`);
  await shutdownRequested();
  await gateway.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
