/** A cable between the edge and the gateway that breaks where a test says: at a byte of a request, or at a byte of its answer. */
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** A call as it goes through the cable: the bytes of HTTP/1.1. */
export interface Passing {
  /** X-Action without its beginning: `payment.create`. */
  readonly action: string;
  readonly requestId: string;
  readonly request: Buffer;
}

/** Where the cable breaks. */
export interface Break {
  readonly in: "request" | "answer";
  /** How much of it still goes through: so many bytes of those that there are. */
  readonly after: (bytes: Buffer) => number;
  /** Whether both ends are told politely (FIN) or not (RST). */
  readonly how: "end" | "reset";
}

/** A cable. */
export interface Cable {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Lays a cable to a server on loopback.
 *
 * @param to - the server's address
 * @param breaks - asked once for each call; null: it goes through whole
 */
export async function layCable(to: string, breaks: (call: Passing) => Break | null): Promise<Cable> {
  const port = Number(new URL(to).port);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A connection that breaks here breaks on purpose.
    return socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };

  /** One call after the other on one connection of the edge. */
  async function carry(edge: Socket): Promise<void> {
    for await (const request of messages(edge)) {
      const call = readCall(request);
      const breakAt = breaks(call);
      const gateway = keep(connect(port, "127.0.0.1"));
      if (breakAt?.in === "request") {
        gateway.write(request.subarray(0, breakAt.after(request)));
        // The gateway gets what went through, and waits for the rest.
        await new Promise((resolve) => setTimeout(resolve, 10));
        for (const end of [edge, gateway]) snap(end, breakAt.how);
        return;
      }
      gateway.write(request);
      const { value: answer } = await messages(gateway).next();
      gateway.destroy();
      if (answer === undefined) return snap(edge, "end");
      const whole = breakAt === null ? answer.length : breakAt.after(answer);
      if (whole > 0) await new Promise((resolve) => edge.write(answer.subarray(0, whole), resolve));
      if (breakAt !== null) return snap(edge, breakAt.how);
    }
  }

  const server = createServer((edge) => {
    edge.setNoDelay();
    carry(keep(edge)).catch(() => edge.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function snap(socket: Socket, how: Break["how"]): void {
  if (how === "reset") socket.resetAndDestroy();
  else socket.destroySoon();
}

function readCall(request: Buffer): Passing {
  const head = request.subarray(0, endOfHead(request)).toString("latin1");
  const header = (name: string): string => new RegExp(`^${name}: *(.*?)\\r$`, "im").exec(head)?.[1] ?? "";
  return { action: header("x-action").replace(/^gateway\./, ""), requestId: header("x-request-id"), request };
}

/** Where the body of an HTTP message begins; -1 while its head is not all there. */
export function endOfHead(message: Buffer): number {
  const blank = message.indexOf("\r\n\r\n");
  return blank < 0 ? -1 : blank + 4;
}

/** The length of the first whole HTTP/1.1 message (RFC 9112 §6); null while it is not all there. */
function lengthOf(bytes: Buffer): number | null {
  const head = endOfHead(bytes);
  if (head < 0) return null;
  const text = bytes.subarray(0, head).toString("latin1");
  if (/^transfer-encoding: *chunked\r$/im.test(text)) {
    const end = bytes.indexOf("0\r\n\r\n", head - 2);
    return end < 0 ? null : end + 5;
  }
  const length = head + Number(/^content-length: *(\d+)\r$/im.exec(text)?.[1] ?? 0);
  return bytes.length < length ? null : length;
}

async function* messages(socket: Socket): AsyncGenerator<Buffer, undefined> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let length = lengthOf(bytes); length !== null; length = lengthOf(bytes)) {
      yield bytes.subarray(0, length);
      bytes = bytes.subarray(length);
    }
  }
}
