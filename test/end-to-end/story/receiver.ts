/**
 * The merchant's receiver of notifications, seen from outside: a process with a database, which can be killed and started again.
 * It stands behind a door, as behind a load balancer: whoever comes while there is no process waits until the next one is ready.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { ChargeInput, Notification } from "../../../src/index.ts";
import { closedGate } from "../../gate.ts";

/** What the receiver made of one delivery. */
export interface Delivery {
  /** Null: neither the reference library nor ours takes it for genuine. */
  readonly notification: Notification | null;
  /** Whether the goods of its order were released by this one. */
  readonly released: boolean;
  /** The status of the answer; null when it gives none. */
  readonly answer: number | null;
}

/** What the receiver is told to do from now on. */
export interface Instruction {
  /** Verify with this one alone. */
  readonly secret?: string;
  /** Answer the next deliveries with these, once they are stored; then 204. Null is no answer. */
  readonly answers?: readonly (number | null)[];
  /** What these orders cost: written into the shop's own table of orders. */
  readonly prices?: readonly Pick<ChargeInput, "order_id" | "amount" | "currency">[];
}

/** A receiver and its database. */
export interface Receiver {
  readonly url: string;
  /** Every delivery, over all its lives. */
  readonly deliveries: readonly Delivery[];
  /** What it complained of. */
  readonly complaints: readonly string[];
  /** Resolves when it is so. */
  instruct(instruction: Instruction): Promise<void>;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** At the same address, with the same database and secret. @param instruction - before the first delivery comes */
  start(instruction?: Instruction): Promise<void>;
  /** The orders whose goods were released, as its database has them. */
  shipments(): readonly string[];
  /** Kills it and takes the database away. */
  close(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL("receiver-process.ts", import.meta.url));

/** Starts a receiver on loopback. @param secret - NOTIFY_SECRET */
export async function openReceiver(secret: string): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), "receiver-"));
  const database = join(folder, "shop.db");
  const deliveries: Delivery[] = [];
  const complaints: string[] = [];
  let held = secret;
  const door = await openDoor();
  let running: ChildProcess | null = null;

  async function start(instruction: Instruction = {}): Promise<void> {
    const { PATH = "" } = process.env;
    const env = { PATH, NOTIFY_SECRET: held };
    const child = fork(PROCESS, ["0", database], { env, stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    running = child;
    child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk.toString()));
    child.on("message", (message: Delivery | object) => "notification" in message && deliveries.push(message));
    const { listening } = await answered<{ listening: string }>(child, (message) => "listening" in message);
    await instruct(instruction);
    door.leadTo(listening);
  }

  async function instruct(instruction: Instruction): Promise<void> {
    held = instruction.secret ?? held;
    if (running === null) throw new Error("The receiver is not running");
    const done = answered(running, (message) => "done" in message);
    running.send(instruction);
    await done;
  }

  async function kill(): Promise<void> {
    const child = running;
    running = null;
    door.shut();
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    url: `${door.origin}/notifications`,
    deliveries,
    complaints,
    instruct,
    kill,
    start,
    shipments() {
      const db = new DatabaseSync(database, { readOnly: true });
      const rows = db.prepare("SELECT order_id FROM shipment ORDER BY order_id").all();
      db.close();
      return rows.map(({ order_id }) => String(order_id));
    },
    async close() {
      await kill();
      await door.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Door {
  readonly origin: string;
  leadTo(origin: string): void;
  /** From here on whoever comes waits. */
  shut(): void;
  close(): Promise<void>;
}

async function openDoor(): Promise<Door> {
  const sockets = new Set<Socket>();
  let gate = closedGate<string>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };
  const server = createServer((caller) => {
    keep(caller);
    void gate.passed.then((origin) => {
      const receiver = keep(connect(Number(new URL(origin).port), "127.0.0.1"));
      caller.pipe(receiver).pipe(caller);
      receiver.once("close", () => caller.destroy());
      caller.once("close", () => receiver.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (origin) => gate.open(origin),
    shut: () => {
      gate = closedGate();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The next message of that kind. @throws Error when the process ends before */
function answered<Message>(child: ChildProcess, isIt: (message: object) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const listen = (message: object): void => {
      if (!isIt(message)) return;
      child.off("message", listen).off("close", fail);
      resolve(message as Message);
    };
    const fail = (code: number | null): void => reject(new Error(`The receiver ended with ${code}`));
    child.on("message", listen).once("close", fail);
  });
}
