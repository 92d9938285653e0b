// npm start: runs the demo on this machine. Ctrl-C ends it.
import { parseArgs } from "node:util";
import { shutdownRequested } from "./shutdown-signal.ts";
import { startDemo } from "./demo.ts";

const { values } = parseArgs({ options: { port: { type: "string" } } });
// Ctrl-C may be pressed during the start.
const shutdown = shutdownRequested();

try {
  const demo = await startDemo(values.port === undefined ? {} : { port: Number(values.port) });
  console.log(`\n  The demo storefront: ${demo.address}\n\n  Everything in it is simulated. Ctrl-C ends it.\n`);
  let failed = false;
  const edgeExited = new Promise<void>((resolve) => {
    demo.edge.onExit(() => {
      failed = true;
      resolve();
    });
  });
  await Promise.race([shutdown, edgeExited]);
  if (failed) console.error(`The edge ended unexpectedly:\n${demo.edge.log()}`);
  await demo.close();
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
