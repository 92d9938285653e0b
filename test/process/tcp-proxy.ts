/** A TCP proxy between the edge and the gateway. It cuts connections at a chosen byte of a request or of its answer. */
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** A call in the proxy: the bytes of HTTP/1.1. */
export interface ProxiedCall {
  /** X-Action without `gateway.`: `payment.create`. */
  readonly action: string;
  readonly requestId: string;
  readonly request: Buffer;
}

/** Where and how a connection is cut. */
export interface Cut {
  readonly in: "request" | "answer";
  /** The number of bytes that are still forwarded. */
  readonly after: (bytes: Buffer) => number;
  /** `end` closes both sides with FIN, `reset` with RST. */
  readonly how: "end" | "reset";
}

/** A TCP proxy. */
export interface TcpProxy {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts a proxy to a server on loopback.
 *
 * @param to - the server's address
 * @param cutOf - called once for each call; null: no cut
 */
export async function startTcpProxy(to: string, cutOf: (call: ProxiedCall) => Cut | null): Promise<TcpProxy> {
  const port = Number(new URL(to).port);
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    // Errors of a connection are expected here.
    return socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };

  /** Forwards the calls of one connection of the edge, one after another. */
  async function forward(edge: Socket): Promise<void> {
    for await (const request of messages(edge)) {
      const call = readCall(request);
      const cut = cutOf(call);
      const gateway = track(connect(port, "127.0.0.1"));
      if (cut?.in === "request") {
        gateway.write(request.subarray(0, cut.after(request)));
        // The gateway gets the first part, and waits for the rest.
        await new Promise((resolve) => setTimeout(resolve, 10));
        for (const end of [edge, gateway]) closeSocket(end, cut.how);
        return;
      }
      gateway.write(request);
      const { value: answer } = await messages(gateway).next();
      gateway.destroy();
      if (answer === undefined) return closeSocket(edge, "end");
      const whole = cut === null ? answer.length : cut.after(answer);
      if (whole > 0) await new Promise((resolve) => edge.write(answer.subarray(0, whole), resolve));
      if (cut !== null) return closeSocket(edge, cut.how);
    }
  }

  const server = createServer((edge) => {
    edge.setNoDelay();
    forward(track(edge)).catch(() => edge.destroy());
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

function closeSocket(socket: Socket, how: Cut["how"]): void {
  if (how === "reset") socket.resetAndDestroy();
  else socket.destroySoon();
}

function readCall(request: Buffer): ProxiedCall {
  const head = request.subarray(0, endOfHead(request)).toString("latin1");
  const header = (name: string): string => new RegExp(`^${name}: *(.*?)\\r$`, "im").exec(head)?.[1] ?? "";
  return { action: header("x-action").replace(/^gateway\./, ""), requestId: header("x-request-id"), request };
}

/** The start of an HTTP message's body; -1 while its head is incomplete. */
export function endOfHead(message: Buffer): number {
  const blank = message.indexOf("\r\n\r\n");
  return blank < 0 ? -1 : blank + 4;
}

/** The length of the first HTTP/1.1 message (RFC 9112 §6); null while it is incomplete. */
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
