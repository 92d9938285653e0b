import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections: whoever calls while the owner is started again takes none of these. */
const LOWEST = 15_000;
const HIGHEST = 30_000;

const given = new Set<number>();

/** A free port: for a process that has to know its own address before it starts, and keep it when it is killed and started again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
