/** A kept-alive HTTP/1.1 connection that costs the process which makes the load as little as possible. */
import type { Socket } from "node:net";
import { connect } from "node:net";

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** An answer: its status, and its body as text. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One connection to loopback. It has one request at a time. */
export class HttpConnection {
  readonly #socket: Socket;
  #received = "";
  #waiting: Waiting | null = null;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => {
      this.#received += text;
      this.#read();
    });
    this.#socket.once("error", (error) => this.#fail(error));
    this.#socket.once("close", () => this.#fail(new Error("The server closed the connection")));
  }

  /** Sends the bytes of a whole request and resolves with its answer. */
  request(bytes: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes, "latin1");
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const status = Number(this.#received.slice(9, 12));
    const headers = this.#received.slice(0, head).toLowerCase();
    const start = head + 4;
    const length = /\ncontent-length: *(\d+)/.exec(headers)?.[1];
    if (length !== undefined || status === 204 || status === 304) {
      const end = start + (status === 304 ? 0 : Number(length ?? 0));
      if (this.#received.length >= end) this.#end({ status, body: this.#received.slice(start, end) });
    } else if (this.#received.endsWith("0\r\n\r\n") && this.#received.length > start) {
      this.#end({ status, body: this.#received.slice(start) });
    }
  }

  #end(answer: Answer): void {
    const waiting = this.#waiting;
    this.#received = "";
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
