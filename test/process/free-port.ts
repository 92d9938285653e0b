import { createServer } from "node:net";

/** Ports below those of outgoing connections, so that no connection uses the port while its owner restarts. */
const LOWEST = 15_000;
const HIGHEST = 30_000;

const given = new Set<number>();

/** A free port for a process that must know its address before it starts, and keep it over restarts. */
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
