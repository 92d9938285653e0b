// npm start: the whole demo on this machine. Ctrl-C ends it.
import { parseArgs } from "node:util";
import { askedToEnd } from "./asked-to-end.ts";
import { startDemo } from "./stage.ts";

const { values } = parseArgs({ options: { port: { type: "string" } } });
// Ctrl-C may come while it is still starting.
const asked = askedToEnd();

try {
  const stage = await startDemo(values.port === undefined ? {} : { port: Number(values.port) });
  console.log(`\n  The demo storefront: ${stage.address}\n\n  Everything in it is simulated. Ctrl-C ends it.\n`);
  let failed = false;
  const ended = new Promise<void>((resolve) => {
    stage.edge.onExit(() => {
      failed = true;
      resolve();
    });
  });
  await Promise.race([asked, ended]);
  if (failed) console.error(`The edge ended by itself:\n${stage.edge.log()}`);
  await stage.close();
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
