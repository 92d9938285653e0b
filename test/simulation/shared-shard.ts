/**
 * Several orders in one shard, each with its own gateway, random values and shopper. It shows what one order sees of the others: nothing,
 * or a delay while the queue of calls is full.
 */
import type { Charge } from "../../src/charge-token.ts";
import { requestId } from "../../src/request-id.ts";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import { editInCabinet } from "../../src/simulator/index.ts";
import type { LogLine, RequestContext } from "../../edge/log.ts";
import type { Random } from "../../edge/machine/event.ts";
import type { GatewayCall, GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import { apiOfProfile } from "../../edge/machine/api-choice.ts";
import type { Shard } from "../../edge/shard/shard.ts";
import { OpenPayments } from "../../edge/shard/open-payments.ts";
import { Books } from "./books.ts";
import type { Modules } from "./edge-modules.ts";
import { GatewayConnection } from "./gateway-connection.ts";
import { Prng } from "./prng.ts";
import type { Action, Scenario } from "./scenario.ts";
import { GATEWAYS, MINUTE, SECOND, START } from "./scenario.ts";
import { Schedule, settle } from "./schedule.ts";
import type { Rows } from "./shard-storage.ts";
import { SimulatedStorage } from "./shard-storage.ts";
import type { CallbackAnswer } from "./simulation-event.ts";

/** One order of the shard. */
export interface SharedOrder {
  readonly orderId: string;
  readonly scenario: Scenario;
}

/** Everything of one order that anybody can see. */
export interface SeenOrder {
  readonly rows: Rows;
  /** Log lines of the order, as JSON. */
  readonly log: readonly string[];
  /** Answers to its callers, with their times. */
  readonly answers: readonly string[];
}

const KEY = "test-secret-key";

class OrderWorld {
  readonly #orderId: string;
  readonly #shared: SharedShard;
  readonly scenario: Scenario;
  readonly connection: GatewayConnection;
  readonly random: Random;
  readonly answers: string[] = [];
  readonly #tickets: string[] = [];

  constructor(shared: SharedShard, { orderId, scenario }: SharedOrder) {
    this.#shared = shared;
    this.#orderId = orderId;
    this.scenario = scenario;
    const prng = new Prng(scenario.seed).fork("shared shard");
    const ids = prng.fork("request ids");
    const fractions = prng.fork("fractions");
    this.random = {
      fraction: () => fractions.fraction(),
      requestId: () =>
        requestId(shared.schedule.now, (bytes) => {
          for (const index of bytes.keys()) bytes[index] = ids.int(0, 255);
        }),
    };
    this.connection = new GatewayConnection(this, GATEWAYS.first, new Books(scenario, 1_000_000_001), prng.fork("latency"));
  }

  get schedule(): Schedule {
    return this.#shared.schedule;
  }

  get edge(): Modules {
    return this.#shared.edge;
  }

  acceptedKeys = (): readonly string[] => [KEY];
  noteDisturbance = (): void => {};
  emit = (): void => {};
  // Nobody visits a page here.
  notify = (): Promise<CallbackAnswer> => Promise.resolve("not found");
  returned = (): void => {};

  deliver({ kind, url, facts }: PlannedCallback, signedWith: string | null): CallbackAnswer {
    return this.#callback(kind, decodeURIComponent(url.split("/").at(-1) ?? ""), facts, signedWith !== null);
  }

  #callback(kind: "check" | "result", ticket: string, facts: PlannedCallback["facts"] | null, isVerified = false): CallbackAnswer {
    const { order_id = null, id = null, amount = null, currency = null } = facts ?? {};
    const content = { orderId: order_id, paymentId: id, amount, currency };
    this.#answer(
      `callback ${kind}`,
      this.#shared.shard.callback({ request: this.#request(), orderId: this.#orderId, kind, ticket, content, isVerified }),
    );
    return "ok";
  }

  start(): void {
    for (const action of this.scenario.actions) this.schedule.at(START + action.at, () => this.#do(action));
  }

  #do(action: Action): void {
    const { shard } = this.#shared;
    const [request, orderId] = [this.#request(), this.#orderId];
    switch (action.type) {
      case "click":
        return this.#pay("shopper", action.key, action.terms, START / SECOND + action.issuedAt);
      case "merchant_pay":
        return this.#pay("merchant", action.key, action.terms, null);
      case "get": {
        const caller = { caller: "merchant", charge: null, ifNoneMatch: null, waitSeconds: 0 } as const;
        return this.#answer("get", shard.read({ request, orderId, ...caller }));
      }
      case "callback":
        return void this.#callback("result", this.#tickets[(action.attempt ?? 1) - 1] ?? "forged", null);
      case "operate": {
        const { kind, key, requestedAmount } = action;
        const amount = requestedAmount === null ? null : requestedAmount / 100;
        return this.#answer(kind, shard.operate({ request, orderId, kind, key, amount }));
      }
      case "close":
        return this.#answer("close", shard.close({ request, orderId, key: action.key }));
      case "resolve":
        return this.#answer("resolve", shard.resolve({ request, orderId, key: action.key, paymentId: null, note: "checked" }));
      case "cabinet_edit": {
        this.connection.progress();
        const { books } = this.connection;
        const payment = books.payments().at(-1);
        for (const model of books.all())
          if (model.payments.has(payment?.id ?? ""))
            editInCabinet(model, { paymentId: payment?.id ?? "" }, action.kind, this.schedule.now, action.minor);
        return;
      }
      default:
        // What concerns the whole object concerns all its orders.
        return;
    }
  }

  #pay(caller: "shopper" | "merchant", key: string, terms: number, issuedAt: number | null): void {
    const charge = this.scenario.terms[terms];
    if (charge === undefined) return;
    const ticket = `${this.#orderId}.test-secret-ticket-${this.#tickets.length + 1}`;
    this.#tickets.push(ticket);
    const urls = { result_url: `https://edge.example/callbacks/result/${ticket}` };
    const own: Charge = { ...charge, order_id: this.#orderId };
    const input = { caller, api: apiOfProfile("auto", own.profile_id ?? ""), charge: own, userIp: "192.0.2.77", ticket, urls, page: null };
    this.#answer(
      `pay ${key}`,
      this.#shared.shard.pay({ request: this.#request(), key, issuedAt, waitSeconds: 10, acceptsPayments: true, ...input }),
    );
  }

  #answer(what: string, answer: Promise<unknown>): void {
    // The ids of notifications are the storage's own random values.
    const text = (value: unknown): string => JSON.stringify(value).replaceAll(/msg_[0-9a-f]{32}/g, "msg_");
    void answer.then((value) => this.answers.push(`${this.schedule.now - START} ${what} ${text(value)}`));
  }

  #request(): RequestContext {
    return { requestId: this.random.requestId(), traceId: null };
  }
}

class SharedShard {
  readonly schedule = new Schedule(START);
  readonly edge: Modules;
  readonly shard: Shard;
  readonly #storage: SimulatedStorage;
  readonly #orders: ReadonlyMap<string, OrderWorld>;
  readonly #log: LogLine[] = [];
  #scheduledAlarm: number | null = null;

  constructor(orders: readonly SharedOrder[], edge: Modules) {
    const { schedule } = this;
    this.edge = edge;
    this.#storage = new SimulatedStorage({
      schedule,
      flushTime: () => 0,
      refusesCommit: () => false,
      failsFlush: () => false,
      onAlarmChanged: () => this.#scheduleAlarm(),
      onFlushFailed: () => {},
    });
    this.#orders = new Map(orders.map((order) => [order.orderId, new OrderWorld(this, order)]));
    const after = <Value>(milliseconds: number, value: Value): Promise<Value> =>
      new Promise((resolve) => schedule.after(milliseconds, () => resolve(value)));
    this.shard = new edge.shard.Shard({
      storage: this.#storage,
      alarm: { get: () => Promise.resolve(this.#storage.alarm), set: (at) => this.#storage.setAlarm(at) },
      random: (orderId) => this.#order(orderId).random,
      gateway: (orderId) => {
        const send = async <Answer>(call: GatewayCall<Answer>): Promise<GatewayOutcome<Answer>> => {
          await this.#storage.durable();
          return this.#order(orderId).connection.send(call, KEY, () => true);
        };
        return { send, read: send };
      },
      timer: (milliseconds, act) => {
        let isCleared = false;
        schedule.after(milliseconds, () => {
          if (!isCleared) act();
        });
        return () => {
          isCleared = true;
        };
      },
      deliver: () => after(10, { end: "delivered", status: 204 }),
      updateIndex: () => after(10, undefined),
      settings: {
        home: GATEWAYS.first,
        gatewayUrl: `https://${GATEWAYS.first.host}`,
        callbackKeys: ["test-secret-callback-key-0123456789abcdef"],
        gatewayKeyCount: 1,
        retentionDays: 400,
      },
      openPayments: new OpenPayments(),
      now: () => schedule.now,
      log: (line) => void this.#log.push({ at: String(schedule.now - START), ...line }),
      waitUntil: () => {},
    });
  }

  async run(until: number): Promise<void> {
    for (const order of this.#orders.values()) order.start();
    while (this.schedule.step(START + until)) await settle();
  }

  seen(orderId: string): SeenOrder {
    const { alarm: _alarm, outbox, ...rows } = this.#storage.rows(orderId);
    const withoutIds = outbox.map((row) => ({ ...row, id: "" }));
    const log = this.#log.filter((line) => line.order_id === orderId).map((line) => JSON.stringify(line));
    return { rows: { ...rows, outbox: withoutIds, alarm: null }, log, answers: this.#order(orderId).answers };
  }

  #order(orderId: string): OrderWorld {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new RangeError(`There is no order ${orderId}`);
    return order;
  }

  #scheduleAlarm(): void {
    const { alarm } = this.#storage;
    if (alarm === null || alarm === this.#scheduledAlarm) return;
    this.#scheduledAlarm = alarm;
    this.schedule.at(alarm, () => {
      if (this.#storage.alarm !== alarm) return;
      this.#scheduledAlarm = null;
      this.#storage.setAlarm(null);
      this.shard.alarm();
    });
  }
}

/** How long the orders are watched. */
const WATCHED = 30 * MINUTE;

/** Runs orders that share a shard. Returns what can be seen of each. */
export async function runTogether(orders: readonly SharedOrder[], edge: Modules): Promise<ReadonlyMap<string, SeenOrder>> {
  const shared = new SharedShard(orders, edge);
  await shared.run(WATCHED);
  return new Map(orders.map(({ orderId }) => [orderId, shared.seen(orderId)]));
}
