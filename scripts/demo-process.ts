import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./run.ts";

/** Starts the demo. @returns its address, and a function that ends it */
export async function startDemo(): Promise<{ readonly address: string; readonly end: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(ROOT, "demo/start.ts")], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    child.stdout.resume();
    return {
      address,
      end: () => {
        child.kill("SIGTERM");
        return ended;
      },
    };
  }
  throw new Error("The demo did not start");
}
