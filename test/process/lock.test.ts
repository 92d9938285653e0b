/** The lock of a state folder between processes. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { temporaryFolder } from "./served.ts";

/** How many processes want the lock at once, and how often its owner is killed. */
const PROCESSES = 4;
const ROUNDS = 3;

/** Takes the lock, says whether it got it, and stays. */
const PROGRAM = `import { isLocked, lockState } from ${JSON.stringify(join(ROOT, "command/state-lock.ts"))};
process.stdin.once("data", async () => {
  const lock = await lockState(process.argv[1]);
  console.log(isLocked(lock) ? "locked" : "owner " + lock.pid);
});
console.log("ready");`;

interface Candidate {
  readonly child: ChildProcess;
  /** Its next line. */
  says(): Promise<string>;
}

function startCandidate(folder: string): Candidate {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, folder], { stdio: ["pipe", "pipe", "inherit"] });
  return { child, says: () => new Promise((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()))) };
}

test("of many processes at once one gets the lock, also when the owner before was killed", async (context) => {
  const folder = await temporaryFolder(context);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const candidates = Array.from({ length: PROCESSES }, () => startCandidate(folder));
    context.onTestFinished(() => void candidates.map(({ child }) => child.kill("SIGKILL")));
    await Promise.all(candidates.map(({ says }) => says()));
    const said = candidates.map(({ child, says }) => {
      const line = says();
      child.stdin?.write("now\n");
      return line;
    });
    const answers = await Promise.all(said);
    const owner = candidates[answers.indexOf("locked")]?.child.pid;
    expect(answers.toSorted()).toEqual(["locked", ...Array(PROCESSES - 1).fill(`owner ${owner}`)]);
    const ended = candidates.map(({ child }) => new Promise((resolve) => child.once("close", resolve)));
    for (const { child } of candidates) child.kill("SIGKILL");
    await Promise.all(ended);
    expect((await readdir(folder)).filter((name) => name.startsWith("lock."))).toHaveLength(1);
  }
});
