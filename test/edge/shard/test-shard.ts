/**
 * One shard over SQLite, with the simulated gateway, which verifies each signature. Time passes only by {@link TestShard.pass}, which fires
 * timers and the alarm, or by {@link TestShard.skip}, which fires none: so is the time that an object spends unloaded.
 */
import { vi } from "vitest";
import type { DispatchPorts } from "../../../edge/delivery/dispatch.ts";
import type { GatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { gatewayPort } from "../../../edge/gateways/gateway-port.ts";
import type { LogLine } from "../../../edge/log.ts";
import type { GatewayCall } from "../../../edge/machine/gateway-call.ts";
import type { ShardPlatform } from "../../../edge/shard/orders.ts";
import { Shard } from "../../../edge/shard/shard.ts";
import { OpenPayments } from "../../../edge/shard/open-payments.ts";
import { requestId } from "../../../src/request-id.ts";
import type { Simulator, SimulatorOptions } from "../../../src/simulator/index.ts";
import { createSimulator } from "../../../src/simulator/index.ts";
import type { Rows } from "../../simulation/shard-storage.ts";
import { SimulatedStorage } from "../../simulation/shard-storage.ts";
import { Schedule } from "../../simulation/schedule.ts";

export const START: number = Date.parse("2026-11-22T10:00:00.000Z");

export const SECRET_KEY = "test-secret-of-the-gateway";

const MERCHANT = { merchantId: "999999", secretKeys: [SECRET_KEY] } as const;
const URL_OF_GATEWAY = "https://test-api.freedompay.kz";

export const CALLBACK_KEYS: readonly string[] = ["test-secret-callback-key-0123456789abcdef"];

interface Ring {
  readonly at: number;
  readonly act: () => void;
}

/** A turn of the event loop: what has been resolved runs. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The platform of a shard, and the shard itself. */
export class TestShard {
  now: number = START;
  readonly gateway: Simulator;
  readonly storage: SimulatedStorage;
  /** The platform's alarm, and each time that it was set to. */
  alarm: number | null = null;
  sets: number[] = [];
  /** How often the alarm was read. */
  alarmReads = 0;
  /** The alarm cannot be read. */
  alarmFails = false;
  lines: LogLine[] = [];
  /** The actions of the calls that have left. */
  calls: string[] = [];
  /** Which calls stay open: they reach the gateway only when they are let go. */
  holds: ((call: GatewayCall<unknown>) => boolean) | null = null;
  readonly held: (() => void)[] = [];
  deliver: DispatchPorts["deliver"] = null;
  updateIndex: DispatchPorts["updateIndex"] = null;
  settings: ShardPlatform["settings"] = {
    home: { host: "test-api.freedompay.kz", merchantId: MERCHANT.merchantId },
    gatewayUrl: URL_OF_GATEWAY,
    callbackKeys: CALLBACK_KEYS,
    gatewayKeyCount: 1,
    retentionDays: 400,
  };
  readonly openPayments = new OpenPayments();
  observer: ShardPlatform["observer"] = undefined;
  /** The storage refuses every commit. */
  refusesCommit = false;
  /** Promises that keep the object alive. */
  keptAlive = 0;
  readonly timers = new Set<Ring>();
  readonly #port: GatewayPort;
  #openCalls = 0;
  shard: Shard;

  constructor(options: Partial<SimulatorOptions> = {}) {
    this.gateway = createSimulator({
      ...MERCHANT,
      now: () => this.now,
      wait: (milliseconds) => new Promise((resolve) => void this.timers.add({ at: this.now + milliseconds, act: resolve })),
      ...options,
    });
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => this.gateway.fetch(new Request(input, init)));
    const { merchantId, secretKeys } = MERCHANT;
    this.#port = gatewayPort({ gatewayUrl: URL_OF_GATEWAY, merchantId, gatewayKeys: [...secretKeys] }, () => this.now);
    this.storage = new SimulatedStorage({
      schedule: new Schedule(START),
      flushTime: () => 0,
      refusesCommit: () => this.refusesCommit,
      failsFlush: () => false,
      onAlarmChanged: () => {},
      onFlushFailed: () => {},
    });
    this.shard = this.open();
  }

  /** Ends the simulated gateway. */
  close(): void {
    this.gateway.close();
    vi.restoreAllMocks();
  }

  /** Opens the shard with empty memory, as after a reset. What the earlier object still does is not ended. */
  open(): Shard {
    this.shard = new Shard(this.#platform());
    return this.shard;
  }

  /** Lets everything run that waits for no time and for no call that is held. */
  async settle(): Promise<void> {
    do {
      await turn();
      await turn();
    } while (this.#openCalls > 0);
    await turn();
  }

  /** Time passes: each timer and the alarm fire at their time. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    await this.settle();
    for (let next = this.#next(until); next !== null; next = this.#next(until)) {
      this.now = Math.max(this.now, next.at);
      next.act();
      await this.settle();
    }
    this.now = until;
  }

  /** Time passes while the object is not loaded: nothing fires. */
  skip(milliseconds: number): void {
    this.now += milliseconds;
  }

  #next(until: number): Ring | null {
    const alarm = this.alarm === null ? [] : [{ at: this.alarm, act: () => this.fireAlarm() }];
    const [next] = [...this.timers, ...alarm].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
    if (next !== undefined) this.timers.delete(next);
    return next ?? null;
  }

  /** The alarm fires. */
  fireAlarm(): void {
    this.alarm = null;
    this.shard.alarm();
  }

  /** Changes the database by hand. */
  sql(statement: string, ...bindings: (string | number | null)[]): readonly Record<string, unknown>[] {
    return this.storage.sql.exec(statement, ...bindings).toArray();
  }

  rows(orderId: string): Rows {
    return this.storage.rows(orderId);
  }

  /** The lines of the log of one kind. */
  logged(event: LogLine["event"]): readonly LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  #platform(): ShardPlatform {
    const { storage, deliver, updateIndex, settings, observer } = this;
    return {
      storage,
      alarm: {
        get: async () => {
          this.alarmReads += 1;
          if (this.alarmFails) throw new Error("The alarm cannot be read");
          return this.alarm;
        },
        set: (at) => {
          this.alarm = at;
          this.sets.push(at);
        },
      },
      random: () => ({ requestId: () => requestId(), fraction: () => 0.4 }),
      gateway: () => ({
        send: (call, key) => this.#call(call, () => this.#port.send(call, key)),
        read: (call) => this.#call(call, () => this.#port.read(call)),
      }),
      timer: (milliseconds, act) => {
        const timer = { at: this.now + milliseconds, act };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
      deliver,
      updateIndex,
      settings,
      openPayments: this.openPayments,
      now: () => this.now,
      log: (line) => this.lines.push(line),
      waitUntil: (pending) => {
        this.keptAlive += 1;
        void pending.finally(() => {
          this.keptAlive -= 1;
        });
      },
      ...(observer === undefined ? {} : { observer }),
    };
  }

  async #call<Answer>(call: GatewayCall<unknown>, send: () => Promise<Answer>): Promise<Answer> {
    this.calls.push(call.action.name);
    if (this.holds?.(call) === true) await new Promise<void>((letGo) => void this.held.push(letGo));
    this.#openCalls += 1;
    try {
      return await send();
    } finally {
      this.#openCalls -= 1;
    }
  }
}
