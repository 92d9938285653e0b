/** Keeps workerd running until it is to stop: it starts again after it ended unasked. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Workerd } from "./workerd-process.ts";

/** What {@link keepRunning} does to the outside. */
export interface Running {
  start(): Workerd;
  /** It listens: at the first start, and after every other. */
  onListening(port: number): void;
  write(text: string): void;
  /** Aborted when workerd is to stop. */
  readonly stop: AbortSignal;
  /** Waits, at most until the stop. Tests do not wait. */
  readonly pause?: (milliseconds: number, stop: AbortSignal) => Promise<void>;
}

/** Milliseconds before the next start: the first pause, and the longest, to which it doubles. */
const PAUSES = { first: 1_000, longest: 30_000 } as const;

/** Milliseconds after which an end is a new trouble, with the first pause. */
const LONG_RUN = 60_000;

/** Milliseconds that open requests have to end. All that they do is stored, so they can be cut. */
const STOP_TIME = 10_000;

const waitUnlessStopped = (milliseconds: number, stop: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal: stop }).catch(() => {});

/** @returns 0 when it was stopped, 1 when the first start failed */
export async function keepRunning(running: Running): Promise<0 | 1> {
  const { stop, write, pause: wait = waitUnlessStopped } = running;
  let pause: number = PAUSES.first;
  for (let hasListened = false; ; ) {
    const startedAt = Date.now();
    const workerd = running.start();
    const ended = endOf(workerd, stop);
    const port = await workerd.listening.catch(() => null);
    if (port !== null) running.onListening(port);
    const how = await ended;
    if (stop.aborted) return 0;
    hasListened ||= port !== null;
    if (!hasListened) {
      write(`workerd did not start: it ended with ${how}\n`);
      return 1;
    }
    if (Date.now() - startedAt >= LONG_RUN) pause = PAUSES.first;
    write(`workerd ended with ${how}; it starts again in ${pause / 1000} s\n`);
    await wait(pause, stop);
    if (stop.aborted) return 0;
    pause = Math.min(2 * pause, PAUSES.longest);
  }
}

/** Stops a process when it is to stop. Resolves to its exit code or signal. */
function endOf({ process: child }: Workerd, stop: AbortSignal): Promise<number | string> {
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill("SIGTERM");
    kill = setTimeout(() => child.kill("SIGKILL"), STOP_TIME);
  };
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      stop.removeEventListener("abort", end);
      clearTimeout(kill);
      resolve(code ?? signal ?? "an error");
    });
  });
}
